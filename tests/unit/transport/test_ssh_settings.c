/* test_ssh_settings.c - what `ssh -G` says, and jump lists */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/vec.h"
#include "workers/transport/ssh_settings.h"

static void what_ssh_says_is_taken_over(void **state)
{
    static const char text[] =
        "identityfile ~/.ssh/id_%r_%h\n"
        "identityfile /abs/with%%\n"
        "userknownhostsfile ~/.ssh/a /b/%n\n"
        "host box\nuser bob\nhostname box.lab\n"
        "port 2200\naddressfamily inet6\n"
        "identitiesonly yes\nidentityagent none\n"
        "globalknownhostsfile none\n"
        "hostkeyalias box-key\n"
        "proxycommand nc %h %p # %%\nproxyjump a@gate:2,b\n"
        "connecttimeout 7\nunknownkey value\nempty\n";
    struct ssh_settings s = { .given = strdup("box") };

    (void)state;
    assert_int_equal(
        0, ssh_settings_parse(text, strlen(text), "/home/me", &s, NULL));
    assert_string_equal("box.lab", s.host);
    assert_string_equal("bob", s.user);
    assert_int_equal(2200, s.port);
    assert_int_equal(AF_INET6, s.family);
    assert_true(s.identities_only);
    assert_string_equal("", s.agent);
    assert_string_equal("box-key", s.alias);
    assert_string_equal("a@gate:2,b", s.jump);
    assert_string_equal("nc box.lab 2200 # %", s.proxy_command);
    assert_true(s.connect_s > 6.9 && s.connect_s < 7.1);
    assert_int_equal(2, s.identities.len);
    assert_string_equal("/home/me/.ssh/id_bob_box.lab", s.identities.at[0]);
    assert_string_equal("/abs/with%", s.identities.at[1]);
    assert_int_equal(2, s.known_hosts.len);
    assert_string_equal("/home/me/.ssh/a", s.known_hosts.at[0]);
    assert_string_equal("/b/box", s.known_hosts.at[1]);
    ssh_settings_free(&s);
}

static void the_targets_own_words_win(void **state)
{
    const struct transport_target target = { .host = "192.0.2.9",
                                             .port = 2222,
                                             .user = "lab",
                                             .key = "/k",
                                             .known_hosts = "/kh",
                                             .jump = "gate",
                                             .connect_timeout_s = 3 };
    struct ssh_settings s;
    struct err err = { 0 };

    (void)state;
    if (ssh_settings_find(&target, false, &s, &err))
        fail_msg("%s", err.text);
    assert_string_equal("192.0.2.9", s.host);
    assert_string_equal("192.0.2.9", s.alias);
    assert_string_equal("lab", s.user);
    assert_int_equal(2222, s.port);
    assert_true(s.only_key);
    assert_int_equal(1, s.identities.len);
    assert_string_equal("/k", s.identities.at[0]);
    assert_int_equal(1, s.known_hosts.len);
    assert_string_equal("/kh", s.known_hosts.at[0]);
    assert_string_equal("gate", s.jump);
    assert_true(s.connect_s > 2.9 && s.connect_s < 3.1);
    ssh_settings_free(&s);

    /* a jump host is offered the same key first, then the user's own */
    assert_int_equal(0, ssh_settings_find(&target, true, &s, NULL));
    assert_false(s.only_key);
    assert_true(s.identities.len >= 1);
    assert_string_equal("/k", s.identities.at[0]);
    assert_true(s.known_hosts.len >= 1);
    ssh_settings_free(&s);
}

static void a_host_that_is_an_option_is_refused(void **state)
{
    static const char *const hosts[] = { "", "-oProxyCommand=x", NULL };
    struct ssh_settings s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct transport_target target = { .host = hosts[i] };
        assert_int_equal(ERR_USAGE,
                         ssh_settings_find(&target, false, &s, NULL));
        ssh_settings_free(&s);
    }
}

static const struct {
    const char *jump, *host, *user;
    int port;
    const char *rest;
} jumps[] = {
    { "gate", "gate", "", 0, "" },
    { "bob@gate", "gate", "bob", 0, "" },
    { "bob@gate:2200", "gate", "bob", 2200, "" },
    { "a,b@c:1,d", "d", "", 0, "a,b@c:1" },
    { "[2001:db8::1]:22", "2001:db8::1", "", 22, "" },
    { "[2001:db8::1]", "2001:db8::1", "", 0, "" },
    { "2001:db8::1", "2001:db8::1", "", 0, "" },
    { "ssh://bob@gate:7", "gate", "bob", 7, "" },
    { "bob@mail@gate", "gate", "bob@mail", 0, "" },
    { "", NULL, NULL, 0, NULL },
    { "a,", NULL, NULL, 0, NULL },
    { "gate:0", NULL, NULL, 0, NULL },
    { "gate:65536", NULL, NULL, 0, NULL },
    { "gate:x", NULL, NULL, 0, NULL },
    { "-oX", NULL, NULL, 0, NULL },
    { "bob@-oX", NULL, NULL, 0, NULL },
};

static void jump_lists_are_split_at_the_last(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
        char *host = NULL, *user = NULL, *rest = NULL;
        int port = -1;
        int rc = ssh_settings_split_jump(jumps[i].jump, &host, &user, &port,
                                         &rest, NULL);
        if (rc != (jumps[i].host ? 0 : ERR_USAGE))
            fail_msg("'%s': got %d", jumps[i].jump, rc);
        if (!rc) {
            assert_string_equal(jumps[i].host, host);
            assert_string_equal(jumps[i].user, user);
            assert_int_equal(jumps[i].port, port);
            assert_string_equal(jumps[i].rest, rest);
        }
        free(host);
        free(user);
        free(rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ssh_says_is_taken_over),
        cmocka_unit_test(the_targets_own_words_win),
        cmocka_unit_test(a_host_that_is_an_option_is_refused),
        cmocka_unit_test(jump_lists_are_split_at_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
