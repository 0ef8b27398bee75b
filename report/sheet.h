/* sheet.h - a result table on its way out: to a figure, a terminal, a file
 *
 * Columns first, then values row by row, left to right.  A sheet that ran
 * out of memory stays 'failed'; the one check is in the printers.
 */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define SHEET_COLUMNS_MAX 48

enum sheet_kind {
    SHEET_TEXT,
    SHEET_NUMBER, /* NaN is missing */
};

/* How the terminal writes a number. */
enum sheet_form {
    SHEET_PLAIN,  /* up to 4 significant digits, whole ones whole */
    SHEET_PREFIX, /* with an SI prefix before the unit: 3.85 M/s */
    SHEET_FIXED2, /* two digits after the point */
};

struct sheet_column {
    const char *name; /* stable, snake_case: JSON and CSV */
    const char *head; /* for people; NULL: not on the terminal */
    const char *unit; /* SI, "" for none */
    enum sheet_kind kind;
    enum sheet_form form;
};

struct sheet;

/* An empty sheet over 'columns' (kept; const tables), which end with a NULL
 * name.  NULL if there is no memory. */
struct sheet *sheet_create(const struct sheet_column *columns);
void sheet_destroy(struct sheet *sheet); /* NULL is fine */

/* The next value; its column must be of that kind (asserted).  Text is
 * copied, of a cut one at most 'most' bytes; NULL is "". */
void sheet_text(struct sheet *sheet, const char *text);
void sheet_text_cut(struct sheet *sheet, const char *text, size_t most);
void sheet_number(struct sheet *sheet, double number);
/* Two numbers: where an interval around 'middle' starts and ends. */
void sheet_interval(struct sheet *sheet, double middle, double half);
void sheet_flag(struct sheet *sheet, bool flag); /* 1 or 0 */

/* How many whole rows it has; its columns, borrowed. */
size_t sheet_rows(const struct sheet *sheet);
const struct sheet_column *sheet_columns(const struct sheet *sheet);

/* Read back; borrowed until the next value is added. */
const char *sheet_text_at(const struct sheet *sheet, size_t row, size_t column);
double sheet_number_at(const struct sheet *sheet, size_t row, size_t column);

/* The place of the column called 'name'; SIZE_MAX if there is none. */
size_t sheet_find(const struct sheet *sheet, const char *name);

/* The same by the column's name, which there must be. */
const char *sheet_text_of(const struct sheet *sheet, size_t row,
                          const char *name);
double sheet_number_of(const struct sheet *sheet, size_t row, const char *name);

/* A sheet of the rows of 'from' that 'keep' says yes to (NULL: all) and of
 * the columns in 'names' (ends with NULL; those that 'from' lacks are passed
 * over).  NULL if there is no memory. */
struct sheet *sheet_pick(const struct sheet *from, const char *const *names,
                         bool (*keep)(const struct sheet *sheet, size_t row,
                                      const void *ctx),
                         const void *ctx);

/* Order rows by a column's name ("-name" descends; missing last; equal ones
 * keep their order), or by several: "platform,-fps".  Returns 0, ERR_USAGE (no
 * such column), ERR_NOMEM. */
int sheet_sort(struct sheet *sheet, const char *by, struct err *err);

/* Append {"fields": [...], "rows": [[...], ...]}: small, and safe inside a
 * script element.  Numbers have 'digits' significant digits; missing is
 * null.  Returns 0 or ERR_NOMEM. */
int sheet_print_compact(const struct sheet *sheet, int digits, struct buf *out,
                        struct err *err);

/* Append a JSON array of one object a row, a row a line; every digit kept.
 * Returns 0 or ERR_NOMEM. */
int sheet_print_json(const struct sheet *sheet, struct buf *out,
                     struct err *err);

/* Append CSV (RFC 4180, "\n"), names as the head, missing as nothing.
 * Returns 0 or ERR_NOMEM. */
int sheet_print_csv(const struct sheet *sheet, struct buf *out,
                    struct err *err);

/* Append 'text' as a JSON string, with '<' escaped so that it can stand in a
 * script element; bytes that are no UTF-8 become U+FFFD. */
void sheet_quote(struct buf *out, const char *text);

#endif
