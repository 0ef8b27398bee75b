/* clock_format.h - instants and durations as text; reads no clock */
#ifndef CORE_CLOCK_FORMAT_H
#define CORE_CLOCK_FORMAT_H

#include <stdint.h>

/* "2026-11-22T15:33:02Z" of an instant; 'text' holds at least 32 bytes.
 * Returns 'text'. */
char *clock_format_utc(int64_t unix_ns, char *text);

/* "1 h 02 min", "12 s", "0.35 s": a duration for people; 'text' holds at
 * least 32 bytes.  NaN is "?".  Returns 'text'. */
char *clock_format_duration(double seconds, char *text);

#endif
