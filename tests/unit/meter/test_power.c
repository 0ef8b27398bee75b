/* test_power.c - known waveforms, and what a window makes of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "core/clock.h"
#include "core/vec.h"
#include "workers/meter/power.h"

#define READINGS_MAX 4000

struct trace {
    struct power_reading at[READINGS_MAX];
    size_t len;
};

static void add(struct trace *t, double seconds, double power_w)
{
    t->at[t->len++] =
        (struct power_reading){ .t_ns = S_TO_NS(seconds), .power_w = power_w };
}

/* Readings of a function of time from 0 to 'end', every 'period'. */
static void sample(struct trace *t, double (*wave)(double), double period,
                   double end)
{
    t->len = 0;
    for (int i = 0; i * period <= end + 1e-9; i++)
        add(t, 1 + i * period, wave(i * period)); /* starts at 1 s */
}

static double flat(double t)
{
    (void)t;
    return 5;
}

static double ramp(double t)
{
    return 2 + 3 * t;
}

static double step(double t)
{
    return t < 1 ? 2 : 6;
}

static double slow_sensor(double t)
{
    return 3 + 0.1 * fmod(floor(t / 0.1), 2); /* a new value every 100 ms */
}

static const struct {
    const char *what;
    double (*wave)(double);
    double period, end;  /* of the readings */
    double from, to;     /* of the window, since the readings' start */
    double mean, energy; /* exact */
    double tolerance;
} waves[] = {
    { "flat", flat, 0.01, 2, 0.5, 1.5, 5, 5, 1e-9 },
    { "flat, edges between readings", flat, 0.01, 2, 0.503, 1.497, 5, 4.97,
      1e-9 },
    { "a ramp is exact under a trapezoid", ramp, 0.01, 2, 0.5, 1.5, 5, 5,
      1e-9 },
    { "a ramp with edges between readings", ramp, 0.25, 2, 0.3, 1.7, 5, 7,
      1e-9 },
    { "a window between two readings", ramp, 0.5, 2, 0.6, 0.9, 4.25, 1.275,
      1e-9 },
    { "a step inside, off by half a period at most", step, 0.01, 2, 0.5, 1.5, 4,
      4, 0.03 },
    { "a step at the window's end is not averaged in", step, 0.01, 2, 0.2, 0.98,
      2, 1.56, 1e-9 },
};

static void energy_is_the_integral_over_exactly_the_window(void **state)
{
    static struct trace t;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(waves); i++) {
        struct power_window w = { S_TO_NS(1 + waves[i].from),
                                  S_TO_NS(1 + waves[i].to) };
        struct power_summary s;

        sample(&t, waves[i].wave, waves[i].period, waves[i].end);
        s = power_summarize(t.at, t.len, &w,
                            &(struct power_given){ .period_s = waves[i].period,
                                                   .clock_bound_s = 0 });
        if (fabs(s.mean_w - waves[i].mean) > waves[i].tolerance ||
            fabs(s.energy_j - waves[i].energy) > waves[i].tolerance)
            fail_msg("%s: got %.9g W, %.9g J", waves[i].what, s.mean_w,
                     s.energy_j);
        if (fabs(s.coverage_pct - 100) > 1e-6)
            fail_msg("%s: covers %.9g %%", waves[i].what, s.coverage_pct);
    }
}

static void missed_readings_are_neither_zero_nor_bridged(void **state)
{
    static struct trace t;
    struct power_window w = { S_TO_NS(1), S_TO_NS(3) };
    struct power_summary s;

    (void)state;
    sample(&t, flat, 0.01, 2);
    for (size_t i = 50; i < 60; i++)
        t.at[i].power_w = (double)NAN;
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(fabs(s.mean_w - 5) < 1e-9);
    assert_true(fabs(s.coverage_pct - 94.5) < 0.1);
    assert_int_equal(s.gaps, 10);
    assert_int_equal(s.samples, 191);
    assert_true(fabs(s.energy_j - 10) < 1e-6); /* mean over the window */
    t.len = 150; /* the sampler died: 75 % seen, and no energy is told */
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(s.coverage_pct < 75);
    assert_true(isnan(s.energy_j) && isnan(s.energy_uncertainty_j));
    assert_true(fabs(s.mean_w - 5) < 1e-9);
}

static void a_hole_in_time_is_not_covered(void **state)
{
    static struct trace t;
    struct power_window w = { S_TO_NS(1), S_TO_NS(2) };
    struct power_summary s;

    (void)state;
    t.len = 0;
    for (int i = 0; i <= 100; i++)
        if (i < 40 || i >= 60)
            add(&t, 1 + i * 0.01, 5);
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(fabs(s.coverage_pct - 79) < 0.5);
    assert_int_equal(s.gaps, 1);
    assert_true(isnan(s.energy_j));
}

static void nothing_seen_is_missing(void **state)
{
    static struct trace t;
    struct power_window w = { S_TO_NS(10), S_TO_NS(12) };
    struct power_summary s;

    (void)state;
    sample(&t, flat, 0.01, 2); /* ends before the window starts */
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(isnan(s.mean_w) && isnan(s.energy_j) && isnan(s.median_w));
    assert_int_equal(s.samples, 0);
    s = power_summarize(
        NULL, 0, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(isnan(s.mean_w));
    w.end_ns = w.start_ns; /* an empty window */
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(isnan(s.energy_j));
}

static void the_sensors_own_pace_is_observed(void **state)
{
    static struct trace t;
    struct power_window w = { S_TO_NS(1.2), S_TO_NS(2.8) };
    struct power_summary s;

    (void)state;
    sample(&t, slow_sensor, 0.01, 2);
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(fabs(s.update_interval_s - 0.1) < 0.011);
    sample(&t, flat, 0.01, 2); /* never changes: nobody knows */
    s = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    assert_true(isnan(s.update_interval_s));
}

static double noise(uint64_t *x)
{
    double sum = 0;

    for (int i = 0; i < 12; i++) { /* near enough to normal */
        *x = *x * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(*x >> 11) / 9007199254740992.0;
    }
    return sum - 6;
}

/* White noise on a constant: the stated interval must hold 95 times in a
 * hundred, give or take what chance allows over 1000 cases. */
static void the_interval_covers_what_it_says(void **state)
{
    static struct trace t;
    struct power_window w = { S_TO_NS(1.1), S_TO_NS(2.9) };
    uint64_t x = 4711;
    int held = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct power_summary s;

        sample(&t, flat, 0.02, 2);
        for (size_t k = 0; k < t.len; k++)
            t.at[k].power_w += 0.2 * noise(&x);
        s = power_summarize(
            t.at, t.len, &w,
            &(struct power_given){ .period_s = 0.02, .clock_bound_s = 0 });
        held += fabs(s.energy_j - 9) <= s.energy_uncertainty_j;
    }
    assert_in_range(held, 930, 995);
}

static void an_unsure_clock_widens_the_interval(void **state)
{
    static struct trace t;
    struct power_window w = { S_TO_NS(1.5), S_TO_NS(2.5) };
    struct power_summary sure, unsure;

    (void)state;
    sample(&t, step, 0.01, 2);
    sure = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0 });
    unsure = power_summarize(
        t.at, t.len, &w,
        &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0.05 });
    assert_true(unsure.energy_uncertainty_j > sure.energy_uncertainty_j);
    /* uniform within the bound: 95 % of it, across the step's size */
    assert_true(unsure.energy_uncertainty_j >= 0.94 * 0.05 * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_is_the_integral_over_exactly_the_window),
        cmocka_unit_test(missed_readings_are_neither_zero_nor_bridged),
        cmocka_unit_test(a_hole_in_time_is_not_covered),
        cmocka_unit_test(nothing_seen_is_missing),
        cmocka_unit_test(the_sensors_own_pace_is_observed),
        cmocka_unit_test(the_interval_covers_what_it_says),
        cmocka_unit_test(an_unsure_clock_widens_the_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
