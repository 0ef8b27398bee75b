/* classes.h - points that agree in something, each with its members
 *
 * Made by one sort, so that rules over pairs need not look at all pairs.
 */
#ifndef ANALYSIS_CLASSES_H
#define ANALYSIS_CLASSES_H

#include <stddef.h>

#include "analysis/points.h"
#include "core/err.h"

struct classes {
    size_t count;   /* in order of first member */
    size_t *of;     /* class of each point */
    size_t *start;  /* members of class c: member[start[c]] ... */
    size_t *member; /* ... member[start[c + 1] - 1], in order of points */
};

/* Orders two points by what their class is made of; 0 is the same. */
typedef int (*classes_order_f)(const struct point *p, const struct point *q);

/* Platform and op mode. */
int classes_by_unit(const struct point *p, const struct point *q);
/* All of a group over batches: unit, topology, images, precision, pruning
 * factor, provenance, model. */
int classes_by_group(const struct point *p, const struct point *q);
/* One set of coefficients: unit, topology, precision, provenance, threads,
 * streams. */
int classes_by_model(const struct point *p, const struct point *q);
/* One op point on whatever board: group, batch, threads, streams. */
int classes_by_op(const struct point *p, const struct point *q);
/* What runs at one setting in all precisions: unit, topology, pruning
 * factor, batch, threads, streams. */
int classes_by_setting(const struct point *p, const struct point *q);
/* One network wherever it runs: topology, images, precision, pruning
 * factor. */
int classes_by_network(const struct point *p, const struct point *q);

/* Class all points by 'order'.  O(n log n).  Returns 0 and classes for
 * classes_free(); ERR_NOMEM. */
int classes_create(const struct points *points, classes_order_f order,
                   struct classes *ret_classes, struct err *err);
void classes_free(struct classes *classes);

#endif
