/* declared.h - accuracies that somebody vouches for, with their source
 *
 *     "declared_accuracy": [ { "where": { "topology": "MLP", "precision":
 *         "INT8" }, "top1_pct": 98.2, "source": "training log of 2024-03" } ]
 *
 * of an experiment, an adapter or a board: an answer where none is made.
 */
#ifndef EXPERIMENTS_DECLARED_H
#define EXPERIMENTS_DECLARED_H

#include "core/err.h"
#include "core/json.h"
#include "experiments/axis.h"

struct declared_accuracy {
    double top1_pct, top5_pct; /* NaN: not said */
    const char *source;        /* borrowed from the document */
};

/* Check a list, where one is there: its values are percentages, each has a
 * source, and "where" (may be absent: all) names axes of these and their
 * values.  Returns 0 or ERR_FORMAT. */
int declared_check(const struct json *list, const struct axis *axes, size_t len,
                   struct err *err);

/* Read one entry.  Returns 0 or ERR_FORMAT. */
int declared_read(const struct json *at, struct declared_accuracy *ret_declared,
                  struct err *err);

#endif
