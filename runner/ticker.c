/* ticker.c - two timers in turn */
#include "runner/ticker.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static struct timespec timespec_of(int64_t ns)
{
    return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
                              .tv_nsec = (long)(ns % 1000000000) };
}

/* The deadline of what timer 'i' fired last. */
static int64_t deadline(const struct ticker *t, unsigned i)
{
    int64_t turns = 2 * ((int64_t)t->timers[i].fired - 1) + i;

    return t->start_ns + turns * t->period_ns;
}

int ticker_start(struct ticker *ret_ticker, int64_t start_ns, int64_t period_ns,
                 struct fail *fail)
{
    struct ticker *t = ret_ticker;
    int rc = 0;

    *t = (struct ticker){ .start_ns = start_ns,
                          .period_ns = period_ns,
                          .last_ns = start_ns - period_ns,
                          .timers = { { .fd = -1 }, { .fd = -1 } } };
    for (unsigned i = 0; !rc && i < 2; i++) {
        struct itimerspec every = {
            .it_value = timespec_of(start_ns + i * period_ns),
            .it_interval = timespec_of(2 * period_ns),
        };

        t->timers[i].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
        if (t->timers[i].fd < 0 ||
            timerfd_settime(t->timers[i].fd, TFD_TIMER_ABSTIME, &every, NULL))
            rc = fail_set_errno(fail, FAIL_INTERNAL,
                                "a timer was not to be had");
    }
    return rc;
}

void ticker_stop(struct ticker *ticker)
{
    for (unsigned i = 0; i < 2; i++)
        if (ticker->timers[i].fd >= 0)
            close(ticker->timers[i].fd);
    ticker->timers[0].fd = ticker->timers[1].fd = -1;
}

int ticker_fd(const struct ticker *ticker)
{
    return ticker->timers[ticker->turn].fd;
}

bool ticker_take(struct ticker *ticker)
{
    uint64_t times = 0;
    int64_t at;

    while (read(ticker_fd(ticker), &times, sizeof times) < 0 && errno == EINTR)
        ;
    ticker->timers[ticker->turn].fired += times;
    at = deadline(ticker, ticker->turn);
    if (at <= ticker->last_ns)
        return false; /* the other timer went past while nobody took it */
    ticker->last_ns = at;
    ticker->turn ^= 1;
    return true;
}
