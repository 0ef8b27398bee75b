/* h5_table.h - a group of 1-D columns, written row after row
 *
 * Numbers only: labels are codes into label tables of their own, flags codes
 * into words that stand in attributes.  A chunk in which nothing is there is
 * not written: it reads as missing.
 */
#ifndef ORCHESTRATOR_ARCHIVE_H5_TABLE_H
#define ORCHESTRATOR_ARCHIVE_H5_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include <hdf5.h>

#include "core/err.h"
#include "hdf5_schema/columns.h"
#include "hdf5_schema/table.h"

#define H5_TABLE_CHUNK 16384 /* rows */
#define H5_NO_COLUMN   SIZE_MAX
#define H5_COLUMN_LIST 160 /* columns of a column list, at most */

struct h5_table;

/* Where the columns of a column list stand in a table. */
struct h5_map {
    const struct column_table *list;
    size_t at[H5_COLUMN_LIST];
};

/* Create group 'name' in 'file' for about 'rows' rows.  'labels' (kept)
 * collects the labels of all tables, a text column a name.  Returns 0 and a
 * table for h5_table_finish(); ERR_IO, ERR_NOMEM. */
int h5_table_create(hid_t file, const char *name, size_t rows,
                    struct table *labels, struct h5_table **ret_table,
                    struct err *err);

/* Add a column; sets ret_at (may be NULL) to its place, which is that of the
 * column of this name if there is one.  Returns 0; ERR_FORMAT for a name
 * that cannot be one; ERR_IO; ERR_NOMEM. */
int h5_table_add(struct h5_table *table, const char *name,
                 enum column_type type, const char *unit, const char *help,
                 size_t *ret_at, struct err *err);

/* Add every column of 'list' that is not there; sets where all stand, but
 * H5_NO_COLUMN for one that was there before, unless 'share'. */
int h5_table_add_all(struct h5_table *table, const struct column_table *list,
                     bool share, struct h5_map *ret_map, struct err *err);

/* Set a field of the row to come; what is not set is missing.  Text is made
 * a label (0 or ERR_NOMEM). */
void h5_table_set_f64(struct h5_table *table, size_t at, double value);
void h5_table_set_i64(struct h5_table *table, size_t at, int64_t value);
int h5_table_set_text(struct h5_table *table, size_t at, const char *value,
                      struct err *err);
/* Set all fields of a struct.  Returns 0 or ERR_NOMEM. */
int h5_table_set_row(struct h5_table *table, const struct h5_map *map,
                     const void *row, struct err *err);

/* The row is whole; begin the next.  Returns 0 or ERR_IO. */
int h5_table_next(struct h5_table *table, struct err *err);

/* Rows so far. */
size_t h5_table_rows(const struct h5_table *table);

/* Write what is left; column 'scale' becomes the dimension scale of all.
 * Returns 0 or ERR_IO. */
int h5_table_finish(struct h5_table *table, const char *scale, struct err *err);
/* Free it, finished or not; NULL is fine. */
void h5_table_destroy(struct h5_table *table);

#endif
