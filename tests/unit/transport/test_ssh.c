/* test_ssh.c - ssh alone: keys, jumps, broken links, odd boards */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>

#include "core/fs.h"
#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "workers/transport/host_keys.h"
#include "workers/transport/known_hosts.h"
#include "workers/transport/transport_exec.h"

#define SOON (clock_mono_ns() + S_TO_NS(30))

static char other_file[128]; /* a known_hosts of our own */

static struct transport *open_target(const struct transport_target *target)
{
    struct transport *transport = NULL;
    struct err err = { 0 };

    if (transport_open("ssh", target, &transport, &err))
        fail_msg("%s: %s", target->host, err.text);
    return transport;
}

static struct transport *open_board(int i)
{
    struct transport_target target = board(i);

    return open_target(&target);
}

/* Open and expect failure 'rc' with 'words' in the sentence. */
static void expect_no_way(const struct transport_target *target, int rc,
                          const char *words)
{
    struct transport *transport = NULL;
    struct err err = { 0 };

    int got = transport_open("ssh", target, &transport, &err);
    if (got != rc)
        fail_msg("got %d, want %d: %s", got, rc, err.text);
    if (!strstr(err.text, words))
        fail_msg("'%s' is not in '%s'", words, err.text);
}

/* Run a command; its output must be 'out'. */
static void expect_says(struct transport *transport, const char *command,
                        const char *out)
{
    struct exec_result result;
    struct err err = { 0 };

    if (transport_exec(transport, command, NULL, 0, NULL, -1, &result, &err))
        fail_msg("%s: %s", command, err.text);
    assert_string_equal(out, buf_text(&result.out));
    assert_int_equal(EXEC_EXITED, result.end);
    exec_result_free(&result);
}

/* The lab's known_hosts, run through a shell filter, as other_file. */
__attribute__((format(printf, 1, 2))) static void
filter_known_hosts(const char *fmt, ...)
{
    char filter[300], line[600];
    va_list args;

    va_start(args, fmt);
    vsnprintf(filter, sizeof(filter), fmt, args);
    va_end(args);
    snprintf(line, sizeof(line), "%s <%s >%s", filter, boards.known_hosts,
             other_file);
    assert_int_equal(0, system(line));
}

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

/* --- broken links ------------------------------------------------------- */

static void a_killed_board_is_an_error_at_once(void **state)
{
    struct transport *transport = open_board(2);
    struct transport_target target = board(2);
    struct exec_result result;
    struct proc_event event;
    struct proc *proc;
    size_t put;

    (void)state;
    assert_int_equal(0, transport_start(transport, "echo up; sleep 1000", NULL,
                                        &proc, NULL));
    assert_int_equal(0, transport_wait(transport, NULL, 0, SOON, &event, NULL));
    assert_int_equal(PROC_STDOUT, event.kind);
    int64_t group = proc_group(proc);
    assert_int_equal(0, boards_lab("kill %s 2", boards.dir));
    assert_int_equal(ERR_IO,
                     transport_wait(transport, NULL, 0, SOON, &event, NULL));
    assert_int_equal(ERR_IO, proc_write(proc, "x", 1, &put, NULL));
    assert_int_equal(ERR_IO, proc_kill_group(proc, SIGKILL, NULL));
    assert_int_equal(ERR_IO, transport_exec(transport, "true", NULL, 0, NULL,
                                            -1, &result, NULL));
    exec_result_free(&result);
    proc_release(proc);
    transport_close(transport);
    expect_no_way(&target, ERR_IO, "refused");
    /* what it ran is an orphan: the next contact has to kill it */
    assert_int_equal(0, kill((pid_t)-group, SIGKILL));
    assert_int_equal(0, boards_lab("restart %s 2", boards.dir));
}

static void a_link_lost_in_a_command_is_told_so(void **state)
{
    struct transport *transport = open_board(2);
    struct exec_result result;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(ERR_IO, transport_exec(transport,
                                            "echo words; sleep 0.2; kill -9 "
                                            "$PPID; sleep 1000",
                                            NULL, 0, NULL, -1, &result, &err));
    assert_int_equal(EXEC_LINK_LOST, result.end);
    assert_string_equal("words\n", buf_text(&result.out));
    assert_non_null(strstr(err.text, "link lost"));
    exec_result_free(&result);
    transport_close(transport);
    assert_int_equal(0, boards_lab("crash %s 2", boards.dir));
    assert_int_equal(0, boards_lab("restart %s 2", boards.dir));
}

static void a_frozen_board_costs_bounded_time(void **state)
{
    struct transport *transport = open_board(2);
    struct transport_target target = board(2);
    struct proc_event event;
    struct proc *proc;

    (void)state;
    assert_int_equal(0, transport_start(transport, "echo up; exec sleep 1000",
                                        NULL, &proc, NULL));
    assert_int_equal(0, transport_wait(transport, NULL, 0, SOON, &event, NULL));
    assert_int_equal(0, boards_lab("freeze %s 2", boards.dir));
    assert_int_equal(ERR_TIMEOUT, proc_kill_group(proc, SIGKILL, NULL));
    /* from now on the link counts as lost, so that closing does not wait */
    assert_int_equal(ERR_IO, proc_kill_group(proc, SIGKILL, NULL));
    transport_close(transport);
    target.connect_timeout_s = 0.5;
    expect_no_way(&target, ERR_TIMEOUT, target.host);
    assert_int_equal(0, boards_lab("thaw %s 2", boards.dir));
    assert_int_equal(0, boards_lab("crash %s 2", boards.dir));
    assert_int_equal(0, boards_lab("restart %s 2", boards.dir));
}

/* --- odd boards --------------------------------------------------------- */

static void one_channel_a_session_is_enough(void **state)
{
    struct proc_event event;
    struct proc *proc, *more;

    (void)state;
    assert_int_equal(
        0, boards_lab("restart %s 4 --set MaxSessions=1", boards.dir));
    struct transport *transport = open_board(4);
    for (int i = 0; i < 20; i++)
        expect_says(transport, "echo x", "x\n");
    assert_int_equal(0, transport_start(transport, "echo up; sleep 1000", NULL,
                                        &proc, NULL));
    assert_int_equal(0, transport_wait(transport, NULL, 0, SOON, &event, NULL));
    assert_int_equal(ERR_REFUSED,
                     transport_start(transport, "true", NULL, &more, NULL));
    int64_t group = proc_group(proc);
    /* by a second connection */
    assert_int_equal(0, proc_kill_group(proc, SIGTERM, NULL));
    do
        assert_int_equal(
            0, transport_wait(transport, NULL, 0, SOON, &event, NULL));
    while (event.kind != PROC_EXIT);
    assert_int_equal(SIGTERM, event.signal);
    assert_true(group_is_gone(group));
    proc_release(proc);
    expect_says(transport, "echo x", "x\n");
    transport_close(transport);
}

struct caller {
    struct transport_target target;
    int rc;
};

static void *open_and_close(void *arg)
{
    struct caller *caller = arg;
    struct transport *transport = NULL;

    caller->rc = transport_open("ssh", &caller->target, &transport, NULL);
    transport_close(transport);
    return NULL;
}

static void a_busy_greeter_is_called_again(void **state)
{
    pthread_t threads[8];
    struct caller callers[8];

    (void)state;
    assert_int_equal(
        0, boards_lab("restart %s 4 --set MaxStartups=2", boards.dir));
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        callers[i].target = board(4);
        callers[i].target.connect_timeout_s = 30;
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(
            0, pthread_create(&threads[i], NULL, open_and_close, &callers[i]));
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(0, callers[i].rc);
}

/* Login shells as sshd sees them, played by a ForceCommand. */
static const struct {
    const char *what, *force;
} shells[] = {
    { "one that knows no ${}",
      "case $SSH_ORIGINAL_COMMAND in *\\${*) echo no >&2; exit 1;; esac; eval "
      "\"$SSH_ORIGINAL_COMMAND\"" },
    { "one that leads no group",
      "/bin/sh -c \"$SSH_ORIGINAL_COMMAND\"; exit $?" },
    { "one that talks first",
      "echo Welcome; echo to; eval \"$SSH_ORIGINAL_COMMAND\"" },
    { "csh", "exec tcsh -f -c \"$SSH_ORIGINAL_COMMAND\"" },
    { "fish", "exec fish -c \"$SSH_ORIGINAL_COMMAND\"" },
    { "dash", "exec dash -c \"$SSH_ORIGINAL_COMMAND\"" },
    { "busybox", "exec busybox sh -c \"$SSH_ORIGINAL_COMMAND\"" },
};

static bool is_installed(const char *force)
{
    static const char *const programs[] = { "tcsh", "fish", "dash", "busybox" };

    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        char line[64];
        snprintf(line, sizeof(line), "command -v %s >/dev/null", programs[i]);
        if (strstr(force, programs[i]) && system(line))
            return false;
    }
    return true;
}

static void login_shells_of_any_make_will_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        struct proc_event event;
        struct proc *proc;
        if (!is_installed(shells[i].force)) {
            print_message("skipped: %s is not installed\n", shells[i].what);
            continue;
        }
        assert_int_equal(0, boards_lab("restart %s 4 --set 'ForceCommand=%s'",
                                       boards.dir, shells[i].force));
        struct transport *transport = open_board(4);
        expect_says(transport,
                    "printf '%s|' \"a  b\" 'c!\nd' \\\\ ${x:-$((1+1))}",
                    "a  b|c!\nd|\\|2|");
        assert_int_equal(0, transport_start(transport,
                                            "sleep 1000 & echo up; sleep 1000",
                                            NULL, &proc, NULL));
        assert_int_equal(
            0, transport_wait(transport, NULL, 0, SOON, &event, NULL));
        assert_int_equal(PROC_STDOUT, event.kind);
        if (event.len != 3 || memcmp(event.data, "up\n", 3))
            fail_msg("%s: '%.*s'", shells[i].what, (int)event.len,
                     (const char *)event.data);
        int64_t group = proc_group(proc);
        assert_true(group > 1);
        assert_int_equal(0, proc_kill_group(proc, SIGTERM, NULL));
        assert_true(group_is_gone(group));
        do
            assert_int_equal(
                0, transport_wait(transport, NULL, 0, SOON, &event, NULL));
        while (event.kind != PROC_EXIT);
        proc_release(proc);
        transport_close(transport);
    }
    assert_int_equal(
        0, boards_lab("restart %s 4 --set MaxSessions=10", boards.dir));
}

/* --- jumps -------------------------------------------------------------- */

static void jumps_lead_to_the_board(void **state)
{
    struct transport_target target = board(1);
    char jump[1200], line[100];

    (void)state;
    snprintf(jump, sizeof(jump), "%s:%d,%s:%d", board(2).host, boards.port,
             board(4).host, boards.port);
    const char *ways[] = { strchr(jump, ',') + 1, jump };
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        const struct exec_limits limits = { .max_stdout = 20000000 };
        struct exec_result result;
        target.jump = ways[i];
        struct transport *transport = open_target(&target);
        snprintf(line, sizeof(line), "%s/boards/1/home\n", boards.dir);
        expect_says(transport, "pwd", line);
        assert_int_equal(0,
                         transport_exec(transport, "head -c 10000000 /dev/zero",
                                        NULL, 0, &limits, -1, &result, NULL));
        assert_int_equal(10000000, result.out.len);
        exec_result_free(&result);
        transport_close(transport);
    }
    snprintf(line, sizeof(line), "127.0.0.1:%d", 1);
    target.jump = line;
    expect_no_way(&target, ERR_IO, "jump host");
}

static void a_jump_hosts_key_is_strict_too(void **state)
{
    struct transport_target target = board(1);
    char jump[600];

    (void)state;
    filter_known_hosts("grep -F '[%s]'", target.host);
    target.known_hosts = other_file;
    transport_close(open_target(&target));
    snprintf(jump, sizeof(jump), "%s:%d", board(2).host, boards.port);
    target.jump = jump;
    expect_no_way(&target, ERR_REFUSED, "jump host");
}

static void a_lost_jump_is_a_lost_link(void **state)
{
    struct transport_target target = board(1);
    struct proc_event event;
    char jump[600];

    (void)state;
    snprintf(jump, sizeof(jump), "%s:%d", board(2).host, boards.port);
    target.jump = jump;
    struct transport *transport = open_target(&target);
    assert_int_equal(0, boards_lab("kill %s 2", boards.dir));
    assert_int_equal(ERR_IO,
                     transport_wait(transport, NULL, 0, SOON, &event, NULL));
    transport_close(transport);
    assert_int_equal(0, boards_lab("restart %s 2", boards.dir));
}

/* ------------------------------------------------------------------------ */

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static void no_descriptor_is_left_open(void **state)
{
    struct transport_target target = board(1), wrong = board(1);
    int before = open_descriptors();
    struct transport *transport;

    (void)state;
    wrong.key = "/no/such/key";
    for (int i = 0; i < 3; i++) {
        transport_close(open_target(&target));
        expect_no_way(&wrong, ERR_REFUSED, "key");
        transport = open_board(2);
        assert_int_equal(0, boards_lab("kill %s 2", boards.dir));
        transport_close(transport);
        assert_int_equal(0, boards_lab("restart %s 2", boards.dir));
    }
    assert_int_equal(before, open_descriptors());
}

static int setup(void **state)
{
    (void)state;
    if (boards_start(4))
        return -1;
    snprintf(other_file, sizeof(other_file), "%s/other_known_hosts",
             boards.dir);
    return 0;
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
        cmocka_unit_test(the_agent_is_asked),
        cmocka_unit_test(a_killed_board_is_an_error_at_once),
        cmocka_unit_test(a_link_lost_in_a_command_is_told_so),
        cmocka_unit_test(a_frozen_board_costs_bounded_time),
        cmocka_unit_test(one_channel_a_session_is_enough),
        cmocka_unit_test(a_busy_greeter_is_called_again),
        cmocka_unit_test(login_shells_of_any_make_will_do),
        cmocka_unit_test(jumps_lead_to_the_board),
        cmocka_unit_test(a_jump_hosts_key_is_strict_too),
        cmocka_unit_test(a_lost_jump_is_a_lost_link),
        cmocka_unit_test(no_descriptor_is_left_open),
    };

    if (!boards_have_sshd()) {
        print_message("skipped: no sshd here (package openssh-server)\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
