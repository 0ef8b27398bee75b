/* power.h - readings and a window become power, energy and its error
 *
 * Pure.  Times are int64 ns on the meter's own clock.  A reading that was
 * missed is NaN and never bridged: time without readings is not covered.
 */
#ifndef WORKERS_METER_POWER_H
#define WORKERS_METER_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct power_reading {
    int64_t t_ns;
    double power_w; /* NaN: missed */
    bool late;
};

struct power_window {
    int64_t start_ns, end_ns;
};

/* What a window saw; NaN where there was nothing to see. */
struct power_summary {
    double mean_w;               /* over the covered time */
    double median_w, stdev_w;    /* of the readings inside the window */
    double energy_j;             /* mean over the whole window; missing below
                                   POWER_COVERAGE_MIN */
    double energy_uncertainty_j; /* half width of the 95 % interval */
    double coverage_pct;
    double update_interval_s; /* median time between changes of the value */
    int64_t samples;          /* readings inside the window */
    int64_t gaps;             /* missed, late, or more than 1.5 periods apart */
};

#define POWER_COVERAGE_MIN 90.0 /* percent */

/* Sum up the readings (in order of time) over a window.
 *
 * Power between two readings is a straight line between them (trapezoid),
 * unless they are more than three periods, or three of the sensor's own
 * updates, apart.  The window's edges fall between readings, so readings
 * outside it are used to its edges.
 * 'period_s' is the asked time between readings, 'clock_bound_s' the bound
 * on where the window lies.
 */
struct power_summary power_summarize(const struct power_reading *readings,
                                     size_t len,
                                     const struct power_window *window,
                                     double period_s, double clock_bound_s);

#endif
