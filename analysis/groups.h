/* groups.h - rows that agree in some columns, and the best row of each
 *
 * The published figures take, of every (platform, op mode, precision,
 * pruning factor), the row of the batch with the most throughput.
 */
#ifndef ANALYSIS_GROUPS_H
#define ANALYSIS_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/select.h"
#include "core/err.h"
#include "hdf5_schema/table.h"

#define GROUPS_NONE UINT32_MAX

struct groups {
    size_t count;    /* of groups, in order of first row */
    uint32_t *of;    /* group of rows->at[i], rows->len of them */
    uint32_t *first; /* first row (of the table) of each group */
    size_t rows;
};

/* What a group of an op point over batches agrees in; ends with NULL. */
extern const char *const groups_over_batch[];

/* Group 'rows' of 'table' by the columns of 'keys' (ends with NULL; columns
 * that the table lacks are passed over).  Missing equals missing.
 * Returns 0 and groups for groups_free(); ERR_NOMEM. */
int groups_create(const struct table *table, const struct rows *rows,
                  const char *const *keys, struct groups *ret_groups,
                  struct err *err);
void groups_free(struct groups *groups);

/* Of each group the place i (in rows) with the greatest values[i], of
 * groups->rows values (the first of equals), into ret_best[groups->count];
 * GROUPS_NONE where all are NaN. */
void groups_best(const struct groups *groups, const double *values,
                 uint32_t *ret_best);

#endif
