/* clock.h - time as values: the monotonic clock and the wall
 *
 * Instants on the wall are int64 ns since 1970 UTC, on the monotonic clock
 * int64 ns since an arbitrary start; durations are double seconds.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#include "core/clock_format.h"
#include "core/units.h"

/* Nanoseconds of a clock that only goes forward, from an unknown start. */
int64_t clock_mono_ns(void);
/* Nanoseconds since 1970 UTC; jumps where the machine's clock is set. */
int64_t clock_unix_ns(void);

#endif
