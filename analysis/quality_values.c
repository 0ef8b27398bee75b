/* quality_values.c - rules about power, accuracy and what is not there */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/quality.h"

#define ACCURACY_APART 0.5 /* percent points */
#define SAME_MIN       4   /* readings that make "the same" odd */

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
    for (size_t i = 0; i < in->points->len; i++) {
        const struct point *p = at(in, i);

        if (in->unit[i] != u || isnan(p->base_w) || isnan(p->idle_w))
            continue;
        if (*n && (p->base_w != *base || p->idle_w != *idle))
            return false;
        *base = p->base_w;
        *idle = p->idle_w;
        ++*n;
    }
    return *n >= SAME_MIN;
}

int quality_borrowed(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++)
        for (size_t v = u + 1; !rc && v < in->units; v++) {
            const struct point *p = at(in, in->unit_first[u]);
            const struct point *q = at(in, in->unit_first[v]);
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

static bool same_group(const struct point *p, const struct point *q)
{
    return !strcmp(p->platform, q->platform) &&
           !strcmp(p->op_mode, q->op_mode) &&
           !strcmp(p->precision, q->precision) &&
           !strcmp(p->topology, q->topology) &&
           p->pruning_pct == q->pruning_pct;
}

static bool first_of_group(const struct quality_input *in, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_group(at(in, k), at(in, i)))
            return false;
    return true;
}

int quality_frozen(const struct quality_input *in, struct findings *findings,
                   struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < in->points->len; i++) {
        const struct point *p = at(in, i);
        size_t n = 0;
        bool same = true;
        char label[256];

        if (isnan(p->full_w) || !first_of_group(in, i))
            continue;
        for (size_t k = i; k < in->points->len; k++)
            if (same_group(p, at(in, k)) && !isnan(at(in, k)->full_w)) {
                same = same && at(in, k)->full_w == p->full_w;
                n++;
            }
        if (same && n >= SAME_MIN)
            rc = quality_add(findings, point_label(p, label, sizeof(label)), n,
                             n, err,
                             "full power is %g W at all %zu batches: read once "
                             "or filled in",
                             p->full_w, n);
    }
    return rc;
}

int quality_accuracy(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < in->points->len; i++) {
        const struct point *p = at(in, i), *low = p, *high = p;
        size_t n = 0;
        bool first = true;
        char subject[96];

        for (size_t k = 0; k < in->points->len; k++) {
            const struct point *q = at(in, k);

            if (strcmp(p->precision, q->precision) != 0 ||
                strcmp(p->topology, q->topology) != 0 ||
                p->pruning_pct != q->pruning_pct || isnan(q->top1_pct))
                continue;
            first = first && k >= i;
            n++;
            low = isnan(low->top1_pct) || q->top1_pct < low->top1_pct ? q : low;
            high = isnan(high->top1_pct) || q->top1_pct > high->top1_pct ? q
                                                                         : high;
        }
        if (!first || !n || !(high->top1_pct - low->top1_pct > ACCURACY_APART))
            continue;
        snprintf(subject, sizeof(subject), "%s %s %g %%", p->topology,
                 p->precision, p->pruning_pct);
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

        if (values[i].fps != values[i - 1].fps ||
            same_group(values[i].point, values[i - 1].point))
            continue;
        if (shared++ < 3)
            snprintf(some + len, sizeof(some) - len, "%s%.7g", len ? ", " : "",
                     values[i].fps);
    }
    if (shared)
        rc = quality_add(findings, "all", shared, n, err,
                         "%zu throughputs occur in two groups (%s images/s): "
                         "never join on a throughput",
                         shared, some);
    free(values);
    return rc;
}

/* Whether some point of unit 'u' agrees with the three. */
static bool has(const struct quality_input *in, size_t u, const char *precision,
                double pruning_pct, double batch)
{
    for (size_t i = 0; i < in->points->len; i++) {
        const struct point *p = at(in, i);

        if (in->unit[i] == u && !strcmp(p->precision, precision) &&
            (isnan(pruning_pct) || p->pruning_pct == pruning_pct) &&
            (isnan(batch) || p->batch == batch))
            return true;
    }
    return false;
}

int quality_holes(const struct quality_input *in, struct findings *findings,
                  struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < in->points->len; i++) {
        const struct point *p = at(in, i); /* a precision of the unit ... */
        bool new_pair = true;

        for (size_t k = 0; k < i && new_pair; k++)
            new_pair = in->unit[k] != in->unit[i] ||
                       strcmp(at(in, k)->precision, p->precision) != 0;
        for (size_t k = 0; !rc && new_pair && k < in->points->len; k++) {
            const struct point *q = at(in, k); /* ... and a pruning of it */
            struct point hole = *p;
            bool seen = false;
            char label[256];

            for (size_t m = 0; m < k && !seen; m++)
                seen = in->unit[m] == in->unit[i] &&
                       at(in, m)->pruning_pct == q->pruning_pct;
            if (seen || in->unit[k] != in->unit[i] ||
                has(in, in->unit[i], p->precision, q->pruning_pct, (double)NAN))
                continue;
            hole.pruning_pct = q->pruning_pct;
            rc = quality_add(findings, point_label(&hole, label, sizeof(label)),
                             1, 1, err,
                             "was measured with other precisions and pruning "
                             "factors, but not with these two together");
        }
    }
    return rc;
}
