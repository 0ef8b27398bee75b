/* table_overlap.c - theory and measurement as points of one plane
 *
 * Rows of series "measured" are the best batches; rows of series "theory"
 * are the roofline's predictions for the same groups, with the accuracy
 * measured.  A prediction without a measurement takes the accuracy that the
 * same network has elsewhere in the archive, and is marked as unmatched.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/efficiency.h"
#include "analysis/estimate.h"
#include "analysis/pareto.h"
#include "core/vec.h"
#include "report/names.h"

/* clang-format off */
static const struct sheet_column columns[] = {
    { "scope",              "scope",       "",    SHEET_TEXT,   SHEET_PLAIN },
    { "series",             "series",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance",  "",    SHEET_TEXT,   SHEET_PLAIN },
    { "source",             "archive",     "",    SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           NULL,          "",    SHEET_TEXT,   SHEET_PLAIN },
    { "dataset",            NULL,          "",    SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           NULL,          "",    SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",    "",    SHEET_TEXT,   SHEET_PLAIN },
    { "label",              NULL,          "",    SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",     "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",       "",    SHEET_NUMBER, SHEET_PLAIN },
    { "fps",                "images/s",    "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "top1_pct",           "top-1",       "%",   SHEET_NUMBER, SHEET_FIXED2 },
    { "efficiency_pct",     "of predicted", "%",  SHEET_NUMBER, SHEET_PLAIN },
    { "matched",            "matched",     "",    SHEET_NUMBER, SHEET_PLAIN },
    { "front",              "front",       "",    SHEET_NUMBER, SHEET_PLAIN },
    { "fps_low",            NULL,          "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "fps_high",           NULL,          "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "model",              NULL,          "",    SHEET_TEXT,   SHEET_PLAIN },
    { "weights_set",        NULL,          "",    SHEET_NUMBER, SHEET_PLAIN },
    { "front_of",           NULL,          "",    SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

/* A point of the plane: that of 'point', or the prediction for it. */
struct mark {
    struct point point;
    const struct point *measured; /* whose network it is */
    size_t field;                 /* what it competes with: report_fields() */
    bool theory, matched, front;
    double fps, efficiency_pct;
};

struct marks {
    VEC(struct mark) all;
    const struct facts *facts;
    enum scope_kind scope;
};

static double predicted(const struct marks *marks, const struct point *point)
{
    double peak, bandwidth;

    estimate_roof(point, marks->facts, &peak, &bandwidth);
    return estimate_seed_fps(marks->facts, peak, bandwidth, point->ops_image,
                             point->params, point->weight_bits);
}

static int put_mark(struct marks *marks, const struct mark *mark,
                    struct err *err)
{
    if (!VEC_PUSH(&marks->all, *mark))
        return err_set(err, ERR_NOMEM, "no memory for theory and measurement");
    return 0;
}

/* A measured group, and what theory says of it. */
static int put_pair(struct marks *marks, const struct point *point,
                    size_t field, struct err *err)
{
    double theory = predicted(marks, point);
    struct mark mark = {
        .point = *point,
        .measured = point,
        .field = field,
        .matched = !isnan(theory),
        .fps = point->scope[marks->scope].fps,
        .efficiency_pct =
            efficiency_pct(point->scope[marks->scope].fps, theory),
    };
    int rc = put_mark(marks, &mark, err);

    mark.theory = true;
    mark.fps = theory;
    if (!rc && mark.matched)
        rc = put_mark(marks, &mark, err);
    return rc;
}

static bool same_network(const struct point *p, const struct point *q)
{
    return p->pruning_pct == q->pruning_pct &&
           !strcmp(p->precision, q->precision) &&
           !strcmp(p->topology, q->topology) && !strcmp(p->images, q->images);
}

static bool same_unit(const struct point *p, const char *platform,
                      const char *op_mode)
{
    return !strcmp(p->platform, platform) &&
           !strcmp(*p->op_mode ? p->op_mode : "default",
                   *op_mode ? op_mode : "default");
}

/* Networks measured elsewhere that a unit of this archive could have run:
 * the first point of each among 'len' measured marks. */
static int put_unmatched(struct marks *marks, size_t len,
                         const struct platform_facts *row, struct err *err)
{
    bool here = false;
    int rc = 0;

    for (size_t i = 0; !here && i < len; i++)
        here = same_unit(&marks->all.at[i].point, row->platform, row->op_mode);
    for (size_t i = 0; here && !rc && i < len; i++) {
        struct mark mark = marks->all.at[i];
        bool known = strcmp(mark.point.precision, row->precision) != 0;

        for (size_t k = 0; !known && k < len; k++) {
            const struct point *p = &marks->all.at[k].point;

            known = same_network(p, &mark.point) &&
                    (k < i || same_unit(p, row->platform, row->op_mode));
        }
        if (known)
            continue;
        mark.theory = true;
        mark.matched = false;
        mark.point.platform = row->platform;
        mark.point.op_mode = row->op_mode;
        mark.point.batch = mark.efficiency_pct = (double)NAN;
        mark.fps = predicted(marks, &mark.point);
        if (!isnan(mark.fps))
            rc = put_mark(marks, &mark, err);
    }
    return rc;
}

/* The fronts of one series among the marks, one a field. */
static int find_front(struct marks *marks, bool theory, struct err *err)
{
    size_t n = marks->all.len;
    double *fps = calloc(n + 1, sizeof(*fps));
    double *top1 = calloc(n + 1, sizeof(*top1));
    size_t *fields = calloc(n + 1, sizeof(*fields));
    bool *front = calloc(n + 1, sizeof(*front));
    struct pareto_metric metrics[] = { { fps, false }, { top1, false } };
    int rc = 0;

    if (!fps || !top1 || !fields || !front)
        rc = err_set(err, ERR_NOMEM, "no memory for a front");
    for (size_t i = 0; !rc && i < n; i++) {
        const struct mark *mark = &marks->all.at[i];

        fps[i] = mark->theory == theory ? mark->fps : (double)NAN;
        top1[i] = mark->point.top1_pct;
        fields[i] = mark->field;
    }
    if (!rc)
        rc = pareto_fronts(metrics, 2, fields, n, front, err);
    for (size_t i = 0; !rc && i < n; i++)
        marks->all.at[i].front |= front[i];
    free(fps);
    free(top1);
    free(fields);
    free(front);
    return rc;
}

/* What was measured has an interval, theory has none. */
static void put_range(struct sheet *sheet, const struct mark *mark,
                      enum scope_kind k)
{
    const struct point_scope *scope = &mark->point.scope[k];
    struct stats_interval range = stats_around(scope->fps, scope->fps_half);

    sheet_number(sheet, mark->theory ? (double)NAN : range.low);
    sheet_number(sheet, mark->theory ? (double)NAN : range.high);
}

static void put_row(struct sheet *sheet, const struct report_data *data,
                    const struct report_source *source, enum scope_kind k,
                    const struct mark *mark)
{
    const struct point *point = &mark->point;
    char text[512];

    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, mark->theory ? "theory" : "measured");
    sheet_text(sheet, point->provenance);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, point->topology);
    sheet_text(sheet, point->images);
    sheet_text(sheet, point->platform);
    sheet_text(sheet, point_unit(point, text, sizeof(text)));
    sheet_text(sheet, name_label(data, point, text, sizeof(text)));
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, point->batch);
    sheet_number(sheet, mark->fps);
    sheet_number(sheet, point->top1_pct);
    sheet_number(sheet, mark->efficiency_pct);
    sheet_flag(sheet, mark->matched);
    sheet_flag(sheet, mark->front);
    put_range(sheet, mark, k);
    sheet_text_cut(sheet, point->model, REPORT_DIGEST_MAX);
    sheet_number(sheet, report_weights_set(source, mark->measured));
    sheet_text(sheet, report_front_of(data, source, mark->measured, text,
                                      sizeof(text)));
}

/* What was measured, and the theory of the same. */
static int put_pairs(const struct report_data *data,
                     const struct report_source *source, struct marks *marks,
                     struct err *err)
{
    const size_t *best = source->best[marks->scope];
    size_t n = source->best_len[marks->scope];
    size_t *fields = malloc((n + 1) * sizeof(*fields));
    int rc = fields ? report_fields(data, source, best, n, fields, err)
                    : err_set(err, ERR_NOMEM, "no memory for fronts");

    for (size_t i = 0; !rc && i < n; i++) {
        const struct point *point = &source->points.at[best[i]];

        if (!isnan(point->top1_pct) &&
            report_keeps(data, source, marks->scope, i))
            rc = put_pair(marks, point, fields[i], err);
    }
    free(fields);
    return rc;
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct marks *marks,
                      struct err *err)
{
    const struct facts *facts = marks->facts;
    size_t len;
    int rc;

    marks->all.len = 0;
    rc = put_pairs(data, source, marks, err);
    len = marks->all.len;
    for (size_t i = 0; facts && !rc && i < facts->platforms_len; i++)
        rc = put_unmatched(marks, len, &facts->platforms[i], err);
    for (int theory = 0; !rc && theory < 2; theory++)
        rc = find_front(marks, theory == 1, err);
    for (size_t i = 0; !rc && i < marks->all.len; i++)
        put_row(sheet, data, source, marks->scope, &marks->all.at[i]);
    return rc;
}

int report_table_overlap(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(columns);
    struct marks marks = { 0 };
    int rc = sheet ? 0 : err_set(err, ERR_NOMEM, "no memory for a table");

    for (size_t s = 0; s < data->len; s++)
        for (enum scope_kind k = 0; !rc && k < SCOPE_KINDS; k++) {
            marks.scope = k;
            marks.facts = data->sources[s].facts;
            rc = put_source(sheet, data, &data->sources[s], &marks, err);
        }
    VEC_FREE(&marks.all);
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}
