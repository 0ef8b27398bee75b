/* test_transport_kill.c - ends that somebody else brings about
 *
 * Groups, limits and cancelling, on the drivers that run real processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transport/drivers.h"

static void the_whole_group_dies(void **state)
{
    static const char command[] = "sleep 1000 & sh -c 'sleep 1000; true' & "
                                  "echo ready; wait";

    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        struct proc_event event;
        struct proc *proc;
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        assert_int_equal(
            0, transport_start(transport, command, NULL, &proc, NULL));
        expect_said(transport, NULL, "ready\n");
        int64_t group = proc_group(proc);
        assert_true(group > 1);
        assert_int_equal(0, kill((pid_t)-group, 0));
        assert_int_equal(0, proc_kill_group(proc, SIGTERM, NULL));
        event = next_event(transport);
        assert_int_equal(PROC_EXIT, event.kind);
        assert_int_equal(SIGTERM, event.signal);
        assert_true(group_is_gone(group));
        proc_release(proc);
        transport_close(transport);
    }
}

static void release_and_close_leave_nothing_running(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        static const char command[] = "sleep 1000 & echo ready; sleep 1000";
        struct proc *procs[2];
        int64_t groups[2];
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(
                0, transport_start(transport, command, NULL, &procs[i], NULL));
            expect_said(transport, NULL, "ready\n");
            groups[i] = proc_group(procs[i]);
        }
        proc_release(procs[0]);
        assert_true(group_is_gone(groups[0]));
        assert_int_equal(0, kill((pid_t)-groups[1], 0));
        transport_close(transport);
        assert_true(group_is_gone(groups[1]));
    }
}

static void children_that_live_on_do_not_hold_the_exit(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        struct proc_event event;
        struct proc *proc;
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        assert_int_equal(0, transport_start(transport,
                                            "sleep 1000 & echo x; exit 3", NULL,
                                            &proc, NULL));
        expect_said(transport, NULL, "x\n");
        event = next_event(transport);
        assert_int_equal(PROC_EXIT, event.kind);
        assert_int_equal(3, event.exit_status);
        int64_t group = proc_group(proc);
        assert_int_equal(0, proc_kill_group(proc, SIGKILL, NULL));
        assert_true(group_is_gone(group));
        proc_release(proc);
        transport_close(transport);
    }
}

static const struct {
    const char *what, *command;
    struct exec_limits limits;
    bool cancel;
    enum exec_end end;
} ends[] = {
    { "total",
      "echo a; sleep 1000",
      { .total_s = 0.2 },
      false,
      EXEC_TOTAL_LIMIT },
    { "total, deaf to SIGTERM",
      "trap '' TERM; echo a; sleep 1000; sleep 1000",
      { .total_s = 0.2 },
      false,
      EXEC_TOTAL_LIMIT },
    { "silence",
      "echo a; sleep 1000",
      { .silence_s = 0.3 },
      false,
      EXEC_SILENT },
    { "no silence",
      "while :; do echo a; done",
      { .silence_s = 5, .total_s = 0.3 },
      false,
      EXEC_TOTAL_LIMIT },
    { "cancelled",
      "echo a; sleep 1000",
      { .total_s = 100 },
      true,
      EXEC_CANCELLED },
};

static void check_end(const char *driver, struct transport *transport, size_t i)
{
    struct exec_result result;
    int pipe_ends[2];

    assert_int_equal(0, pipe(pipe_ends));
    if (ends[i].cancel)
        assert_int_equal(1, write(pipe_ends[1], "x", 1));
    int rc = transport_exec(transport, ends[i].command, NULL, 0,
                            &ends[i].limits, pipe_ends[0], &result, NULL);
    if (rc != ERR_TIMEOUT || result.end != ends[i].end)
        fail_msg("%s, %s: got %d, end %d", driver, ends[i].what, rc,
                 (int)result.end);
    /* the words before the end are kept; a cancelled one may not have come
     * to say any */
    if (!ends[i].cancel && (!result.out.len || result.out.data[0] != 'a'))
        fail_msg("%s, %s: lost its words", driver, ends[i].what);
    exec_result_free(&result);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void limits_kill_and_say_which(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(real_drivers); d++) {
        struct exec_result result;
        if (!have(real_drivers[d]))
            continue;
        struct transport *transport = open_one(real_drivers[d]);
        for (size_t i = 0; i < ARRAY_LEN(ends); i++)
            check_end(real_drivers[d], transport, i);
        /* and the connection is as good as before */
        assert_int_equal(0, transport_exec(transport, "exit 3", NULL, 0, NULL,
                                           -1, &result, NULL));
        assert_int_equal(3, result.exit_status);
        exec_result_free(&result);
        transport_close(transport);
    }
}

static int setup(void **state)
{
    (void)state;
    return boards_have_sshd() ? boards_start(1) : 0;
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
        cmocka_unit_test(the_whole_group_dies),
        cmocka_unit_test(release_and_close_leave_nothing_running),
        cmocka_unit_test(children_that_live_on_do_not_hold_the_exit),
        cmocka_unit_test(limits_kill_and_say_which),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
