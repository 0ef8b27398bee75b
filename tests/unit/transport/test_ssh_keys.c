/* test_ssh_keys.c - host keys are strict, and whose key is accepted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "tests/unit/transport/targets.h"
#include "workers/transport/host_keys.h"
#include "workers/transport/known_hosts.h"

/* --- host keys ---------------------------------------------------------- */

static const struct {
    const char *what, *filter;
    int rc;
    const char *words;
} files[] = {
    { "all of them", "cat", 0, "" },
    { "only the RSA key", "grep ssh-rsa", 0, "" },
    { "only the ECDSA key", "grep ecdsa", 0, "" },
    { "nothing", "sed d", ERR_REFUSED, "is not listed" },
    { "another host", "sed 's/^.*:/[192.0.2.1]:/'", ERR_REFUSED,
      "is not listed" },
    { "no port", "sed 's/^.\\([0-9.]*\\).:[0-9]*/\\1/'", ERR_REFUSED,
      "is not listed" },
    { "another key",
      "sed 's/AAAAC3NzaC1lZDI1NTE5AAAAI./"
      "AAAAC3NzaC1lZDI1NTE5AAAAIx/'",
      ERR_REFUSED, "differs from the one listed" },
    { "listed and revoked", "sed -n 'p;s/^/@revoked /p'", ERR_REFUSED,
      "is marked as revoked" },
};

static void host_keys_are_strict(void **state)
{
    struct transport_target target = board(1);

    (void)state;
    target.known_hosts = other_file;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        filter_known_hosts("%s", files[i].filter);
        if (files[i].rc) {
            expect_no_way(&target, files[i].rc, files[i].words);
            expect_no_way(&target, files[i].rc, "SHA256:");
            expect_no_way(&target, files[i].rc, other_file);
            expect_no_way(&target, files[i].rc, "labsweep boards trust");
        } else {
            transport_close(open_target(&target));
        }
    }
}

static void hashed_known_hosts_are_read(void **state)
{
    struct transport_target target = board(1);
    char line[300];

    (void)state;
    filter_known_hosts("cat");
    snprintf(line, sizeof(line), "ssh-keygen -q -H -f %s >/dev/null 2>&1",
             other_file);
    assert_int_equal(0, system(line));
    target.known_hosts = other_file;
    transport_close(open_target(&target));
}

static void a_changed_host_key_is_refused(void **state)
{
    struct transport_target target = board(3);

    (void)state;
    assert_int_equal(0, boards_lab("rekey %s 3", boards.dir));
    expect_no_way(&target, ERR_REFUSED, "differs from the one listed");
}

static void the_servers_keys_are_shown(void **state)
{
    struct transport_target target = board(1);
    struct host_key *keys = NULL;
    char line[300], shown[100];
    size_t count = 0;

    (void)state;
    assert_int_equal(0, transport_host_keys(&target, &keys, &count, NULL));
    assert_int_equal(3, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(KNOWN_HOSTS_OK, keys[i].verdict);
        snprintf(line, sizeof(line),
                 "ssh-keygen -l -f %s/boards/1/host_%s.pub | cut -d' ' -f2",
                 boards.dir,
                 strstr(keys[i].type, "ecdsa") ? "ecdsa"
                 : strstr(keys[i].type, "rsa") ? "rsa"
                                               : "ed25519");
        FILE *pipe = popen(line, "r");
        assert_non_null(pipe);
        assert_non_null(fgets(shown, sizeof(shown), pipe));
        pclose(pipe);
        shown[strcspn(shown, "\n")] = '\0';
        assert_string_equal(shown, keys[i].fingerprint);
        assert_non_null(strstr(keys[i].known_as, target.host));
    }
    host_keys_free(keys, count);
    /* and a file made of them is believed */
    target.known_hosts = other_file;
    filter_known_hosts("sed d");
    assert_int_equal(0, transport_host_keys(&target, &keys, &count, NULL));
    assert_int_equal(KNOWN_HOSTS_UNKNOWN, keys[0].verdict);
    FILE *file = fopen(other_file, "we");
    assert_non_null(file);
    fprintf(file, "%s %s %s\n", keys[0].known_as, keys[0].type, keys[0].base64);
    fclose(file);
    host_keys_free(keys, count);
    transport_close(open_target(&target));
}

/* --- logging in --------------------------------------------------------- */

static void a_wrong_key_is_refused(void **state)
{
    struct transport_target target = board(1);
    char key[160], line[300];

    (void)state;
    snprintf(key, sizeof(key), "%s/wrong_key", boards.dir);
    snprintf(line, sizeof(line), "ssh-keygen -q -t ed25519 -N '' -f %s", key);
    assert_int_equal(0, system(line));
    target.key = key;
    expect_no_way(&target, ERR_REFUSED, "no key was accepted");
    expect_no_way(&target, ERR_REFUSED, key);
    target.key = "/no/such/key";
    expect_no_way(&target, ERR_REFUSED, "/no/such/key");
    target.key = other_file; /* no key at all */
    expect_no_way(&target, ERR_REFUSED, other_file);
}

static void files_that_others_may_touch_are_refused(void **state)
{
    struct transport_target target = board(1);
    char key[160], line[500];

    (void)state;
    snprintf(key, sizeof(key), "%s/open_key", boards.dir);
    snprintf(line, sizeof(line), "cp %s %s && chmod 640 %s", boards.key, key,
             key);
    assert_int_equal(0, system(line));
    target.key = key;
    expect_no_way(&target, ERR_REFUSED, "may be read by others (mode 0640)");
    assert_int_equal(0, chmod(key, 0600));
    transport_close(open_target(&target));
    target.known_hosts = other_file;
    filter_known_hosts("%s", "cat");
    assert_int_equal(0, chmod(other_file, 0666));
    expect_no_way(&target, ERR_REFUSED, "anybody may write host keys");
    assert_int_equal(0, chmod(other_file, 0644));
    transport_close(open_target(&target));
}

/* A key with a pass phrase is of use once the agent holds it. */
static void the_agent_is_asked(void **state)
{
    struct transport_target target = board(1);
    char line[1500], key[160], socket[160];

    (void)state;
    snprintf(key, sizeof(key), "%s/locked_key", boards.dir);
    snprintf(socket, sizeof(socket), "%s/agent", boards.dir);
    snprintf(line, sizeof(line),
             "ssh-keygen -q -t ed25519 -N secret -f %s && "
             "cat %s.pub >>%s/authorized_keys",
             key, key, boards.dir);
    assert_int_equal(0, system(line));
    target.key = key;
    unsetenv("SSH_AUTH_SOCK");
    expect_no_way(&target, ERR_REFUSED, "pass phrase");
    snprintf(line, sizeof(line),
             "ssh-agent -a %s >%s.env && printf '#!/bin/sh\\necho secret\\n' "
             ">%s.ask && chmod 700 %s.ask && SSH_AUTH_SOCK=%s DISPLAY=x "
             "SSH_ASKPASS=%s.ask SSH_ASKPASS_REQUIRE=force ssh-add -q %s",
             socket, socket, socket, socket, socket, socket, key);
    assert_int_equal(0, system(line));
    setenv("SSH_AUTH_SOCK", socket, 1);
    transport_close(open_target(&target));
    unsetenv("SSH_AUTH_SOCK");
    snprintf(line, sizeof(line), ". %s.env >/dev/null; kill $SSH_AGENT_PID",
             socket);
    assert_int_equal(0, system(line));
}

static int setup(void **state)
{
    (void)state;
    return targets_start(3);
}

static int teardown(void **state)
{
    (void)state;
    boards_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_keys_are_strict),
        cmocka_unit_test(hashed_known_hosts_are_read),
        cmocka_unit_test(a_changed_host_key_is_refused),
        cmocka_unit_test(the_servers_keys_are_shown),
        cmocka_unit_test(a_wrong_key_is_refused),
        cmocka_unit_test(files_that_others_may_touch_are_refused),
        cmocka_unit_test(the_agent_is_asked),
    };

    if (!boards_have_sshd()) {
        print_message("skipped: no sshd here (package openssh-server)\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
