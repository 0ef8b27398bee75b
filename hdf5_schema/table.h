/* table.h - columns in memory: what readers fill and analysis walks
 *
 * A table has rows and named columns.  Text is kept as codes into the
 * column's labels; flags as codes into their words.
 */
#ifndef HDF5_SCHEMA_TABLE_H
#define HDF5_SCHEMA_TABLE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "hdf5_schema/columns.h"

struct table_column {
    char name[64];
    char unit[24];
    char help[96];
    enum column_type type;
    double *f64;   /* COLUMN_F64: a value a row, NaN is missing */
    int64_t *i64;  /* others: a value or label code a row */
    char **labels; /* COLUMN_TEXT and COLUMN_FLAG: word of a code */
    size_t n_labels;
    void *index; /* of the labels, table.c's own */
    bool later;  /* not read yet: table_find() does */
};

/* Where columns that are not read yet come from. */
struct table_source {
    /* Set every row of 'column', and its labels if it is of text.  Returns 0,
     * or fails with 'err' filled. */
    int (*fill)(struct table_source *source, struct table_column *column,
                struct err *err);
    void (*close)(struct table_source *source); /* and free it */
};

struct table {
    size_t rows;
    size_t count;
    struct table_column *columns;
    struct table_source *source; /* NULL: all columns are here */
    struct err failed;           /* of the first column that did not come */
};

/* A table of 'rows' rows without columns.  NULL if there is no memory. */
struct table *table_create(size_t rows);
void table_destroy(struct table *table);

/* Add a column, every row missing; flags get their words by name.  The
 * result is borrowed, until the next addition.  NULL if there is no memory
 * or the name is taken. */
struct table_column *table_add(struct table *table, const char *name,
                               enum column_type type, const char *unit,
                               const char *help);

/* The same, but its fields hold anything: the caller sets every row. */
struct table_column *table_add_blank(struct table *table, const char *name,
                                     enum column_type type, const char *unit,
                                     const char *help);

/* The same of a column that the table's source fills when table_find() first
 * asks for it. */
struct table_column *table_add_later(struct table *table, const char *name,
                                     enum column_type type, const char *unit,
                                     const char *help);

/* Add every column of 'list'.  Returns 0, ERR_NOMEM. */
int table_add_all(struct table *table, const struct column_table *list,
                  struct err *err);

/* The column called 'name', or NULL; borrowed.  Reads it if it was not yet:
 * where that fails every row is missing, and table_check() tells why. */
const struct table_column *table_find(const struct table *table,
                                      const char *name);

/* Whether all columns that were asked for came.  Returns 0, or why the first
 * one did not. */
int table_check(const struct table *table, struct err *err);

/* The code of a label of a text column, added if new; -1 if there is no
 * memory. */
int64_t table_label(struct table_column *column, const char *label);

/* Set one field.  Text is made a label.  Returns 0 or ERR_NOMEM. */
int table_set_text(struct table_column *column, size_t row, const char *value);

/* Set a row from a struct of 'list', by column name; columns that the table
 * lacks are passed over.  Returns 0 or ERR_NOMEM. */
int table_set_row(struct table *table, size_t row,
                  const struct column_table *list, const void *source,
                  struct err *err);

/* Read a field.  Every getter takes a NULL column, as missing: a number of
 * any type as double (NaN), an integer (COLUMN_I64_MISSING), a label or
 * flag word ("").  Inline, for they are in every loop over rows. */
static inline double table_f64(const struct table_column *column, size_t row)
{
    if (!column || column->type == COLUMN_TEXT)
        return (double)NAN;
    if (column->type == COLUMN_F64)
        return column->f64[row];
    return column->i64[row] == COLUMN_I64_MISSING ? (double)NAN
                                                  : (double)column->i64[row];
}

static inline int64_t table_i64(const struct table_column *column, size_t row)
{
    if (!column || column->type == COLUMN_F64)
        return COLUMN_I64_MISSING;
    return column->i64[row];
}

static inline const char *table_text(const struct table_column *column,
                                     size_t row)
{
    if (!column || !column->labels || column->i64[row] < 0 ||
        (uint64_t)column->i64[row] >= column->n_labels)
        return "";
    return column->labels[column->i64[row]];
}

#endif
