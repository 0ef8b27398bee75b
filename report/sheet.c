/* sheet.c - values row by row, and the texts they are written as */
#include "report/sheet.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"

/* A text is its place in 'texts', where 0 is "". */
union value {
    double number;
    size_t text;
};

struct sheet {
    const struct sheet_column *columns;
    size_t width;
    VEC(union value) values;
    struct buf texts;
    bool failed;
    struct sheet_column own_columns[SHEET_COLUMNS_MAX + 1]; /* of a pick */
};

struct sheet *sheet_create(const struct sheet_column *columns)
{
    struct sheet *sheet = calloc(1, sizeof(*sheet));

    if (!sheet)
        return NULL;
    sheet->columns = columns;
    while (columns[sheet->width].name)
        sheet->width++;
    assert(sheet->width && sheet->width <= SHEET_COLUMNS_MAX);
    buf_put_u8(&sheet->texts, 0);
    return sheet;
}

void sheet_destroy(struct sheet *sheet)
{
    if (!sheet)
        return;
    VEC_FREE(&sheet->values);
    buf_free(&sheet->texts);
    free(sheet);
}

static void add(struct sheet *sheet, enum sheet_kind kind, union value value)
{
    assert(sheet->columns[sheet->values.len % sheet->width].kind == kind);
    (void)kind;
    if (!VEC_PUSH(&sheet->values, value))
        sheet->failed = true;
}

void sheet_text_cut(struct sheet *sheet, const char *text, size_t most)
{
    union value value = { .text = text && *text ? sheet->texts.len : 0 };

    if (value.text) {
        buf_put(&sheet->texts, text, strnlen(text, most));
        buf_put_u8(&sheet->texts, '\0');
    }
    add(sheet, SHEET_TEXT, value);
}

void sheet_text(struct sheet *sheet, const char *text)
{
    sheet_text_cut(sheet, text, SIZE_MAX);
}

void sheet_number(struct sheet *sheet, double number)
{
    add(sheet, SHEET_NUMBER, (union value){ .number = number });
}

void sheet_interval(struct sheet *sheet, double middle, double half)
{
    sheet_number(sheet, middle - half);
    sheet_number(sheet, middle + half);
}

void sheet_flag(struct sheet *sheet, bool flag)
{
    sheet_number(sheet, flag);
}

size_t sheet_rows(const struct sheet *sheet)
{
    return sheet->values.len / sheet->width;
}

const struct sheet_column *sheet_columns(const struct sheet *sheet)
{
    return sheet->columns;
}

const char *sheet_text_at(const struct sheet *sheet, size_t row, size_t column)
{
    size_t at = sheet->values.at[row * sheet->width + column].text;

    if (buf_failed(&sheet->texts))
        return "";
    return (const char *)sheet->texts.data + at;
}

double sheet_number_at(const struct sheet *sheet, size_t row, size_t column)
{
    return sheet->values.at[row * sheet->width + column].number;
}

size_t sheet_find(const struct sheet *sheet, const char *name)
{
    for (size_t c = 0; c < sheet->width; c++)
        if (!strcmp(sheet->columns[c].name, name))
            return c;
    return SIZE_MAX;
}

const char *sheet_text_of(const struct sheet *sheet, size_t row,
                          const char *name)
{
    return sheet_text_at(sheet, row, sheet_find(sheet, name));
}

double sheet_number_of(const struct sheet *sheet, size_t row, const char *name)
{
    return sheet_number_at(sheet, row, sheet_find(sheet, name));
}

struct sheet *sheet_pick(const struct sheet *from, const char *const *names,
                         bool (*keep)(const struct sheet *sheet, size_t row,
                                      const void *ctx),
                         const void *ctx)
{
    struct sheet *sheet = calloc(1, sizeof(*sheet));
    size_t at[SHEET_COLUMNS_MAX];

    if (!sheet)
        return NULL;
    for (; *names && sheet->width < SHEET_COLUMNS_MAX; names++) {
        size_t column = sheet_find(from, *names);

        if (column == SIZE_MAX)
            continue;
        at[sheet->width] = column;
        sheet->own_columns[sheet->width++] = from->columns[column];
    }
    sheet->columns = sheet->own_columns;
    sheet->failed = from->failed || buf_failed(&from->texts);
    buf_put_u8(&sheet->texts, 0);
    for (size_t r = 0; r < sheet_rows(from); r++) {
        if (keep && !keep(from, r, ctx))
            continue;
        for (size_t c = 0; c < sheet->width; c++) {
            if (sheet->columns[c].kind == SHEET_TEXT)
                sheet_text(sheet, sheet_text_at(from, r, at[c]));
            else
                sheet_number(sheet, sheet_number_at(from, r, at[c]));
        }
    }
    return sheet;
}

/* A row to be moved, with what it is ordered by. */
struct key {
    const char *text;
    double number;
    size_t row;
    bool down;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *p = a, *q = b;
    bool lacks_p = !*p->text && isnan(p->number);
    bool lacks_q = !*q->text && isnan(q->number);
    int order;

    if (lacks_p != lacks_q)
        return lacks_p - lacks_q;
    order = strcmp(p->text, q->text);
    if (!order)
        order = (p->number > q->number) - (p->number < q->number);
    if (order)
        return p->down ? -order : order;
    return (p->row > q->row) - (p->row < q->row);
}

static int find_column(const struct sheet *sheet, const char *name,
                       size_t *ret_column, struct err *err)
{
    const char *names[SHEET_COLUMNS_MAX + 1] = { 0 };
    const char *near;

    *ret_column = sheet_find(sheet, name);
    if (*ret_column != SIZE_MAX)
        return 0;
    for (size_t i = 0; i < sheet->width; i++)
        names[i] = sheet->columns[i].name;
    near = text_nearest(name, names);
    return err_set(err, ERR_USAGE, "there is no column '%s'%s%s%s", name,
                   near ? ", did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

static int sort_by(struct sheet *sheet, const char *by, struct err *err)
{
    size_t rows = sheet_rows(sheet), column = 0, width = sheet->width;
    bool down = *by == '-';
    struct key *keys;
    union value *moved;
    int rc = find_column(sheet, by + down, &column, err);

    if (rc)
        return rc;
    keys = calloc(rows + 1, sizeof(*keys));
    moved = calloc(rows * width + 1, sizeof(*moved));
    for (size_t r = 0; keys && moved && r < rows; r++) {
        bool is_text = sheet->columns[column].kind == SHEET_TEXT;

        keys[r].row = r;
        keys[r].down = down;
        keys[r].text = is_text ? sheet_text_at(sheet, r, column) : "";
        keys[r].number =
            is_text ? (double)NAN : sheet_number_at(sheet, r, column);
    }
    if (keys && moved) {
        qsort(keys, rows, sizeof(*keys), compare_keys);
        for (size_t r = 0; r < rows; r++)
            memcpy(moved + r * width, sheet->values.at + keys[r].row * width,
                   width * sizeof(*moved));
        if (rows)
            memcpy(sheet->values.at, moved, rows * width * sizeof(*moved));
    } else {
        rc = err_set(err, ERR_NOMEM, "no memory to sort %zu rows", rows);
    }
    free(keys);
    free(moved);
    return rc;
}

int sheet_sort(struct sheet *sheet, const char *by, struct err *err)
{
    char *names = strdup(by), *comma;
    int rc = names ? 0 : err_set(err, ERR_NOMEM, "no memory to sort");

    /* the last name first: equal ones keep their order */
    while (!rc && (comma = strrchr(names, ','))) {
        rc = sort_by(sheet, comma + 1, err);
        *comma = '\0';
    }
    if (!rc)
        rc = sort_by(sheet, names, err);
    free(names);
    return rc;
}

void sheet_quote(struct buf *out, const char *text)
{
    struct buf clean = { 0 };

    text_clean_utf8(&clean, text, strlen(text));
    buf_put_u8(out, '"');
    for (size_t i = 0; i < clean.len; i++) {
        uint8_t byte = clean.data[i];

        if (byte == '"' || byte == '\\')
            buf_printf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == '<' || byte == '&')
            buf_printf(out, "\\u%04x", byte);
        else
            buf_put_u8(out, byte);
    }
    buf_put_u8(out, '"');
    if (buf_failed(&clean))
        out->failed = true;
    buf_free(&clean);
}

static void print_value(const struct sheet *sheet, size_t row, size_t column,
                        int digits, struct buf *out)
{
    double number;

    if (sheet->columns[column].kind == SHEET_TEXT) {
        sheet_quote(out, sheet_text_at(sheet, row, column));
        return;
    }
    number = sheet_number_at(sheet, row, column);
    if (!isfinite(number))
        buf_printf(out, "null");
    else if (number == floor(number) && fabs(number) < 1e15)
        buf_printf(out, "%.0f", number);
    else
        buf_printf(out, "%.*g", digits, number);
}

static int check(const struct sheet *sheet, const struct buf *out,
                 struct err *err)
{
    if (sheet->failed || buf_failed(&sheet->texts) || buf_failed(out))
        return err_set(err, ERR_NOMEM, "no memory for a table of %zu rows",
                       sheet_rows(sheet));
    return 0;
}

int sheet_print_compact(const struct sheet *sheet, int digits, struct buf *out,
                        struct err *err)
{
    buf_printf(out, "{\"fields\":[");
    for (size_t c = 0; c < sheet->width; c++)
        buf_printf(out, "%s\"%s\"", c ? "," : "", sheet->columns[c].name);
    buf_printf(out, "],\"rows\":[");
    for (size_t r = 0; r < sheet_rows(sheet); r++) {
        buf_printf(out, "%s[", r ? ",\n" : "\n");
        for (size_t c = 0; c < sheet->width; c++) {
            if (c)
                buf_put_u8(out, ',');
            print_value(sheet, r, c, digits, out);
        }
        buf_put_u8(out, ']');
    }
    buf_printf(out, "]}");
    return check(sheet, out, err);
}

int sheet_print_json(const struct sheet *sheet, struct buf *out,
                     struct err *err)
{
    buf_put_u8(out, '[');
    for (size_t r = 0; r < sheet_rows(sheet); r++) {
        buf_printf(out, "%s\n{", r ? "," : "");
        for (size_t c = 0; c < sheet->width; c++) {
            buf_printf(out, "%s\"%s\": ", c ? ", " : "",
                       sheet->columns[c].name);
            print_value(sheet, r, c, 17, out);
        }
        buf_put_u8(out, '}');
    }
    buf_printf(out, "\n]");
    return check(sheet, out, err);
}

static void csv_text(struct buf *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        buf_printf(out, "%s", text);
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

int sheet_print_csv(const struct sheet *sheet, struct buf *out, struct err *err)
{
    for (size_t c = 0; c < sheet->width; c++)
        buf_printf(out, "%s%s", c ? "," : "", sheet->columns[c].name);
    buf_put_u8(out, '\n');
    for (size_t r = 0; r < sheet_rows(sheet); r++) {
        for (size_t c = 0; c < sheet->width; c++) {
            if (c)
                buf_put_u8(out, ',');
            if (sheet->columns[c].kind == SHEET_TEXT)
                csv_text(out, sheet_text_at(sheet, r, c));
            else if (isfinite(sheet_number_at(sheet, r, c)))
                print_value(sheet, r, c, 17, out);
        }
        buf_put_u8(out, '\n');
    }
    return check(sheet, out, err);
}
