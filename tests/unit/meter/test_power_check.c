/* test_power_check.c - sensors that lie, and traces without a window */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "core/vec.h"
#include "workers/meter/plateau.h"
#include "workers/meter/power_check.h"

#define LEN 400

static struct power_reading trace[LEN];

/* 4 W that wanders by 10 mW, every 10 ms. */
static void make(double scale)
{
    uint32_t x = 1;

    for (size_t i = 0; i < LEN; i++) {
        x = x * 1664525u + 1013904223u;
        trace[i] =
            (struct power_reading){ .t_ns = S_TO_NS(1 + 0.01 * (double)i),
                                    .power_w = scale *
                                               (4 + 1e-5 * (double)(x >> 22)) };
    }
}

static size_t missing(void)
{
    size_t n = 0;

    for (size_t i = 0; i < LEN; i++)
        n += isnan(trace[i].power_w) != 0;
    return n;
}

/* Check the trace; the words must hold 'words' ("": none at all). */
static void expect(const char *words, size_t dropped)
{
    struct power_check check = { 0.01, 0.02, 2000 };
    struct buf found = { 0 };

    power_check(trace, LEN, &check, &found);
    if (!*words ? found.len > 0 : !strstr(buf_text(&found), words))
        fail_msg("got '%s', want '%s'", buf_text(&found), words);
    assert_int_equal(missing(), dropped);
    buf_free(&found);
}

static void good_sensors_are_left_alone(void **state)
{
    (void)state;
    make(1);
    expect("", 0);
    for (size_t i = 100; i < 300; i++) /* a load that trebles */
        trace[i].power_w *= 3;
    expect("", 0);
    for (size_t i = 0; i < LEN; i++) /* coarse steps stand still at times */
        trace[i].power_w = i / 7 % 2 || i > 300 ? 4.1 : 4;
    expect("repeats: 7 readings an update", 0);
}

static void a_sensor_that_freezes_is_not_believed(void **state)
{
    (void)state;
    make(1);
    for (size_t i = 300; i < LEN; i++)
        trace[i].power_w = trace[299].power_w;
    expect("frozen at", 100);
    make(1);
    for (size_t i = 1; i < LEN; i++)
        trace[i].power_w = trace[0].power_w;
    expect("the value hardly ever changed: frozen?", 0);
}

static void a_fall_to_nothing_is_dropped(void **state)
{
    (void)state;
    make(1);
    trace[50].power_w = trace[51].power_w = 0.3;
    trace[200].power_w = 0.31;
    expect("fell to 0.3 W for a moment, 3 readings dropped", 3);
}

static void a_jump_beyond_any_board_is_dropped(void **state)
{
    (void)state;
    make(1);
    trace[7].power_w = 1e308;
    trace[60].power_w = -1e308;
    trace[61].power_w = 2001;
    expect("jumped to 1e+308 W, 3 readings dropped", 3);
}

static void repeats_are_named(void **state)
{
    (void)state;
    make(1);
    for (size_t i = 0; i < LEN; i++)
        trace[i].power_w = trace[i - i % 10].power_w;
    expect("repeats: 10 readings an update", 0);
}

static void a_unit_off_by_a_thousand_is_named(void **state)
{
    static const struct {
        double scale;
        const char *words;
    } rows[] = {
        { 1, "" },
        { 1e-3, "is it mW where uW is declared?" },
        { 1e3, "is it uW where mW is declared?" },
    };
    struct power_check check = { 0.01, 0.02, 2000 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf words = { 0 };

        make(rows[i].scale);
        assert_int_equal(power_check_scale(trace, LEN, &check, &words), i > 0);
        assert_non_null(strstr(buf_text(&words), rows[i].words));
        buf_free(&words);
    }
}

static void a_plateau_is_found_where_one_stands_out(void **state)
{
    struct power_window run = { S_TO_NS(1.5), S_TO_NS(4.9) }, found;

    (void)state;
    make(1);
    assert_false(power_plateau(trace, LEN, &run, 4, 0.003, &found));
    for (size_t i = 120; i < 320; i++)
        trace[i].power_w *= i % 50 < 3 ? 1 : 2; /* with short dips */
    assert_true(power_plateau(trace, LEN, &run, 4, 0.003, &found));
    assert_true(llabs(found.start_ns - S_TO_NS(2.2)) <= MS_TO_NS(20));
    assert_true(llabs(found.end_ns - S_TO_NS(4.19)) <= MS_TO_NS(20));
    assert_false(power_plateau(trace, LEN, &run, 4, 2, &found)); /* noise */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_sensors_are_left_alone),
        cmocka_unit_test(a_sensor_that_freezes_is_not_believed),
        cmocka_unit_test(a_fall_to_nothing_is_dropped),
        cmocka_unit_test(a_jump_beyond_any_board_is_dropped),
        cmocka_unit_test(repeats_are_named),
        cmocka_unit_test(a_unit_off_by_a_thousand_is_named),
        cmocka_unit_test(a_plateau_is_found_where_one_stands_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
