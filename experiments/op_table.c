/* op_table.c - values interned by axis, rows of indexes; ids without points */
#include "experiments/op_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/vec.h"
#include "experiments/pool.h"

/* One axis: its values, their line in the canonical text ("" at the
 * default), and a hash table of indexes + 1 that is at most half full. */
struct column {
    const struct axis *axis; /* in the table */
    VEC(struct op_value) values;
    VEC(const char *) lines;
    uint32_t *slots;
    size_t slots_len;
};

struct op_table {
    struct axis axes[AXES_MAX];
    struct column columns[AXES_MAX];
    size_t len, rows;
    size_t by_name[AXES_MAX]; /* columns in the order of the canonical text */
    VEC(uint32_t) cells;      /* row by row */
    struct pool *pool;
    struct buf scratch;
};

/* A copy of 'text' in the pool; *failed is set without memory. */
static const char *keep(struct pool *pool, const char *text, bool *failed)
{
    const char *copy = pool_text(pool, text);

    *failed |= !copy;
    return copy;
}

struct op_table *op_table_create(const struct axis *axes, size_t len)
{
    struct op_table *table = calloc(1, sizeof(*table));
    bool failed = false;

    if (table)
        table->pool = pool_create();
    if (!table || !table->pool || len > AXES_MAX) {
        op_table_destroy(table);
        return NULL;
    }
    table->len = len;
    for (size_t i = 0; i < len; i++) {
        struct axis *axis = &table->axes[i];
        size_t at = i;

        *axis = axes[i];
        axis->name = keep(table->pool, axes[i].name, &failed);
        axis->unit = keep(table->pool, axes[i].unit, &failed);
        axis->help = keep(table->pool, axes[i].help, &failed);
        table->columns[i].axis = axis;
        for (; at > 0 &&
               strcmp(axes[table->by_name[at - 1]].name, axes[i].name) > 0;
             at--)
            table->by_name[at] = table->by_name[at - 1];
        table->by_name[at] = i;
    }
    if (!failed)
        return table;
    op_table_destroy(table);
    return NULL;
}

void op_table_destroy(struct op_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < AXES_MAX; i++) {
        VEC_FREE(&table->columns[i].values);
        VEC_FREE(&table->columns[i].lines);
        free(table->columns[i].slots);
    }
    VEC_FREE(&table->cells);
    buf_free(&table->scratch);
    pool_destroy(table->pool);
    free(table);
}

size_t op_table_rows(const struct op_table *table)
{
    return table->rows;
}

const struct axis *op_table_axis(const struct op_table *table, size_t i)
{
    return i < table->len ? &table->axes[i] : NULL;
}

size_t op_table_axes(const struct op_table *table)
{
    return table->len;
}

/* FNV-1a over the bytes that make a value (Fowler, Noll, Vo). */
static uint64_t value_hash(const struct axis *axis,
                           const struct op_value *value)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    const void *data = value->text;
    size_t len = 0;

    if (axis->type == AXIS_TEXT)
        len = strlen(value->text);
    else if (axis->type == AXIS_I64)
        data = &value->i64;
    else
        data = &value->f64;
    if (axis->type != AXIS_TEXT)
        len = sizeof(value->i64);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ ((const uint8_t *)data)[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

/* The slot of 'value': with its index + 1 in it, or empty. */
static size_t slot_of(const struct column *column, const struct op_value *value)
{
    size_t mask = column->slots_len - 1;
    size_t slot = (size_t)value_hash(column->axis, value) & mask;

    while (column->slots[slot] &&
           !axis_same_value(column->axis, value,
                            &column->values.at[column->slots[slot] - 1]))
        slot = (slot + 1) & mask;
    return slot;
}

static bool slots_grow(struct column *column)
{
    size_t len = column->slots_len ? column->slots_len * 2 : 16;
    uint32_t *old = column->slots, *slots;

    if (column->values.len * 2 < column->slots_len)
        return true;
    slots = calloc(len, sizeof(*slots));
    if (!slots)
        return false;
    column->slots = slots;
    column->slots_len = len;
    for (size_t i = 0; i < column->values.len; i++)
        slots[slot_of(column, &column->values.at[i])] = (uint32_t)i + 1;
    free(old);
    return true;
}

/* The line of a value in the canonical text, kept in the pool. */
static const char *line_of(struct op_table *table, const struct axis *axis,
                           const struct op_value *value)
{
    struct buf *line = &table->scratch;

    if (axis_same_value(axis, value, &axis->dflt))
        return "";
    buf_clear(line);
    buf_printf(line, "%s=", axis->name);
    axis_put_value(axis, value, line);
    buf_put_u8(line, '\n');
    if (buf_failed(line))
        return NULL;
    return pool_text(table->pool, buf_text(line));
}

bool op_table_find(const struct op_table *table, size_t axis,
                   const struct op_value *value, uint32_t *ret_index)
{
    const struct column *column = &table->columns[axis];
    uint32_t found;

    if (!column->slots_len || !value->there)
        return false;
    found = column->slots[slot_of(column, value)];
    if (found)
        *ret_index = found - 1;
    return found;
}

int op_table_intern(struct op_table *table, size_t axis,
                    const struct op_value *value, uint32_t *ret_index,
                    struct err *err)
{
    struct column *column = &table->columns[axis];
    const char *line;

    if (!value->there) {
        *ret_index = OP_TABLE_OPEN;
        return 0;
    }
    if (op_table_find(table, axis, value, ret_index))
        return 0;
    line = line_of(table, column->axis, value);
    if (!line || column->values.len >= OP_TABLE_OPEN - 1 ||
        !slots_grow(column) || !VEC_PUSH(&column->lines, line))
        return err_set(err, ERR_NOMEM, "no memory for values of '%s'",
                       column->axis->name);
    if (!VEC_PUSH(&column->values, *value)) {
        column->lines.len--;
        return err_set(err, ERR_NOMEM, "no memory for values of '%s'",
                       column->axis->name);
    }
    *ret_index = (uint32_t)column->values.len - 1;
    column->slots[slot_of(column, value)] = *ret_index + 1;
    return 0;
}

size_t op_table_values(const struct op_table *table, size_t axis)
{
    return table->columns[axis].values.len;
}

const struct op_value *op_table_value(const struct op_table *table, size_t axis,
                                      uint32_t index)
{
    static const struct op_value open;

    if (index >= table->columns[axis].values.len)
        return &open;
    return &table->columns[axis].values.at[index];
}

int op_table_append(struct op_table *table, const uint32_t *indexes,
                    struct err *err)
{
    size_t need = (table->rows + 1) * table->len;

    if (!VEC_RESERVE(&table->cells, need))
        return err_set(err, ERR_NOMEM, "no memory for %zu op points",
                       table->rows + 1);
    memcpy(table->cells.at + table->rows * table->len, indexes,
           table->len * sizeof(*indexes));
    table->cells.len = need;
    table->rows++;
    return 0;
}

const uint32_t *op_table_row(const struct op_table *table, size_t row)
{
    return table->cells.at + row * table->len;
}

void op_table_point(const struct op_table *table, size_t row,
                    struct op_point *ret_point)
{
    const uint32_t *indexes = op_table_row(table, row);

    for (size_t i = 0; i < table->len; i++)
        ret_point->at[i] = *op_table_value(table, i, indexes[i]);
    for (size_t i = table->len; i < AXES_MAX; i++)
        ret_point->at[i].there = false;
}

uint64_t op_table_id(struct op_table *table, const uint32_t *indexes)
{
    buf_clear(&table->scratch);
    for (size_t i = 0; i < table->len; i++) {
        const struct column *column = &table->columns[table->by_name[i]];
        uint32_t index = indexes[table->by_name[i]];

        if (index < column->lines.len)
            buf_put(&table->scratch, column->lines.at[index],
                    strlen(column->lines.at[index]));
    }
    if (buf_failed(&table->scratch))
        return 0;
    return hash_u64(buf_text(&table->scratch), table->scratch.len);
}
