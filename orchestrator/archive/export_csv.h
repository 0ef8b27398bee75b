/* export_csv.h - tables of an archive as text that other tools read */
#ifndef ORCHESTRATOR_ARCHIVE_EXPORT_CSV_H
#define ORCHESTRATOR_ARCHIVE_EXPORT_CSV_H

#include "core/buf.h"
#include "core/err.h"
#include "hdf5_schema/table.h"

/* Append 'table' as CSV (RFC 4180): a header line of column names, a line a
 * row; numbers as the shortest text that reads back the same, labels and
 * flags as words, missing fields empty.  Returns 0 or ERR_NOMEM. */
int export_csv_table(const struct table *table, struct buf *out,
                     struct err *err);

/* Append a CSV of the columns themselves: name, type, unit, long name.
 * Returns 0 or ERR_NOMEM. */
int export_csv_columns(const struct table *table, struct buf *out,
                       struct err *err);

/* Append a JSON object a line and row; missing fields are left out.
 * Returns 0 or ERR_NOMEM. */
int export_json_lines(const struct table *table, struct buf *out,
                      struct err *err);

/* Append the cells that are ok with the published QuTiBench column names and
 * units (latencies in ms, operation rates in GOP/s; numbers to 12 digits, as
 * published).  Returns 0 or ERR_NOMEM. */
int export_qutibench(const struct table *cells, struct buf *out,
                     struct err *err);

#endif
