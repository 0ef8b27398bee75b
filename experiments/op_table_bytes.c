/* op_table_bytes.c - an op table as bytes, columns as narrow as they can be
 *
 * u8 axes; for each: name, unit, help, u8 type, u8 declared, default, u32
 * values, the values; u64 rows; for each axis u8 width (0, 1, 2 or 4) and its
 * column, where the code 'values' means open and width 0 that the whole
 * column is one u32 code.
 */
#include <string.h>

#include "experiments/op_table.h"

#define ROWS_LIMIT 100000000u

static const char cut[] = "plan bytes: cut short or damaged";

static void put_value(const struct axis *axis, const struct op_value *value,
                      struct buf *out)
{
    buf_put_u8(out, value->there);
    if (!value->there)
        return;
    switch (axis->type) {
    case AXIS_TEXT:
        buf_put_string(out, value->text);
        break;
    case AXIS_I64:
        buf_put_i64(out, value->i64);
        break;
    case AXIS_F64:
        buf_put_f64(out, value->f64);
        break;
    }
}

static struct op_value get_value(const struct axis *axis, struct cursor *cur)
{
    struct op_value value = { .there = cursor_u8(cur) != 0 };

    if (!value.there)
        return value;
    switch (axis->type) {
    case AXIS_TEXT:
        if (cursor_string(cur, value.text, sizeof(value.text)) >=
            sizeof(value.text))
            cur->failed = true;
        break;
    case AXIS_I64:
        value.i64 = cursor_i64(cur);
        break;
    case AXIS_F64:
        value.f64 = cursor_f64(cur);
        break;
    }
    return value;
}

static uint32_t code_at(const struct op_table *table, size_t row, size_t axis)
{
    uint32_t index = op_table_row(table, row)[axis];

    return index == OP_TABLE_OPEN ? (uint32_t)op_table_values(table, axis)
                                  : index;
}

static uint8_t column_width(const struct op_table *table, size_t axis)
{
    size_t values = op_table_values(table, axis), row = 0;

    while (row < op_table_rows(table) &&
           code_at(table, row, axis) == code_at(table, 0, axis))
        row++;
    if (row == op_table_rows(table))
        return 0;
    return values < 256 ? 1 : values < 65536 ? 2 : 4;
}

static void put_column(const struct op_table *table, size_t axis,
                       struct buf *out)
{
    uint8_t width = column_width(table, axis);
    size_t rows = op_table_rows(table);

    buf_put_u8(out, width);
    if (!width && rows)
        buf_put_u32(out, code_at(table, 0, axis));
    if (!buf_reserve(out, rows * width))
        return;
    for (size_t row = 0; width && row < rows; row++) {
        uint32_t code = code_at(table, row, axis);

        if (width == 1)
            buf_put_u8(out, (uint8_t)code);
        else if (width == 2)
            buf_put_u16(out, (uint16_t)code);
        else
            buf_put_u32(out, code);
    }
}

int op_table_encode(const struct op_table *table, struct buf *out,
                    struct err *err)
{
    size_t axes = op_table_axes(table);

    buf_put_u8(out, (uint8_t)axes);
    for (size_t i = 0; i < axes; i++) {
        const struct axis *axis = op_table_axis(table, i);
        size_t values = op_table_values(table, i);

        buf_put_string(out, axis->name);
        buf_put_string(out, axis->unit);
        buf_put_string(out, axis->help);
        buf_put_u8(out, (uint8_t)axis->type);
        buf_put_u8(out, axis->declared);
        put_value(axis, &axis->dflt, out);
        buf_put_u32(out, (uint32_t)values);
        for (size_t k = 0; k < values; k++)
            put_value(axis, op_table_value(table, i, (uint32_t)k), out);
    }
    buf_put_u64(out, op_table_rows(table));
    for (size_t i = 0; i < axes; i++)
        put_column(table, i, out);
    return buf_failed(out) ? err_set(err, ERR_NOMEM, "no memory for op points")
                           : 0;
}

/* Where the values of an axis stand in the bytes, read once the table is
 * made. */
struct pending {
    struct cursor at;
    uint32_t count;
};

static bool get_axis(struct cursor *cur, char texts[3][256], struct axis *axis,
                     struct pending *pending)
{
    uint8_t type;

    for (size_t k = 0; k < 3; k++)
        if (cursor_string(cur, texts[k], 256) >= 256)
            cur->failed = true;
    *axis =
        (struct axis){ .name = texts[0], .unit = texts[1], .help = texts[2] };
    type = cursor_u8(cur);
    axis->declared = cursor_u8(cur) != 0;
    if (cur->failed || type > AXIS_F64)
        return false;
    axis->type = (enum axis_type)type;
    axis->dflt = get_value(axis, cur);
    pending->count = cursor_u32(cur);
    pending->at = *cur;
    for (uint32_t k = 0; k < pending->count && !cur->failed; k++)
        get_value(axis, cur);
    return !cur->failed;
}

static int get_values(struct op_table *table, size_t axis,
                      struct pending *pending, struct err *err)
{
    for (uint32_t k = 0; k < pending->count; k++) {
        struct op_value value =
            get_value(op_table_axis(table, axis), &pending->at);
        uint32_t index = OP_TABLE_OPEN;
        int rc = op_table_intern(table, axis, &value, &index, err);

        if (rc)
            return rc;
        if (index != k)
            return err_set(err, ERR_FORMAT,
                           "plan bytes: a value stands there twice");
    }
    return 0;
}

/* A column of codes, not yet read. */
struct codes {
    const uint8_t *at;
    uint8_t width;
    uint32_t all; /* where width is 0 */
};

static bool get_column(struct cursor *cur, uint64_t rows, struct codes *codes)
{
    codes->width = cursor_u8(cur);
    if (codes->width > 4 || codes->width == 3)
        return false;
    codes->all = !codes->width && rows ? cursor_u32(cur) : 0;
    codes->at = cursor_bytes(cur, codes->width * (size_t)rows);
    return !cur->failed;
}

static uint32_t code_of(const struct codes *codes, size_t row)
{
    uint32_t code = 0;

    if (!codes->width)
        return codes->all;
    for (size_t k = 0; k < codes->width; k++)
        code |= (uint32_t)codes->at[row * codes->width + k] << (8 * k);
    return code;
}

/* How many rows there are, and the columns of all axes. */
static int get_columns(struct cursor *cur, size_t axes, uint64_t *ret_rows,
                       struct codes codes[AXES_MAX], struct err *err)
{
    uint64_t rows = cursor_u64(cur);

    if (cur->failed || rows > ROWS_LIMIT)
        return err_set(err, ERR_FORMAT, "plan bytes: too many rows");
    for (size_t i = 0; i < axes; i++)
        if (!get_column(cur, rows, &codes[i]))
            return err_set(err, ERR_FORMAT,
                           "plan bytes: cut short in axis "
                           "%zu",
                           i);
    /* constant columns cost no bytes: do not let a few bytes ask for much */
    if (rows > cur->len)
        return err_set(err, ERR_FORMAT, "plan bytes: more rows than bytes");
    *ret_rows = rows;
    return 0;
}

static int get_rows(struct cursor *cur, struct op_table *table, struct err *err)
{
    size_t axes = op_table_axes(table);
    struct codes codes[AXES_MAX];
    uint32_t indexes[AXES_MAX];
    uint64_t rows = 0;
    int rc = get_columns(cur, axes, &rows, codes, err);

    for (size_t row = 0; !rc && row < rows; row++) {
        for (size_t i = 0; i < axes; i++) {
            uint32_t code = code_of(&codes[i], row);
            size_t values = op_table_values(table, i);

            if (code > values)
                return err_set(err, ERR_FORMAT,
                               "plan bytes: row %zu has no such value", row);
            indexes[i] = code == values ? OP_TABLE_OPEN : code;
        }
        rc = op_table_append(table, indexes, err);
    }
    return rc;
}

static int get_axes(struct cursor *cur, char texts[AXES_MAX][3][256],
                    struct axis axes[AXES_MAX],
                    struct pending pending[AXES_MAX], size_t *ret_len,
                    struct err *err)
{
    size_t len = cursor_u8(cur);

    if (len > AXES_MAX)
        return err_set(err, ERR_FORMAT, "plan bytes: %zu axes", len);
    for (size_t i = 0; i < len; i++)
        if (!get_axis(cur, texts[i], &axes[i], &pending[i]))
            return err_set(err, ERR_FORMAT, "%s", cut);
    *ret_len = len;
    return 0;
}

int op_table_decode(struct cursor *cur, struct op_table **ret_table,
                    struct err *err)
{
    char texts[AXES_MAX][3][256];
    struct axis axes[AXES_MAX];
    struct pending pending[AXES_MAX];
    size_t len = 0;
    struct op_table *table;
    int rc = get_axes(cur, texts, axes, pending, &len, err);

    if (rc)
        return rc;
    table = op_table_create(axes, len);
    if (!table)
        return err_set(err, ERR_NOMEM, "no memory for op points");
    for (size_t i = 0; !rc && i < len; i++)
        rc = get_values(table, i, &pending[i], err);
    if (!rc)
        rc = get_rows(cur, table, err);
    if (!rc && cur->failed)
        rc = err_set(err, ERR_FORMAT, "%s", cut);
    if (rc)
        op_table_destroy(table);
    else
        *ret_table = table;
    return rc;
}

int op_table_skip(struct cursor *cur, size_t *ret_rows, struct err *err)
{
    char texts[AXES_MAX][3][256];
    struct axis axes[AXES_MAX];
    struct pending pending[AXES_MAX];
    struct codes codes[AXES_MAX];
    size_t len = 0;
    uint64_t rows = 0;
    int rc = get_axes(cur, texts, axes, pending, &len, err);

    if (!rc)
        rc = get_columns(cur, len, &rows, codes, err);
    if (!rc)
        *ret_rows = (size_t)rows;
    return rc;
}
