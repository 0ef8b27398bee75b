/* power_error.c - parts of an energy's error, and their sum */
#include "workers/meter/power_error.h"

#include <math.h>
#include <stdlib.h>

#include "core/units.h"
#include "workers/meter/power_order.h"

#define JUMP   5.0 /* standard deviations of noise that are none any more */
#define SHIFTS 8   /* on each side of the window */

/* Variances, and fourth cumulants: 0 for normal parts, -1.2 v^2 for uniform
 * ones. */
struct parts {
    double variance, fourth;
};

static void add_normal(struct parts *p, double sigma)
{
    p->variance += sigma * sigma;
}

static void add_uniform(struct parts *p, double variance)
{
    p->variance += variance;
    p->fourth -= 1.2 * variance * variance;
}

static double factor(const struct parts *p)
{
    double k = p->variance > 0 ? p->fourth / (p->variance * p->variance) : 0;

    return 1.96 - 0.069 * k - 0.276 * k * k;
}

/* The sensor's own updates around the window: where the value changed. */
static size_t take_updates(const struct power_error_of *of, double *values)
{
    int64_t around = S_TO_NS(of->update_s);
    double last = NAN;
    size_t n = 0;

    for (size_t i = 0; i < of->len; i++) {
        const struct power_reading *r = &of->readings[i];

        if (isnan(r->power_w) || r->t_ns < of->window.start_ns - around ||
            r->t_ns > of->window.end_ns + around || r->power_w == last)
            continue;
        values[n++] = last = r->power_w;
    }
    return n;
}

/* Standard deviation of the noise, from second differences: 1.4826 median
 * is it for normal noise, sqrt(6) their gain. */
static double noise_of(const double *values, size_t n, double *scratch)
{
    size_t m = 0;

    for (size_t i = 2; i < n; i++)
        scratch[m++] =
            fabs(values[i] - 2 * values[i - 1] + values[i - 2]) / sqrt(6);
    if (!m)
        return 0;
    power_order(scratch, m);
    return 1.4826 * scratch[m / 2];
}

static void add_sampling(const struct power_error_of *of, struct parts *parts)
{
    double *values = calloc(2 * of->len + 2, sizeof(*values)), sigma, step;
    double seconds = NS_TO_S(of->window.end_ns - of->window.start_ns);
    size_t n;

    if (!values)
        return;
    n = take_updates(of, values);
    sigma = noise_of(values, n, values + of->len + 1);
    add_normal(parts, sigma * sqrt(of->update_s * seconds));
    for (size_t i = 1; i < n; i++) {
        step = fabs(values[i] - values[i - 1]);
        if (step > JUMP * sigma && step > 1.5 * of->resolution_w)
            add_uniform(parts, step * step * of->update_s * of->update_s / 12);
    }
    if (sigma < of->resolution_w / 2)
        add_uniform(parts, of->resolution_w * of->resolution_w / 12 * seconds *
                               seconds);
    free(values);
}

/* The mean square of what a shift within the bound changes. */
static void add_clock(const struct power_error_of *of, struct parts *parts)
{
    double bound = of->given->clock_bound_s, sum = 0, off;
    int n = 0;

    for (int i = -SHIFTS; bound > 0 && i <= SHIFTS; i++) {
        off = of->moved(of->ctx, bound * i / SHIFTS) - of->energy_j;
        if (isnan(off))
            continue;
        sum += off * off;
        n++;
    }
    if (n)
        add_uniform(parts, sum / n);
}

double power_error(const struct power_error_of *of)
{
    double seconds = NS_TO_S(of->window.end_ns - of->window.start_ns);
    struct parts parts = { 0 };

    add_sampling(of, &parts);
    add_clock(of, &parts);
    add_normal(&parts, (of->given->accuracy_rel * fabs(of->energy_j) +
                        of->given->accuracy_w * seconds) /
                           1.96);
    return factor(&parts) * sqrt(parts.variance) + 1e-12 * fabs(of->energy_j);
}
