/* clock_line.h - a board's time, as it answers
 *
 * {"t_unix_ns": 1700000000123456789} of labrunner, bare nanoseconds of
 * date(1), or "1700000000s" of one that knows whole seconds alone.  Pure; the
 * bytes are not trusted.
 */
#ifndef WORKERS_CLOCK_LINE_H
#define WORKERS_CLOCK_LINE_H

#include <stddef.h>

#include "core/err.h"

/* Seconds since 1970, and how much of them is not told (half a second on
 * either side of whole ones, else 0).  Returns 0; ERR_IO: no instant from
 * 1970 to 2242. */
int clock_line_parse(const char *line, size_t len, double *ret_unix_s,
                     double *ret_coarse_s, struct err *err);

#endif
