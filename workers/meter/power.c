/* power.c - the trapezoid over a window, and what it may be wrong by */
#include "workers/meter/power.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"

/* Sums while walking over pairs of neighbours. */
struct walk {
    struct power_window window;
    int64_t gap_ns;               /* readings further apart are no neighbours */
    double covered_ns, joules_ns; /* joules_ns: W x ns */
    double low_w, high_w;         /* around the window */
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t len)
{
    if (!len)
        return NAN;
    qsort(values, len, sizeof(*values), by_value);
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
    w->low_w = fmin(w->low_w, fmin(a->power_w, b->power_w));
    w->high_w = fmax(w->high_w, fmax(a->power_w, b->power_w));
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
        if (!isnan(r->power_w))
            values[n++] = r->power_w;
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

/* Half width of the 95 % interval of the energy.
 *
 * Sampling: differences of successive updates carry the noise but not the
 * trend (von Neumann 1941), so var(mean) = sum d^2 / (2 n^2).  Edges: the
 * sensor holds a value for one update, and the clocks agree only within
 * their bound, so each edge may lie off by half an update plus the bound,
 * across at most the range of power seen.
 */
static double uncertainty(const struct power_reading *readings, size_t len,
                          const struct walk *w, double seconds, double update_s,
                          double clock_bound_s)
{
    double last = NAN, squares = 0, updates = 0, range, edge, sampling;

    for (size_t i = 0; i < len; i++) {
        double p = readings[i].power_w;

        if (isnan(p) || !inside(&w->window, readings[i].t_ns) || p == last)
            continue;
        if (!isnan(last)) {
            squares += (p - last) * (p - last);
            updates++;
        }
        last = p;
    }
    range = w->high_w - w->low_w;
    sampling = updates > 0
                   ? 1.96 * sqrt(squares / (2 * updates * (updates + 1)))
                   : range;
    edge = range * ((isnan(update_s) ? 0 : update_s / 2) + clock_bound_s);
    return sqrt(sampling * seconds * sampling * seconds + 2 * edge * edge);
}

struct power_summary power_summarize(const struct power_reading *readings,
                                     size_t len,
                                     const struct power_window *window,
                                     double period_s, double clock_bound_s)
{
    struct power_summary sum = { .mean_w = NAN,
                                 .energy_j = NAN,
                                 .energy_uncertainty_j = NAN };
    struct walk w = { .window = *window,
                      .low_w = INFINITY,
                      .high_w = -INFINITY };
    double length_ns = (double)(window->end_ns - window->start_ns), apart;
    const struct power_reading *last = NULL;

    sum.update_interval_s = update_interval(readings, len);
    apart = fmax(period_s, 0);
    if (sum.update_interval_s > apart)
        apart = fmin(sum.update_interval_s, 10 * apart);
    w.gap_ns = S_TO_NS(3 * apart);
    count_inside(readings, len, window, period_s, &sum);
    for (size_t i = 0; i < len; i++) {
        if (isnan(readings[i].power_w)) {
            last = NULL; /* a missed reading is not bridged */
            continue;
        }
        if (last)
            add_pair(&w, last, &readings[i]);
        last = &readings[i];
    }
    sum.coverage_pct = length_ns > 0 ? 100 * w.covered_ns / length_ns : NAN;
    if (!(w.covered_ns > 0))
        return sum;
    sum.mean_w = w.joules_ns / w.covered_ns;
    if (sum.coverage_pct < POWER_COVERAGE_MIN)
        return sum;
    sum.energy_j = sum.mean_w * length_ns * 1e-9;
    sum.energy_uncertainty_j =
        uncertainty(readings, len, &w, length_ns * 1e-9, sum.update_interval_s,
                    clock_bound_s);
    return sum;
}
