/* test_calibrate.c - fits that are exact, never negative, and the best */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "analysis/calibrate.h"
#include "core/vec.h"

#define CELLS 8

static double unit(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static double misfit(const struct calibrate_cell *cells, size_t n,
                     const double *x)
{
    double total = 0;

    for (size_t i = 0; i < n; i++)
        total +=
            pow(calibrate_seconds(x, cells[i].term) / cells[i].seconds - 1, 2);
    return total;
}

static void true_coefficients_come_back(void **state)
{
    const double truth[CALIBRATE_TERMS] = { 1e-3, 2e-6, 0, 3 };
    struct calibrate_cell cells[CELLS];
    uint64_t seed = 3;
    double x[CALIBRATE_TERMS];

    (void)state;
    for (size_t i = 0; i < CELLS; i++) {
        cells[i].term[0] = 1;
        for (size_t k = 1; k < CALIBRATE_TERMS; k++)
            cells[i].term[k] = (k == 1 ? 100 : 1e-3) * unit(&seed);
        cells[i].seconds = calibrate_seconds(truth, cells[i].term);
    }
    assert_int_equal(calibrate_fit(cells, CELLS, x, NULL), 0);
    for (size_t k = 0; k < CALIBRATE_TERMS; k++)
        assert_true(fabs(x[k] - truth[k]) <= 1e-7 * (truth[k] + 1e-3));
}

/* The optimum of a convex problem has no better neighbour. */
static void no_step_improves_the_fit(void **state)
{
    uint64_t seed = 11;

    (void)state;
    for (size_t round = 0; round < 500; round++) {
        struct calibrate_cell cells[CELLS];
        double x[CALIBRATE_TERMS], least;

        for (size_t i = 0; i < CELLS; i++) {
            for (size_t k = 0; k < CALIBRATE_TERMS; k++)
                cells[i].term[k] = unit(&seed);
            cells[i].seconds = 0.1 + unit(&seed);
        }
        assert_int_equal(calibrate_fit(cells, CELLS, x, NULL), 0);
        least = misfit(cells, CELLS, x);
        for (size_t k = 0; k < CALIBRATE_TERMS; k++) {
            for (int sign = -1; sign <= 1; sign += 2) {
                double y[CALIBRATE_TERMS] = { x[0], x[1], x[2], x[3] };

                assert_true(x[k] >= 0);
                y[k] = fmax(0, y[k] + sign * 1e-4);
                assert_true(misfit(cells, CELLS, y) >= least - 1e-12);
            }
        }
    }
}

/* Least squares over the terms of 'set' alone, by orthogonalisation: another
 * way than the normal equations of calibrate.c.  False if a coefficient is
 * negative, or the terms are not independent. */
static bool solve_set(const struct calibrate_cell *cells, size_t n,
                      unsigned set, double *x)
{
    long double q[CALIBRATE_TERMS][CELLS], r[CALIBRATE_TERMS][CALIBRATE_TERMS];
    long double right[CALIBRATE_TERMS];
    size_t at[CALIBRATE_TERMS], m = 0;

    for (size_t k = 0; k < CALIBRATE_TERMS; k++)
        if (set & (1U << k))
            at[m++] = k;
    for (size_t k = 0; k < m; k++) {
        long double length = 0, first = 0;

        for (size_t i = 0; i < n; i++) {
            q[k][i] = (long double)cells[i].term[at[k]] / cells[i].seconds;
            first += q[k][i] * q[k][i];
        }
        for (size_t j = 0; j < k; j++) { /* modified Gram-Schmidt */
            r[j][k] = 0;
            for (size_t i = 0; i < n; i++)
                r[j][k] += q[j][i] * q[k][i];
            for (size_t i = 0; i < n; i++)
                q[k][i] -= r[j][k] * q[j][i];
        }
        for (size_t i = 0; i < n; i++)
            length += q[k][i] * q[k][i];
        if (!(length > 1e-10L * first))
            return false;
        r[k][k] = sqrtl(length);
        right[k] = 0;
        for (size_t i = 0; i < n; i++) {
            q[k][i] /= r[k][k];
            right[k] += q[k][i]; /* every row's goal is 1 */
        }
    }
    for (size_t k = m; k-- > 0;) {
        for (size_t j = k + 1; j < m; j++)
            right[k] -= r[k][j] * right[j];
        right[k] /= r[k][k];
        x[at[k]] = (double)right[k];
        if (right[k] < 0)
            return false;
    }
    return true;
}

/* Four corners {small, large} network x {small, large} batch, or any cells:
 * of coefficients of which some are 0, with noise. */
static size_t cells_make(uint64_t *seed, size_t round,
                         struct calibrate_cell *cells)
{
    bool corners = round % 2;
    size_t n = corners ? 4 : 1 + (size_t)(unit(seed) * CELLS);
    unsigned active = 1 + (unsigned)(round / 2 % 15);
    double noise = round % 3 ? 0.2 : 0, truth[CALIBRATE_TERMS];

    for (size_t k = 0; k < CALIBRATE_TERMS; k++)
        truth[k] = active & (1U << k) ? 0.2 + unit(seed) : 0;
    for (size_t i = 0; i < n; i++) {
        double bytes = (i & 1 ? 30 : 1) * (1 + 0.1 * unit(seed));
        double batch = (i & 2 ? 128 : 1) * (corners ? 1 : 1 + unit(seed));

        cells[i] = (struct calibrate_cell){
            { 1, batch / 10, bytes + batch / 20, batch * bytes / 40 }, 0
        };
        cells[i].seconds = calibrate_seconds(truth, cells[i].term) *
                           (1 + noise * (unit(seed) - 0.5));
    }
    return n;
}

static void no_set_of_terms_fits_better(void **state)
{
    size_t won[1U << CALIBRATE_TERMS] = { 0 };
    uint64_t seed = 5;

    (void)state;
    for (size_t round = 0; round < 3000; round++) {
        struct calibrate_cell cells[CELLS];
        size_t n = cells_make(&seed, round, cells);
        double x[CALIBRATE_TERMS], least, best = (double)INFINITY;
        unsigned mine = 0;

        assert_int_equal(calibrate_fit(cells, n, x, NULL), 0);
        least = misfit(cells, n, x);
        for (unsigned set = 1; set < 1U << CALIBRATE_TERMS; set++) {
            double y[CALIBRATE_TERMS] = { 0 };

            if (solve_set(cells, n, set, y))
                best = fmin(best, misfit(cells, n, y));
        }
        if (!(fabs(least - best) <= 1e-9 * (1 + best)))
            fail_msg("round %zu, %zu cells: %.17g, the best set has %.17g",
                     round, n, least, best);
        for (size_t k = 0; k < CALIBRATE_TERMS; k++) {
            assert_true(x[k] >= 0);
            mine |= x[k] > 0 ? 1U << k : 0;
        }
        won[mine]++;
    }
    for (unsigned set = 1; set < 1U << CALIBRATE_TERMS; set++)
        if (!won[set])
            fail_msg("terms %x never were the best: a weak test", set);
}

static void terms_that_tell_the_same_are_used_once(void **state)
{
    struct calibrate_cell cells[CELLS];
    double x[CALIBRATE_TERMS];

    (void)state;
    for (size_t i = 0; i < CELLS; i++) {
        double b = (double)(1 + i);

        cells[i] = (struct calibrate_cell){ { 0, b, 5 * b, 7 * b }, 35 * b };
    }
    assert_int_equal(calibrate_fit(cells, CELLS, x, NULL), 0);
    assert_true(misfit(cells, CELLS, x) < 1e-12);
    assert_true((x[1] > 0) + (x[2] > 0) + (x[3] > 0) == 1);
}

static void cells_without_a_time_are_refused(void **state)
{
    struct calibrate_cell cell = { { 1, 1, 1, 1 }, 0 };
    double x[CALIBRATE_TERMS];

    (void)state;
    assert_int_equal(calibrate_fit(&cell, 1, x, NULL), ERR_USAGE);
    assert_int_equal(calibrate_fit(&cell, 0, x, NULL), ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(true_coefficients_come_back),
        cmocka_unit_test(no_step_improves_the_fit),
        cmocka_unit_test(no_set_of_terms_fits_better),
        cmocka_unit_test(terms_that_tell_the_same_are_used_once),
        cmocka_unit_test(cells_without_a_time_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
