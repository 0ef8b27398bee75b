/* table_boxes.c - the spread of points over batch sizes, as box plots
 *
 * Not over repeats: the published boxes are over batches, and so are these.
 * Power has a box for each thing that meters see.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/stats.h"
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

static double metric_of(const struct point *point, enum metric metric,
                        enum scope_kind k)
{
    if (metric == POWER)
        return point->full_w;
    return metric == FPS ? point->scope[k].fps : point->scope[k].lat;
}

/* What the m-th point's value was seen by; "" but for power. */
static const char *seen_by(const struct points *points,
                           const struct classes *groups, size_t m,
                           enum metric metric)
{
    return metric == POWER ? points->at[groups->member[m]].power_scope : "";
}

/* Labels of one archive are one text each, so most need no look. */
static bool same_text(const char *a, const char *b)
{
    return a == b || !strcmp(a, b);
}

/* The box of those members that see what the m-th does, which is the first
 * such. */
static int put_box(struct sheet *sheet, const struct report_source *source,
                   size_t g, size_t m, enum metric metric, enum scope_kind k,
                   double *values, struct err *err)
{
    static const char *const words[METRICS] = { "images/s", "latency [s]",
                                                "full power [W]" };
    const struct points *points = &source->points;
    const struct classes *groups = points->groups;
    const struct point *first = &points->at[groups->member[m]];
    const char *scope = seen_by(points, groups, m, metric);
    struct stats_box box;
    char unit[192];
    size_t n = 0;
    int rc;

    for (; m < groups->start[g + 1]; m++)
        if (same_text(seen_by(points, groups, m, metric), scope))
            values[n++] = metric_of(&points->at[groups->member[m]], metric, k);
    rc = stats_box(values, n, &box, err);
    if (rc || !box.n)
        return rc;
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, first->provenance);
    sheet_text(sheet, words[metric]);
    sheet_text(sheet, scope);
    sheet_text(sheet, point_unit(first, unit, sizeof(unit)));
    sheet_text(sheet, first->precision);
    sheet_number(sheet, first->pruning_pct);
    sheet_number(sheet, (double)box.n);
    sheet_number(sheet, box.min);
    sheet_number(sheet, box.low);
    sheet_number(sheet, box.q1);
    sheet_number(sheet, box.median);
    sheet_number(sheet, box.q3);
    sheet_number(sheet, box.high);
    sheet_number(sheet, box.max);
    sheet_number(sheet, (double)box.outliers);
    return 0;
}

static int put_group(struct sheet *sheet, const struct report_source *source,
                     size_t g, enum metric metric, enum scope_kind k,
                     double *values, struct err *err)
{
    const struct points *points = &source->points;
    const struct classes *groups = points->groups;
    int rc = 0;

    for (size_t m = groups->start[g]; !rc && m < groups->start[g + 1]; m++) {
        const char *scope = seen_by(points, groups, m, metric);
        size_t before = groups->start[g];

        while (!same_text(seen_by(points, groups, before, metric), scope))
            before++;
        if (before == m) /* the first of its kind */
            rc = put_box(sheet, source, g, m, metric, k, values, err);
    }
    return rc;
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    const struct points *points = &source->points;
    size_t most = report_rows_max(data);
    double *values = calloc(points->len + 1, sizeof(*values));
    const struct classes *groups = points->groups;
    int rc = values ? 0 : err_set(err, ERR_NOMEM, "no memory for box plots");

    for (size_t g = 0; !rc && g < groups->count; g++)
        for (enum scope_kind k = 0; k < SCOPE_KINDS; k++)
            for (enum metric m = 0;
                 !rc && m < METRICS && sheet_rows(sheet) < most; m++)
                rc = put_group(sheet, source, g, m, k, values, err);
    free(values);
    return rc;
}

int report_table_boxes(const struct report_data *data, struct sheet **ret_sheet,
                       struct err *err)
{
    return report_table_make(data, columns, put_source, ret_sheet, err);
}
