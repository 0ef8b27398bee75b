/* test_script.c - canned replies: what only the script driver can do */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/vec.h"
#include "workers/transport/transport_exec.h"

static char file[64];

static int try_open(const char *text, struct transport **ret, struct err *err)
{
    struct transport_target target = { .script = file };

    assert_int_equal(0, fs_write_atomic(file, text, strlen(text), NULL));
    return transport_open("script", &target, ret, err);
}

static struct transport *open_script(const char *text)
{
    struct transport *transport = NULL;
    struct err err = { 0 };

    if (try_open(text, &transport, &err))
        fail_msg("%s", err.text);
    return transport;
}

static int status_of(struct transport *transport, const char *command)
{
    struct exec_result result;

    assert_int_equal(0, transport_exec(transport, command, NULL, 0, NULL, -1,
                                       &result, NULL));
    exec_result_free(&result);
    return result.exit_status;
}

static void the_first_row_that_fits_answers(void **state)
{
    (void)state;
    struct transport *t = open_script(
        "[{\"match\": \"a\", \"exit\": 1}, {\"match\": \"a*\", \"exit\": 2},"
        " {\"match\": \"ab\", \"exit\": 3}, {\"match\": \"*\", \"exit\": 4}]");
    assert_int_equal(1, status_of(t, "a"));
    assert_int_equal(2, status_of(t, "ab"));
    assert_int_equal(4, status_of(t, "b"));
    transport_close(t);
    t = open_script("[]");
    assert_int_equal(127, status_of(t, "b"));
    transport_close(t);
}

static void a_row_may_answer_so_many_times_only(void **state)
{
    (void)state;
    struct transport *t =
        open_script("[{\"match\": \"x\", \"times\": 2, \"exit\": 1},"
                    " {\"match\": \"x\", \"exit\": 0}]");
    assert_int_equal(1, status_of(t, "x"));
    assert_int_equal(1, status_of(t, "x"));
    assert_int_equal(0, status_of(t, "x"));
    transport_close(t);
}

static void output_is_repeated_and_capped(void **state)
{
    const struct exec_limits limits = { .max_stdout = 10 };
    struct exec_result result;

    (void)state;
    struct transport *t = open_script(
        "[{\"match\": \"x\", \"stdout\": \"1234567\", \"repeat\": 1000}]");
    assert_int_equal(
        0, transport_exec(t, "x", NULL, 0, &limits, -1, &result, NULL));
    assert_int_equal(7000, result.out_bytes);
    assert_int_equal(10, result.out.len);
    assert_memory_equal("1234567123", result.out.data, 10);
    exec_result_free(&result);
    transport_close(t);
}

static void a_dropped_link_is_dead_for_all(void **state)
{
    struct exec_result result;
    struct proc_event event;
    struct proc *other;

    (void)state;
    struct transport *t =
        open_script("[{\"match\": \"x\", \"stdout\": \"half\", \"drop\": true},"
                    " {\"match\": \"y\", \"hang\": true}]");
    assert_int_equal(0, transport_start(t, "y", NULL, &other, NULL));
    assert_int_equal(ERR_IO,
                     transport_exec(t, "x", NULL, 0, NULL, -1, &result, NULL));
    assert_int_equal(EXEC_LINK_LOST, result.end);
    assert_string_equal("half", buf_text(&result.out));
    exec_result_free(&result);
    assert_int_equal(ERR_IO,
                     transport_wait(t, NULL, 0, INT64_MAX, &event, NULL));
    assert_int_equal(ERR_IO, transport_start(t, "y", NULL, &other, NULL));
    transport_close(t);
}

static void who_hangs_is_killed(void **state)
{
    const struct exec_limits limits = { .silence_s = 0.01 };
    struct exec_result result;

    (void)state;
    struct transport *t = open_script(
        "[{\"match\": \"x\", \"stdout\": \"so far\", \"hang\": true}]");
    assert_int_equal(ERR_TIMEOUT, transport_exec(t, "x", NULL, 0, &limits, -1,
                                                 &result, NULL));
    assert_int_equal(EXEC_SILENT, result.end);
    assert_int_equal(SIGTERM, result.signal);
    assert_string_equal("so far", buf_text(&result.out));
    exec_result_free(&result);
    transport_close(t);
}

static void a_delay_is_kept(void **state)
{
    (void)state;
    struct transport *t =
        open_script("[{\"match\": \"x\", \"delay_s\": 0.05, \"exit\": 3}]");
    int64_t start_ns = clock_mono_ns();
    assert_int_equal(3, status_of(t, "x"));
    assert_true(clock_mono_ns() - start_ns >= MS_TO_NS(50));
    transport_close(t);
}

static void boards_that_are_not_there_can_be_rehearsed(void **state)
{
    static const struct {
        const char *text;
        int rc;
    } cases[] = {
        { "{\"open\": \"refused\", \"replies\": []}", ERR_REFUSED },
        { "{\"open\": \"timeout\", \"replies\": []}", ERR_TIMEOUT },
        { "{\"open\": \"io\", \"replies\": []}", ERR_IO },
        { "{\"open\": \"maybe\", \"replies\": []}", ERR_FORMAT },
        { "{\"open\": \"ok\"}", ERR_FORMAT },
        { "{\"opne\": \"ok\", \"replies\": []}", ERR_FORMAT },
        { "[{\"match\": \"x\", \"exit\": 256}]", ERR_FORMAT },
        { "[{\"match\": \"x\", \"exti\": 2}]", ERR_FORMAT },
        { "[{\"exit\": 2}]", ERR_FORMAT },
        { "[{\"match\": \"x\", \"delay_s\": -1}]", ERR_FORMAT },
        { "[{\"match\": \"x\"}, 3]", ERR_FORMAT },
        { "7", ERR_FORMAT },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct transport *t = NULL;
        int rc = try_open(cases[i].text, &t, NULL);
        if (rc != cases[i].rc)
            fail_msg("%s: got %d", cases[i].text, rc);
    }
}

static void many_commands_leave_nothing_behind(void **state)
{
    (void)state;
    struct transport *t = open_script(
        "[{\"match\": \"cell *\", \"stdout\": \"{}\", \"exit\": 5}]");
    for (int i = 0; i < 20000; i++)
        assert_int_equal(5, status_of(t, "cell 17"));
    transport_close(t);
}

static int setup(void **state)
{
    (void)state;
    snprintf(file, sizeof(file), "/tmp/labsweep-script-%d.json", (int)getpid());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_row_that_fits_answers),
        cmocka_unit_test(a_row_may_answer_so_many_times_only),
        cmocka_unit_test(output_is_repeated_and_capped),
        cmocka_unit_test(a_dropped_link_is_dead_for_all),
        cmocka_unit_test(who_hangs_is_killed),
        cmocka_unit_test(a_delay_is_kept),
        cmocka_unit_test(boards_that_are_not_there_can_be_rehearsed),
        cmocka_unit_test(many_commands_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
