/* clock.h - time as values: monotonic and wall, or a fake for tests
 *
 * Instants on the wall are int64 ns since 1970 UTC, on the monotonic clock
 * int64 ns since an arbitrary start; durations are double seconds.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#include "core/units.h"

/* Nanoseconds of a clock that only goes forward, from an unknown start. */
int64_t clock_mono_ns(void);
/* Nanoseconds since 1970 UTC; jumps where the machine's clock is set. */
int64_t clock_unix_ns(void);

/* "2026-11-22T15:33:02Z" of an instant; 'text' holds at least 32 bytes.
 * Returns 'text'. */
char *clock_format_utc(int64_t unix_ns, char *text);

/* "1 h 02 min", "12 s", "0.35 s": a duration for people; 'text' holds at
 * least 32 bytes.  NaN is "?".  Returns 'text'. */
char *clock_format_duration(double seconds, char *text);

#endif
