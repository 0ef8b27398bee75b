/* csv.c - comma-separated values, field by field */
#include "orchestrator/archive/csv.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/vec.h"

struct csv {
    char *file;
    struct buf text;      /* all fields, each ended by a zero */
    VEC(uint32_t) fields; /* where each begins, row after row */
    VEC(uint32_t) lines;  /* of each row, the header's first */
    size_t columns;
};

/* A place in the input. */
struct scan {
    const char *at, *end;
    size_t line;
};

void csv_destroy(struct csv *csv)
{
    if (!csv)
        return;
    VEC_FREE(&csv->fields);
    VEC_FREE(&csv->lines);
    buf_free(&csv->text);
    free(csv->file);
    free(csv);
}

static bool at_line_end(const struct scan *s)
{
    return s->at == s->end || *s->at == '\n' ||
           (*s->at == '\r' && (s->at + 1 == s->end || s->at[1] == '\n'));
}

static void line_end(struct scan *s)
{
    if (s->at < s->end && *s->at == '\r')
        s->at++;
    if (s->at < s->end && *s->at == '\n')
        s->at++;
    s->line++;
}

static int scan_fail(const struct csv *csv, const struct scan *s,
                     struct err *err, const char *sentence)
{
    return err_set(err, ERR_FORMAT, "%s: line %zu: %s", csv->file, s->line,
                   sentence);
}

/* The rest of a quoted field, behind its first quote. */
static int quoted_read(struct csv *csv, struct scan *s, struct err *err)
{
    struct scan open = *s;

    while (s->at < s->end) {
        if (*s->at == '"' && s->at + 1 < s->end && s->at[1] == '"')
            s->at++;
        else if (*s->at == '"')
            break;
        if (*s->at == '\n')
            s->line++;
        buf_put_u8(&csv->text, (uint8_t)*s->at++);
    }
    if (s->at == s->end)
        return scan_fail(csv, &open, err, "a quoted field does not end");
    s->at++;
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
        s->at++;
    if (!at_line_end(s) && *s->at != ',')
        return scan_fail(csv, s, err, "text behind a quoted field");
    return 0;
}

static int plain_read(struct csv *csv, struct scan *s, struct err *err)
{
    const char *begin = s->at, *end;

    while (!at_line_end(s) && *s->at != ',') {
        if (*s->at == '"')
            return scan_fail(csv, s, err, "a quote inside a field");
        s->at++;
    }
    end = s->at;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    buf_put(&csv->text, begin, (size_t)(end - begin));
    return 0;
}

static int field_read(struct csv *csv, struct scan *s, struct err *err)
{
    size_t start = csv->text.len;
    int rc;

    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
        s->at++;
    if (s->at < s->end && *s->at == '"') {
        s->at++;
        rc = quoted_read(csv, s, err);
    } else {
        rc = plain_read(csv, s, err);
    }
    if (rc)
        return rc;
    if (csv->text.len - start > CSV_FIELD_MAX)
        return scan_fail(csv, s, err, "a field is longer than 65535 bytes");
    buf_put_u8(&csv->text, 0);
    if (buf_failed(&csv->text) || !VEC_PUSH(&csv->fields, (uint32_t)start))
        return err_set(err, ERR_NOMEM, "no memory for '%s'", csv->file);
    return 0;
}

/* One row at the scan. */
static int row_read(struct csv *csv, struct scan *s, struct err *err)
{
    size_t before = csv->fields.len, count;
    size_t line = s->line;
    int rc = field_read(csv, s, err);

    while (!rc && s->at < s->end && *s->at == ',') {
        s->at++;
        if (csv->fields.len - before >= CSV_COLUMNS_MAX)
            return scan_fail(csv, s, err, "more than 1024 fields");
        rc = field_read(csv, s, err);
    }
    if (rc)
        return rc;
    line_end(s);
    count = csv->fields.len - before;
    if (!csv->lines.len)
        csv->columns = count;
    if (count != csv->columns)
        return err_set(err, ERR_FORMAT,
                       "%s: line %zu: found %zu fields, expected %zu",
                       csv->file, line, count, csv->columns);
    if (!VEC_PUSH(&csv->lines, (uint32_t)line))
        return err_set(err, ERR_NOMEM, "no memory for '%s'", csv->file);
    return 0;
}

static int all_read(struct csv *csv, const char *text, size_t len,
                    struct err *err)
{
    struct scan s = { text, text + len, 1 };
    int rc = 0;

    if (len > CSV_BYTES_MAX)
        return err_set(err, ERR_FORMAT, "%s: longer than %u bytes", csv->file,
                       CSV_BYTES_MAX);
    if (memchr(text, 0, len))
        return err_set(err, ERR_FORMAT, "%s: a zero byte, so no text",
                       csv->file);
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        s.at += 3;
    while (!rc && s.at < s.end) {
        if (at_line_end(&s))
            line_end(&s);
        else
            rc = row_read(csv, &s, err);
    }
    if (!rc && !csv->lines.len)
        rc = err_set(err, ERR_FORMAT, "%s: no header line", csv->file);
    return rc;
}

int csv_parse(const void *text, size_t len, const char *file,
              struct csv **ret_csv, struct err *err)
{
    struct csv *csv = calloc(1, sizeof(*csv));
    int rc = 0;

    if (csv)
        csv->file = strdup(file);
    if (!csv || !csv->file)
        rc = err_set(err, ERR_NOMEM, "no memory for '%s'", file);
    if (!rc)
        rc = all_read(csv, len ? text : "", len, err);
    if (rc)
        csv_destroy(csv);
    else
        *ret_csv = csv;
    return rc;
}

size_t csv_rows(const struct csv *csv)
{
    return csv->lines.len - 1;
}

size_t csv_columns(const struct csv *csv)
{
    return csv->columns;
}

const char *csv_header(const struct csv *csv, size_t column)
{
    return (const char *)csv->text.data + csv->fields.at[column];
}

const char *csv_field(const struct csv *csv, size_t row, size_t column)
{
    return (const char *)csv->text.data +
           csv->fields.at[(row + 1) * csv->columns + column];
}

size_t csv_line(const struct csv *csv, size_t row)
{
    return csv->lines.at[row + 1];
}

int csv_fail(const struct csv *csv, size_t row, size_t column, struct err *err,
             const char *fmt, ...)
{
    char sentence[ERR_TEXT_MAX / 2];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof(sentence), fmt, args);
    va_end(args);
    return err_set(err, ERR_FORMAT, "%s: line %zu, column '%.60s': %s",
                   csv->file, csv_line(csv, row), csv_header(csv, column),
                   sentence);
}
