/* quality_values.c - rules about power, accuracy and what is not there */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/quality.h"

#define ACCURACY_APART 0.5  /* percent points */
#define OPS_APART      0.01 /* of an operation count, relative */
#define GRID_MAX       32
#define SAME_MIN       4 /* readings that make "the same" odd */

static const struct point *at(const struct quality_input *in, size_t i)
{
    return &in->points->at[i];
}

/* Base and idle power of a unit, if it has one of each. */
static bool unit_power(const struct quality_input *in, size_t u, double *base,
                       double *idle, size_t *n)
{
    *base = *idle = (double)NAN;
    *n = 0;
    for (QUALITY_EACH(m, in->units, u)) {
        const struct point *p = at(in, in->units.member[m]);

        if (isnan(p->base_w) || isnan(p->idle_w))
            continue;
        if (*n && (p->base_w != *base || p->idle_w != *idle))
            return false;
        *base = p->base_w;
        *idle = p->idle_w;
        ++*n;
    }
    return *n >= SAME_MIN;
}

/* Times, throughputs and powers of a board that is on are above zero. */
int quality_zeros(const struct quality_input *in, struct findings *findings,
                  struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        size_t bad = 0, of = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            const struct point *p = at(in, in->units.member[m]);
            bool zero =
                p->full_w == 0 || p->idle_w == 0 || p->energy_image_j == 0;

            for (enum scope_kind k = 0; k < SCOPE_KINDS; k++)
                zero = zero || p->scope[k].fps == 0 || p->scope[k].lat == 0;
            of++;
            bad += zero;
        }
        if (bad)
            rc = quality_add(
                findings, quality_unit_name(in, u, name, sizeof(name)), bad, of,
                err,
                "at %zu of %zu op points a time, throughput, power or energy "
                "is zero: what is missing was written as zero",
                bad, of);
    }
    return rc;
}

/* Operations an image that a rate and a throughput of one cell imply. */
static double implied_ops(const struct table_column *rate,
                          const struct table_column *fps, uint32_t row)
{
    return table_f64(rate, row) / table_f64(fps, row);
}

int quality_op_count(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    const struct table_column *rate =
        table_find(in->cells, "op_rate_comp_op_s");
    const struct table_column *fps = table_find(in->cells, "fps_comp");
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        const struct point *worst = NULL;
        double most = OPS_APART, implied = 0;
        size_t bad = 0, of = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            const struct point *p = at(in, in->units.member[m]);
            double ops = implied_ops(rate, fps, p->row);
            double apart = fabs(ops / p->ops_image - 1);

            if (!isfinite(apart))
                continue;
            of++;
            bad += apart > OPS_APART;
            if (apart <= most)
                continue;
            most = apart;
            worst = p;
            implied = ops;
        }
        if (worst)
            rc = quality_add(
                findings, point_unit(worst, name, sizeof(name)), bad, of, err,
                "at %zu of %zu op points operations/s over images/s is not the "
                "network's count, as %.4g for %.4g Mop an image at %g %% of "
                "the channels: another network ran, or the count is rounded",
                bad, of, implied / 1e6, worst->ops_image / 1e6,
                worst->pruning_pct);
    }
    return rc;
}

int quality_borrowed(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++)
        for (size_t v = u + 1; !rc && v < in->units.count; v++) {
            const struct point *p =
                at(in, in->units.member[in->units.start[u]]);
            const struct point *q =
                at(in, in->units.member[in->units.start[v]]);
            double base[2], idle[2];
            size_t n[2];
            char subject[400];

            if (!strcmp(p->platform, q->platform) ||
                !unit_power(in, u, &base[0], &idle[0], &n[0]) ||
                !unit_power(in, v, &base[1], &idle[1], &n[1]) ||
                base[0] != base[1] || idle[0] != idle[1])
                continue;
            snprintf(subject, sizeof(subject), "%s and %s", p->platform,
                     q->platform);
            rc = quality_add(findings, subject, n[0] + n[1], n[0] + n[1], err,
                             "both have %g W base and %g W idle at every op "
                             "point: one board's reading, used for two",
                             base[0], idle[0]);
        }
    return rc;
}

int quality_frozen(const struct quality_input *in, struct findings *findings,
                   struct err *err)
{
    int rc = 0;

    for (size_t g = 0; !rc && g < in->points->groups->count; g++) {
        const struct point *first =
            at(in, in->points->groups->member[in->points->groups->start[g]]);
        size_t n = 0;
        bool same = true;
        char label[256];

        for (QUALITY_EACH(m, *in->points->groups, g)) {
            double full = at(in, in->points->groups->member[m])->full_w;

            same = same && full == first->full_w;
            n += isnan(full) ? 0 : 1;
        }
        if (same && n >= SAME_MIN)
            rc = quality_add(findings, point_label(first, label, sizeof(label)),
                             n, n, err,
                             "full power is %g W at all %zu batches: read once "
                             "or filled in",
                             first->full_w, n);
    }
    return rc;
}

int quality_accuracy(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    int rc = 0;

    for (size_t c = 0; !rc && c < in->networks.count; c++) {
        const struct point *low = NULL, *high = NULL;
        size_t n = 0;
        char subject[448];

        for (QUALITY_EACH(m, in->networks, c)) {
            const struct point *p = at(in, in->networks.member[m]);

            if (isnan(p->top1_pct))
                continue;
            n++;
            low = !low || p->top1_pct < low->top1_pct ? p : low;
            high = !high || p->top1_pct > high->top1_pct ? p : high;
        }
        if (!n || !(high->top1_pct - low->top1_pct > ACCURACY_APART))
            continue;
        snprintf(subject, sizeof(subject), "%s %s %g %%", low->topology,
                 low->precision, low->pruning_pct);
        rc = quality_add(findings, subject, n, n, err,
                         "top-1 is %.2f %% on %s and %.2f %% on %s: different "
                         "weights ran, do not compare speeds at equal accuracy",
                         high->top1_pct, high->platform, low->top1_pct,
                         low->platform);
    }
    return rc;
}

struct value {
    double fps;
    const struct point *point;
};

static int by_fps(const void *a, const void *b)
{
    const struct value *p = a, *q = b;

    return (p->fps > q->fps) - (p->fps < q->fps);
}

int quality_shared_values(const struct quality_input *in,
                          struct findings *findings, struct err *err)
{
    struct value *values = calloc(in->points->len + 1, sizeof(*values));
    size_t n = 0, shared = 0;
    double last = (double)NAN;
    char some[160] = "";
    int rc = 0;

    if (!values)
        return err_set(err, ERR_NOMEM, "no memory for findings");
    for (size_t i = 0; i < in->points->len; i++)
        if (!isnan(at(in, i)->scope[SCOPE_KIND_COMP].fps))
            values[n++] = (struct value){ at(in, i)->scope[SCOPE_KIND_COMP].fps,
                                          at(in, i) };
    qsort(values, n, sizeof(*values), by_fps);
    for (size_t i = 1; i < n; i++) {
        size_t len = strlen(some);

        if (values[i].fps != values[i - 1].fps || values[i].fps == last ||
            classes_same(CLASSES_BY_GROUP, values[i].point,
                         values[i - 1].point))
            continue;
        last = values[i].fps;
        if (shared++ < 3)
            snprintf(some + len, sizeof(some) - len, "%s%.7g", len ? ", " : "",
                     values[i].fps);
    }
    if (shared)
        rc = quality_add(findings, "all", shared, n, err,
                         "throughputs that occur in several groups: %s%s "
                         "images/s: never join on a throughput",
                         some, shared > 3 ? ", ..." : "");
    free(values);
    return rc;
}

/* The precisions and pruning factors of a unit, and which pairs were
 * measured; a unit has few of each, what is beyond is not looked at. */
struct grid {
    const char *precision[GRID_MAX];
    double pruning_pct[GRID_MAX];
    bool there[GRID_MAX][GRID_MAX];
    size_t precisions, prunings;
};

static void grid_put(struct grid *grid, const struct point *p)
{
    size_t i = 0, k = 0;

    while (i < grid->precisions &&
           strcmp(grid->precision[i], p->precision) != 0)
        i++;
    while (k < grid->prunings && grid->pruning_pct[k] != p->pruning_pct)
        k++;
    if (i == GRID_MAX || k == GRID_MAX)
        return;
    grid->precision[i] = p->precision;
    grid->pruning_pct[k] = p->pruning_pct;
    grid->precisions += i == grid->precisions;
    grid->prunings += k == grid->prunings;
    grid->there[i][k] = true;
}

int quality_holes(const struct quality_input *in, struct findings *findings,
                  struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        struct point hole = *at(in, in->units.member[in->units.start[u]]);
        struct grid grid = { 0 };
        char label[256];

        for (QUALITY_EACH(m, in->units, u))
            grid_put(&grid, at(in, in->units.member[m]));
        for (size_t i = 0; i < grid.precisions; i++)
            for (size_t k = 0; !rc && k < grid.prunings; k++) {
                if (grid.there[i][k])
                    continue;
                hole.precision = grid.precision[i];
                hole.pruning_pct = grid.pruning_pct[k];
                rc = quality_add(
                    findings, point_label(&hole, label, sizeof(label)), 1, 1,
                    err,
                    "was measured with other precisions and pruning factors, "
                    "but not with these two together");
            }
    }
    return rc;
}
