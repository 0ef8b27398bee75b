/* quality_times.c - rules about throughput, latency and models */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/quality.h"
#include "analysis/roofline.h"

#define CONTRADICTS 0.02 /* of batch / latency from throughput */
#define COARSE      0.02 /* half a digit's step, of a latency */
#define DISTURBED   1.1  /* mean over median latency */
#define GAP         5    /* compute over system throughput */
#define SAME_SPEED  0.03

static const struct point *at(const struct quality_input *in, size_t i)
{
    return &in->points->at[i];
}

static const char *unit_name(const struct quality_input *in, size_t u,
                             char *text, size_t size)
{
    return point_unit(at(in, in->unit_first[u]), text, size);
}

int quality_above_ceiling(const struct quality_input *in,
                          struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        size_t above = 0, of = 0;
        double most = 0;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++) {
            double share = at(in, i)->scope[SCOPE_KIND_COMP].fps /
                           in->estimates[i].ceiling_fps;

            if (in->unit[i] != u || isnan(share))
                continue;
            of++;
            above += share > 1;
            most = fmax(most, share);
        }
        if (above)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)),
                             above, of, err,
                             "%zu of %zu op points are faster than the "
                             "memory-aware ceiling, up to %.0f %% of it: "
                             "operation count, peak or time is not what it "
                             "says",
                             above, of, 100 * most);
    }
    return rc;
}

/* Bytes a second that weights would have to be read with, from two points
 * of one precision at the same batch; 0 if they cannot tell. */
static double implied_bandwidth(const struct point *p, const struct point *q,
                                double bits)
{
    double bytes = (p->params - q->params) * bits / 8;
    double seconds = p->batch / p->scope[SCOPE_KIND_COMP].fps -
                     q->batch / q->scope[SCOPE_KIND_COMP].fps;

    return bytes > 0 && seconds > 0 ? bytes / seconds : 0;
}

static double storage_bits(const struct quality_input *in,
                           const struct point *p)
{
    const struct platform_facts *row =
        facts_find(in->facts, p->platform, p->op_mode, p->precision);

    return row && row->storage_bits ? row->storage_bits : p->weight_bits;
}

int quality_bandwidth(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        double most = 0, memory = 0;
        size_t pairs = 0, over = 0;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++) {
            const struct point *p = at(in, i);
            const struct platform_facts *row =
                facts_find(in->facts, p->platform, p->op_mode, p->precision);

            if (in->unit[i] != u || p->batch != 1 || !row || row->pinned)
                continue;
            for (size_t k = 0; k < in->points->len; k++) {
                const struct point *q = at(in, k);
                double implied;

                if (in->unit[k] != u || q->batch != 1 ||
                    p->params < 16 * q->params ||
                    strcmp(p->precision, q->precision) != 0)
                    continue;
                implied = implied_bandwidth(p, q, storage_bits(in, p));
                pairs++;
                over += implied > row->bw_byte_s;
                most = fmax(most, implied);
                memory = row->bw_byte_s;
            }
        }
        if (over)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)),
                             over, pairs, err,
                             "between its smallest and largest network at "
                             "batch 1 weights would be read with %.1f GB/s "
                             "from a memory of %.1f: a smaller network ran, or "
                             "the bandwidth is wrong",
                             most / 1e9, memory / 1e9);
    }
    return rc;
}

/* What throughput is the inverse of: the mean, where it is told apart from
 * the median. */
static double batch_seconds(const struct point_scope *scope)
{
    return isnan(scope->mean) ? scope->lat : scope->mean;
}

int quality_contradiction(const struct quality_input *in,
                          struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units * SCOPE_KINDS; u++) {
        enum scope_kind k = u % SCOPE_KINDS == SCOPE_KIND_SYS ? SCOPE_KIND_SYS
                                                              : SCOPE_KIND_COMP;
        double low = (double)INFINITY, high = 0;
        size_t bad = 0, of = 0;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++) {
            const struct point *p = at(in, i);
            double ratio =
                p->batch / batch_seconds(&p->scope[k]) / p->scope[k].fps;

            if (in->unit[i] != u / SCOPE_KINDS || isnan(ratio))
                continue;
            of++;
            bad += fabs(ratio - 1) > CONTRADICTS;
            low = fmin(low, ratio);
            high = fmax(high, ratio);
        }
        if (bad)
            rc = quality_add(
                findings, unit_name(in, u / SCOPE_KINDS, name, sizeof(name)),
                bad, of, err,
                "%s: at %zu of %zu op points batch / latency differs from the "
                "throughput by more than 2 %%, %.2g to %.3g times of it",
                scope_kind_word(k), bad, of, low, high);
    }
    return rc;
}

int quality_disturbed(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        size_t bad = 0, of = 0;
        double most = 1;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++) {
            const struct point_scope *s = &at(in, i)->scope[SCOPE_KIND_COMP];
            double apart = s->mean / s->lat;

            if (in->unit[i] != u || isnan(apart))
                continue;
            of++;
            bad += apart > DISTURBED;
            most = fmax(most, apart);
        }
        if (bad)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)),
                             bad, of, err,
                             "at %zu of %zu op points the mean latency is more "
                             "than 10 %% above the median, up to %.3g times: "
                             "something else ran, throughput is too low",
                             bad, of, most);
    }
    return rc;
}

/* The largest power of ten that all latencies of a unit are multiples of;
 * 0 if they have digits of their own. */
static double latency_step(const struct quality_input *in, size_t u)
{
    for (double step = 1e-3; step > 0.9e-7; step /= 10) {
        bool all = true, any = false;

        for (size_t i = 0; all && i < in->points->len; i++) {
            double steps = at(in, i)->scope[SCOPE_KIND_COMP].lat / step;

            if (in->unit[i] != u || isnan(steps))
                continue;
            any = true;
            all = steps > 0.5 && fabs(steps - round(steps)) < 1e-6;
        }
        if (all && any)
            return step;
    }
    return 0;
}

int quality_coarse(const struct quality_input *in, struct findings *findings,
                   struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        double step = latency_step(in, u), worst = 0;
        size_t bad = 0, of = 0;
        char name[192];

        for (size_t i = 0; step > 0 && i < in->points->len; i++) {
            double error = step / 2 / at(in, i)->scope[SCOPE_KIND_COMP].lat;

            if (in->unit[i] != u || isnan(error))
                continue;
            of++;
            bad += error > COARSE;
            worst = fmax(worst, error);
        }
        if (bad)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)),
                             bad, of, err,
                             "latencies are rounded to %g us, up to %.0f %% "
                             "of the value: use throughput",
                             step * 1e6, 100 * worst);
    }
    return rc;
}

static bool neighbours(const struct point *p, const struct point *q)
{
    return !strcmp(p->platform, q->platform) &&
           !strcmp(p->op_mode, q->op_mode) &&
           !strcmp(p->precision, q->precision) &&
           !strcmp(p->topology, q->topology) &&
           p->pruning_pct == q->pruning_pct;
}

int quality_doubling(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < in->points->len; i++) {
        const struct point *p = at(in, i);
        size_t run = 1, of = 0, first = i;
        double last = p->batch, lat = p->scope[SCOPE_KIND_COMP].lat;
        char label[256];

        for (size_t k = 0; k < i && first == i; k++)
            first = neighbours(p, at(in, k)) ? k : i;
        if (first != i) /* its group was looked at */
            continue;
        for (size_t k = i; k < in->points->len; k++) {
            const struct point *q = at(in, k);

            if (!neighbours(p, q))
                continue;
            of++;
            if (q->batch == 2 * last &&
                fabs(q->scope[SCOPE_KIND_COMP].lat - 2 * lat) <= 1e-9 * lat)
                run++;
            else if (run < 4)
                run = 1;
            last = q->batch;
            lat = q->scope[SCOPE_KIND_COMP].lat;
        }
        if (run >= 4)
            rc = quality_add(findings, point_label(p, label, sizeof(label)),
                             run, of, err,
                             "%zu latencies in a row are exactly twice the "
                             "one at half the batch: not measured one by one",
                             run - 1);
    }
    return rc;
}

int quality_no_effect(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        size_t pairs = 0, same = 0;
        const struct point *first = NULL, *second = NULL;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++)
            for (size_t k = 0; in->unit[i] == u && k < in->points->len; k++) {
                const struct point *p = at(in, i), *q = at(in, k);
                double ratio = p->scope[SCOPE_KIND_COMP].fps /
                               q->scope[SCOPE_KIND_COMP].fps;

                if (in->unit[k] != u || isnan(ratio) ||
                    !(p->weight_bits < q->weight_bits) ||
                    p->pruning_pct != q->pruning_pct || p->batch != q->batch)
                    continue;
                pairs++;
                same += fabs(ratio - 1) <= SAME_SPEED;
                first = p;
                second = q;
            }
        if (pairs >= 4 && same * 10 >= pairs * 9)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)),
                             same, pairs, err,
                             "%s and %s run at one speed within 3 %% at %zu of "
                             "%zu op points: both are computed the same way, "
                             "and predictions that differ cannot both hold",
                             first->precision, second->precision, same, pairs);
    }
    return rc;
}

int quality_scope_gap(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        size_t wide = 0, of = 0;
        double most = 0;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++) {
            const struct point *p = at(in, i);
            double gap =
                p->scope[SCOPE_KIND_COMP].fps / p->scope[SCOPE_KIND_SYS].fps;

            if (in->unit[i] != u || isnan(gap))
                continue;
            of++;
            wide += gap > GAP;
            most = fmax(most, gap);
        }
        if (wide)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)),
                             wide, of, err,
                             "compute throughput is up to %.0f times that with "
                             "data movement: a user sees the latter",
                             most);
    }
    return rc;
}

int quality_host_bound(const struct quality_input *in,
                       struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units; u++) {
        double batch = 0, low = (double)INFINITY, high = 0;
        double least = (double)INFINITY, most = 0;
        size_t of = 0;
        char name[192];

        for (size_t i = 0; i < in->points->len; i++)
            if (in->unit[i] == u && !isnan(at(in, i)->scope[1].fps))
                batch = fmax(batch, at(in, i)->batch);
        for (size_t i = 0; i < in->points->len; i++) {
            const struct point *p = at(in, i);
            double fps = p->scope[SCOPE_KIND_SYS].fps;

            if (in->unit[i] != u || p->batch != batch || isnan(fps))
                continue;
            of++;
            low = fmin(low, fps);
            high = fmax(high, fps);
            least = fmin(least, p->ops_image);
            most = fmax(most, p->ops_image);
        }
        if (of >= 2 && most > 4 * least && high < 1.5 * low)
            rc = quality_add(findings, unit_name(in, u, name, sizeof(name)), of,
                             of, err,
                             "system throughput at batch %g is %.0f to %.0f "
                             "images/s for networks that differ %.0f times in "
                             "operations: the host sets it",
                             batch, low, high, most / least);
    }
    return rc;
}
