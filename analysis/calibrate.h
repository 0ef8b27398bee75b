/* calibrate.h - time models fitted to a few measured cells (model M2)
 *
 * A time is a sum of at most four terms with coefficients that cannot be
 * negative: a constant, one an image, one a byte moved, one an operation.
 */
#ifndef ANALYSIS_CALIBRATE_H
#define ANALYSIS_CALIBRATE_H

#include <stddef.h>

#include "core/err.h"

#define CALIBRATE_TERMS 4

/* One measured cell: what each coefficient is multiplied by, and the seconds
 * that came out. */
struct calibrate_cell {
    double term[CALIBRATE_TERMS];
    double seconds;
};

/* Coefficients >= 0 that minimise the sum of (predicted / seconds - 1)^2.
 * Exact: all 15 sets of active terms are solved by normal equations, the
 * best one without a negative coefficient is taken (Lawson and Hanson 1974,
 * chapter 23, by enumeration).  Terms that are 0 in every cell get 0.
 * Returns 0; ERR_USAGE if there is no cell, or one without positive
 * seconds. */
int calibrate_fit(const struct calibrate_cell *cells, size_t n,
                  double ret_coefficients[CALIBRATE_TERMS], struct err *err);

/* The sum of the terms. */
double calibrate_seconds(const double coefficients[CALIBRATE_TERMS],
                         const double term[CALIBRATE_TERMS]);

#endif
