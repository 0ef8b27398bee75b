/* table.c - columns in memory */
#include "hdf5_schema/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Open addressing over label codes; a slot holds code + 1. */
struct label_index {
    size_t slots, used;
    uint32_t *codes;
};

static uint64_t fnv1a(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
    return hash;
}

struct table *table_create(size_t rows)
{
    struct table *table = calloc(1, sizeof(*table));

    if (table)
        table->rows = rows;
    return table;
}

static void column_free(struct table_column *column)
{
    struct label_index *index = column->index;

    for (size_t i = 0; i < column->n_labels; i++)
        free(column->labels[i]);
    free(column->labels);
    free(column->f64);
    free(column->i64);
    if (index)
        free(index->codes);
    free(index);
}

void table_destroy(struct table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        column_free(&table->columns[i]);
    if (table->source)
        table->source->close(table->source);
    free(table->columns);
    free(table);
}

static bool column_alloc(struct table_column *column, size_t rows)
{
    size_t count = rows ? rows : 1;

    if (column->type == COLUMN_F64)
        return (column->f64 = malloc(count * sizeof(double)));
    return (column->i64 = malloc(count * sizeof(int64_t)));
}

static void column_clear(struct table_column *column, size_t rows)
{
    int64_t missing = column->type == COLUMN_TEXT ? -1 : COLUMN_I64_MISSING;

    for (size_t i = 0; column->f64 && i < rows; i++)
        column->f64[i] = (double)NAN;
    for (size_t i = 0; column->i64 && i < rows; i++)
        column->i64[i] = missing;
}

static struct table_column *column_named(const struct table *table,
                                         const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (!strcmp(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

struct table_column *table_add(struct table *table, const char *name,
                               enum column_type type, const char *unit,
                               const char *help)
{
    struct table_column *column =
        table_add_blank(table, name, type, unit, help);

    if (column)
        column_clear(column, table->rows);
    return column;
}

struct table_column *table_add_blank(struct table *table, const char *name,
                                     enum column_type type, const char *unit,
                                     const char *help)
{
    struct table_column *column =
        table_add_later(table, name, type, unit, help);

    if (!column)
        return NULL;
    column->later = false;
    if (column_alloc(column, table->rows))
        return column;
    column_free(column);
    table->count--;
    return NULL;
}

struct table_column *table_add_later(struct table *table, const char *name,
                                     enum column_type type, const char *unit,
                                     const char *help)
{
    struct table_column column = { .type = type, .later = true }, *columns;
    const char *const *words = columns_flag_words(name);

    if (column_named(table, name))
        return NULL;
    columns =
        realloc(table->columns, (table->count + 1) * sizeof(table->columns[0]));
    if (!columns)
        return NULL;
    table->columns = columns;
    snprintf(column.name, sizeof(column.name), "%s", name);
    snprintf(column.unit, sizeof(column.unit), "%s", unit);
    snprintf(column.help, sizeof(column.help), "%s", help);
    for (; type == COLUMN_FLAG && words && *words; words++) {
        if (table_label(&column, *words) < 0) {
            column_free(&column);
            return NULL;
        }
    }
    columns[table->count] = column;
    return &columns[table->count++];
}

int table_add_all(struct table *table, const struct column_table *list,
                  struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct column *c = &list->columns[i];

        if (!table_find(table, c->name) &&
            !table_add(table, c->name, c->type, c->unit, c->help))
            return err_set(err, ERR_NOMEM, "no memory for column '%s'",
                           c->name);
    }
    return 0;
}

static void column_fetch(struct table *table, struct table_column *column)
{
    struct err err;
    int rc;

    column->later = false;
    rc = column_alloc(column, table->rows)
             ? table->source->fill(table->source, column, &err)
             : err_set(&err, ERR_NOMEM, "no memory for column '%s'",
                       column->name);
    if (!rc)
        return;
    column_clear(column, table->rows); /* if it has fields */
    if (!table->failed.code)
        table->failed = err;
}

const struct table_column *table_find(const struct table *table,
                                      const char *name)
{
    struct table_column *column = column_named(table, name);

    if (column && column->later) /* what is read once is no change to see */
        column_fetch((struct table *)table, column);
    return column && (column->f64 || column->i64) ? column : NULL;
}

int table_check(const struct table *table, struct err *err)
{
    if (table->failed.code && err)
        *err = table->failed;
    return table->failed.code;
}

/* The slot of 'label', or the free one where it belongs. */
static size_t index_slot(const struct table_column *column,
                         const struct label_index *index, const char *label)
{
    size_t slot = fnv1a(label) & (index->slots - 1);

    while (index->codes[slot] &&
           strcmp(column->labels[index->codes[slot] - 1], label) != 0)
        slot = (slot + 1) & (index->slots - 1);
    return slot;
}

static bool index_grow(struct table_column *column)
{
    struct label_index *index = column->index;
    struct label_index larger;

    if (!index)
        column->index = index = calloc(1, sizeof(*index));
    if (!index)
        return false;
    if (index->slots && index->used * 2 < index->slots)
        return true;
    larger.slots = index->slots ? index->slots * 2 : 64;
    larger.used = index->used;
    larger.codes = calloc(larger.slots, sizeof(uint32_t));
    if (!larger.codes)
        return false;
    for (size_t i = 0; i < column->n_labels; i++)
        larger.codes[index_slot(column, &larger, column->labels[i])] =
            (uint32_t)i + 1;
    free(index->codes);
    *index = larger;
    return true;
}

int64_t table_label(struct table_column *column, const char *label)
{
    struct label_index *index;
    char **labels, *copy;
    size_t slot, count = column->n_labels;

    if (!index_grow(column) || count >= UINT32_MAX - 1)
        return -1;
    index = column->index;
    slot = index_slot(column, index, label);
    if (index->codes[slot])
        return (int64_t)index->codes[slot] - 1;
    if (!(count & (count - 1))) { /* room doubles at powers of two */
        labels = realloc(column->labels,
                         (count ? count * 2 : 1) * sizeof(labels[0]));
        if (!labels)
            return -1;
        column->labels = labels;
    }
    copy = strdup(label);
    if (!copy)
        return -1;
    column->labels[count] = copy;
    column->n_labels++;
    index->codes[slot] = (uint32_t)count + 1;
    index->used++;
    return (int64_t)count;
}

int table_set_text(struct table_column *column, size_t row, const char *value)
{
    int64_t code = *value ? table_label(column, value) : -1;

    if (*value && code < 0)
        return ERR_NOMEM;
    column->i64[row] = code;
    return 0;
}

int table_set_row(struct table *table, size_t row,
                  const struct column_table *list, const void *source,
                  struct err *err)
{
    size_t at = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct column *from = &list->columns[i];
        struct table_column *to = NULL;

        /* usually the tables run in step: look next to the last one first */
        for (size_t k = 0; !to && k < table->count; k++, at++) {
            at %= table->count;
            if (!strcmp(table->columns[at].name, from->name))
                to = &table->columns[at];
        }
        if (!to || to->type != from->type)
            continue;
        if (from->type == COLUMN_F64)
            to->f64[row] = columns_f64(from, source);
        else if (from->type != COLUMN_TEXT)
            to->i64[row] = columns_i64(from, source);
        else if (table_set_text(to, row, columns_text(from, source)))
            return err_set(err, ERR_NOMEM, "no memory for labels of '%s'",
                           from->name);
    }
    return 0;
}
