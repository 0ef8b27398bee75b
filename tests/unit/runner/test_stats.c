/* test_stats.c - percentiles and their bounds against known values */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runner/stats.h"

static void close_to(double got, double want)
{
    if (!(fabs(got - want) < 1e-15))
        fail_msg("%.12g for %.12g", got, want);
}

/* The smallest counts at which a percentile may be stated, as published for
 * the early-stopping rule. */
static void bounds_need_the_known_counts(void **state)
{
    static const struct {
        double p;
        size_t least;
    } rows[] = { { 0.5, 11 }, { 0.9, 64 }, { 0.95, 130 }, { 0.99, 662 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(stats_outliers(rows[i].least - 1, rows[i].p), 0);
        assert_int_equal(stats_outliers(rows[i].least, rows[i].p), 1);
    }
    assert_int_equal(stats_outliers(0, 0.9), 0);
}

/* P(Binomial(n, q) <= t) by its recurrence, no logarithms. */
static double chance(size_t n, double q, size_t t)
{
    double pmf = pow(1 - q, (double)n), sum = pmf;

    for (size_t k = 0; k < t; k++) {
        pmf *= (double)(n - k) / (double)(k + 1) * q / (1 - q);
        sum += pmf;
    }
    return sum;
}

static void outliers_are_the_largest_allowed(void **state)
{
    (void)state;
    for (size_t n = 64; n < 3000; n += 97) {
        size_t t = stats_outliers(n, 0.9);

        assert_true(t > 0);
        assert_true(chance(n, 0.1, t) <= 0.01);
        assert_true(chance(n, 0.1, t + 1) > 0.01);
    }
}

static void percentiles_are_nearest_rank(void **state)
{
    struct stats_summary sum;
    struct stats s;

    (void)state;
    assert_int_equal(stats_open(&s, NULL), 0);
    for (int64_t i = 1000; i >= 1; i--)
        stats_add(&s, i * 1000);
    assert_int_equal(stats_summary(&s, &sum, NULL), 0);
    close_to(sum.min_s, 1e-6);
    close_to(sum.max_s, 1e-3);
    close_to(sum.mean_s, 500.5e-6);
    close_to(sum.p50_s, 500e-6);
    close_to(sum.p90_s, 900e-6);
    close_to(sum.p99_s, 990e-6);
    close_to(sum.p90_bound_s,
             (double)(1000 - stats_outliers(1000, 0.9) + 1) * 1e-6);
    assert_true(sum.p99_bound_s >= sum.p99_s);
    stats_clear(&s);
}

static void too_few_samples_say_nothing(void **state)
{
    struct stats_summary sum;
    struct stats s;

    (void)state;
    assert_int_equal(stats_open(&s, NULL), 0);
    assert_int_equal(stats_summary(&s, &sum, NULL), 0);
    assert_true(isnan(sum.mean_s) && isnan(sum.p50_s));
    for (int i = 0; i < 63; i++)
        stats_add(&s, 5000);
    assert_int_equal(stats_summary(&s, &sum, NULL), 0);
    close_to(sum.p50_s, 5e-6);
    close_to(sum.p90_s, 5e-6);
    assert_true(isnan(sum.p99_s));
    assert_true(isnan(sum.p90_bound_s) && isnan(sum.p99_bound_s));
    stats_add(&s, 5000);
    assert_int_equal(stats_summary(&s, &sum, NULL), 0);
    close_to(sum.p90_bound_s, 5e-6);
    stats_clear(&s);
}

static void a_long_run_is_thinned_evenly(void **state)
{
    struct stats_summary sum;
    struct stats s;
    int64_t count = 3 * STATS_KEPT + 17;

    (void)state;
    assert_int_equal(stats_open(&s, NULL), 0);
    for (int64_t i = 0; i < count; i++)
        stats_add(&s, i);
    assert_int_equal(s.count, count);
    assert_int_equal(s.stride, 4);
    for (size_t i = 0; i < s.kept; i++)
        assert_int_equal(s.kept_ns[i], 4 * i);
    assert_int_equal(s.kept, (count + 3) / 4);
    assert_int_equal(stats_summary(&s, &sum, NULL), 0);
    close_to(sum.max_s, (double)(count - 1) * 1e-9);
    assert_true(s.sum_ns == count * (count - 1) / 2);
    stats_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_need_the_known_counts),
        cmocka_unit_test(outliers_are_the_largest_allowed),
        cmocka_unit_test(percentiles_are_nearest_rank),
        cmocka_unit_test(too_few_samples_say_nothing),
        cmocka_unit_test(a_long_run_is_thinned_evenly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
