/* power_check.h - what no sensor should say, named
 *
 * Pure.
 */
#ifndef WORKERS_METER_POWER_CHECK_H
#define WORKERS_METER_POWER_CHECK_H

#include "core/buf.h"
#include "workers/meter/power.h"

/* What an instrument may say. */
struct power_check {
    double period_s;
    double low_w, high_w; /* of a board at work; 0: no such limit */
};

/* Look at readings (in order of time) and make NaN of those that cannot be
 * right, so that they are not covered:
 * - jumped: beyond the highest power, whatever its sign;
 * - frozen: a sensor of fine steps that changed all the time says one value
 *   for as long as 20 of its updates and 30 readings;
 * - fallen: at most three readings in a row under a quarter of nearly all
 *   others.
 * What was found is appended to 'words', "; " between.  Repeats, and a value
 * that never changed, are named and kept. */
void power_check(struct power_reading *readings, size_t len,
                 const struct power_check *check, struct buf *words);

/* Whether the median of the readings lies out of the limits; then a sentence
 * that names the unit which may be meant, for mW and uW differ by 1000. */
bool power_check_scale(const struct power_reading *readings, size_t len,
                       const struct power_check *check, struct buf *words);

#endif
