/* lane_clock.h - the board's clock against the worker's, measured */
#ifndef WORKERS_LANE_CLOCK_H
#define WORKERS_LANE_CLOCK_H

#include <stdint.h>

#include "core/err.h"
#include "workers/lane_board.h"

/* A difference of clocks: board minus worker, and how wrong it may be (half
 * of the round trip that was quickest). */
struct lane_clock {
    double offset_s, bound_s; /* NaN: not known */
};

/* Ask the board's clock a few times over one process, which is kept for the
 * next time where the board allows it: labrunner's "clock" if 'runner' (its
 * path there) is not NULL, else date(1).
 *
 * Returns 0; ERR_IO (see link_lost; or the board tells no nanoseconds),
 * ERR_TIMEOUT, ERR_REFUSED (cancelled), ERR_FORMAT. */
int lane_clock_measure(struct lane_board *board, const char *runner,
                       struct lane_clock *ret_clock, struct err *err);

/* End the process that is kept; nothing if there is none. */
void lane_clock_close(struct lane_board *board);

/* The tag of its process. */
extern const struct lane_tag lane_clock_tag;

/* One offset from a measurement before and one after: their mean, and a
 * bound that holds for both and what lies between if it drifts evenly. */
struct lane_clock lane_clock_join(const struct lane_clock *before,
                                  const struct lane_clock *after);

#endif
