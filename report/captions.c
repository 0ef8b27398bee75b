/* captions.c - sentences about figures, computed from what they draw
 *
 * None where the data do not carry them, and no cause that no rule found.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/efficiency.h"
#include "analysis/estimate.h"
#include "analysis/predict.h"
#include "analysis/roofline.h"
#include "report/figures.h"
#include "report/names.h"
#include "report/numbers.h"

#define UNITS_MAX  64
#define UNITS_SAID 8

/* The scope that is asked for, else the one that a source has figures in. */
static enum scope_kind scope_of(const struct report_data *data,
                                const struct report_source *source)
{
    if (source->best_len[data->said])
        return data->said;
    return source->best_len[SCOPE_KIND_COMP] ? SCOPE_KIND_COMP : SCOPE_KIND_SYS;
}

static const struct point *best_at(const struct report_source *source,
                                   enum scope_kind k, size_t i)
{
    return &source->points.at[source->best[k][i]];
}

static void front_ends(const struct report_data *data,
                       const struct report_source *source, enum scope_kind k,
                       struct buf *out)
{
    const struct point *fast = NULL, *right = NULL;
    char label[256], fps[NUMBER_TEXT_MAX];
    size_t n = 0;

    for (size_t i = 0; i < source->best_len[k]; i++) {
        const struct point *point = best_at(source, k, i);

        if (!source->front[k][i])
            continue;
        n++;
        if (!fast || point->scope[k].fps > fast->scope[k].fps)
            fast = point;
        if (!right || point->top1_pct > right->top1_pct)
            right = point;
    }
    if (!n)
        return;
    name_begin(data, source, "", out);
    buf_printf(out, "%zu of %zu groups are on the %s front; ", n,
               source->best_len[k], scope_kind_word(k));
    buf_printf(out, "fastest on it is %s with %s at %.2f %%, ",
               name_label(data, fast, label, sizeof(label)),
               number_si(fast->scope[k].fps, "images/s", fps), fast->top1_pct);
    buf_printf(out, "most accurate %s with %.2f %% at %s.\n",
               name_label(data, right, label, sizeof(label)), right->top1_pct,
               number_si(right->scope[k].fps, "images/s", fps));
}

void caption_pareto(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++)
        front_ends(data, &data->sources[s], scope_of(data, &data->sources[s]),
                   out);
}

/* Within one group, the least batch with a throughput. */
static const struct point *least_batch(const struct points *points,
                                       const struct classes *groups, size_t g,
                                       const struct point *best,
                                       enum scope_kind k)
{
    const struct point *least = NULL;

    for (size_t m = groups->start[g]; m < groups->start[g + 1]; m++) {
        const struct point *p = &points->at[groups->member[m]];

        if (p->threads == best->threads && p->streams == best->streams &&
            !isnan(p->scope[k].fps) && (!least || p->batch < least->batch))
            least = p;
    }
    return least;
}

static void batch_gain(const struct report_data *data,
                       const struct report_source *source, enum scope_kind k,
                       struct buf *out)
{
    const struct point *most = NULL, *from = NULL;
    const struct classes *groups = source->points.groups;
    double gain = 1;
    char label[256], fps[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < source->best_len[k]; i++) {
        const struct point *best = best_at(source, k, i);
        const struct point *least = least_batch(
            &source->points, groups, groups->of[source->best[k][i]], best, k);

        if (least && best->scope[k].fps / least->scope[k].fps > gain) {
            gain = best->scope[k].fps / least->scope[k].fps;
            most = best;
            from = least;
        }
    }
    if (!most)
        return;
    name_begin(data, source, "Batching", out);
    buf_printf(out, " helps %s most, %.3g times (%s) from batch %g to ",
               name_label(data, most, label, sizeof(label)), gain,
               scope_kind_word(k), from->batch);
    buf_printf(out, "%g: %s.\n", most->batch,
               number_si(most->scope[k].fps, "images/s", fps));
}

void caption_throughput(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++)
        batch_gain(data, &data->sources[s], scope_of(data, &data->sources[s]),
                   out);
}

/* Whether a point has less latency than another (NULL: none yet), or as much
 * and more throughput: latencies may be coarse. */
static bool quicker(const struct point *p, const struct point *q,
                    enum scope_kind k)
{
    if (!q || p->scope[k].lat != q->scope[k].lat)
        return !q || p->scope[k].lat < q->scope[k].lat;
    return p->scope[k].fps > q->scope[k].fps;
}

/* The point of a source with most throughput among those at least latency
 * allowed: what a user who waits may have. */
static void lowest_latency(const struct report_data *data,
                           const struct report_source *source,
                           enum scope_kind k, struct buf *out)
{
    const struct point *quick = NULL, *fast = NULL;
    char a[256], b[256], x[NUMBER_TEXT_MAX], y[NUMBER_TEXT_MAX];
    char u[NUMBER_TEXT_MAX], v[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < source->points.len; i++) {
        const struct point *point = &source->points.at[i];

        if (isnan(point->scope[k].lat) || isnan(point->scope[k].fps))
            continue;
        if (quicker(point, quick, k))
            quick = point;
        if (!fast || point->scope[k].fps > fast->scope[k].fps)
            fast = point;
    }
    if (!quick || quick == fast)
        return;
    name_begin(data, source, "Shortest", out);
    buf_printf(out, " %s latency is %s with %s, by %s at batch %g; ",
               scope_kind_word(k), number_si(quick->scope[k].lat, "s", x),
               number_si(quick->scope[k].fps, "images/s", u),
               name_label(data, quick, a, sizeof(a)), quick->batch);
    buf_printf(out, "most throughput is %s with %s, by %s at batch %g.\n",
               number_si(fast->scope[k].fps, "images/s", v),
               number_si(fast->scope[k].lat, "s", y),
               name_label(data, fast, b, sizeof(b)), fast->batch);
}

void caption_latency_throughput(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++)
        lowest_latency(data, &data->sources[s],
                       scope_of(data, &data->sources[s]), out);
}

void caption_latency_batch(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        enum scope_kind k = scope_of(data, source);
        const struct point *least = NULL;
        char label[256], text[NUMBER_TEXT_MAX];

        for (size_t i = 0; i < source->points.len; i++) {
            const struct point *point = &source->points.at[i];

            if (!isnan(point->scope[k].lat) && quicker(point, least, k))
                least = point;
        }
        if (!least)
            continue;
        name_begin(data, source, "Shortest", out);
        buf_printf(out, " %s latency is %s, of %s at batch %g.\n",
                   scope_kind_word(k),
                   number_si(least->scope[k].lat, "s", text),
                   name_label(data, least, label, sizeof(label)), least->batch);
    }
}

/* Peak and bandwidth of a point's platform: stated, else measured. */
static double point_roof(const struct facts *facts, const struct point *point,
                         enum roofline_bound *bound)
{
    double intensity =
        roofline_intensity(point->ops_image, point->params, point->weight_bits);
    double peak, bandwidth;

    estimate_roof(point, facts, &peak, &bandwidth);
    *bound = roofline_bound(peak, bandwidth, intensity);
    return roofline_attainable(peak, bandwidth, intensity);
}

/* Whether an earlier archive, or the same one before its row 'i', names the
 * platform of that row. */
static bool named_before(const struct report_data *data, size_t s, size_t i)
{
    const char *platform = data->sources[s].facts->platforms[i].platform;

    for (size_t t = 0; t <= s; t++) {
        const struct facts *facts = data->sources[t].facts;
        size_t len = t == s ? i : facts->platforms_len;

        for (size_t k = 0; k < len; k++)
            if (!strcmp(facts->platforms[k].platform, platform))
                return true;
    }
    return false;
}

/* Words that name where weights are assumed to be kept, other than in the
 * bits that they have. */
static void storage(const struct report_data *data, struct buf *out)
{
    size_t said = 0;

    for (size_t s = 0; s < data->len; s++) {
        const struct facts *facts = data->sources[s].facts;

        for (size_t i = 0; facts && i < facts->platforms_len; i++) {
            const struct platform_facts *row = &facts->platforms[i];

            if ((!row->pinned && !row->storage_bits) ||
                named_before(data, s, i))
                continue;
            buf_printf(out, "%s%s",
                       said++ ? ", "
                              : "Storage: weights lie in memory in the bits "
                                "of their precision, but ",
                       row->platform);
            if (row->pinned)
                buf_printf(out, " pins them on the chip where they fit");
            else
                buf_printf(out, " keeps them in %d bits", row->storage_bits);
        }
    }
    if (said)
        buf_printf(out, ".\n");
}

void caption_rooflines(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        enum scope_kind k = scope_of(data, source);
        size_t known = 0, above = 0, memory = 0;

        for (size_t i = 0; i < source->best_len[k]; i++) {
            const struct point *point = best_at(source, k, i);
            enum roofline_bound bound;
            double roof = point_roof(source->facts, point, &bound);

            known += isnan(roof) ? 0 : 1;
            memory += bound == ROOFLINE_MEMORY;
            above += point->scope[k].fps * point->ops_image > roof;
        }
        if (!known)
            continue;
        name_begin(data, source, "", out);
        buf_printf(out, "%zu of %zu operating points (%s) are bound by memory",
                   memory, known, scope_kind_word(k));
        if (above)
            buf_printf(out,
                       "; %zu lie above their roof, so it is no bound for them",
                       above);
        buf_printf(out, ".\n");
    }
    storage(data, out);
}

struct range {
    char unit[192];
    double low, high;
    size_t n;
};

static struct range *range_of(struct range *ranges, size_t *len,
                              const struct point *point)
{
    char unit[192];

    point_unit(point, unit, sizeof(unit));
    for (size_t i = 0; i < *len; i++)
        if (!strcmp(ranges[i].unit, unit))
            return &ranges[i];
    if (*len == UNITS_MAX)
        return NULL;
    memset(&ranges[*len], 0, sizeof(ranges[0]));
    memcpy(ranges[*len].unit, unit, sizeof(unit));
    ranges[*len].low = (double)INFINITY;
    return &ranges[(*len)++];
}

/* "TX2 maxq 6.05 to 8.99 W", or one value if both are printed alike. */
static void put_range(const struct range *range, bool later, bool last,
                      struct buf *out)
{
    char low[16], high[16];

    snprintf(low, sizeof(low), "%.3g", range->low);
    snprintf(high, sizeof(high), "%.3g", range->high);
    buf_printf(out, "%s%s %s%s%s W%s", later ? ", " : "", range->unit, low,
               strcmp(low, high) ? " to " : "", strcmp(low, high) ? high : "",
               last ? ".\n" : "");
}

/* Each unit's range; of many, where it is least and most. */
static void put_ranges(const struct report_data *data,
                       const struct report_source *source,
                       const struct range *ranges, size_t len, struct buf *out)
{
    const struct range *least = ranges, *most = ranges;

    if (!len)
        return;
    name_begin(data, source, "Full", out);
    buf_printf(out, " power at the best batch: ");
    for (size_t i = 0; i < len; i++) {
        if (len <= UNITS_SAID)
            put_range(&ranges[i], i, i + 1 == len, out);
        least = ranges[i].low < least->low ? &ranges[i] : least;
        most = ranges[i].high > most->high ? &ranges[i] : most;
    }
    if (len > UNITS_SAID)
        buf_printf(out, "from %.3g W (%s) to %.3g W (%s).\n", least->low,
                   least->unit, most->high, most->unit);
}

/* How many points of a source have a reading of full power. */
static size_t with_power(const struct report_source *source)
{
    size_t n = 0;

    for (size_t i = 0; i < source->points.len; i++)
        n += isnan(source->points.at[i].full_w) ? 0 : 1;
    return n;
}

static void sensors(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        size_t n = with_power(source);

        if (n == source->points.len)
            continue;
        name_begin(data, source, n ? "" : "No", out);
        if (n)
            buf_printf(out, "%zu of %zu op points have a power reading.\n", n,
                       source->points.len);
        else
            buf_printf(out,
                       " sensor; none of its %zu op points has a power "
                       "reading.\n",
                       source->points.len);
    }
}

void caption_power(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        enum scope_kind k = scope_of(data, source);
        struct range ranges[UNITS_MAX];
        size_t len = 0;

        for (size_t i = 0; i < source->best_len[k]; i++) {
            const struct point *point = best_at(source, k, i);
            struct range *range =
                isnan(point->full_w) ? NULL : range_of(ranges, &len, point);

            if (!range)
                continue;
            range->low = fmin(range->low, point->full_w);
            range->high = fmax(range->high, point->full_w);
        }
        put_ranges(data, source, ranges, len, out);
    }
    sensors(data, out);
}

/* What needs least and most energy among what one kind of meter saw. */
static void energy_ends(const struct report_data *data,
                        const struct report_source *source, enum scope_kind k,
                        const char *seen, struct buf *out)
{
    const struct point *least = NULL, *most = NULL;
    char a[256], b[256], x[NUMBER_TEXT_MAX], y[NUMBER_TEXT_MAX];
    char ratio[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < source->best_len[k]; i++) {
        const struct point *point = best_at(source, k, i);

        if (isnan(point->energy_image_j) || strcmp(point->power_scope, seen))
            continue;
        if (!least || point->energy_image_j < least->energy_image_j)
            least = point;
        if (!most || point->energy_image_j > most->energy_image_j)
            most = point;
    }
    if (!least)
        return;
    name_begin(data, source, "Least", out);
    buf_printf(out, " energy an image%s%s%s is %s by %s, ",
               *seen ? ", seen at the " : "", seen, *seen ? "," : "",
               number_si(least->energy_image_j, "J", x),
               name_label(data, least, a, sizeof(a)));
    buf_printf(
        out, "most %s by %s, %s times as much.\n",
        number_si(most->energy_image_j, "J", y),
        name_label(data, most, b, sizeof(b)),
        number_si(most->energy_image_j / least->energy_image_j, "", ratio));
}

/* Whether an earlier best batch was seen by the same kind of meter. */
static bool seen_before(const struct report_source *source, enum scope_kind k,
                        size_t i)
{
    for (size_t n = 0; n < i; n++)
        if (!strcmp(best_at(source, k, n)->power_scope,
                    best_at(source, k, i)->power_scope))
            return true;
    return false;
}

void caption_energy(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];
        enum scope_kind k = scope_of(data, source);

        for (size_t i = 0; i < source->best_len[k]; i++)
            if (!seen_before(source, k, i))
                energy_ends(data, source, k, best_at(source, k, i)->power_scope,
                            out);
    }
    sensors(data, out);
}

void caption_latency(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;
    size_t worst = 0;
    double ratio = 0;
    char text[NUMBER_TEXT_MAX];

    if (report_table_latency(data, &sheet, NULL))
        return;
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        double tail = sheet_number_of(sheet, i, "p99_s") /
                      sheet_number_of(sheet, i, "median_s");

        if (tail > ratio && !strcmp(sheet_text_of(sheet, i, "scope"),
                                    scope_kind_word(data->said))) {
            ratio = tail;
            worst = i;
        }
    }
    if (ratio > 0)
        buf_printf(
            out,
            "Longest tail: the 99th percentile of %s (%s) is %.3g times "
            "its median of %s.\n",
            sheet_text_of(sheet, worst, "row"),
            sheet_text_of(sheet, worst, "scope"), ratio,
            number_si(sheet_number_of(sheet, worst, "median_s"), "s", text));
    sheet_destroy(sheet);
}
