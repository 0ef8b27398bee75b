/* test_pareto.c - fronts against brute force, ties and missing values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/pareto.h"
#include "core/vec.h"

#define POINTS 60

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

static bool beaten(const struct pareto_metric *m, size_t n_metrics, size_t n,
                   size_t i)
{
    for (size_t j = 0; j < n; j++) {
        bool all = true, one = false;

        for (size_t k = 0; k < n_metrics; k++) {
            double a = m[k].values[j], b = m[k].values[i];

            all = all && (m[k].least ? a <= b : a >= b);
            one = one || (m[k].least ? a < b : a > b);
        }
        if (all && one)
            return true;
    }
    return false;
}

static bool missing(const struct pareto_metric *m, size_t n_metrics, size_t i)
{
    for (size_t k = 0; k < n_metrics; k++)
        if (isnan(m[k].values[i]))
            return true;
    return false;
}

static void fronts_equal_brute_force(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (size_t round = 0; round < 4000; round++) {
        double v[3][POINTS];
        bool front[POINTS];
        size_t n = next(&seed) % POINTS, n_metrics = 2 + next(&seed) % 2;
        uint32_t span = 1 + next(&seed) % 30; /* small spans make ties */
        struct pareto_metric m[3];

        for (size_t k = 0; k < 3; k++) {
            m[k] = (struct pareto_metric){ v[k], next(&seed) % 2 };
            for (size_t i = 0; i < n; i++)
                v[k][i] = next(&seed) % 25 ? next(&seed) % span : (double)NAN;
        }
        assert_int_equal(pareto_fronts(m, n_metrics, NULL, n, front, NULL), 0);
        for (size_t i = 0; i < n; i++) {
            bool want =
                !missing(m, n_metrics, i) && !beaten(m, n_metrics, n, i);

            if (front[i] != want)
                fail_msg("round %zu, point %zu of %zu in %zu metrics", round, i,
                         n, n_metrics);
        }
    }
}

/* Fields do not see each other: each has the front it has by itself. */
static void fronts_of_fields_are_their_own(void **state)
{
    uint32_t seed = 9;

    (void)state;
    for (size_t round = 0; round < 1000; round++) {
        double v[2][POINTS], one[2][POINTS];
        bool all[POINTS], front[POINTS];
        size_t n = next(&seed) % POINTS, field[POINTS];
        struct pareto_metric m[] = { { v[0], false }, { v[1], true } };
        struct pareto_metric mine[] = { { one[0], false }, { one[1], true } };

        for (size_t i = 0; i < n; i++) {
            field[i] = next(&seed) % 4;
            for (size_t k = 0; k < 2; k++)
                v[k][i] = next(&seed) % 20;
        }
        assert_int_equal(pareto_fronts(m, 2, field, n, all, NULL), 0);
        for (size_t f = 0; f < 4; f++) {
            for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < 2; k++)
                    one[k][i] = field[i] == f ? v[k][i] : (double)NAN;
            assert_int_equal(pareto_fronts(mine, 2, NULL, n, front, NULL), 0);
            for (size_t i = 0; i < n; i++)
                if (field[i] == f && front[i] != all[i])
                    fail_msg("round %zu, field %zu, point %zu", round, f, i);
        }
    }
}

static void ties_are_all_listed(void **state)
{
    const double x[] = { 1, 2, 2, 0.0, -0.0 }, y[] = { 3, 1, 1, 4, 4 };
    struct pareto_metric m[] = { { x, false }, { y, false } };
    bool front[5];

    (void)state;
    assert_int_equal(pareto_fronts(m, 2, NULL, 5, front, NULL), 0);
    for (size_t i = 0; i < 5; i++)
        assert_true(front[i]);
}

static void only_two_or_three_metrics_make_a_front(void **state)
{
    const double x[] = { 1 };
    struct pareto_metric m[] = { { x, false } };
    bool front[1];
    struct err err;

    (void)state;
    assert_int_equal(pareto_fronts(m, 1, NULL, 1, front, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "2 or 3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fronts_equal_brute_force),
        cmocka_unit_test(fronts_of_fields_are_their_own),
        cmocka_unit_test(ties_are_all_listed),
        cmocka_unit_test(only_two_or_three_metrics_make_a_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
