/* plateau.h - where a trace stands high: inference, if nobody says when
 *
 * Pure.
 */
#ifndef WORKERS_METER_PLATEAU_H
#define WORKERS_METER_PLATEAU_H

#include "workers/meter/power.h"

/* The longest stretch within 'run' at which power stands above the middle
 * between 'idle_w' and its 90th percentile; dips of up to five readings do
 * not end it.  False where nothing stands out: less than 20 % of idle above
 * it, or than five times its noise ('idle_stdev_w'), or under ten readings.
 */
bool power_plateau(const struct power_reading *readings, size_t len,
                   const struct power_window *run, double idle_w,
                   double idle_stdev_w, struct power_window *ret_window);

#endif
