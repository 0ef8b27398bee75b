/* comparison.h - a comparison of two archives as a table and a sentence */
#ifndef REPORT_COMPARISON_H
#define REPORT_COMPARISON_H

#include <stdbool.h>

#include "analysis/compare.h"
#include "core/buf.h"
#include "core/err.h"
#include "report/sheet.h"

/* A row an op point: verdict, axes, both throughputs, the difference and
 * half its 95 % interval in percent, a sentence.  Without 'all' only those
 * that are faster, slower, new or gone, or changed in accuracy.
 * Returns 0 and a sheet for sheet_destroy(); ERR_NOMEM. */
int comparison_sheet(const struct comparisons *comparisons,
                     enum scope_kind scope, bool all, struct sheet **ret_sheet,
                     struct err *err);

/* Append a page of them that needs no network (page.h); 'names' are what A
 * and B are called.  Returns 0 or ERR_NOMEM. */
int comparison_html(const struct comparisons *comparisons,
                    enum scope_kind scope, const char *const names[2],
                    struct buf *out, struct err *err);

/* Append one line: "30 op points: 2 slower, 1 faster, 27 same". */
void comparison_total(const struct comparisons *comparisons, struct buf *out);

#endif
