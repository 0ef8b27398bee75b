/* hours.h - when a board may be used: "22:00-06:00", "Mon-Fri 19:00-07:00" */
#ifndef INVENTORY_HOURS_H
#define INVENTORY_HOURS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* A span of the week.  One that ends before it begins goes over midnight and
 * belongs to the day it begins on. */
struct hours {
    bool days[7]; /* Sunday first, as in struct tm */
    int from, to; /* minutes of the day, 0 to 1440 */
};

/* Read "[DAY[-DAY] ]HH:MM-HH:MM", days Mon to Sun, every day if not said.
 * Returns 0 or ERR_FORMAT. */
int hours_parse(const char *text, struct hours *ret_hours, struct err *err);

/* True if one of the spans holds this minute (0 to 1439) of this day of the
 * week (Sunday is 0), or there is no span at all. */
bool hours_hold(const struct hours *spans, size_t len, int day, int minute);

#endif
