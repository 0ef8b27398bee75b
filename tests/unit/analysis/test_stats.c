/* test_stats.c - order statistics and intervals against known values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/stats.h"
#include "core/vec.h"

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 1e-9)

static void quantiles_interpolate_linearly(void **state)
{
    /* the same as numpy.quantile([1, 2, 3, 4, 10], p) */
    const double v[] = { 1, 2, 3, 4, 10 };

    (void)state;
    NEAR(stats_quantile(v, 5, 0), 1);
    NEAR(stats_quantile(v, 5, 0.25), 2);
    NEAR(stats_quantile(v, 5, 0.9), 7.6);
    NEAR(stats_quantile(v, 5, 1), 10);
    NEAR(stats_quantile(v, 4, 0.5), 2.5);
    NEAR(stats_quantile(v, 1, 0.99), 1);
    assert_true(isnan(stats_quantile(v, 0, 0.5)));
}

static void spread_needs_two_values(void **state)
{
    const double v[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

    (void)state;
    NEAR(stats_mean(v, 8), 5);
    NEAR(stats_sd(v, 8), sqrt(32.0 / 7));
    assert_true(isnan(stats_sd(v, 1)));
    assert_true(isnan(stats_mean(v, 0)));
    assert_true(isnan(stats_mean_interval(v, 1).low));
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Boxes by selection are those of sorted values: ties, runs, both ends. */
static void boxes_equal_those_of_sorted_values(void **state)
{
    static const double parts[] = { 0, 0.25, 0.5, 0.75, 1 };
    uint32_t seed = 1;

    (void)state;
    for (size_t round = 0; round < 3000; round++) {
        double v[200], sorted[200], reach;
        size_t n = 1 + round % ARRAY_LEN(v), shape = round % 5, outliers = 0;
        struct stats_box box;

        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            v[i] = shape == 0   ? (double)i
                   : shape == 1 ? -(double)i
                   : shape == 2 ? (double)(seed >> 30)
                   : shape == 3 ? (double)(i % 3)
                                : tan((double)(seed >> 8) / 5e6);
        }
        memcpy(sorted, v, n * sizeof(v[0]));
        qsort(sorted, n, sizeof(sorted[0]), rising);
        assert_int_equal(stats_box(v, n, &box, NULL), 0);
        for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
            const double of_box[] = { box.min, box.q1, box.median, box.q3,
                                      box.max };

            if (of_box[p] != stats_quantile(sorted, n, parts[p]))
                fail_msg("round %zu, %zu values: quartile %zu", round, n, p);
        }
        reach = 1.5 * (box.q3 - box.q1);
        for (size_t i = 0; i < n; i++)
            outliers +=
                sorted[i] < box.q1 - reach || sorted[i] > box.q3 + reach;
        assert_int_equal(box.outliers, outliers);
        assert_true(box.low >= box.q1 - reach && box.high <= box.q3 + reach);
    }
}

static void boxes_are_tukeys(void **state)
{
    const double v[] = { 100, 1, 2, (double)NAN, 3, 4, 5, 6, 7, 8 };
    struct stats_box box;

    (void)state;
    assert_int_equal(stats_box(v, ARRAY_LEN(v), &box, NULL), 0);
    assert_int_equal(box.n, 9);
    NEAR(box.q1, 3);
    NEAR(box.median, 5);
    NEAR(box.q3, 7);
    NEAR(box.low, 1);
    NEAR(box.high, 8);
    NEAR(box.max, 100);
    assert_int_equal(box.outliers, 1);
    assert_int_equal(stats_box(NULL, 0, &box, NULL), 0);
    assert_int_equal(box.n, 0);
    assert_true(isnan(box.median));
}

static void student_matches_the_tables(void **state)
{
    static const struct {
        size_t df;
        double t;
    } rows[] = { { 1, 12.706204736 }, { 2, 4.302652730 }, { 3, 3.182446305 },
                 { 4, 2.776445105 },  { 9, 2.262157163 }, { 29, 2.045229642 },
                 { 100, 1.983971519 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (fabs(stats_t95(rows[i].df) - rows[i].t) > 2e-4 * rows[i].t)
            fail_msg("t95(%zu) is %.9f, want %.9f", rows[i].df,
                     stats_t95(rows[i].df), rows[i].t);
    assert_true(isnan(stats_t95(0)));
}

/* Box and Muller 1958 over a fixed generator. */
static double normal(uint64_t *seed)
{
    double u[2];

    for (size_t i = 0; i < 2; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        u[i] = ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
    }
    return sqrt(-2 * log(u[0])) * cos(2 * acos(-1.0) * u[1]);
}

static void intervals_cover_as_often_as_they_say(void **state)
{
    uint64_t seed = 1;
    size_t covered = 0, tries = 20000;

    (void)state;
    for (size_t i = 0; i < tries; i++) {
        double v[4];
        struct stats_interval range;

        for (size_t k = 0; k < ARRAY_LEN(v); k++)
            v[k] = 3 + 2 * normal(&seed);
        range = stats_mean_interval(v, ARRAY_LEN(v));
        covered += range.low <= 3 && 3 <= range.high;
    }
    /* five standard errors of 95 % in 20000 are 0.77 % */
    assert_true(fabs((double)covered / (double)tries - 0.95) < 0.0077);
}

static void shares_and_paired_errors_have_known_intervals(void **state)
{
    struct stats_interval wilson = stats_share_interval_pct(9886, 10000);
    struct stats_interval apart;

    (void)state;
    assert_true(fabs(wilson.low - 98.6322) < 1e-3);
    assert_true(fabs(wilson.high - 99.0503) < 1e-3);
    assert_true(isnan(stats_share_interval_pct(0, 0).low));
    /* Newcombe 1998, table II, method 10: 56 of 70 less 48 of 80 */
    apart = stats_share_difference_pct(48, 80, 56, 70);
    assert_true(fabs(apart.low - 5.24) < 0.01);
    assert_true(fabs(apart.high - 33.39) < 0.01);
    assert_true(isnan(stats_share_difference_pct(1, 0, 1, 1).low));
    /* R: binom.test(5, 20)$p.value = 0.04138947 */
    assert_true(fabs(stats_mcnemar_p(5, 15) - 0.04138947) < 1e-7);
    NEAR(stats_mcnemar_p(10, 10), 1);
    NEAR(stats_mcnemar_p(0, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_interpolate_linearly),
        cmocka_unit_test(spread_needs_two_values),
        cmocka_unit_test(boxes_are_tukeys),
        cmocka_unit_test(boxes_equal_those_of_sorted_values),
        cmocka_unit_test(student_matches_the_tables),
        cmocka_unit_test(intervals_cover_as_often_as_they_say),
        cmocka_unit_test(shares_and_paired_errors_have_known_intervals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
