/* meter_fit.c - least squares of two numbers */
#include "workers/meter/meter_fit.h"

#include <math.h>

#define SPREAD 0.05

static double residual(const struct meter_point *p, size_t len,
                       const struct meter_fit *fit)
{
    double squares = 0;

    for (size_t i = 0; i < len; i++) {
        double off = p[i].true_w - fit->gain * p[i].said_w - fit->offset_w;

        squares += off * off / (double)len;
    }
    return sqrt(squares);
}

int meter_fit(const struct meter_point *points, size_t len,
              struct meter_fit *ret_fit, struct err *err)
{
    double said = 0, is = 0, xx = 0, xy = 0, low = INFINITY, high = -INFINITY;
    struct meter_fit fit = { 1, 0, 0 };

    for (size_t i = 0; i < len; i++) {
        said += points[i].said_w / (double)len;
        is += points[i].true_w / (double)len;
        low = fmin(low, points[i].said_w);
        high = fmax(high, points[i].said_w);
    }
    if (!len || !(low > 0))
        return err_set(err, ERR_REFUSED, "it read no power to be fitted");
    for (size_t i = 0; i < len; i++) {
        xx += (points[i].said_w - said) * (points[i].said_w - said);
        xy += (points[i].said_w - said) * (points[i].true_w - is);
    }
    if (high - low > SPREAD * high) {
        fit.gain = xy / xx;
        fit.offset_w = is - fit.gain * said;
    } else {
        fit.gain = is / said;
    }
    fit.residual_w = residual(points, len, &fit);
    if (!(fit.gain > 0.1 && fit.gain < 10))
        return err_set(err, ERR_REFUSED,
                       "a gain of %.3g is no meter's: wrong unit or wire?",
                       fit.gain);
    *ret_fit = fit;
    return 0;
}
