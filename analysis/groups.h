/* groups.h - rows that agree in some columns */
#ifndef ANALYSIS_GROUPS_H
#define ANALYSIS_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/select.h"
#include "core/err.h"
#include "hdf5_schema/table.h"

struct groups {
    size_t count;    /* of groups, in order of first row */
    uint32_t *of;    /* group of rows->at[i], rows->len of them */
    uint32_t *first; /* first row (of the table) of each group */
    size_t rows;
};

/* Group 'rows' of 'table' by the columns of 'keys' (ends with NULL; columns
 * that the table lacks are passed over).  Missing equals missing.  O(n) a
 * column.  Returns 0 and groups for groups_free(); ERR_NOMEM. */
int groups_create(const struct table *table, const struct rows *rows,
                  const char *const *keys, struct groups *ret_groups,
                  struct err *err);
void groups_free(struct groups *groups);

/* Of 'rows' those where a value of 'column' is met first: its values, in
 * order.  Returns 0 and rows for select_free(); ERR_NOMEM. */
int groups_firsts(const struct table_column *column, const struct rows *rows,
                  struct rows *ret_firsts, struct err *err);

/* Rows (of the table) group by group: those of group g are at[start[g]] to
 * at[start[g + 1] - 1], in the order of 'rows'. */
struct group_rows {
    size_t *start;
    uint32_t *at;
};

/* Returns 0 and lists for group_rows_free(); ERR_NOMEM. */
int group_rows_create(const struct groups *groups, const struct rows *rows,
                      struct group_rows *ret_lists, struct err *err);
void group_rows_free(struct group_rows *lists);

#endif
