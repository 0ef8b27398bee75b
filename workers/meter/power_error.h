/* power_error.h - how far an energy may be off; for power.c only */
#ifndef WORKERS_METER_POWER_ERROR_H
#define WORKERS_METER_POWER_ERROR_H

#include "workers/meter/power.h"

/* What the error is made from. */
struct power_error_of {
    const struct power_reading *readings;
    size_t len;
    struct power_window window; /* as integrated */
    double update_s;            /* of the sensor, or the period */
    double resolution_w;        /* 0: none seen */
    const struct power_given *given;
    double energy_j;
    /* The energy with the window moved by so much; NaN: not covered. */
    double (*moved)(const void *ctx, double shift_s);
    const void *ctx;
};

/* Half of the 95 % interval of the energy, in J.
 *
 * Noise: robust scale of second differences (they do not see a trend), a
 * mean over the window's updates.  Jumps: what changes between two updates
 * changed at an unknown instant between them, uniform: variance J^2 d^2 / 12.
 * Clock: the energy over windows moved within the bound, uniform.
 * Resolution: half a step, uniform.  Accuracy as stated, 95 %.
 * Independent parts add by squares; the coverage factor follows from the
 * sum's kurtosis (1.645 for one uniform part, 1.902 for two alike, 1.96 for
 * normal).  After JCGM 100:2008, 4.3 and G.6.
 */
double power_error(const struct power_error_of *of);

#endif
