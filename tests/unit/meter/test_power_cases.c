/* test_power_cases.c - the stated interval, over a thousand random cases
 *
 * A case is a waveform, a sensor (pace, hold, noise, steps) and two clocks
 * that are skewed, drift and are known to a bound.  The truth is integrated
 * exactly.  The ideal estimator knows a case's error: 1.96 times its root
 * mean square over runs that differ in noise, jitter, phase and clocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/units.h"
#include "workers/meter/power.h"

#define CASES    1000
#define RUNS     30 /* of a case, for the ideal estimator */
#define READINGS 4000
#define EDGES    200

static uint64_t state_ = 20240517;

static double uniform(double low, double high)
{
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return low + (high - low) * (double)(state_ >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform(1e-12, 1))) *
           cos(6.283185307179586 * uniform(0, 1));
}

/* Power over true time: pieces, each a straight line. */
struct wave {
    double at_s[EDGES + 1], from_w[EDGES], to_w[EDGES];
    size_t len;
};

static void piece(struct wave *w, double until_s, double from_w, double to_w)
{
    w->from_w[w->len] = from_w;
    w->to_w[w->len] = to_w;
    w->at_s[++w->len] = until_s;
}

struct sensor_case {
    struct wave wave;
    double start_s, end_s; /* window, true time */
    double period_s, hold; /* polls an update */
    double noise_w, step_w;
    double bound_s, drift;
};

static double power_at(const struct wave *w, double t)
{
    size_t i = 0;

    while (i + 1 < w->len && t >= w->at_s[i + 1])
        i++;
    return w->from_w[i] + (w->to_w[i] - w->from_w[i]) * (t - w->at_s[i]) /
                              (w->at_s[i + 1] - w->at_s[i]);
}

static double exact_energy(const struct sensor_case *c)
{
    const struct wave *w = &c->wave;
    double sum = 0;

    for (size_t i = 0; i < w->len; i++) {
        double a = fmax(w->at_s[i], c->start_s);
        double b = fmin(w->at_s[i + 1], c->end_s), span, slope;

        if (a >= b)
            continue;
        span = w->at_s[i + 1] - w->at_s[i];
        slope = (w->to_w[i] - w->from_w[i]) / span;
        sum += (b - a) * (w->from_w[i] + slope * ((a + b) / 2 - w->at_s[i]));
    }
    return sum;
}

/* Step, ramp, pulse, bursts; idle before and after. */
static void make_wave(struct sensor_case *c, int kind, double idle, double full)
{
    struct wave *w = &c->wave;
    double t = c->start_s, end = c->end_s, len = end - t, low;

    w->len = 0;
    w->at_s[0] = 0;
    low = uniform(idle, full);
    if (kind == 0) { /* a step within */
        piece(w, t + uniform(0.2, 0.8) * len, idle, idle);
        piece(w, end + 5, full, full);
    } else if (kind == 1) { /* warms up, then idle again */
        piece(w, t, idle, idle);
        piece(w, end, low, full);
        piece(w, end + 5, idle, idle);
    } else if (kind == 2) { /* a pulse as long as the window */
        piece(w, t, idle, idle);
        piece(w, end, full, full);
        piece(w, end + 5, idle, idle);
    } else {
        piece(w, t, idle, idle);
        for (int i = 0; t < end && i < 80; i++) {
            t = fmin(end, t + uniform(2, 20) * len / 200);
            piece(w, t, full, full);
            if (t < end)
                piece(w, fmin(end, t + uniform(1, 10) * len / 200), low, low);
            t = w->at_s[w->len];
        }
        piece(w, end + 5, idle, idle);
    }
}

static void make_case(struct sensor_case *c, int i)
{
    double idle = uniform(1, 4), full = idle + uniform(0.5, 8);
    double updates = uniform(40, 400);

    c->hold = i % 3 ? 1 : uniform(2, 6);
    c->period_s = pow(10, uniform(-2.5, -1));
    c->start_s = uniform(1, 2) + 4 * c->period_s * c->hold;
    c->end_s = c->start_s + updates * c->period_s * c->hold;
    c->noise_w = full * uniform(0.002, 0.03);
    c->step_w = i % 2 ? 0 : full * uniform(0.0005, 0.005);
    c->bound_s = c->period_s * uniform(0, 2);
    c->drift = uniform(-50e-6, 50e-6);
    make_wave(c, i % 4, idle, full);
}

/* One run: what the sensor says, by its own clock. */
static size_t sample(const struct sensor_case *c, struct power_reading *r,
                     double offset_s)
{
    double hold_s = c->period_s * c->hold, phase = uniform(0, hold_s);
    double update = -1, value = 0, t = c->start_s - 4 * hold_s, at;
    size_t n = 0;

    for (t -= uniform(0, c->period_s);
         t < c->end_s + 4 * hold_s && n < READINGS; t += c->period_s) {
        double poll = t + c->period_s * 0.2 * uniform(-1, 1), tick;

        tick = c->hold > 1 ? floor((poll - phase) / hold_s) * hold_s + phase
                           : poll;
        if (tick != update) {
            update = tick;
            value = power_at(&c->wave, tick) + c->noise_w * normal();
            if (c->step_w > 0)
                value = round(value / c->step_w) * c->step_w;
        }
        at = poll + offset_s + c->drift * (poll - c->start_s);
        r[n++] = (struct power_reading){ .t_ns = S_TO_NS(1000 + at),
                                         .power_w = value };
    }
    return n;
}

/* The error of a run, and the half width it states. */
static double run(const struct sensor_case *c, double *ret_half)
{
    static struct power_reading readings[READINGS];
    struct power_given given = { .period_s = c->period_s,
                                 .clock_bound_s = c->bound_s };
    /* the offset is known to the bound: what is left of it is in there */
    size_t len = sample(c, readings, c->bound_s * uniform(-1, 1));
    struct power_window w = { S_TO_NS(1000 + c->start_s),
                              S_TO_NS(1000 + c->end_s) };
    struct power_summary s = power_summarize(readings, len, &w, &given);

    *ret_half = s.energy_uncertainty_j;
    return s.energy_j - exact_energy(c);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void the_interval_covers_and_is_not_wide(void **state)
{
    static double ratio[CASES];
    static struct sensor_case c;
    int held = 0, by_kind[4] = { 0 };

    (void)state;
    for (int i = 0; i < CASES; i++) {
        double half, other, squares = 0, error;
        bool in;

        make_case(&c, i);
        error = run(&c, &half);
        assert_true(isfinite(error) && isfinite(half));
        in = fabs(error) <= half;
        held += in;
        by_kind[i % 4] += in;
        for (int k = 0; k < RUNS; k++) {
            error = run(&c, &other);
            squares += error * error;
        }
        ratio[i] = half / (1.96 * sqrt(squares / RUNS));
    }
    qsort(ratio, CASES, sizeof(ratio[0]), by_value);
    printf("%d of %d held (step %d, ramp %d, pulse %d, bursts %d of 250 each); "
           "half width over the ideal's: %.2f, from %.2f to %.2f\n",
           held, CASES, by_kind[0], by_kind[1], by_kind[2], by_kind[3],
           ratio[CASES / 2], ratio[CASES / 20], ratio[CASES - CASES / 20]);
    assert_in_range(held, CASES * 93 / 100, CASES * 98 / 100);
    assert_true(ratio[CASES / 2] <= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_covers_and_is_not_wide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
