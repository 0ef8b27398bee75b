/* experiment_parts.h - the pieces that experiment.c is put together from
 *
 * For the files of this room only.
 */
#ifndef EXPERIMENTS_EXPERIMENT_PARTS_H
#define EXPERIMENTS_EXPERIMENT_PARTS_H

#include "core/err.h"
#include "core/json.h"
#include "experiments/experiment.h"

/* "measure", or its defaults where nothing is there.  Returns 0 or
 * ERR_FORMAT. */
int experiment_read_measure(const struct json *at, struct measure *measure,
                            struct err *err);

/* Repeats, boards, order, seed, limits, measure and capture of the file's
 * root.  Returns 0 or ERR_FORMAT. */
int experiment_read_rules(const struct json *root, struct experiment *e,
                          struct err *err);

/* "axes": the declared ones, put between the fixed and the last ones.
 * Returns 0 or ERR_FORMAT. */
int experiment_read_axes(const struct json *at, struct experiment *e,
                         struct err *err);

/* "datasets".  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int experiment_read_datasets(const struct json *at, struct experiment *e,
                             struct err *err);

/* "topologies": a path beside the file, an object as in such a file, or null
 * for a network whose counts are not known.  Returns 0, ERR_NOT_FOUND,
 * ERR_IO, ERR_FORMAT, ERR_NOMEM. */
int experiment_read_topologies(const struct json *at, struct texts *texts,
                               struct experiment *e, struct err *err);

/* Check keys and values of "matrix", "include", "exclude" and "na".
 * Returns 0 or ERR_FORMAT. */
int experiment_check_points(const struct experiment *e, struct err *err);

/* "sentinels", after the axes are known.  Returns 0 or ERR_FORMAT. */
int experiment_read_sentinels(const struct json *at, struct experiment *e,
                              struct err *err);

/* Members of an array or object, 0 for anything else; memory for so many
 * of 'size' bytes in the pool, never NULL for 0.  Returns NULL without
 * memory. */
void *experiment_alloc_for(struct experiment *e, const struct json *at,
                           size_t size);

#endif
