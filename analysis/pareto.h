/* pareto.h - points that no other point beats
 *
 * A point beats another if it is at least as good in every metric and
 * better in one.  Points equal in every metric do not beat each other, so
 * ties are all on the front.
 */
#ifndef ANALYSIS_PARETO_H
#define ANALYSIS_PARETO_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define PARETO_METRICS_MAX 3

/* One metric: a value a point, borrowed; NaN is missing. */
struct pareto_metric {
    const double *values;
    bool least; /* less is better */
};

/* Set ret_front[i] for each of 'n' points in 2 or 3 metrics, a front a field
 * ('fields' of all points; NULL: they are of one): points beat only those of
 * their own one.  A point that misses a metric is never on the front.  O(n log n) for two metrics, O(n log
 * n + n f) for three with f points on the front of the last two.
 * Returns 0; ERR_USAGE (number of metrics), ERR_NOMEM. */
int pareto_fronts(const struct pareto_metric *metrics, size_t n_metrics,
                  const size_t *fields, size_t n, bool *ret_front,
                  struct err *err);

#endif
