/* export_csv.c - tables of an archive as text */
#include "orchestrator/archive/export_csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "orchestrator/archive/import_columns.h"

/* A field, quoted if it must be. */
static void field_put(struct buf *out, const char *text)
{
    size_t len = strlen(text);

    if (!text[strcspn(text, ",\"\r\n")] && *text != ' ' &&
        (!len || text[len - 1] != ' ')) {
        buf_put(out, text, len);
        return;
    }
    buf_put_u8(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_put_u8(out, '"');
        buf_put_u8(out, (uint8_t)*text);
    }
    buf_put_u8(out, '"');
}

/* The shortest text that reads back the same; nothing for NaN. */
static void number_put(struct buf *out, double value)
{
    char text[40];

    if (isnan(value))
        return;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (!isfinite(value) ||
            !(strtod(text, NULL) < value || strtod(text, NULL) > value))
            break;
    }
    buf_put(out, text, strlen(text));
}

static void value_put(struct buf *out, const struct table_column *column,
                      size_t row)
{
    if (column->type == COLUMN_F64)
        number_put(out, column->f64[row]);
    else if (column->type == COLUMN_TEXT || column->type == COLUMN_FLAG)
        field_put(out, table_text(column, row));
    else if (column->i64[row] != COLUMN_I64_MISSING)
        buf_printf(out, "%" PRId64, column->i64[row]);
}

static int done(const struct buf *out, struct err *err)
{
    return buf_failed(out) ? err_set(err, ERR_NOMEM, "no memory to export") : 0;
}

int export_csv_table(const struct table *table, struct buf *out,
                     struct err *err)
{
    for (size_t i = 0; i < table->count; i++) {
        buf_put(out, ",", i > 0);
        field_put(out, table->columns[i].name);
    }
    buf_put(out, "\r\n", 2);
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t i = 0; i < table->count; i++) {
            buf_put(out, ",", i > 0);
            value_put(out, &table->columns[i], row);
        }
        buf_put(out, "\r\n", 2);
    }
    return done(out, err);
}

static const char *type_word(enum column_type type)
{
    switch (type) {
    case COLUMN_TEXT:
        return "text";
    case COLUMN_F64:
        return "number";
    case COLUMN_STAMP:
        return "ns since 1970 UTC";
    case COLUMN_FLAG:
        return "word";
    case COLUMN_I64:
        break;
    }
    return "integer";
}

int export_csv_columns(const struct table *table, struct buf *out,
                       struct err *err)
{
    buf_printf(out, "name,type,unit,long_name\r\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct table_column *column = &table->columns[i];

        field_put(out, column->name);
        buf_printf(out, ",%s,%s,", type_word(column->type), column->unit);
        field_put(out, column->help);
        buf_put(out, "\r\n", 2);
    }
    return done(out, err);
}

static void json_field(struct json_value *object,
                       const struct table_column *column, size_t row)
{
    char digits[32];

    if (column->type == COLUMN_F64) {
        if (isfinite(column->f64[row]))
            json_set_f64(object, column->name, column->f64[row]);
    } else if (column->type == COLUMN_TEXT || column->type == COLUMN_FLAG) {
        if (*table_text(column, row))
            json_set_string(object, column->name, table_text(column, row));
    } else if (column->i64[row] == COLUMN_I64_MISSING) {
        return;
    } else if (llabs(column->i64[row]) <= INT64_C(1) << 53) {
        json_set_i64(object, column->name, column->i64[row]);
    } else { /* more than a JSON number of most readers holds */
        snprintf(digits, sizeof(digits), "%" PRId64, column->i64[row]);
        json_set_string(object, column->name, digits);
    }
}

int export_json_lines(const struct table *table, struct buf *out,
                      struct err *err)
{
    int rc = 0;

    for (size_t row = 0; !rc && row < table->rows; row++) {
        struct json_value *object = json_new_object();

        for (size_t i = 0; i < table->count; i++)
            json_field(object, &table->columns[i], row);
        rc = json_print(object, false, out, err);
        json_value_destroy(object);
        buf_put(out, "\n", 1);
    }
    return rc ? rc : done(out, err);
}

/* A field as published: our unit times the divisor, to 12 digits. */
static void published_put(struct buf *out, const struct import_column *to,
                          const struct table_column *column, size_t row)
{
    double value;

    if (!column)
        return;
    if (column->type == COLUMN_TEXT) {
        const char *text = table_text(column, row);

        /* the default op mode is an empty field there */
        if (strcmp(to->column, "op_mode") != 0 || strcmp(text, "default") != 0)
            field_put(out, text);
        return;
    }
    value = table_f64(column, row);
    if (!isnan(value))
        buf_printf(out, "%.12g", value * to->divide);
}

int export_qutibench(const struct table *cells, struct buf *out,
                     struct err *err)
{
    const struct table_column *status = table_find(cells, "status");
    size_t count = 0;

    for (size_t i = 0; i < import_columns_len; i++)
        if (import_columns[i].qutibench) {
            buf_put(out, ",", count++ > 0);
            field_put(out, import_columns[i].qutibench);
        }
    buf_put(out, "\r\n", 2);
    for (size_t row = 0; row < cells->rows; row++) {
        if (table_i64(status, row) != STATUS_OK)
            continue;
        count = 0;
        for (size_t i = 0; i < import_columns_len; i++) {
            const struct import_column *to = &import_columns[i];

            if (!to->qutibench)
                continue;
            buf_put(out, ",", count++ > 0);
            published_put(out, to, table_find(cells, to->column), row);
        }
        buf_put(out, "\r\n", 2);
    }
    return done(out, err);
}
