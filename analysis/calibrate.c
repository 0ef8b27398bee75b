/* calibrate.c - non-negative least squares in four unknowns, by hand */
#include "analysis/calibrate.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Normal equations in scaled unknowns: every column has length one, so that
 * a pivot says how far the terms are from telling the same. */
struct normal {
    double matrix[CALIBRATE_TERMS][CALIBRATE_TERMS];
    double right[CALIBRATE_TERMS];
    double scale[CALIBRATE_TERMS];
};

static void normal_make(const struct calibrate_cell *cells, size_t n,
                        struct normal *normal)
{
    memset(normal, 0, sizeof(*normal));
    for (size_t k = 0; k < CALIBRATE_TERMS; k++) {
        for (size_t i = 0; i < n; i++)
            normal->scale[k] += pow(cells[i].term[k] / cells[i].seconds, 2);
        normal->scale[k] = sqrt(normal->scale[k]);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < CALIBRATE_TERMS; k++) {
            double x = cells[i].term[k] / cells[i].seconds / normal->scale[k];

            if (!(normal->scale[k] > 0))
                continue;
            normal->right[k] += x;
            for (size_t m = 0; m < CALIBRATE_TERMS; m++)
                if (normal->scale[m] > 0)
                    normal->matrix[k][m] += x * cells[i].term[m] /
                                            cells[i].seconds / normal->scale[m];
        }
    }
}

/* Solve for the terms of 'set' by Cholesky; false if they are not
 * independent. */
static bool solve(const struct normal *normal, unsigned set, double *x)
{
    double l[CALIBRATE_TERMS][CALIBRATE_TERMS], y[CALIBRATE_TERMS];
    size_t at[CALIBRATE_TERMS], n = 0;

    for (size_t k = 0; k < CALIBRATE_TERMS; k++)
        if (set & (1U << k))
            at[n++] = k;
    for (size_t i = 0; i < n; i++) {
        y[i] = normal->right[at[i]];
        for (size_t j = 0; j <= i; j++) {
            double rest = normal->matrix[at[i]][at[j]];

            for (size_t k = 0; k < j; k++)
                rest -= l[i][k] * l[j][k];
            if (i == j && !(rest > 1e-10))
                return false;
            l[i][j] = i == j ? sqrt(rest) : rest / l[j][j];
        }
        for (size_t k = 0; k < i; k++)
            y[i] -= l[i][k] * y[k];
        y[i] /= l[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            y[i] -= l[k][i] * y[k];
        y[i] /= l[i][i];
        x[at[i]] = y[i] / normal->scale[at[i]];
    }
    return true;
}

static double residual(const struct calibrate_cell *cells, size_t n,
                       const double *x)
{
    double total = 0;

    for (size_t i = 0; i < n; i++)
        total +=
            pow(calibrate_seconds(x, cells[i].term) / cells[i].seconds - 1, 2);
    return total;
}

double calibrate_seconds(const double coefficients[CALIBRATE_TERMS],
                         const double term[CALIBRATE_TERMS])
{
    double seconds = 0;

    for (size_t k = 0; k < CALIBRATE_TERMS; k++)
        seconds += coefficients[k] * term[k];
    return seconds;
}

int calibrate_fit(const struct calibrate_cell *cells, size_t n,
                  double ret_coefficients[CALIBRATE_TERMS], struct err *err)
{
    struct normal normal;
    double best = (double)INFINITY;

    for (size_t i = 0; i < n; i++)
        if (!(cells[i].seconds > 0))
            return err_set(err, ERR_USAGE,
                           "cell %zu of a calibration has no time", i);
    if (!n)
        return err_set(err, ERR_USAGE, "a calibration needs measured cells");
    normal_make(cells, n, &normal);
    memset(ret_coefficients, 0, CALIBRATE_TERMS * sizeof(double));
    for (unsigned set = 1; set < 1U << CALIBRATE_TERMS; set++) {
        double x[CALIBRATE_TERMS] = { 0 }, misfit;
        bool fits = solve(&normal, set, x);

        for (size_t k = 0; k < CALIBRATE_TERMS; k++)
            fits = fits && x[k] >= 0;
        misfit = fits ? residual(cells, n, x) : (double)INFINITY;
        if (misfit < best) {
            best = misfit;
            memcpy(ret_coefficients, x, sizeof(x));
        }
    }
    return 0;
}
