/* causes.h - why the roofline's prediction fails on a platform, by rules
 *
 * A cause is named only where its rule fired, with the numbers that made it
 * fire; what no rule explains is not explained.
 */
#ifndef ANALYSIS_CAUSES_H
#define ANALYSIS_CAUSES_H

#include <stddef.h>

#include "analysis/classes.h"
#include "analysis/estimate.h"
#include "analysis/facts.h"
#include "analysis/points.h"

/* What 'least' and 'most' are, over the groups for which the rule fired. */
enum cause_kind {
    CAUSE_PINNED, /* weights stay on the chip and fit: their bytes */
    CAUSE_CACHED, /* weights fit in a measured cache: its rate over memory's */
    CAUSE_REUSE,  /* weights read once a batch: times what memory delivers */
    CAUSE_OVERHEAD,   /* share of a fixed cost a batch in the smallest batch */
    CAUSE_ABOVE_PEAK, /* operations a second over peak: counts are wrong */
    CAUSES,
};

struct cause {
    size_t groups; /* for which the rule fired; 0: it did not */
    double least, most;
};

/* Within this factor of the prediction nothing wants a cause. */
#define CAUSES_CLOSE 1.25

/* Why one platform and op mode is off its prediction. */
struct causes {
    size_t groups;            /* with a prediction */
    double low_pct, high_pct; /* measured of predicted, best batches */
    double overhead_s;        /* largest fixed cost a batch, where it fired */
    size_t unexplained; /* groups off by CAUSES_CLOSE that no rule explains */
    struct cause at[CAUSES];
};

/* Look at the 'groups' (CLASSES_BY_GROUP) that lie in class 'unit' of
 * 'units' (CLASSES_BY_UNIT), with estimates of the compute scope, a row a
 * point.  Rules:
 *   pinned:     the engine pins weights, they fit, faster than predicted
 *   cached:     read faster than memory, from a measured level they fit in
 *   reuse:      faster than reading weights once an image allows, at a batch
 *               above 1, and twice as fast as at the smallest batch
 *   overhead:   the calibrated constant is half of the smallest batch's time
 *               or more, which is slower than predicted
 *   above peak: more operations a second than the peak */
void causes_find(const struct points *points, const struct estimate *estimates,
                 const struct facts *facts, const struct classes *units,
                 const struct classes *groups, size_t unit,
                 struct causes *ret_causes);

#endif
