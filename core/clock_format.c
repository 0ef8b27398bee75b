/* clock_format.c - how people read instants and durations */
#include "core/clock_format.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "core/units.h"

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
