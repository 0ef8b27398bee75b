/* table_boxes.c - the spread of points over batch sizes, as box plots
 *
 * Not over repeats: the published boxes are over batches, and so are these.
 * Power has a box for each thing that meters see.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/stats.h"
#include "core/text.h"
#include "report/report_data.h"

/* clang-format off */
static const struct sheet_column columns[] = {
    { "source",             "archive",    "",  SHEET_TEXT,   SHEET_PLAIN },
    { "scope",              "scope",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "metric",             "metric",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "power_scope",        "sees",       "",  SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",   "",  SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",  SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%", SHEET_NUMBER, SHEET_PLAIN },
    { "n",                  "n",          "",  SHEET_NUMBER, SHEET_PLAIN },
    { "min",                NULL,         "",  SHEET_NUMBER, SHEET_PREFIX },
    { "low",                "whisker",    "",  SHEET_NUMBER, SHEET_PREFIX },
    { "q1",                 "25 %",       "",  SHEET_NUMBER, SHEET_PREFIX },
    { "median",             "median",     "",  SHEET_NUMBER, SHEET_PREFIX },
    { "q3",                 "75 %",       "",  SHEET_NUMBER, SHEET_PREFIX },
    { "high",               "whisker",    "",  SHEET_NUMBER, SHEET_PREFIX },
    { "max",                NULL,         "",  SHEET_NUMBER, SHEET_PREFIX },
    { "outliers",           "outliers",   "",  SHEET_NUMBER, SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

enum metric {
    FPS,
    LATENCY,
    POWER,
    METRICS,
};

/* Which boxes are being put: those of one group, scope and metric. */
struct boxes {
    struct sheet *sheet;
    const struct report_source *source;
    size_t group;
    char unit[192]; /* of the group */
    enum scope_kind scope;
    enum metric metric;
    double *values; /* room for those of all points */
};

static const struct point *member(const struct boxes *b, size_t m)
{
    const struct points *points = &b->source->points;

    return &points->at[points->groups->member[m]];
}

static double metric_of(const struct boxes *b, size_t m)
{
    const struct point *point = member(b, m);

    if (b->metric == POWER)
        return point->full_w;
    return b->metric == FPS ? point->scope[b->scope].fps
                            : point->scope[b->scope].lat;
}

/* What the m-th point's value was seen by; "" but for power. */
static const char *seen_by(const struct boxes *b, size_t m)
{
    return b->metric == POWER ? member(b, m)->power_scope : "";
}

/* The box of those members that see what the m-th does, which is the first
 * such. */
static int put_box(struct boxes *b, size_t m, struct err *err)
{
    static const char *const words[METRICS] = { "images/s", "latency [s]",
                                                "full power [W]" };
    const struct classes *groups = b->source->points.groups;
    const struct point *first = member(b, m);
    const char *scope = seen_by(b, m);
    struct stats_box box;
    size_t n = 0;
    int rc;

    for (; m < groups->start[b->group + 1]; m++)
        if (text_equal(seen_by(b, m), scope))
            b->values[n++] = metric_of(b, m);
    rc = stats_box(b->values, n, &box, err);
    if (rc || !box.n)
        return rc;
    sheet_text(b->sheet, report_source_name(b->source));
    sheet_text(b->sheet, scope_kind_word(b->scope));
    sheet_text(b->sheet, first->provenance);
    sheet_text(b->sheet, words[b->metric]);
    sheet_text(b->sheet, scope);
    sheet_text(b->sheet, b->unit);
    sheet_text(b->sheet, first->precision);
    sheet_number(b->sheet, first->pruning_pct);
    sheet_number(b->sheet, (double)box.n);
    sheet_number(b->sheet, box.min);
    sheet_number(b->sheet, box.low);
    sheet_number(b->sheet, box.q1);
    sheet_number(b->sheet, box.median);
    sheet_number(b->sheet, box.q3);
    sheet_number(b->sheet, box.high);
    sheet_number(b->sheet, box.max);
    sheet_number(b->sheet, (double)box.outliers);
    return 0;
}

/* A box for each thing that is seen. */
static int put_metric(struct boxes *b, struct err *err)
{
    const struct classes *groups = b->source->points.groups;
    size_t start = groups->start[b->group], end = groups->start[b->group + 1];
    int rc = 0;

    for (size_t m = start; !rc && m < end; m++) {
        const char *scope = seen_by(b, m);
        size_t before = start;

        while (!text_equal(seen_by(b, before), scope))
            before++;
        if (before == m) /* the first of its kind */
            rc = put_box(b, m, err);
    }
    return rc;
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    const struct points *points = &source->points;
    struct boxes b = { .sheet = sheet, .source = source };
    size_t most = report_rows_max(data);
    int rc = 0;

    b.values = malloc((points->len + 1) * sizeof(*b.values));
    if (!b.values)
        return err_set(err, ERR_NOMEM, "no memory for box plots");
    for (; !rc && b.group < points->groups->count; b.group++) {
        point_unit(member(&b, points->groups->start[b.group]), b.unit,
                   sizeof(b.unit));
        for (b.scope = 0; b.scope < SCOPE_KINDS; b.scope++)
            for (b.metric = 0;
                 !rc && b.metric < METRICS && sheet_rows(sheet) < most;
                 b.metric++)
                rc = put_metric(&b, err);
    }
    free(b.values);
    return rc;
}

int report_table_boxes(const struct report_data *data, struct sheet **ret_sheet,
                       struct err *err)
{
    return report_table_make(data, columns, put_source, ret_sheet, err);
}
