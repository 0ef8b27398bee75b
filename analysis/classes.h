/* classes.h - points that agree in something, each with its members
 *
 * Made by one pass, so that rules over pairs need not look at all pairs.
 */
#ifndef ANALYSIS_CLASSES_H
#define ANALYSIS_CLASSES_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/points.h"
#include "core/err.h"

struct classes {
    size_t count;   /* in order of first member */
    size_t *of;     /* class of each point */
    size_t *start;  /* members of class c: member[start[c]] ... */
    size_t *member; /* ... member[start[c + 1] - 1], in order of points */
};

/* What the points of a class agree in. */
enum classes_kind {
    CLASSES_BY_UNIT,    /* platform and op mode */
    CLASSES_BY_GROUP,   /* all of a group over batches: unit, network,
                         * provenance, model */
    CLASSES_BY_MODEL,   /* one set of coefficients: unit, topology, precision,
                         * provenance, threads, streams */
    CLASSES_BY_OP,      /* one op point on whatever board: group, batch,
                         * threads, streams */
    CLASSES_BY_SETTING, /* what runs at one setting in all precisions: unit,
                         * topology, pruning factor, batch, threads, streams */
    CLASSES_BY_NETWORK, /* one network wherever it runs: topology, images,
                         * precision, pruning factor */
    CLASSES_BY_FIELD,   /* what may compete on a front: provenance, topology,
                         * images */
    CLASSES_BY_HOLDER,  /* who runs the weights of a field: field, unit */
    CLASSES_BY_WEIGHTS, /* what has weights of its own: field, network */
    CLASSES_BY_DIGEST,  /* the weights that ran */
    CLASSES_BY_ANSWERS, /* what they answered to the same images */
    CLASSES_KINDS,
};

/* Whether two points are of one class. */
bool classes_same(enum classes_kind kind, const struct point *p,
                  const struct point *q);

/* Class all points.  O(n).  Returns 0 and classes for classes_free();
 * ERR_NOMEM. */
int classes_create(const struct points *points, enum classes_kind kind,
                   struct classes *ret_classes, struct err *err);
void classes_free(struct classes *classes);

#endif
