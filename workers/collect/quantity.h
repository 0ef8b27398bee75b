/* quantity.h - numbers with a dimension, alone or as lists
 *
 * Values are in SI; a dimension is a row of exponents, so that expressions
 * can be checked: W is J/s, Hz is 1/s, percent and counts are pure numbers.
 */
#ifndef WORKERS_COLLECT_QUANTITY_H
#define WORKERS_COLLECT_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Exponents of second, joule, ampere, byte, operation and degree Celsius;
 * 'known' is false for what nobody declared: it fits everything. */
struct dimension {
    bool known;
    signed char s, j, a, byte, op, degc;
};

/* The dimension of a unit of core/units.h, and the factor that makes its
 * numbers SI.  Returns 0, ERR_FORMAT for an unknown unit. */
int dimension_of_unit(const char *unit, struct dimension *ret_dimension,
                      double *ret_factor, struct err *err);

/* Whether the two can be added. */
bool dimension_fits(const struct dimension *a, const struct dimension *b);

/* a times b to the power 'sign' (1 or -1). */
struct dimension dimension_times(const struct dimension *a,
                                 const struct dimension *b, int sign);

/* "J s-1", "a pure number", "something undeclared", into 'text' of at least
 * 64 bytes.  Returns 'text'. */
char *dimension_format(const struct dimension *dimension, char *text);

/* A scalar (len 1, is_list false) or a list; NaN is missing.  'at' is owned
 * where the holder says so. */
struct quantity {
    bool is_list;
    size_t len;
    double *at;
    struct dimension dimension;
};

#endif
