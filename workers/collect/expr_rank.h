/* expr_rank.h - median and percentiles of a list, for expressions */
#ifndef WORKERS_COLLECT_EXPR_RANK_H
#define WORKERS_COLLECT_EXPR_RANK_H

#include <stddef.h>

/* Sort 'values' and take the value at 'percent': for 50 the median (the mean
 * of the middle two), else by nearest rank.  NaN if one of them is, if there
 * are none, or too few for one of them to lie above: 10 for 90 percent, 100
 * for 99. */
double expr_rank(double *values, size_t len, int percent);

#endif
