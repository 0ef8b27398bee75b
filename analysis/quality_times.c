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
#define RUN_MIN     4  /* latencies that double */
#define LARGER      16 /* networks whose times tell a bandwidth */

static const struct point *at(const struct quality_input *in, size_t i)
{
    return &in->points->at[i];
}

int quality_above_ceiling(const struct quality_input *in,
                          struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        size_t above = 0, of = 0;
        double most = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            size_t i = in->units.member[m];
            double share = at(in, i)->scope[SCOPE_KIND_COMP].fps /
                           in->estimates[i].ceiling_fps;

            if (isnan(share))
                continue;
            of++;
            above += share > 1;
            most = fmax(most, share);
        }
        if (above)
            rc = quality_add(findings,
                             quality_unit_name(in, u, name, sizeof(name)),
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

/* The largest and smallest network of lead's precision at batch 1 in a
 * unit. */
static void extremes(const struct quality_input *in, size_t u,
                     const struct point *lead, const struct point *ret_ends[2])
{
    ret_ends[0] = ret_ends[1] = lead;
    for (QUALITY_EACH(m, in->units, u)) {
        const struct point *p = at(in, in->units.member[m]);

        if (p->batch != 1 || strcmp(p->precision, lead->precision) != 0 ||
            isnan(p->scope[SCOPE_KIND_COMP].fps))
            continue;
        if (p->params > ret_ends[0]->params)
            ret_ends[0] = p;
        if (p->params < ret_ends[1]->params)
            ret_ends[1] = p;
    }
}

int quality_bandwidth(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    const char *seen = "";
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        double most = 0, memory = 0;
        size_t pairs = 0, over = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            const struct point *p = at(in, in->units.member[m]), *ends[2];
            const struct platform_facts *row =
                facts_find(in->facts, p->platform, p->op_mode, p->precision);
            double implied;

            /* a precision's points stand together, so it is asked once */
            if (p->batch != 1 || !row || row->pinned ||
                (m > in->units.start[u] && !strcmp(p->precision, seen)))
                continue;
            seen = p->precision;
            extremes(in, u, p, ends);
            if (ends[0]->params < LARGER * ends[1]->params)
                continue;
            implied = implied_bandwidth(ends[0], ends[1], storage_bits(in, p));
            pairs++;
            over += implied > row->bw_byte_s;
            most = fmax(most, implied);
            memory = row->bw_byte_s;
        }
        if (over)
            rc = quality_add(findings,
                             quality_unit_name(in, u, name, sizeof(name)), over,
                             pairs, err,
                             "between its smallest and largest network at "
                             "batch 1 weights would be read with %.1f GB/s "
                             "from a memory of %.1f: a smaller network ran, or "
                             "the bandwidth is wrong",
                             most / 1e9, memory / 1e9);
    }
    return rc;
}

/* The times and throughputs of cells in one scope. */
struct times {
    const struct table_column *fps, *median, *mean;
};

static struct times times_of(const struct table *cells, enum scope_kind k)
{
    static const char *const names[SCOPE_KINDS][3] = {
        { "fps_comp", "lat_comp_s", "lat_comp_mean_s" },
        { "fps_sys", "lat_sys_s", "lat_sys_mean_s" },
    };

    return (struct times){ table_find(cells, names[k][0]),
                           table_find(cells, names[k][1]),
                           table_find(cells, names[k][2]) };
}

/* What throughput is the inverse of, the mean where it is told apart from the
 * median, over throughput: 1 is right.  The mean over repeats, each by itself:
 * means over repeats that scatter are not inverse to each other.  NaN: no
 * repeat has both. */
static double inverse_ratio(const struct times *times, const struct point *p)
{
    double total = 0;
    size_t n = 0;

    for (size_t r = 0; r < p->repeats; r++) {
        double mean = table_f64(times->mean, p->rows[r]);
        double ratio =
            p->batch /
            (isnan(mean) ? table_f64(times->median, p->rows[r]) : mean) /
            table_f64(times->fps, p->rows[r]);

        if (!isnan(ratio)) {
            total += ratio;
            n++;
        }
    }
    return n ? total / (double)n : (double)NAN;
}

int quality_contradiction(const struct quality_input *in,
                          struct findings *findings, struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count * SCOPE_KINDS; u++) {
        enum scope_kind k = u % SCOPE_KINDS == SCOPE_KIND_SYS ? SCOPE_KIND_SYS
                                                              : SCOPE_KIND_COMP;
        struct times times = times_of(in->cells, k);
        double low = (double)INFINITY, high = 0;
        size_t bad = 0, of = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u / SCOPE_KINDS)) {
            size_t i = in->units.member[m];
            const struct point *p = at(in, i);
            double ratio = inverse_ratio(&times, p);

            if (!isfinite(ratio))
                continue; /* zeros have a rule of their own */
            of++;
            bad += fabs(ratio - 1) > CONTRADICTS;
            low = fmin(low, ratio);
            high = fmax(high, ratio);
        }
        if (bad)
            rc = quality_add(
                findings,
                quality_unit_name(in, u / SCOPE_KINDS, name, sizeof(name)), bad,
                of, err,
                "%s: at %zu of %zu op points batch / latency differs from the "
                "throughput by more than 2 %%, %.2g to %.3g times of it",
                scope_kind_word(k), bad, of, low, high);
    }
    return rc;
}

int quality_disturbed(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    const struct table_column *mean = times_of(in->cells, SCOPE_KIND_COMP).mean;
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        size_t bad = 0, of = 0;
        double most = 1;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            size_t i = in->units.member[m];
            const struct point *p = at(in, i);
            double apart = point_mean(p, mean) / p->scope[SCOPE_KIND_COMP].lat;

            if (isnan(apart))
                continue;
            of++;
            bad += apart > DISTURBED;
            most = fmax(most, apart);
        }
        if (bad)
            rc = quality_add(findings,
                             quality_unit_name(in, u, name, sizeof(name)), bad,
                             of, err,
                             "at %zu of %zu op points the mean latency is more "
                             "than 10 %% above the median, up to %.3g times: "
                             "the runs were disturbed, and throughput counts "
                             "the disturbance",
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

        for (size_t m = in->units.start[u]; all && m < in->units.start[u + 1];
             m++) {
            size_t i = in->units.member[m];
            double steps = at(in, i)->scope[SCOPE_KIND_COMP].lat / step;

            if (isnan(steps))
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

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        double step = latency_step(in, u), worst = 0;
        size_t bad = 0, of = 0;
        char name[192];

        if (!(step > 0))
            continue;
        for (QUALITY_EACH(m, in->units, u)) {
            size_t i = in->units.member[m];
            double error = step / 2 / at(in, i)->scope[SCOPE_KIND_COMP].lat;

            if (isnan(error))
                continue;
            of++;
            bad += error > COARSE;
            worst = fmax(worst, error);
        }
        if (bad)
            rc = quality_add(findings,
                             quality_unit_name(in, u, name, sizeof(name)), bad,
                             of, err,
                             "latencies are rounded to %g us, up to %.0f %% "
                             "of the value: use throughput",
                             step * 1e6, 100 * worst);
    }
    return rc;
}

int quality_doubling(const struct quality_input *in, struct findings *findings,
                     struct err *err)
{
    int rc = 0;

    for (size_t g = 0; !rc && g < in->points->groups->count; g++) {
        const struct point *first =
            at(in, in->points->groups->member[in->points->groups->start[g]]);
        size_t run = 1, of = 0;
        double batch = (double)NAN, lat = (double)NAN;
        char label[256];

        for (QUALITY_EACH(m, *in->points->groups, g)) {
            const struct point *p = at(in, in->points->groups->member[m]);
            double now = p->scope[SCOPE_KIND_COMP].lat;

            of++;
            if (p->batch == 2 * batch && fabs(now - 2 * lat) <= 1e-9 * lat)
                run++;
            else if (run < RUN_MIN)
                run = 1;
            batch = p->batch;
            lat = now;
        }
        if (run >= RUN_MIN)
            rc = quality_add(findings, point_label(first, label, sizeof(label)),
                             run, of, err,
                             "%zu latencies in a row are exactly twice the "
                             "one at half the batch: not measured one by one",
                             run - 1);
    }
    return rc;
}

/* Pairs of precisions at the settings of one unit, and how many of them run
 * at one speed. */
struct speeds {
    size_t pairs, same;
    const struct point *first, *second;
};

static void compare_precisions(const struct quality_input *in, size_t setting,
                               struct speeds *speeds)
{
    for (QUALITY_EACH(i, in->settings, setting))
        for (QUALITY_EACH(k, in->settings, setting)) {
            const struct point *p = at(in, in->settings.member[i]);
            const struct point *q = at(in, in->settings.member[k]);
            double ratio =
                p->scope[SCOPE_KIND_COMP].fps / q->scope[SCOPE_KIND_COMP].fps;

            if (isnan(ratio) || !(p->weight_bits < q->weight_bits))
                continue;
            speeds->pairs++;
            speeds->same += fabs(ratio - 1) <= SAME_SPEED;
            speeds->first = p;
            speeds->second = q;
        }
}

int quality_no_effect(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    struct speeds *speeds = calloc(in->units.count + 1, sizeof(*speeds));
    int rc = 0;

    if (!speeds)
        return err_set(err, ERR_NOMEM, "no memory for findings");
    for (size_t c = 0; c < in->settings.count; c++) {
        size_t lead = in->settings.member[in->settings.start[c]];

        compare_precisions(in, c, &speeds[in->units.of[lead]]);
    }
    for (size_t u = 0; !rc && u < in->units.count; u++) {
        const struct speeds *s = &speeds[u];
        char name[192];

        if (s->pairs >= 4 && s->same * 10 >= s->pairs * 9)
            rc = quality_add(
                findings, quality_unit_name(in, u, name, sizeof(name)), s->same,
                s->pairs, err,
                "%s and %s run at one speed within 3 %% at %zu of "
                "%zu op points: both are computed the same way, "
                "and predictions that differ cannot both hold",
                s->first->precision, s->second->precision, s->same, s->pairs);
    }
    free(speeds);
    return rc;
}

int quality_scope_gap(const struct quality_input *in, struct findings *findings,
                      struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        size_t wide = 0, of = 0;
        double most = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            size_t i = in->units.member[m];
            const struct point *p = at(in, i);
            double gap =
                p->scope[SCOPE_KIND_COMP].fps / p->scope[SCOPE_KIND_SYS].fps;

            if (isnan(gap))
                continue;
            of++;
            wide += gap > GAP;
            most = fmax(most, gap);
        }
        if (wide)
            rc = quality_add(findings,
                             quality_unit_name(in, u, name, sizeof(name)), wide,
                             of, err,
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

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        double batch = 0, low = (double)INFINITY, high = 0;
        double least = (double)INFINITY, most = 0;
        size_t of = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            const struct point *p = at(in, in->units.member[m]);

            if (!isnan(p->scope[SCOPE_KIND_SYS].fps))
                batch = fmax(batch, p->batch);
        }
        for (QUALITY_EACH(m, in->units, u)) {
            size_t i = in->units.member[m];
            const struct point *p = at(in, i);
            double fps = p->scope[SCOPE_KIND_SYS].fps;

            if (p->batch != batch || isnan(fps))
                continue;
            of++;
            low = fmin(low, fps);
            high = fmax(high, fps);
            least = fmin(least, p->ops_image);
            most = fmax(most, p->ops_image);
        }
        if (of >= 2 && most > 4 * least && high < 1.5 * low)
            rc = quality_add(findings,
                             quality_unit_name(in, u, name, sizeof(name)), of,
                             of, err,
                             "system throughput at batch %g is %.0f to %.0f "
                             "images/s for networks that differ %.0f times in "
                             "operations: the host sets it",
                             batch, low, high, most / least);
    }
    return rc;
}
