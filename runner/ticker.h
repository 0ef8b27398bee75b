/* ticker.h - ticks on absolute deadlines, cheap to wait for
 *
 * Two timers of two periods each, half a turn apart, are waited for in turn.
 * When one has fired the other is already set and due first, so the kernel
 * need not set the clock's hardware once more before it sleeps.  On a virtual
 * machine that leaves the guest and is a third of what a tick costs
 * (bench/power); elsewhere nothing is lost.
 */
#ifndef RUNNER_TICKER_H
#define RUNNER_TICKER_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/fail.h"

struct ticker {
    int64_t start_ns, period_ns; /* CLOCK_MONOTONIC */
    int64_t last_ns;             /* deadline of the tick that came last */
    struct {
        int fd;         /* readable when it has fired */
        uint64_t fired; /* how often, in all */
    } timers[2];
    unsigned turn; /* whose tick is next */
};

/* Start ticks at 'start_ns' (CLOCK_MONOTONIC, past or to come) and every
 * 'period_ns' (> 0) from there.  Give it back with ticker_stop(), whatever is
 * returned: 0, or -1: FAIL_INTERNAL (the system gave no timer). */
int ticker_start(struct ticker *ret_ticker, int64_t start_ns, int64_t period_ns,
                 struct fail *fail);
void ticker_stop(struct ticker *ticker);

/* What becomes readable at the next tick, for poll(). */
int ticker_fd(const struct ticker *ticker);

/* Take the next tick, whose deadline is then 'last_ns'; waits for it where
 * ticker_fd() is not readable yet.  Of ticks that were missed at most the last
 * two are taken.  Returns false if what fired was older than the tick taken
 * before: take again. */
bool ticker_take(struct ticker *ticker);

#endif
