/* observations.h - every single measurement: which op point, board, when
 *
 * Repeats of cells and sentinels (cells run again to watch for drift), one
 * by one; what means over repeats no longer tell.
 */
#ifndef ANALYSIS_OBSERVATIONS_H
#define ANALYSIS_OBSERVATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/points.h"
#include "core/err.h"

struct observation {
    size_t op;         /* the same op point has the same number */
    size_t point;      /* place in points */
    const char *board; /* borrowed from the dataset; "": not said */
    double t_s;        /* start, since the first one's; NaN: not said */
    double fps;        /* images/s, compute only, else system */
    bool sentinel;
};

struct observations {
    struct observation *at; /* by op */
    size_t len, cap;
    size_t ops;
};

/* All measurements behind 'points', those without a throughput left out.
 * Returns 0 and observations for observations_free(); ERR_NOMEM. */
int observations_create(const struct points *points,
                        struct observations *ret_observations, struct err *err);
void observations_free(struct observations *observations);

#endif
