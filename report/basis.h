/* basis.h - what the numbers of a report rest on, in one line */
#ifndef REPORT_BASIS_H
#define REPORT_BASIS_H

#include "core/buf.h"
#include "report/report_data.h"

/* Append "repeats: 1 to 3, mean, 95 % intervals; power scope: board;
 * weights: 4 digests, 741be0bb, ...". */
void basis_print(const struct report_data *data, struct buf *out);

/* The same without repeats. */
void basis_print_origin(const struct report_data *data, struct buf *out);

#endif
