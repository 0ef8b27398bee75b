/* select.h - which rows of a table: conditions on columns */
#ifndef ANALYSIS_SELECT_H
#define ANALYSIS_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "hdf5_schema/table.h"

#define SELECT_CONDITIONS_MAX 16

/* Rows of a table, ascending; for select_free(). */
struct rows {
    uint32_t *at;
    size_t len, cap;
};
void select_free(struct rows *rows);

/* Every row of 'table' that meets all conditions of 'where': a list such as
 * "status=ok,provenance!=emulated,batch>=8,platform=TX2|NCS".  Operators are
 * = != < <= > >=; '|' separates values for = and !=, and the last four are
 * for numbers; a ',' or '|' in a value has a backslash before it; spaces around names and values do not count.  A missing field
 * meets only "!=", and "=" with no value.  "" or NULL is every row.
 * Returns 0 and rows for select_free(); ERR_USAGE (form, unknown column with
 * a near miss, no number), ERR_NOMEM. */
int select_rows(const struct table *table, const char *where,
                struct rows *ret_rows, struct err *err);

/* Leave those of 'rows' whose cell is ok. */
void select_ok(const struct table *cells, struct rows *rows);

#endif
