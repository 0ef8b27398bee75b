/* csv.h - comma-separated values of others, read without trusting them
 *
 * RFC 4180: quoted fields, "" inside them, line ends CRLF or LF; a byte
 * order mark and empty lines are passed over.  Blanks around a field are
 * not part of it, unless it is quoted.
 */
#ifndef ORCHESTRATOR_ARCHIVE_CSV_H
#define ORCHESTRATOR_ARCHIVE_CSV_H

#include <stddef.h>

#include "core/err.h"

#define CSV_BYTES_MAX   (256u << 20)
#define CSV_FIELD_MAX   65535
#define CSV_COLUMNS_MAX 1024

struct csv;

/* Parse a text; 'file' names it in errors.  Every row must have as many
 * fields as the header line.  Returns 0 and a csv for csv_destroy();
 * ERR_FORMAT with line and field; ERR_NOMEM. */
int csv_parse(const void *text, size_t len, const char *file,
              struct csv **ret_csv, struct err *err);
void csv_destroy(struct csv *csv); /* NULL is fine */

/* Rows behind the header line, fields of each; header and field, borrowed;
 * the line (from 1) that a row begins at. */
size_t csv_rows(const struct csv *csv);
size_t csv_columns(const struct csv *csv);
const char *csv_header(const struct csv *csv, size_t column);
const char *csv_field(const struct csv *csv, size_t row, size_t column);
size_t csv_line(const struct csv *csv, size_t row);

/* ERR_FORMAT with "FILE: line N, column 'NAME': " and the sentence. */
int csv_fail(const struct csv *csv, size_t row, size_t column, struct err *err,
             const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
