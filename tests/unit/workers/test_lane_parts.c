/* test_lane_parts.c - the lane's smaller parts: probe, identity, clocks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/vec.h"
#include "workers/clock_line.h"
#include "workers/lane_clock.h"
#include "workers/lane_probe.h"
#include "workers/lane_thermal.h"

static const struct {
    const char *what, *text;
    const char *home, *serial;
    int rc;
} probes[] = {
    { "a board", "home=/root\narch=aarch64\nserial=S1\nend=1\n", "/root", "S1",
      0 },
    { "words that the login shell says first",
      "Welcome!\nhome=/home/x\narch=x86_64\n", "/home/x", "", 0 },
    { "keys that nobody knows", "home=/r\narch=a\nfoo=bar\n=\n", "/r", "", 0 },
    { "a value with an equals sign", "home=/r\narch=a\nserial=a=b\n", "/r",
      "a=b", 0 },
    { "blanks behind it", "home=/r\narch=a\nserial=S1  \t\r\n", "/r", "S1", 0 },
    { "nothing", "", "", "", ERR_FORMAT },
    { "no home", "arch=a\n", "", "", ERR_FORMAT },
    { "a home that is no path", "home=x\narch=a\n", "", "", ERR_FORMAT },
};

static void what_the_probe_says_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        struct board_facts facts = { 0 };
        struct err err = { 0 };
        int rc = lane_probe_parse(probes[i].text, strlen(probes[i].text),
                                  &facts, &err);

        if (rc != probes[i].rc || strcmp(facts.home, probes[i].home) != 0 ||
            strcmp(facts.serial, probes[i].serial) != 0)
            fail_msg("%s: got %d '%s' '%s' %s", probes[i].what, rc, facts.home,
                     facts.serial, err.text);
    }
}

static void a_probe_of_any_length_is_bounded(void **state)
{
    struct board_facts facts;
    struct buf text = { 0 };

    (void)state;
    buf_printf(&text, "home=/r\narch=a\nserial=");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "\xc3\xa4"); /* two bytes a character */
    for (int i = 0; i < 100; i++)
        buf_printf(&text, "\nmac=00:11:22:33:44:%02x", i);
    assert_int_equal(lane_probe_parse(text.data, text.len, &facts, NULL), 0);
    assert_int_equal(facts.macs_len, LANE_MACS_MAX);
    assert_true(strlen(facts.serial) > 200);
    assert_int_equal(strlen(facts.serial) % 2, 0); /* no half character */
    buf_free(&text);
}

static void identity_is_every_pin_that_is_given(void **state)
{
    static const struct {
        const char *what;
        struct board_identity pins;
        const char *text; /* NULL: it is the board */
    } rows[] = {
        { "nothing is pinned", { 0 }, NULL },
        { "all of it",
          { .serial = "S",
            .device_tree = "D",
            .mac = "AA:bb:cc:dd:ee:02",
            .machine_id = "M" },
          NULL },
        { "the lab's own label", { .serial = "label" }, NULL },
        { "another serial", { .serial = "T" }, "serial is 'S', expected 'T'" },
        { "another device tree",
          { .serial = "S", .device_tree = "E" },
          "device_tree is 'D', expected 'E'" },
        { "no such address",
          { .mac = "aa:bb:cc:dd:ee:03" },
          "mac is 'aa:bb:cc:dd:ee:01', expected 'aa:bb:cc:dd:ee:03'" },
        { "another installation",
          { .machine_id = "N" },
          "machine_id is 'M', expected 'N'" },
    };
    const struct board_facts facts = {
        .serial = "S",
        .label = "label",
        .device_tree = "D",
        .machine_id = "M",
        .macs = { "aa:bb:cc:dd:ee:01", "aa:bb:cc:dd:ee:02" },
        .macs_len = 2,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = { 0 };
        int rc = lane_probe_verify(&facts, &rows[i].pins, &err);

        if (rc != (rows[i].text ? ERR_REFUSED : 0) ||
            (rows[i].text && !strstr(err.text, rows[i].text)))
            fail_msg("%s: got %d '%s'", rows[i].what, rc, err.text);
    }
}

static void a_boards_time_is_read_in_every_form(void **state)
{
    static const struct {
        const char *line;
        double unix_s, coarse_s; /* NaN: refused */
    } rows[] = {
        { "{\"t_unix_ns\": 1700000000500000000}\n", 1700000000.5, 0 },
        { "1700000000500000000\r\n", 1700000000.5, 0 },
        { "1700000000s\n", 1700000000.5, 0.5 },
        { "1e300\n", NAN, 0 },
        { "{\"t_unix_ns\": 9e18}", NAN, 0 },
        { "99999999999999999s", NAN, 0 },
        { "-1700000000500000000", NAN, 0 },
        { "{\"t_unix_ns\": \"1700000000500000000\"}", NAN, 0 },
        { "date: not found", NAN, 0 },
        { "", NAN, 0 },
        { "s", NAN, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double unix_s = NAN, coarse_s = NAN;
        int rc = clock_line_parse(rows[i].line, strlen(rows[i].line), &unix_s,
                                  &coarse_s, NULL);

        if ((rc != 0) != (isnan(rows[i].unix_s) != 0) ||
            (!rc && (fabs(unix_s - rows[i].unix_s) > 1e-6 ||
                     fabs(coarse_s - rows[i].coarse_s) > 0)))
            fail_msg("'%s': got %d, %.9f", rows[i].line, rc, unix_s);
    }
}

/* The local board's clock is ours: the offset is 0 within the bound. */
static void clocks_are_compared_over_one_process(void **state)
{
    const struct transport_target target = { .host = "" };
    struct lane_board board = { .cancel_fd = eventfd(0, EFD_CLOEXEC) };
    char runner[FS_PATH_MAX];
    const char *probes_of[] = { NULL, runner };

    (void)state;
    assert_int_equal(fs_program_dir(runner, sizeof(runner), NULL), 0);
    strcat(runner, "/../bin/labrunner-x86_64");
    assert_int_equal(transport_open("local", &target, &board.transport, NULL),
                     0);
    for (size_t i = 0; i < 2; i++) {
        struct lane_clock clock;
        struct err err = { 0 };

        if (lane_clock_measure(&board, probes_of[i], &clock, &err))
            fail_msg("%s", err.text);
        assert_true(clock.bound_s > 0 && clock.bound_s < 5);
        assert_true(fabs(clock.offset_s) <= clock.bound_s + 1e-6);
    }
    transport_close(board.transport);
    close(board.cancel_fd);
}

static void a_clock_that_tells_no_time_is_refused(void **state)
{
    const struct transport_target target = { .host = "" };
    struct lane_board board = { .cancel_fd = eventfd(0, EFD_CLOEXEC) };
    struct lane_clock clock;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(transport_open("local", &target, &board.transport, NULL),
                     0);
    assert_int_equal(lane_clock_measure(&board, "/bin/echo", &clock, &err),
                     ERR_IO);
    assert_non_null(strstr(err.text, "measuring the board's clock"));
    transport_close(board.transport);
    close(board.cancel_fd);
}

static void two_measurements_join_to_one_that_holds_for_both(void **state)
{
    struct lane_clock before = { 1.0, 0.01 }, after = { 1.2, 0.02 };
    struct lane_clock joined = lane_clock_join(&before, &after);

    (void)state;
    assert_true(fabs(joined.offset_s - 1.1) < 1e-12);
    assert_true(joined.offset_s - joined.bound_s <= 1.0 - 0.01 + 1e-12);
    assert_true(joined.offset_s + joined.bound_s >= 1.2 + 0.02 - 1e-12);
}

static void the_hottest_zone_counts(void **state)
{
    static const struct {
        const char *text;
        double degc;
    } rows[] = {
        { "45000\n52500\n-274000\n", 52.5 },
        { "61000", 61 },
        { "", NAN },
        { "cat: no\n", NAN },
        { "999999999\n", NAN },
        { "45000\nx\n1e3\n", 45 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double got = lane_thermal_parse(rows[i].text, strlen(rows[i].text));

        if (isnan(got) != isnan(rows[i].degc) ||
            (!isnan(got) && fabs(got - rows[i].degc) > 1e-9))
            fail_msg("'%s': got %g", rows[i].text, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_probe_says_is_read),
        cmocka_unit_test(a_probe_of_any_length_is_bounded),
        cmocka_unit_test(identity_is_every_pin_that_is_given),
        cmocka_unit_test(the_hottest_zone_counts),
        cmocka_unit_test(a_boards_time_is_read_in_every_form),
        cmocka_unit_test(clocks_are_compared_over_one_process),
        cmocka_unit_test(a_clock_that_tells_no_time_is_refused),
        cmocka_unit_test(two_measurements_join_to_one_that_holds_for_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
