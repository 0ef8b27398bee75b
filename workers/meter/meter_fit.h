/* meter_fit.h - the straight line through points: gain and offset
 *
 * Pure.  Ordinary least squares; with points at one place only the gain.
 */
#ifndef WORKERS_METER_METER_FIT_H
#define WORKERS_METER_METER_FIT_H

#include <stddef.h>

#include "core/err.h"

struct meter_point {
    double said_w, true_w;
};

struct meter_fit {
    double gain, offset_w;
    double residual_w; /* root mean square of what is left */
};

/* Fit true = gain * said + offset.  Points within 5 % of each other tell no
 * offset: then it is 0.  Returns 0; ERR_REFUSED: no points, a reading that
 * is not above 0, or a gain out of 0.1 to 10. */
int meter_fit(const struct meter_point *points, size_t len,
              struct meter_fit *ret_fit, struct err *err);

#endif
