/* power.c - the trapezoid over a window, and what it may be wrong by */
#include "workers/meter/power.h"

#include <math.h>
#include <stdlib.h>

#include "core/units.h"
#include "workers/meter/power_error.h"
#include "workers/meter/power_order.h"

/* Sums while walking over pairs of neighbours. */
struct walk {
    struct power_window window;
    int64_t gap_ns;               /* readings further apart are no neighbours */
    double covered_ns, joules_ns; /* joules_ns: W x ns */
};

static double median(double *values, size_t len)
{
    if (!len)
        return NAN;
    power_order(values, len);
    return len % 2 ? values[len / 2]
                   : (values[len / 2 - 1] + values[len / 2]) / 2;
}

static bool inside(const struct power_window *w, int64_t t_ns)
{
    return t_ns >= w->start_ns && t_ns <= w->end_ns;
}

/* The part of the line from a to b that lies in the window. */
static void add_pair(struct walk *w, const struct power_reading *a,
                     const struct power_reading *b)
{
    int64_t from = a->t_ns > w->window.start_ns ? a->t_ns : w->window.start_ns;
    int64_t to = b->t_ns < w->window.end_ns ? b->t_ns : w->window.end_ns;
    double slope, at_from, at_to;

    if (b->t_ns <= a->t_ns || b->t_ns - a->t_ns > w->gap_ns || from >= to)
        return;
    slope = (b->power_w - a->power_w) / (double)(b->t_ns - a->t_ns);
    at_from = a->power_w + slope * (double)(from - a->t_ns);
    at_to = a->power_w + slope * (double)(to - a->t_ns);
    w->covered_ns += (double)(to - from);
    w->joules_ns += (at_from + at_to) / 2 * (double)(to - from);
}

/* Median time between changes of the value, NaN if it changed less than
 * twice. */
static double update_interval(const struct power_reading *readings, size_t len)
{
    double *times = calloc(len + 1, sizeof(*times)), last_w = NAN, result;
    int64_t last_change = 0;
    size_t n = 0, changes = 0;

    for (size_t i = 0; times && i < len; i++) {
        double p = readings[i].power_w;

        if (isnan(p))
            continue;
        if (!isnan(last_w) && p != last_w) {
            if (changes++)
                times[n++] = NS_TO_S(readings[i].t_ns - last_change);
            last_change = readings[i].t_ns;
        }
        last_w = p;
    }
    result = times ? median(times, n) : NAN;
    free(times);
    return result;
}

static void count_inside(const struct power_reading *readings, size_t len,
                         const struct power_window *window, double period_s,
                         struct power_summary *sum)
{
    double *values = calloc(len + 1, sizeof(*values)), mean = 0, squares = 0;
    double last_w = NAN;
    int64_t last_ns = 0;
    size_t n = 0;

    for (size_t i = 0; values && i < len; i++) {
        const struct power_reading *r = &readings[i];

        if (!inside(window, r->t_ns))
            continue;
        if (isnan(r->power_w) || r->late ||
            (last_ns && NS_TO_S(r->t_ns - last_ns) > 1.5 * period_s))
            sum->gaps++;
        last_ns = r->t_ns;
        if (isnan(r->power_w))
            continue;
        sum->updates += r->power_w != last_w;
        values[n++] = last_w = r->power_w;
    }
    for (size_t i = 0; i < n; i++)
        mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    sum->samples = (int64_t)n;
    sum->stdev_w = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    sum->median_w = values ? median(values, n) : NAN;
    free(values);
}

/* Energy of the readings over a window, scaled to all of it. */
static struct walk walk_over(const struct power_reading *readings, size_t len,
                             const struct power_window *window, int64_t gap_ns)
{
    struct walk w = { .window = *window, .gap_ns = gap_ns };
    const struct power_reading *last = NULL;

    for (size_t i = 0; i < len; i++) {
        if (isnan(readings[i].power_w)) {
            last = NULL; /* a missed reading is not bridged */
            continue;
        }
        if (last)
            add_pair(&w, last, &readings[i]);
        last = &readings[i];
    }
    return w;
}

/* What moving the window needs to know. */
struct movable {
    const struct power_reading *readings;
    size_t len;
    struct power_window window;
    int64_t gap_ns;
};

static double moved(const void *ctx, double shift_s)
{
    const struct movable *m = ctx;
    int64_t shift = S_TO_NS(shift_s);
    struct power_window window = { m->window.start_ns + shift,
                                   m->window.end_ns + shift };
    struct walk w = walk_over(m->readings, m->len, &window, m->gap_ns);

    if (!(w.covered_ns > 0))
        return NAN;
    return w.joules_ns / w.covered_ns *
           NS_TO_S(window.end_ns - window.start_ns);
}

/* The smallest change between readings; 0 if there is none. */
static double resolution(const struct power_reading *readings, size_t len)
{
    double least = INFINITY, last = NAN;

    for (size_t i = 0; i < len; i++) {
        double step = fabs(readings[i].power_w - last);

        if (step > 1e-9 && step < least)
            least = step;
        if (!isnan(readings[i].power_w))
            last = readings[i].power_w;
    }
    return isfinite(least) ? least : 0;
}

/* How long readings lag behind what they tell: a sensor that holds a value
 * for several polls is half of that late on average. */
static double lag_of(double update_s, double period_s)
{
    return update_s > 1.5 * period_s ? update_s / 2 : 0;
}

struct power_summary power_summarize(const struct power_reading *readings,
                                     size_t len,
                                     const struct power_window *window,
                                     const struct power_given *given)
{
    struct power_summary sum = { .mean_w = NAN,
                                 .energy_j = NAN,
                                 .energy_uncertainty_j = NAN };
    double length_s = NS_TO_S(window->end_ns - window->start_ns), apart;
    struct movable m = { readings, len, *window, 0 };
    struct power_error_of error;
    struct walk w;

    sum.update_interval_s = update_interval(readings, len);
    sum.resolution_w = resolution(readings, len);
    apart = fmax(given->period_s, 0);
    if (sum.update_interval_s > apart)
        apart = fmin(sum.update_interval_s, 10 * apart);
    m.gap_ns = S_TO_NS(3 * apart);
    m.window.start_ns += S_TO_NS(lag_of(apart, given->period_s));
    m.window.end_ns += S_TO_NS(lag_of(apart, given->period_s));
    count_inside(readings, len, window, given->period_s, &sum);
    w = walk_over(readings, len, &m.window, m.gap_ns);
    sum.coverage_pct = length_s > 0 ? 1e-7 * w.covered_ns / length_s : NAN;
    if (!(w.covered_ns > 0))
        return sum;
    sum.mean_w = w.joules_ns / w.covered_ns;
    if (sum.coverage_pct < POWER_COVERAGE_MIN)
        return sum;
    sum.energy_j = sum.mean_w * length_s;
    error = (struct power_error_of){ .readings = readings,
                                     .len = len,
                                     .window = m.window,
                                     .update_s = apart,
                                     .resolution_w = sum.resolution_w,
                                     .given = given,
                                     .energy_j = sum.energy_j,
                                     .moved = moved,
                                     .ctx = &m };
    sum.energy_uncertainty_j = power_error(&error);
    return sum;
}
