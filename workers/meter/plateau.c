/* plateau.c - the longest stretch above half of the rise */
#include "workers/meter/plateau.h"

#include <math.h>
#include <stdlib.h>

#include "workers/meter/power_order.h"

#define DIP       5
#define RISE      0.2
#define NOISES    5
#define READINGS_ 10

static bool inside(const struct power_reading *r, const struct power_window *w)
{
    return r->t_ns >= w->start_ns && r->t_ns <= w->end_ns && !isnan(r->power_w);
}

/* The 90th percentile of what was read during the run; NaN without any. */
static double high_of(const struct power_reading *readings, size_t len,
                      const struct power_window *run)
{
    double *values = calloc(len + 1, sizeof(*values)), high = NAN;
    size_t n = 0;

    for (size_t i = 0; values && i < len; i++)
        if (inside(&readings[i], run))
            values[n++] = readings[i].power_w;
    if (n >= READINGS_) {
        power_order(values, n);
        high = values[n * 9 / 10];
    }
    free(values);
    return high;
}

bool power_plateau(const struct power_reading *readings, size_t len,
                   const struct power_window *run, double idle_w,
                   double idle_stdev_w, struct power_window *ret_window)
{
    double high = high_of(readings, len, run), middle = (idle_w + high) / 2;
    struct power_window best = { 0, 0 }, now = { 0, 0 };
    size_t below = 0, count = 0, most = 0;

    if (!(high - idle_w > RISE * fabs(idle_w)) ||
        high - idle_w < NOISES * idle_stdev_w)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!inside(&readings[i], run))
            continue;
        below = readings[i].power_w >= middle ? 0 : below + 1;
        if (below > DIP)
            count = 0;
        if (below)
            continue;
        if (!count++)
            now.start_ns = readings[i].t_ns;
        now.end_ns = readings[i].t_ns;
        if (count > most) {
            most = count;
            best = now;
        }
    }
    if (most < READINGS_)
        return false;
    *ret_window = best;
    return true;
}
