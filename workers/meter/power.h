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
    double resolution_w;      /* smallest change seen; 0: none */
    int64_t samples;          /* readings inside the window */
    int64_t updates;          /* values inside it that differ from the last */
    int64_t gaps;             /* missed, late, or more than 1.5 periods apart */
};

/* What is known beside the readings. */
struct power_given {
    double period_s;      /* asked time between readings */
    double clock_bound_s; /* on where the window lies */
    double accuracy_rel;  /* as the instrument's maker states it, 95 %: of */
    double accuracy_w;    /* the reading, and beside it; 0: not stated */
};

#define POWER_COVERAGE_MIN 90.0 /* percent */

/* Sum up the readings (in order of time) over a window.
 *
 * Power between two readings is a straight line between them (trapezoid),
 * unless they are more than three periods, or three of the sensor's own
 * updates, apart.  The window's edges fall between readings, so readings
 * outside it are used to its edges.
 * A sensor that holds its values is late by half an update on average; the
 * window is moved by that.  The error is power_error.h's.
 */
struct power_summary power_summarize(const struct power_reading *readings,
                                     size_t len,
                                     const struct power_window *window,
                                     const struct power_given *given);

#endif
