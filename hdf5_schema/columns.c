/* columns.c - the tables made from columns.def, and fields by column */
#include "hdf5_schema/columns.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/vec.h"

static const struct column attempt_columns[] = {
#define ATTEMPT(type, name, unit, help)                                        \
    { #name, offsetof(struct attempt_row, name), COLUMN_##type, unit, help },
#include "hdf5_schema/columns.def"
};

static const struct column power_columns[] = {
#define POWER(type, name, unit, help)                                          \
    { #name, offsetof(struct power_row, name), COLUMN_##type, unit, help },
#include "hdf5_schema/columns.def"
};

static const struct column cell_columns[] = {
#define CELL(type, name, unit, help)                                           \
    { #name, offsetof(struct cell_row, name), COLUMN_##type, unit, help },
#include "hdf5_schema/columns.def"
};

const struct column_table columns_attempts = { "attempts", attempt_columns,
                                               ARRAY_LEN(attempt_columns),
                                               sizeof(struct attempt_row) };
const struct column_table columns_power_runs = { "power_runs", power_columns,
                                                 ARRAY_LEN(power_columns),
                                                 sizeof(struct power_row) };
const struct column_table columns_cells = { "cells", cell_columns,
                                            ARRAY_LEN(cell_columns),
                                            sizeof(struct cell_row) };

/* The order is the order of the enums in columns.h; never change it, only
 * append: journals and archives hold the numbers. */
static const char *const status_words[] = {
    "planned",     "running", "ok",    "failed",  "timeout",     "invalid",
    "unreachable", "na",      "stale", "retired", "invalidated", NULL
};
static const char *const provenance_words[] = { "measured", "published",
                                                "predicted", "emulated", NULL };
static const char *const accuracy_words[] = { "on_board", "host_bit_exact",
                                              "declared", NULL };
static const char *const scope_words[] = { "rail", "module",  "board", "wall",
                                           "usb",  "package", NULL };
static const char *const window_words[] = { "reported", "markers",   "exported",
                                            "plateau",  "whole_run", NULL };
static const char *const idle_words[] = { "loaded", "before_run", NULL };

static const struct {
    const char *name;
    const char *const *words;
} flags[] = {
    { "status", status_words },
    { "provenance", provenance_words },
    { "accuracy_source", accuracy_words },
    { "power_scope", scope_words },
    { "window_source", window_words },
    { "idle_kind", idle_words },
};

const struct column *columns_find(const struct column_table *table,
                                  const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (!strcmp(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

const char *const *columns_flag_words(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (!strcmp(flags[i].name, name))
            return flags[i].words;
    return NULL;
}

const char *columns_flag_word(const char *name, int64_t value)
{
    const char *const *words = columns_flag_words(name);

    for (int64_t i = 0; words && words[i]; i++)
        if (i == value)
            return words[i];
    return "";
}

int64_t columns_flag_value(const char *name, const char *word)
{
    const char *const *words = columns_flag_words(name);

    for (int64_t i = 0; words && words[i]; i++)
        if (!strcmp(words[i], word))
            return i;
    return COLUMN_I64_MISSING;
}

static void *field_of(const struct column *column, void *row)
{
    return (char *)row + column->offset;
}

static const void *const_field_of(const struct column *column, const void *row)
{
    return (const char *)row + column->offset;
}

void columns_clear(const struct column_table *table, void *row)
{
    memset(row, 0, table->row_bytes);
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];

        if (column->type == COLUMN_F64)
            columns_set_f64(column, row, (double)NAN);
        else if (column->type != COLUMN_TEXT)
            columns_set_i64(column, row, COLUMN_I64_MISSING);
    }
}

double columns_f64(const struct column *column, const void *row)
{
    double value;

    assert(column->type == COLUMN_F64);
    memcpy(&value, const_field_of(column, row), sizeof(value));
    return value;
}

int64_t columns_i64(const struct column *column, const void *row)
{
    int64_t value;

    assert(column->type != COLUMN_F64 && column->type != COLUMN_TEXT);
    memcpy(&value, const_field_of(column, row), sizeof(value));
    return value;
}

const char *columns_text(const struct column *column, const void *row)
{
    const struct column_text *text = const_field_of(column, row);

    assert(column->type == COLUMN_TEXT);
    return text->s;
}

void columns_set_f64(const struct column *column, void *row, double value)
{
    assert(column->type == COLUMN_F64);
    memcpy(field_of(column, row), &value, sizeof(value));
}

void columns_set_i64(const struct column *column, void *row, int64_t value)
{
    assert(column->type != COLUMN_F64 && column->type != COLUMN_TEXT);
    memcpy(field_of(column, row), &value, sizeof(value));
}

void columns_set_text(const struct column *column, void *row, const char *value)
{
    assert(column->type == COLUMN_TEXT);
    column_text_set(field_of(column, row), value);
}

bool columns_missing(const struct column *column, const void *row)
{
    if (column->type == COLUMN_TEXT)
        return !*columns_text(column, row);
    if (column->type == COLUMN_F64)
        return isnan(columns_f64(column, row));
    return columns_i64(column, row) == COLUMN_I64_MISSING;
}

static bool is_cell(const struct column *column)
{
    static const char tail[] = "_cell";
    size_t len = strlen(column->name), more = sizeof(tail) - 1;

    return column->type == COLUMN_I64 &&
           (!strcmp(column->name, tail + 1) ||
            (len > more && !strcmp(column->name + len - more, tail)));
}

void columns_shift_cells(const struct column_table *table, void *row,
                         int64_t base)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];

        if (is_cell(column) && !columns_missing(column, row))
            columns_set_i64(column, row, columns_i64(column, row) + base);
    }
}

void column_text_set(struct column_text *text, const char *value)
{
    size_t len = strnlen(value, sizeof(text->s) - 1);

    if (value[len]) /* cut: not inside a character */
        while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
            len--;
    memcpy(text->s, value, len);
    text->s[len] = 0;
}
