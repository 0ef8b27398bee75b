/* columns.h - the stored quantities as structs and as tables of columns
 *
 * Every row of columns.def is a field of a struct and a row of a const
 * table, so that wire, journal, HDF5, CSV and figures walk the same list.
 */
#ifndef HDF5_SCHEMA_COLUMNS_H
#define HDF5_SCHEMA_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COLUMN_TEXT_MAX    320
#define COLUMN_I64_MISSING INT64_MIN

/* A label; "" is missing.  Longer text is cut at whole UTF-8 characters. */
struct column_text {
    char s[COLUMN_TEXT_MAX];
};

enum column_type {
    COLUMN_TEXT,
    COLUMN_F64,
    COLUMN_I64,
    COLUMN_STAMP,
    COLUMN_FLAG,
};

/* A quantity: where its field lies in the struct, and what it is. */
struct column {
    const char *name;
    size_t offset;
    enum column_type type;
    const char *unit; /* UDUNITS symbol, "" for none */
    const char *help; /* one line, the long name */
};

/* How the C type of a field follows from its type in columns.def. */
#define COLUMN_FIELD_TEXT  struct column_text
#define COLUMN_FIELD_F64   double
#define COLUMN_FIELD_I64   int64_t
#define COLUMN_FIELD_STAMP int64_t
#define COLUMN_FIELD_FLAG  int64_t

/* What one attempt at a cell yields. */
struct attempt_row {
#define ATTEMPT(type, name, unit, help) COLUMN_FIELD_##type name;
#include "hdf5_schema/columns.def"
};

/* What one meter saw of one attempt. */
struct power_row {
#define POWER(type, name, unit, help) COLUMN_FIELD_##type name;
#include "hdf5_schema/columns.def"
};

/* What a cell is beside its axes. */
struct cell_row {
#define CELL(type, name, unit, help) COLUMN_FIELD_##type name;
#include "hdf5_schema/columns.def"
};

/* A list of columns of one struct. */
struct column_table {
    const char *name; /* "attempts", "power_runs", "cells" */
    const struct column *columns;
    size_t count;
    size_t row_bytes; /* sizeof the struct */
};

extern const struct column_table columns_attempts;
extern const struct column_table columns_power_runs;
extern const struct column_table columns_cells;

/* The words of flag columns; a field holds the index of a word.  All flag
 * columns of one name share the list. */
enum cell_status {
    STATUS_PLANNED,
    STATUS_RUNNING,
    STATUS_OK,
    STATUS_FAILED,
    STATUS_TIMEOUT,
    STATUS_INVALID,
    STATUS_UNREACHABLE,
    STATUS_NA,
    STATUS_STALE,
    STATUS_RETIRED,
    STATUS_INVALIDATED,
};

enum provenance {
    PROVENANCE_MEASURED,
    PROVENANCE_PUBLISHED,
    PROVENANCE_PREDICTED,
    PROVENANCE_EMULATED,
};

enum accuracy_source {
    ACCURACY_ON_BOARD,
    ACCURACY_HOST_BIT_EXACT,
    ACCURACY_DECLARED,
};

enum power_scope {
    SCOPE_RAIL,
    SCOPE_MODULE,
    SCOPE_BOARD,
    SCOPE_WALL,
    SCOPE_USB,
    SCOPE_PACKAGE,
};

enum window_source {
    WINDOW_REPORTED,
    WINDOW_MARKERS,
    WINDOW_EXPORTED,
    WINDOW_PLATEAU,
    WINDOW_WHOLE_RUN,
};

enum idle_kind {
    IDLE_LOADED,
    IDLE_BEFORE_RUN,
};

/* The column called 'name', or NULL. */
const struct column *columns_find(const struct column_table *table,
                                  const char *name);

/* The words of a flag column, ended by NULL; NULL if 'name' is no flag. */
const char *const *columns_flag_words(const char *name);

/* The word of a flag's value; "" if missing or out of range. */
const char *columns_flag_word(const char *name, int64_t value);

/* The value of a flag's word; COLUMN_I64_MISSING if there is none. */
int64_t columns_flag_value(const char *name, const char *word);

/* Set every field of a row of 'table' to missing. */
void columns_clear(const struct column_table *table, void *row);

/* Fields by column; the type must fit (asserted). */
double columns_f64(const struct column *column, const void *row);
int64_t columns_i64(const struct column *column, const void *row);
const char *columns_text(const struct column *column, const void *row);
void columns_set_f64(const struct column *column, void *row, double value);
void columns_set_i64(const struct column *column, void *row, int64_t value);
void columns_set_text(const struct column *column, void *row,
                      const char *value);

/* True if the field holds nothing. */
bool columns_missing(const struct column *column, const void *row);

/* Add 'base' to every field that is a row of the plan: columns called "cell"
 * or "..._cell".  Missing ones stay so. */
void columns_shift_cells(const struct column_table *table, void *row,
                         int64_t base);

/* Copy 'value' into 'text', cut at a whole UTF-8 character. */
void column_text_set(struct column_text *text, const char *value);

#endif
