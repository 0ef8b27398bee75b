/* form.c - Python dictionaries, JSON lines and tables among other lines */
#include "workers/collect/form.h"

#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "workers/collect/json_find.h"
#include "workers/collect/literal.h"

#define CELLS_MAX 512

/* A line without its end, and without blanks around it. */
struct line {
    const char *at;
    size_t len, next; /* where the next one starts */
};

static struct line line_at(const char *text, size_t len, size_t at)
{
    const char *end = memchr(text + at, '\n', len - at);
    struct line line = { text + at, end ? (size_t)(end - text) - at : len - at,
                         0 };

    line.next = at + line.len + 1;
    while (line.len && strchr(" \t", *line.at)) {
        line.at++;
        line.len--;
    }
    while (line.len && strchr(" \t", line.at[line.len - 1]))
        line.len--;
    return line;
}

/* ---- dictionaries */

/* One more value; only the last is kept unless all are wanted. */
static void next_value(struct buf *json, bool array, size_t *count)
{
    if (!array)
        buf_clear(json);
    else if (*count)
        buf_put_u8(json, ',');
    ++*count;
}

static int put_python(const char *text, size_t len, bool array,
                      struct buf *json, size_t *count, struct err *err)
{
    size_t at = 0;
    int rc = 0;

    while (!rc && at < len) {
        struct line line = line_at(text, len, at);
        size_t end = 0;

        at = line.next;
        if (!line.len || *line.at != '{')
            continue;
        next_value(json, array, count);
        rc = literal_to_json(text, len, (size_t)(line.at - text), json, &end,
                             err);
        if (!rc)
            at = end < len ? line_at(text, len, end).next : len;
    }
    return rc;
}

static int put_lines(const char *text, size_t len, bool array, struct buf *json,
                     size_t *count, struct err *err)
{
    for (size_t at = 0; at < len;) {
        struct line line = line_at(text, len, at);
        struct json_doc *doc = NULL;

        at = line.next;
        if (!line.len || *line.at != '{')
            continue;
        if (json_doc_parse(line.at, line.len, "a line of JSON", &doc, err))
            return ERR_FORMAT;
        json_doc_destroy(doc);
        next_value(json, array, count);
        buf_put(json, line.at, line.len);
    }
    return 0;
}

/* ---- tables */

struct cell {
    const char *at;
    size_t len;
};

/* Cut a line at commas; an empty cell after the last comma is none.
 * Returns their number, 0 if there is no comma or more than CELLS_MAX. */
static size_t cut(const struct line *line, struct cell *cells)
{
    const char *at = line->at, *end = line->at + line->len;
    size_t n = 0;

    if (!line->len || !memchr(line->at, ',', line->len))
        return 0;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;

        if (n == CELLS_MAX)
            return 0;
        while (at < stop && strchr(" \t", *at))
            at++;
        cells[n].at = at;
        cells[n].len = (size_t)(stop - at);
        while (cells[n].len && strchr(" \t", at[cells[n].len - 1]))
            cells[n].len--;
        n++;
        at = comma ? comma + 1 : end;
    }
    return n;
}

static bool is_name(const struct cell *cell)
{
    char word[80];
    double value;

    if (!cell->len || cell->len >= sizeof(word))
        return false;
    memcpy(word, cell->at, cell->len);
    word[cell->len] = 0;
    return !text_to_f64(word, &value);
}

static bool is_number(const struct cell *cell)
{
    return cell->len && !is_name(cell) && cell->len < 80;
}

static bool same_cells(const struct cell *a, const struct cell *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i].len != b[i].len || memcmp(a[i].at, b[i].at, a[i].len) != 0)
            return false;
    return true;
}

/* A header is a line of at least two names, none of them twice. */
static bool is_header(const struct cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_name(&cells[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (cells[k].len == cells[i].len &&
                same_cells(&cells[k], &cells[i], 1))
                return false;
    }
    return n >= 2;
}

static void put_row(const struct cell *names, const struct cell *cells,
                    size_t n, struct buf *json)
{
    buf_put_u8(json, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_put_u8(json, ',');
        literal_put_string(json, names[i].at, names[i].len);
        buf_put_u8(json, ':');
        literal_put_string(json, cells[i].at, cells[i].len);
    }
    buf_put_u8(json, '}');
}

/* Lines that are no rows are the tool's own words and passed over; but a row
 * that was cut short must not vanish from a sum. */
static int put_table(const char *text, size_t len, struct buf *json,
                     size_t *count, struct err *err)
{
    struct cell names[CELLS_MAX], cells[CELLS_MAX];
    size_t wanted = 0;

    for (size_t at = 0; at < len;) {
        struct line line = line_at(text, len, at);
        size_t n = cut(&line, cells);

        at = line.next;
        if (!wanted && is_header(cells, n)) {
            memcpy(names, cells, n * sizeof(*names));
            wanted = n;
        } else if (wanted && n == wanted && !same_cells(names, cells, n)) {
            next_value(json, true, count);
            put_row(names, cells, n, json);
        } else if (wanted && n && n != wanted && is_number(&cells[0])) {
            return err_set(err, ERR_FORMAT,
                           "a row of the table has %zu cells, its header %zu",
                           n, wanted);
        }
    }
    if (wanted && !*count)
        return err_set(err, ERR_FORMAT, "the table has a header and no row");
    return 0;
}

/* ---- all */

static const char *word_of(enum adapter_form form)
{
    return form == ADAPTER_FORM_PYTHON  ? "Python dictionary"
           : form == ADAPTER_FORM_LINES ? "line of JSON"
                                        : "table with a line of names";
}

int form_read(enum adapter_form form, const char *text, size_t len, bool array,
              struct json_doc **ret_doc, struct err *err)
{
    struct buf json = { 0 }, whole = { 0 };
    size_t count = 0;
    int rc;

    if (form == ADAPTER_FORM_JSON)
        return json_find_last(text, len, array, ret_doc, err);
    if (form == ADAPTER_FORM_PYTHON)
        rc = put_python(text, len, array, &json, &count, err);
    else if (form == ADAPTER_FORM_LINES)
        rc = put_lines(text, len, array, &json, &count, err);
    else
        rc = put_table(text, len, &json, &count, err);
    array = array || form == ADAPTER_FORM_TABLE;
    if (!rc && !count)
        rc = err_set(err, ERR_NOT_FOUND, "found no %s", word_of(form));
    if (!rc) {
        buf_printf(&whole, "%s", array ? "[" : "");
        buf_put(&whole, json.data, json.len);
        buf_printf(&whole, "%s", array ? "]" : "");
        if (buf_failed(&json) || buf_failed(&whole))
            rc = err_set(err, ERR_NOMEM, "no memory for values");
    }
    if (!rc)
        rc = json_doc_parse(whole.data, whole.len, "the values printed",
                            ret_doc, err);
    buf_free(&json);
    buf_free(&whole);
    return rc;
}
