/* quality_repeats.c - rules about single measurements: repeats, sentinels,
 * boards, and cells without any */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/quality.h"
#include "analysis/stats.h"

#define NOISY       0.05 /* standard deviation over mean of repeats */
#define OUTLYING    3.5  /* scaled deviations (Iglewicz and Hoaglin 1993) */
#define MAD_SCALE   1.4826
#define MAD_LEAST   0.005 /* of the median: below, nothing is an outlier */
#define OUTLIER_OF  4
#define DRIFT_OF    8    /* measurements that make a trend */
#define DRIFT_MIN   0.01 /* over the whole time */
#define SISTERS_OF  3    /* op points that two boards share */
#define SISTERS_MIN 0.01
#define BOARDS_MAX  32

static const struct point *at(const struct quality_input *in, size_t i)
{
    return &in->points->at[i];
}

/* Where the observations of the op point after 'from' start. */
static size_t op_end(const struct observations *all, size_t from)
{
    size_t end = from;

    while (end < all->len && all->at[end].op == all->at[from].op)
        end++;
    return end;
}

int quality_noise(const struct quality_input *in, struct findings *findings,
                  struct err *err)
{
    int rc = 0;

    for (size_t u = 0; !rc && u < in->units.count; u++) {
        size_t bad = 0, of = 0;
        double most = 0;
        char name[192];

        for (QUALITY_EACH(m, in->units, u)) {
            const struct point *p = at(in, in->units.member[m]);
            const struct point_scope *s = &p->scope[SCOPE_KIND_COMP];
            double sd;

            if (isnan(s->fps_half))
                continue;
            sd = s->fps_half / stats_reach(p->repeats) / s->fps;
            of++;
            bad += sd > NOISY;
            most = fmax(most, sd);
        }
        if (bad)
            rc = quality_add(
                findings, quality_unit_name(in, u, name, sizeof(name)), bad, of,
                err,
                "repeats scatter by more than 5 %% at %zu of %zu op points, up "
                "to %.2g %% (standard deviation): more repeats or a quieter "
                "board",
                bad, of, 100 * most);
    }
    return rc;
}

static int by_value(const void *a, const void *b)
{
    const double *p = a, *q = b;

    return (*p > *q) - (*p < *q);
}

/* The median of 'n' values, which it sorts. */
static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), by_value);
    return stats_quantile(values, n, 0.5);
}

int quality_outlier(const struct quality_input *in, struct findings *findings,
                    struct err *err)
{
    const struct observations *all = &in->observations;
    double *values = calloc(all->len + 1, sizeof(*values));
    int rc = values ? 0 : err_set(err, ERR_NOMEM, "no memory for findings");

    for (size_t from = 0, end; !rc && from < all->len; from = end) {
        double middle, mad, worst = 0;
        size_t n = (end = op_end(all, from)) - from, out = 0;
        char label[256];

        for (size_t i = 0; i < n; i++)
            values[i] = all->at[from + i].fps;
        middle = median(values, n);
        for (size_t i = 0; i < n; i++)
            values[i] = fabs(all->at[from + i].fps - middle);
        mad = fmax(median(values, n) * MAD_SCALE, MAD_LEAST * middle);
        for (size_t i = 0; n >= OUTLIER_OF && i < n; i++) {
            double apart = fabs(all->at[from + i].fps - middle);

            out += apart > OUTLYING * mad;
            worst = fmax(worst, apart / middle);
        }
        if (out)
            rc = quality_add(
                findings,
                point_label(at(in, all->at[from].point), label, sizeof(label)),
                out, n, err,
                "at batch %g %zu of %zu measurements are outliers, up to %.3g "
                "%% from the median (over 3.5 scaled median deviations)",
                at(in, all->at[from].point)->batch, out, n, 100 * worst);
    }
    free(values);
    return rc;
}

/* A line through (x, y) by least squares, with its slope's standard error
 * (Draper and Smith 1998, chapter 1). */
struct trend {
    size_t n;
    double sx, sy, sxx, sxy, syy, first, last;
};

static void trend_add(struct trend *t, double x, double y)
{
    t->first = t->n ? fmin(t->first, x) : x;
    t->last = t->n ? fmax(t->last, x) : x;
    t->n++;
    t->sx += x;
    t->sy += y;
    t->sxx += x * x;
    t->sxy += x * y;
    t->syy += y * y;
}

/* The slope, and half its 95 % interval. */
static double trend_slope(const struct trend *t, double *half)
{
    double n = (double)t->n, dxx = t->sxx - t->sx * t->sx / n;
    double dxy = t->sxy - t->sx * t->sy / n, dyy = t->syy - t->sy * t->sy / n;
    double slope = dxy / dxx;

    *half =
        stats_t95(t->n - 2) * sqrt(fmax(0, dyy - slope * dxy) / (n - 2) / dxx);
    return slope;
}

/* Boards of the observations, by name; beyond BOARDS_MAX not looked at. */
static size_t boards_of(const struct observations *all,
                        const char *boards[BOARDS_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < all->len; i++) {
        size_t k = 0;

        while (k < len && strcmp(boards[k], all->at[i].board) != 0)
            k++;
        if (k == len && len < BOARDS_MAX && *all->at[i].board)
            boards[len++] = all->at[i].board;
    }
    return len;
}

/* The mean of a board's measurements of one op point; NaN of none. */
static double board_mean(const struct observations *all, size_t from,
                         size_t end, const char *board, size_t *n)
{
    double sum = 0;

    *n = 0;
    for (size_t i = from; i < end; i++)
        if (!strcmp(all->at[i].board, board)) {
            sum += all->at[i].fps;
            ++*n;
        }
    return *n ? sum / (double)*n : (double)NAN;
}

static void board_trend(const struct observations *all, const char *board,
                        struct trend *trend)
{
    memset(trend, 0, sizeof(*trend));
    for (size_t from = 0, end; from < all->len; from = end) {
        size_t n;
        double mean = board_mean(all, from, end = op_end(all, from), board, &n);

        for (size_t i = from; n >= 2 && i < end; i++)
            if (!strcmp(all->at[i].board, board) && !isnan(all->at[i].t_s))
                trend_add(trend, all->at[i].t_s / 3600,
                          all->at[i].fps / mean - 1);
    }
}

int quality_drift(const struct quality_input *in, struct findings *findings,
                  struct err *err)
{
    const char *boards[BOARDS_MAX];
    size_t len = boards_of(&in->observations, boards);
    int rc = 0;

    for (size_t b = 0; !rc && b < len; b++) {
        struct trend trend;
        double slope, half, whole;

        board_trend(&in->observations, boards[b], &trend);
        if (trend.n < DRIFT_OF || !(trend.last > trend.first))
            continue;
        slope = trend_slope(&trend, &half);
        whole = slope * (trend.last - trend.first);
        if (fabs(slope) > 2 * half && fabs(whole) > DRIFT_MIN)
            rc = quality_add(findings, boards[b], trend.n, trend.n, err,
                             "throughput of the same op points %s by %.2g %% "
                             "within %.3g h (%.2g %% ± %.2g %% an hour, %zu "
                             "measurements)",
                             whole < 0 ? "fell" : "rose", 100 * fabs(whole),
                             trend.last - trend.first, 100 * slope, 100 * half,
                             trend.n);
    }
    return rc;
}

/* log(b / a) of the op points that two boards share, as a Student interval;
 * their number. */
static size_t compare_boards(const struct observations *all, const char *a,
                             const char *b, double *ratios)
{
    size_t n = 0;

    for (size_t from = 0, end; from < all->len; from = end) {
        size_t of_a, of_b;
        double mean_a =
            board_mean(all, from, end = op_end(all, from), a, &of_a);
        double mean_b = board_mean(all, from, end, b, &of_b);

        if (of_a && of_b)
            ratios[n++] = log(mean_b / mean_a);
    }
    return n;
}

int quality_sisters(const struct quality_input *in, struct findings *findings,
                    struct err *err)
{
    const char *boards[BOARDS_MAX];
    size_t len = boards_of(&in->observations, boards);
    double *ratios = calloc(in->observations.ops + 1, sizeof(*ratios));
    int rc = ratios ? 0 : err_set(err, ERR_NOMEM, "no memory for findings");

    for (size_t a = 0; a < len; a++)
        for (size_t b = a + 1; !rc && b < len; b++) {
            size_t n =
                compare_boards(&in->observations, boards[a], boards[b], ratios);
            struct stats_interval range = stats_mean_interval(ratios, n);
            double mean = stats_mean(ratios, n);
            char subject[192];

            if (n < SISTERS_OF || range.low * range.high <= 0 ||
                fabs(mean) < SISTERS_MIN)
                continue;
            snprintf(subject, sizeof(subject), "%.90s and %.90s", boards[a],
                     boards[b]);
            rc = quality_add(findings, subject, n, n, err,
                             "%s is %s than its sister by %.1f %% ± %.1f %% "
                             "over %zu op points that both measured",
                             boards[b], mean < 0 ? "slower" : "faster",
                             100 * fabs(expm1(mean)), 100 * (range.high - mean),
                             n);
        }
    free(ratios);
    return rc;
}

static int by_id(const void *a, const void *b)
{
    const int64_t *p = a, *q = b;

    return (*p > *q) - (*p < *q);
}

/* Cells that stand there again with an id that was there before. */
static int ids_twice(const struct quality_input *in, size_t *ret_twice,
                     size_t *ret_n, struct err *err)
{
    const struct table_column *id = table_find(in->cells, "cell_id");
    size_t n = 0, rows = 0;
    int64_t *ids;

    *ret_twice = 0;
    for (size_t i = 0; i < in->points->len; i++)
        rows += at(in, i)->repeats;
    ids = calloc(rows + 1, sizeof(*ids));
    if (!ids)
        return err_set(err, ERR_NOMEM, "no memory for findings");
    for (size_t i = 0; id && i < in->points->len; i++)
        for (size_t r = 0; r < at(in, i)->repeats; r++)
            ids[n++] = table_i64(id, at(in, i)->rows[r]);
    qsort(ids, n, sizeof(*ids), by_id);
    for (size_t i = 1; i < n; i++)
        *ret_twice += ids[i] == ids[i - 1] && ids[i] != COLUMN_I64_MISSING;
    *ret_n = n;
    free(ids);
    return 0;
}

/* Whether two points of one op point have all readings in common, and one at
 * least. */
static bool same_readings(const struct point *p, const struct point *q)
{
    bool same = stats_same(p->full_w, q->full_w) &&
                stats_same(p->top1_pct, q->top1_pct) &&
                !strcmp(p->board, q->board);
    bool any = false;

    for (enum scope_kind k = 0; k < SCOPE_KINDS; k++) {
        same = same && stats_same(p->scope[k].fps, q->scope[k].fps) &&
               stats_same(p->scope[k].lat, q->scope[k].lat);
        any = any || !isnan(p->scope[k].fps) || !isnan(p->scope[k].lat);
    }
    return same && any;
}

/* Points whose readings an earlier one of the same op point has. */
static int readings_twice(const struct quality_input *in, size_t *ret_twice,
                          struct err *err)
{
    struct classes ops;
    int rc = classes_create(in->points, CLASSES_BY_OP, &ops, err);

    *ret_twice = 0;
    if (rc)
        return rc;
    for (size_t c = 0; c < ops.count; c++)
        for (size_t m = ops.start[c] + 1; m < ops.start[c + 1]; m++)
            *ret_twice +=
                same_readings(at(in, ops.member[m]), at(in, ops.member[m - 1]));
    classes_free(&ops);
    return 0;
}

int quality_duplicated(const struct quality_input *in,
                       struct findings *findings, struct err *err)
{
    size_t ids = 0, n = 0, readings = 0;
    int rc = ids_twice(in, &ids, &n, err);

    if (!rc)
        rc = readings_twice(in, &readings, err);
    if (!rc && ids)
        rc = quality_add(findings, "all", ids, n, err,
                         "cells stand there twice with the same id, %zu of "
                         "%zu: each counts as a repeat that it is not",
                         ids, n);
    if (!rc && readings)
        rc = quality_add(findings, "all", readings, in->points->len, err,
                         "op points stand there again with the very same "
                         "readings, %zu of %zu: one measurement counts twice",
                         readings, in->points->len);
    return rc;
}

/* Why the first cell of a platform has no result, and how many have none. */
struct lack {
    const char *platform, *reason;
    size_t cells, of;
};

/* A platform's place among 'lacks', where a new one is opened; SIZE_MAX if
 * there is no room. */
static size_t lack_of(struct lack *lacks, size_t *len, const char *platform)
{
    size_t k = 0;

    while (k < *len && strcmp(lacks[k].platform, platform) != 0)
        k++;
    if (k == BOARDS_MAX)
        return SIZE_MAX;
    if (k == *len)
        lacks[(*len)++] = (struct lack){ platform, "", 0, 0 };
    return k;
}

/* Count what each platform lacks; returns how many platforms there are. */
static size_t lacks_count(const struct quality_input *in,
                          struct lack lacks[BOARDS_MAX])
{
    const struct table_column *states = table_find(in->cells, "status");
    const struct table_column *platforms = table_find(in->cells, "platform");
    const struct table_column *reasons = table_find(in->cells, "reason");
    size_t len = 0;

    for (size_t i = 0; i < in->rows.len; i++) {
        uint32_t r = in->rows.at[i];
        int64_t status = table_i64(states, r);
        size_t k;

        if (status == STATUS_NA || status == STATUS_RETIRED)
            continue;
        k = lack_of(lacks, &len, table_text(platforms, r));
        if (k == SIZE_MAX)
            continue;
        lacks[k].of++;
        if (status != STATUS_OK && !lacks[k].cells++)
            lacks[k].reason = table_text(reasons, r);
    }
    return len;
}

int quality_missing(const struct quality_input *in, struct findings *findings,
                    struct err *err)
{
    struct lack lacks[BOARDS_MAX];
    size_t len = lacks_count(in, lacks);
    int rc = 0;

    for (size_t k = 0; !rc && k < len; k++)
        if (lacks[k].cells)
            rc = quality_add(
                findings, lacks[k].platform, lacks[k].cells, lacks[k].of, err,
                "%zu of %zu planned cells have no result%s%s", lacks[k].cells,
                lacks[k].of, *lacks[k].reason ? "; the first: " : "",
                lacks[k].reason);
    return rc;
}
