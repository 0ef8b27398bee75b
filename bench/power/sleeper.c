/* sleeper.c - wakes every millisecond, which bench/power is held against
 *
 * Reads nothing, writes nothing; ends with its standard input.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 1000000

int main(void)
{
    struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
    struct timespec at;

    (void)prctl(PR_SET_TIMERSLACK, 1000ul, 0, 0, 0);
    clock_gettime(CLOCK_MONOTONIC, &at);
    for (unsigned i = 0;; i++) {
        at.tv_nsec += PERIOD_NS;
        if (at.tv_nsec >= 1000000000) {
            at.tv_nsec -= 1000000000;
            at.tv_sec++;
        }
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        if (i % 50 == 0 && poll(&in, 1, 0) > 0)
            return 0;
    }
}
