/* test_coverage.c - intervals hold what they should as often as they say, and
 * tests are wrong as seldom, by simulation with a fixed generator */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/stats.h"
#include "core/vec.h"

static double uniform(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller 1958. */
static double normal(uint64_t *seed)
{
    double r = sqrt(-2 * log(uniform(seed)));

    return r * cos(2 * acos(-1.0) * uniform(seed));
}

static double successes(uint64_t *seed, double share, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        k += uniform(seed) < share;
    return (double)k;
}

static bool holds(struct stats_interval range, double value)
{
    return range.low <= value && value <= range.high;
}

static void means_of_any_number_of_repeats(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (size_t repeats = 2; repeats <= 10; repeats++) {
        size_t covered = 0, tries = 8000;

        for (size_t i = 0; i < tries; i++) {
            double v[10];

            for (size_t k = 0; k < repeats; k++)
                v[k] = 100 + 7 * normal(&seed);
            covered += holds(stats_mean_interval(v, repeats), 100);
        }
        /* five standard errors of 95 % in 8000 are 1.2 % */
        if (fabs((double)covered / (double)tries - 0.95) > 0.0122)
            fail_msg("%zu repeats: %zu of %zu", repeats, covered, tries);
    }
}

/* Wilson's coverage swings with the share and is 95 % on the average. */
static void accuracies_over_many_shares(void **state)
{
    size_t covered = 0, tries = 12000, images = 300;
    uint64_t seed = 7;

    (void)state;
    for (size_t i = 0; i < tries; i++) {
        double share = 0.9 + 0.095 * uniform(&seed);
        struct stats_interval range = stats_share_interval_pct(
            successes(&seed, share, images), (double)images);

        covered += holds(range, 100 * share);
    }
    if (fabs((double)covered / (double)tries - 0.95) > 0.011)
        fail_msg("%zu of %zu", covered, tries);
}

static void differences_of_accuracies(void **state)
{
    size_t covered = 0, tries = 8000, images = 300;
    uint64_t seed = 11;

    (void)state;
    for (size_t i = 0; i < tries; i++) {
        double a = 0.9 + 0.09 * uniform(&seed), b = a - 0.05 * uniform(&seed);
        struct stats_interval range = stats_share_difference_pct(
            successes(&seed, a, images), (double)images,
            successes(&seed, b, images), (double)images);

        covered += holds(range, 100 * (b - a));
    }
    if (fabs((double)covered / (double)tries - 0.95) > 0.0122)
        fail_msg("%zu of %zu", covered, tries);
}

/* The share of 'tries' in which McNemar's test rejects, where one image in
 * 'n' is right by the first alone with chance 'a', by the second with 'b'. */
static double rejects(double a, double b, size_t n, uint64_t seed)
{
    size_t found = 0, tries = 4000;

    for (size_t i = 0; i < tries; i++) {
        size_t only[2] = { 0 };

        for (size_t k = 0; k < n; k++) {
            double u = uniform(&seed);

            only[0] += u < a;
            only[1] += u >= a && u < a + b;
        }
        found += stats_mcnemar_p(only[0], only[1]) < 0.05;
    }
    return (double)found / (double)tries;
}

static void mcnemar_is_careful_and_sees(void **state)
{
    (void)state;
    /* exact, so at most 5 %; five standard errors are 1.7 % */
    assert_true(rejects(0.03, 0.03, 500, 13) < 0.05 + 0.017);
    assert_true(rejects(0.03, 0.03, 500, 17) > 0.01); /* not blind */
    assert_true(rejects(0.06, 0.02, 500, 19) > 0.8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_of_any_number_of_repeats),
        cmocka_unit_test(accuracies_over_many_shares),
        cmocka_unit_test(differences_of_accuracies),
        cmocka_unit_test(mcnemar_is_careful_and_sees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
