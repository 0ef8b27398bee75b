/* compare.h - is B slower than A by more than the noise?
 *
 * Op points of two archives are joined by the id of any cell they share.  A
 * difference has an interval only where both sides have repeats.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/points.h"
#include "core/err.h"

enum compare_verdict {
    COMPARE_SAME, /* both known, the interval holds zero */
    COMPARE_FASTER,
    COMPARE_SLOWER,
    COMPARE_UNDECIDABLE, /* one throughput or none on a side: no interval */
    COMPARE_NEW,         /* only B has it */
    COMPARE_GONE,        /* only A has it */
};

struct comparison {
    const struct point *a, *b; /* NULL: that side lacks it */
    double change_pct;         /* of throughput, B against A */
    double half_pct;           /* half the 95 % interval; NaN: none */
    double top1_change_pct;    /* percent points; NaN if a side lacks it */
    struct stats_interval top1_range; /* 95 %, of that; NaN: not known */
    double mcnemar_p; /* of the predictions; NaN: a side has none */
    enum compare_verdict accuracy; /* SLOWER: fell, FASTER: rose */
    enum compare_verdict verdict;
};

struct comparisons {
    struct comparison *at;
    size_t len;
    size_t counts[COMPARE_GONE + 1]; /* by verdict */
    size_t accuracy_fell;            /* by more than the interval */
};

/* An accuracy fell or rose where Newcombe's interval of the difference says
 * so, or McNemar's test of the predictions (p below 0.05).  Which answers are
 * right is not kept, so that the test takes every image on which the two
 * differ as one that just one of them had right: its p is the largest that
 * is possible, so what it finds is there.
 *
 * Compare throughput in 'scope'.  The interval of the ratio of means follows
 * from both standard errors (delta method), with Welch's degrees of freedom
 * (Welch 1947).  A's order, then what only B has.  Both must outlive the
 * result.  Returns 0 and comparisons for compare_free(); ERR_USAGE if
 * a point is emulated on one side and not on the other; ERR_NOMEM. */
int compare_points(const struct points *a, const struct points *b,
                   enum scope_kind scope, struct comparisons *ret_comparisons,
                   struct err *err);
void compare_free(struct comparisons *comparisons);

/* Whether B is worse than A: something is slower, or less accurate. */
bool compare_regressed(const struct comparisons *comparisons);

/* "same", "faster", "slower", "not decidable", "new", "gone". */
const char *compare_verdict_word(enum compare_verdict verdict);

#endif
