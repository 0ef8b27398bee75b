/* record.c - rows to bytes and back */
#include "hdf5_schema/record.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 1024

struct slot {
    const struct column *column; /* NULL: not in our table */
    enum column_type type;
};

struct record_layout {
    const struct column_table *table;
    size_t count, unknown;
    struct slot slots[];
};

static const char *const type_words[] = { "text",  "f64",  "i64",
                                          "stamp", "flag", NULL };

struct json_value *record_layout_to_json(const struct column_table *table)
{
    struct json_value *list = json_new_array();

    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];
        struct json_value *item = json_new_object();

        json_set_string(item, "name", column->name);
        json_set_string(item, "type", type_words[column->type]);
        json_set_string(item, "unit", column->unit);
        json_push(list, item);
    }
    return list;
}

static struct record_layout *layout_new(const struct column_table *table,
                                        size_t count)
{
    struct record_layout *layout =
        calloc(1, sizeof(*layout) + count * sizeof(layout->slots[0]));

    if (layout) {
        layout->table = table;
        layout->count = count;
    }
    return layout;
}

static int slot_read(const struct json *item, const struct column_table *table,
                     struct slot *slot, struct err *err)
{
    struct json name_at = json_get(item, "name");
    struct json type_at = json_get(item, "type");
    const char *name, *type;
    size_t t = 0;

    if (json_string(&name_at, &name, err) || json_string(&type_at, &type, err))
        return ERR_FORMAT;
    while (type_words[t] && strcmp(type_words[t], type) != 0)
        t++;
    if (!type_words[t])
        return json_fail(&type_at, err, "unknown column type '%s'", type);
    slot->type = (enum column_type)t;
    slot->column = columns_find(table, name);
    if (slot->column && slot->column->type != slot->type)
        return json_fail(&type_at, err, "column '%s' is %s here, %s there",
                         name, type_words[slot->column->type], type);
    return 0;
}

int record_layout_from_json(const struct json *list,
                            const struct column_table *table,
                            struct record_layout **ret_layout, struct err *err)
{
    struct record_layout *layout;
    size_t i = 0;

    if (json_expect(list, JSON_ARRAY, err))
        return ERR_FORMAT;
    if (json_len(list) > COLUMNS_MAX)
        return json_fail(list, err, "more than %d columns", COLUMNS_MAX);
    layout = layout_new(table, json_len(list));
    if (!layout)
        return err_set(err, ERR_NOMEM, "no memory for a column list");
    for (struct json item = json_first(list); json_there(&item);
         item = json_next(list, &item, ++i)) {
        if (slot_read(&item, table, &layout->slots[i], err)) {
            record_layout_destroy(layout);
            return ERR_FORMAT;
        }
        layout->unknown += !layout->slots[i].column;
    }
    *ret_layout = layout;
    return 0;
}

int record_layout_own(const struct column_table *table,
                      struct record_layout **ret_layout, struct err *err)
{
    struct record_layout *layout = layout_new(table, table->count);

    if (!layout)
        return err_set(err, ERR_NOMEM, "no memory for a column list");
    for (size_t i = 0; i < table->count; i++)
        layout->slots[i] =
            (struct slot){ &table->columns[i], table->columns[i].type };
    *ret_layout = layout;
    return 0;
}

void record_layout_destroy(struct record_layout *layout)
{
    free(layout);
}

size_t record_layout_unknown(const struct record_layout *layout)
{
    return layout->unknown;
}

void record_encode(const struct column_table *table, const void *row,
                   struct buf *out)
{
    uint8_t present[COLUMNS_MAX / 8] = { 0 };

    for (size_t i = 0; i < table->count; i++)
        if (!columns_missing(&table->columns[i], row))
            present[i / 8] = (uint8_t)(present[i / 8] | 1u << (i % 8));
    buf_put(out, present, (table->count + 7) / 8);
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];

        if (!(present[i / 8] >> (i % 8) & 1))
            continue;
        if (column->type == COLUMN_TEXT) {
            const char *text = columns_text(column, row);

            buf_put_u16(out, (uint16_t)strlen(text));
            buf_put(out, text, strlen(text));
        } else if (column->type == COLUMN_F64) {
            buf_put_f64(out, columns_f64(column, row));
        } else {
            buf_put_i64(out, columns_i64(column, row));
        }
    }
}

static void value_read(const struct slot *slot, struct cursor *cur, void *row)
{
    if (slot->type == COLUMN_TEXT) {
        char text[COLUMN_TEXT_MAX] = "";
        size_t len = cursor_u16(cur);
        const uint8_t *at = cursor_bytes(cur, len);

        if (!at || !slot->column)
            return;
        if (len >= sizeof(text))
            len = sizeof(text) - 1;
        memcpy(text, at, len);
        columns_set_text(slot->column, row, text);
    } else if (slot->type == COLUMN_F64) {
        double value = cursor_f64(cur);

        if (slot->column)
            columns_set_f64(slot->column, row, value);
    } else {
        int64_t value = cursor_i64(cur);

        if (slot->column)
            columns_set_i64(slot->column, row, value);
    }
}

int record_decode(const struct record_layout *layout, struct cursor *cur,
                  void *row, struct err *err)
{
    const uint8_t *present = cursor_bytes(cur, (layout->count + 7) / 8);

    columns_clear(layout->table, row);
    for (size_t i = 0; present && i < layout->count; i++)
        if (present[i / 8] >> (i % 8) & 1)
            value_read(&layout->slots[i], cur, row);
    if (cur->failed)
        return err_set(err, ERR_FORMAT, "a row of '%s' is cut short",
                       layout->table->name);
    return 0;
}
