/* clock.c - the two clocks and how people read them */
#include "core/clock.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_unix_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

char *clock_format_utc(int64_t unix_ns, char *text)
{
    time_t seconds = (time_t)(unix_ns / NS_PER_S);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

char *clock_format_duration(double seconds, char *text)
{
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e12)
        snprintf(text, 32, "?");
    else if (seconds < 10)
        snprintf(text, 32, "%.3g s", seconds);
    else if (seconds < 120)
        snprintf(text, 32, "%.0f s", seconds);
    else if (seconds < 2 * 3600)
        snprintf(text, 32, "%.0f min %02.0f s", floor(seconds / 60),
                 floor(fmod(seconds, 60)));
    else
        snprintf(text, 32, "%.0f h %02.0f min", floor(seconds / 3600),
                 floor(fmod(seconds, 3600) / 60));
    return text;
}
