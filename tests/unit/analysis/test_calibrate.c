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

static double misfit(const struct calibrate_cell *cells, const double *x)
{
    double total = 0;

    for (size_t i = 0; i < CELLS; i++)
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
        least = misfit(cells, x);
        for (size_t k = 0; k < CALIBRATE_TERMS; k++) {
            for (int sign = -1; sign <= 1; sign += 2) {
                double y[CALIBRATE_TERMS] = { x[0], x[1], x[2], x[3] };

                assert_true(x[k] >= 0);
                y[k] = fmax(0, y[k] + sign * 1e-4);
                assert_true(misfit(cells, y) >= least - 1e-12);
            }
        }
    }
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
    assert_true(misfit(cells, x) < 1e-12);
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
        cmocka_unit_test(terms_that_tell_the_same_are_used_once),
        cmocka_unit_test(cells_without_a_time_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
