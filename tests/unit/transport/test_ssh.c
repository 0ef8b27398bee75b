/* test_ssh.c - ssh alone: broken links, odd boards, jumps */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>

#include "tests/unit/transport/targets.h"

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

static void a_link_lost_before_a_command_starts_nothing(void **state)
{
    struct transport *transport = open_board(2);
    struct exec_result result;

    (void)state;
    expect_says(transport, "echo x", "x\n");
    assert_int_equal(0, boards_lab("kill %s 2", boards.dir));
    assert_int_equal(ERR_IO, transport_exec(transport, "true", NULL, 0, NULL,
                                            -1, &result, NULL));
    assert_int_equal(EXEC_NOT_STARTED, result.end);
    exec_result_free(&result);
    transport_close(transport);
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

/* Keys are exchanged anew every megabyte, in the middle of everything. */
static void new_keys_meanwhile_disturb_nothing(void **state)
{
    const struct exec_limits limits = { .max_stdout = 20000000 };
    const size_t len = 8000000;
    uint8_t *data = malloc(len);
    struct exec_result result;
    struct err err = { 0 };

    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 7 >> 3);
    assert_int_equal(
        0, boards_lab("restart %s 4 --set 'RekeyLimit=1M'", boards.dir));
    struct transport *transport = open_board(4);
    if (transport_exec(transport, "cat", data, len, &limits, -1, &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(len, result.out.len);
    assert_memory_equal(data, result.out.data, len);
    exec_result_free(&result);
    expect_says(transport, "echo x", "x\n");
    transport_close(transport);
    free(data);
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

/* The user's settings are played by an ssh(1) of ours, first in PATH. */
static void a_proxy_command_leads_to_the_board(void **state)
{
    struct transport_target target = board(1);
    char line[2000], path[4096], *before = strdup(getenv("PATH"));
    int rc;

    (void)state;
    assert_non_null(before);
    rc = snprintf(line, sizeof(line),
                  "mkdir -p %s/bin && cat >%s/bin/ssh <<'E' && chmod 755 "
                  "%s/bin/ssh\n#!/bin/sh\n$(PATH=%s command -v ssh) \"$@\"\n"
                  "echo 'proxycommand /usr/bin/ssh -F %s/ssh_config -W %%h:%%p "
                  "%s.2'\nE",
                  boards.dir, boards.dir, boards.dir, "/usr/bin:/bin",
                  boards.dir, boards.base);
    assert_in_range(rc, 1, sizeof(line) - 1);
    assert_int_equal(0, system(line));
    snprintf(path, sizeof(path), "%s/bin:%s", boards.dir, before);
    setenv("PATH", path, 1);
    struct transport *transport = open_target(&target);
    snprintf(line, sizeof(line), "%s/boards/1/home\n", boards.dir);
    expect_says(transport, "pwd", line);
    /* it leads through board 2: its end is the link's */
    struct proc_event event;
    assert_int_equal(0, boards_lab("kill %s 2", boards.dir));
    assert_int_equal(ERR_IO,
                     transport_wait(transport, NULL, 0, SOON, &event, NULL));
    transport_close(transport);
    expect_no_way(&target, ERR_IO, target.host);
    setenv("PATH", before, 1);
    free(before);
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
    return targets_start(4);
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
        cmocka_unit_test(a_killed_board_is_an_error_at_once),
        cmocka_unit_test(a_link_lost_before_a_command_starts_nothing),
        cmocka_unit_test(a_link_lost_in_a_command_is_told_so),
        cmocka_unit_test(a_frozen_board_costs_bounded_time),
        cmocka_unit_test(one_channel_a_session_is_enough),
        cmocka_unit_test(new_keys_meanwhile_disturb_nothing),
        cmocka_unit_test(a_busy_greeter_is_called_again),
        cmocka_unit_test(login_shells_of_any_make_will_do),
        cmocka_unit_test(jumps_lead_to_the_board),
        cmocka_unit_test(a_jump_hosts_key_is_strict_too),
        cmocka_unit_test(a_lost_jump_is_a_lost_link),
        cmocka_unit_test(a_proxy_command_leads_to_the_board),
        cmocka_unit_test(no_descriptor_is_left_open),
    };

    if (!boards_have_sshd()) {
        print_message("skipped: no sshd here (package openssh-server)\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
