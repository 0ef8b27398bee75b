/* power_check.c - jumped, frozen, fallen, repeated, out of scale */
#include "workers/meter/power_check.h"

#include <math.h>
#include <stdlib.h>

#include "core/units.h"
#include "workers/meter/power_order.h"

#define FROZEN_UPDATES  20
#define FROZEN_READINGS 30
#define FINE_STEP       0.002 /* of the value: such a sensor never stands still */
#define FALLEN          0.25
#define FALLEN_READINGS 3
#define REPEATS         3 /* polls an update that are worth a word */

/* Values in order of size, and the time between changes. */
struct facts {
    double *values, *gaps;
    size_t values_len, gaps_len;
    double step_w; /* the smallest change */
};

static double at_share(const double *sorted, size_t len, double share)
{
    return len ? sorted[(size_t)(share * (double)(len - 1))] : (double)NAN;
}

static bool facts_take(const struct power_reading *r, size_t len,
                       struct facts *f)
{
    int64_t changed = 0;
    double last = NAN;

    *f = (struct facts){ .step_w = INFINITY };
    f->values = calloc(len + 1, sizeof(*f->values));
    f->gaps = calloc(len + 1, sizeof(*f->gaps));
    for (size_t i = 0; f->values && f->gaps && i < len; i++) {
        if (isnan(r[i].power_w))
            continue;
        f->values[f->values_len++] = r[i].power_w;
        if (r[i].power_w == last)
            continue;
        if (!isnan(last)) {
            f->step_w = fmin(f->step_w, fabs(r[i].power_w - last));
            if (changed)
                f->gaps[f->gaps_len++] = NS_TO_S(r[i].t_ns - changed);
            changed = r[i].t_ns;
        }
        last = r[i].power_w;
    }
    if (!f->values || !f->gaps)
        return false;
    power_order(f->values, f->values_len);
    power_order(f->gaps, f->gaps_len);
    return true;
}

static void facts_free(struct facts *f)
{
    free(f->values);
    free(f->gaps);
}

static void sep(struct buf *words)
{
    if (words->len)
        buf_printf(words, "; ");
}

/* Runs of one value that are too long. */
static void drop_frozen(struct power_reading *r, size_t len,
                        const struct power_check *check, const struct facts *f,
                        struct buf *words)
{
    double update_s =
        fmax(at_share(f->gaps, f->gaps_len, 0.9), check->period_s);
    double longest = 0, value = 0;
    size_t start = 0, dropped = 0;

    if (f->gaps_len < FROZEN_READINGS)
        return;
    for (size_t i = 1; i <= len; i++) {
        double lasted = NS_TO_S(r[i - 1].t_ns - r[start].t_ns);

        if (i < len && r[i].power_w == r[start].power_w)
            continue;
        if (i - start >= FROZEN_READINGS &&
            lasted > FROZEN_UPDATES * update_s &&
            f->step_w < FINE_STEP * fabs(r[start].power_w)) {
            if (lasted > longest)
                value = r[start].power_w;
            longest = fmax(longest, lasted);
            for (size_t k = start + 1; k < i; k++, dropped++)
                r[k].power_w = NAN;
        }
        start = i;
    }
    if (!dropped)
        return;
    sep(words);
    buf_printf(words, "frozen at %.4g W for %.3g s, %zu readings dropped",
               value, longest, dropped);
}

static void drop_fallen(struct power_reading *r, size_t len,
                        const struct facts *f, struct buf *words)
{
    double floor_w = FALLEN * at_share(f->values, f->values_len, 0.05);
    double least = INFINITY;
    size_t run = 0, dropped = 0;

    for (size_t i = 0; floor_w > 0 && i <= len; i++) {
        if (i < len && r[i].power_w < floor_w) {
            run++;
            continue;
        }
        for (size_t k = 1; run <= FALLEN_READINGS && k <= run; k++, dropped++) {
            least = fmin(least, r[i - k].power_w);
            r[i - k].power_w = NAN;
        }
        run = 0;
    }
    if (!dropped)
        return;
    sep(words);
    buf_printf(words, "fell to %.3g W for a moment, %zu readings dropped",
               least, dropped);
}

/* Single readings that no board draws, whatever the median says. */
static void drop_beyond(struct power_reading *r, size_t len,
                        const struct power_check *check, struct buf *words)
{
    double high_w = check->high_w, worst = 0;
    size_t dropped = 0;

    for (size_t i = 0; high_w > 0 && i < len; i++) {
        if (!(fabs(r[i].power_w) > high_w))
            continue;
        worst = fabs(r[i].power_w) > fabs(worst) ? r[i].power_w : worst;
        r[i].power_w = NAN;
        dropped++;
    }
    if (!dropped)
        return;
    sep(words);
    buf_printf(words, "jumped to %.3g W, %zu readings dropped", worst, dropped);
}

void power_check(struct power_reading *readings, size_t len,
                 const struct power_check *check, struct buf *words)
{
    struct facts f;
    double update_s;

    drop_beyond(readings, len, check, words);
    if (facts_take(readings, len, &f)) {
        update_s = at_share(f.gaps, f.gaps_len, 0.5);
        if (f.values_len >= FROZEN_READINGS && !f.gaps_len) {
            sep(words);
            buf_printf(words, "the value hardly ever changed: frozen?");
        }
        if (update_s >= REPEATS * check->period_s) {
            sep(words);
            buf_printf(words, "repeats: %.0f readings an update",
                       update_s / check->period_s);
        }
        drop_frozen(readings, len, check, &f, words);
        drop_fallen(readings, len, &f, words);
    }
    facts_free(&f);
}

bool power_check_scale(const struct power_reading *readings, size_t len,
                       const struct power_check *check, struct buf *words)
{
    double median = NAN;
    struct facts f;
    bool low, high;

    if (facts_take(readings, len, &f))
        median = at_share(f.values, f.values_len, 0.5);
    facts_free(&f);
    low = check->low_w > 0 && median < check->low_w;
    high = check->high_w > 0 && median > check->high_w;
    if (!low && !high)
        return false;
    sep(words);
    buf_printf(words, "reads %.3g W, expected %.3g to %.3g W", median,
               check->low_w, check->high_w);
    if (low && median * 1e3 >= check->low_w && median * 1e3 <= check->high_w)
        buf_printf(words, ": is it mW where uW is declared?");
    if (high && median * 1e-3 >= check->low_w && median * 1e-3 <= check->high_w)
        buf_printf(words, ": is it uW where mW is declared?");
    return true;
}
