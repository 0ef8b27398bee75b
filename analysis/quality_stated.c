/* quality_stated.c - rules about stated peaks and bandwidths, and about
 * accuracies that do not follow the networks
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/quality.h"

#define SHARES_APART   10  /* of a peak, times, that make it another's */
#define ACCURACY_RISES 0.1 /* percent points that pruning may not add */
#define SHOWN_MAX      3

static const struct point *first_of(const struct quality_input *in, size_t u)
{
    return &in->points->at[in->units.member[in->units.start[u]]];
}

/* The most of its stated peak that a unit reaches at a precision; 0 if it
 * measured nothing there. */
static double share_of_peak(const struct quality_input *in, size_t u,
                            const struct platform_facts *row)
{
    double most = 0;

    for (QUALITY_EACH(m, in->units, u)) {
        const struct point *p = &in->points->at[in->units.member[m]];
        double share =
            p->scope[SCOPE_KIND_COMP].fps * p->ops_image / row->peak_op_s;

        if (!strcmp(p->precision, row->precision) && share > most)
            most = share;
    }
    return most;
}

/* Whether unit 'v' states what 'row', of unit 'u', does, and one of the two
 * reaches many times the other's share of it. */
static bool peak_is_others(const struct quality_input *in, size_t u, size_t v,
                           const struct platform_facts *row, double share[2])
{
    const struct point *q = first_of(in, v);
    const struct platform_facts *other =
        facts_find(in->facts, q->platform, q->op_mode, row->precision);

    if (!other || other->peak_op_s != row->peak_op_s ||
        other->bw_byte_s != row->bw_byte_s)
        return false;
    share[0] = share_of_peak(in, u, row);
    share[1] = share_of_peak(in, v, other);
    return share[0] > 0 && share[1] > 0 &&
           fmax(share[0], share[1]) > SHARES_APART * fmin(share[0], share[1]);
}

/* Compare the stated peaks of two units, precision by precision. */
static int compare_peaks(const struct quality_input *in, size_t u, size_t v,
                         struct findings *findings, struct err *err)
{
    const struct point *p = first_of(in, u), *q = first_of(in, v);
    char subject[400];
    int rc = 0;

    for (size_t i = 0; !rc && i < in->facts->platforms_len; i++) {
        const struct platform_facts *row = &in->facts->platforms[i];
        double share[2];

        if (facts_find(in->facts, p->platform, p->op_mode, row->precision) !=
                row ||
            !peak_is_others(in, u, v, row, share))
            continue;
        snprintf(subject, sizeof(subject), "%s and %s", p->platform,
                 q->platform);
        rc = quality_add(findings, subject, 2, 2, err,
                         "both state a peak of %g TOP/s at %s and reach %.2g "
                         "and %.2g %% of it: one may state the other's",
                         row->peak_op_s * 1e-12, row->precision, 100 * share[0],
                         100 * share[1]);
    }
    return rc;
}

int quality_shared_peak(const struct quality_input *in,
                        struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; in->facts && u < in->units.count; u++)
        for (size_t v = u + 1; !rc && v < in->units.count; v++)
            if (strcmp(first_of(in, u)->platform, first_of(in, v)->platform))
                rc = compare_peaks(in, u, v, findings, err);
    return rc;
}

/* The stated row of a unit's first point; NULL if there is none. */
static const struct platform_facts *row_of(const struct quality_input *in,
                                           size_t u)
{
    const struct point *p = first_of(in, u);

    return facts_find(in->facts, p->platform, p->op_mode, p->precision);
}

int quality_one_bandwidth(const struct quality_input *in,
                          struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        const struct platform_facts *row = row_of(in, u);
        size_t modes = 1;
        bool seen = !row, peaks = false, same = true;

        for (size_t v = 0; !seen && v < in->units.count; v++) {
            const struct platform_facts *other =
                v == u || strcmp(first_of(in, v)->platform, row->platform)
                    ? NULL
                    : row_of(in, v);

            seen = other && v < u;
            if (!other || strcmp(other->precision, row->precision) != 0)
                continue;
            modes++;
            peaks = peaks || other->peak_op_s != row->peak_op_s;
            same = same && other->bw_byte_s == row->bw_byte_s;
        }
        if (!seen && peaks && same)
            rc = quality_add(findings, row->platform, modes, modes, err,
                             "%zu op modes state different peaks and one "
                             "bandwidth, %g GB/s: the memory's clock may "
                             "follow the mode",
                             modes, row->bw_byte_s * 1e-9);
    }
    return rc;
}

/* The first point of a unit's network like 'p' but for its pruning factor
 * that keeps more channels and is less accurate; NULL if there is none. */
static const struct point *less_pruned_worse(const struct quality_input *in,
                                             size_t u, const struct point *p)
{
    for (QUALITY_EACH(m, in->units, u)) {
        const struct point *q = &in->points->at[in->units.member[m]];

        if (q->pruning_pct > p->pruning_pct &&
            p->top1_pct > q->top1_pct + ACCURACY_RISES &&
            !strcmp(p->precision, q->precision) &&
            !strcmp(p->topology, q->topology) && !strcmp(p->images, q->images))
            return q;
    }
    return NULL;
}

int quality_accuracy_rises(const struct quality_input *in,
                           struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        const struct point *worst[2] = { NULL, NULL };
        size_t n = 0, all = 0;
        char unit[192];

        for (QUALITY_EACH(m, in->units, u)) {
            size_t i = in->units.member[m];
            const struct point *p = &in->points->at[i], *q = NULL;

            if (in->points->groups->member
                    [in->points->groups->start[in->points->groups->of[i]]] != i)
                continue; /* once a group */
            q = less_pruned_worse(in, u, p);
            all++;

            n += q != NULL;
            if (q &&
                (!worst[0] || p->top1_pct - q->top1_pct >
                                  worst[0]->top1_pct - worst[1]->top1_pct)) {
                worst[0] = p;
                worst[1] = q;
            }
        }
        if (n)
            rc = quality_add(
                findings, point_unit(worst[0], unit, sizeof(unit)), n, all, err,
                "top-1 is %.2f %% with %g %% of the channels and %.2f %% with "
                "%g %% (%s): pruning does not add accuracy, another training "
                "does",
                worst[0]->top1_pct, worst[0]->pruning_pct, worst[1]->top1_pct,
                worst[1]->pruning_pct, worst[0]->precision);
    }
    return rc;
}

static int by_top1(const void *a, const void *b)
{
    const struct point *p = *(const struct point *const *)a;
    const struct point *q = *(const struct point *const *)b;

    return (p->top1_pct > q->top1_pct) - (p->top1_pct < q->top1_pct);
}

/* Whether two points are of different networks and platforms with the same
 * accuracy. */
static bool shares_accuracy(const struct point *p, const struct point *q)
{
    return p->top1_pct == q->top1_pct && strcmp(p->platform, q->platform) &&
           strcmp(p->precision, q->precision) &&
           !strcmp(p->topology, q->topology);
}

int quality_shared_accuracy(const struct quality_input *in,
                            struct findings *findings, struct err *err)
{
    size_t n = in->points->groups->count, len = 0, shared = 0;
    const struct point **sorted = calloc(n + 1, sizeof(*sorted));
    char some[200] = "", label[256];
    int rc = 0;

    if (!sorted)
        return err_set(err, ERR_NOMEM, "no memory for findings");
    for (size_t g = 0; g < n; g++) {
        const struct point *p =
            &in->points
                 ->at[in->points->groups->member[in->points->groups->start[g]]];

        if (!isnan(p->top1_pct))
            sorted[len++] = p;
    }
    qsort(sorted, len, sizeof(*sorted), by_top1);
    for (size_t i = 0; i < len; i++) {
        size_t end = i + 1, used = strlen(some);

        while (end < len && !shares_accuracy(sorted[i], sorted[end]) &&
               sorted[end]->top1_pct == sorted[i]->top1_pct)
            end++;
        if (end == len || !shares_accuracy(sorted[i], sorted[end]))
            continue;
        if (shared++ < SHOWN_MAX)
            snprintf(some + used, sizeof(some) - used, "%s%.2f %% of %s",
                     used ? ", " : "", sorted[i]->top1_pct,
                     point_label(sorted[i], label, sizeof(label)));
    }
    if (shared)
        rc = quality_add(findings, "all", shared, len, err,
                         "accuracies occur again on another platform in "
                         "another precision (%s): by chance, or another's",
                         some);
    free(sorted);
    return rc;
}
