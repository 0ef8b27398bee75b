/* table_boxes.c - the spread of points over batch sizes, as box plots
 *
 * Not over repeats: the published boxes are over batches, and so are these.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/stats.h"
#include "report/report_data.h"

/* clang-format off */
static const struct sheet_column columns[] = {
    { "scope",              "scope",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "metric",             "metric",     "",  SHEET_TEXT,   SHEET_PLAIN },
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

static bool same_group(const struct point *p, const struct point *q)
{
    return !strcmp(p->platform, q->platform) &&
           !strcmp(p->op_mode, q->op_mode) &&
           !strcmp(p->precision, q->precision) &&
           !strcmp(p->topology, q->topology) &&
           !strcmp(p->provenance, q->provenance) &&
           p->pruning_pct == q->pruning_pct;
}

static int put_group(struct sheet *sheet, const struct points *points,
                     size_t lead, enum metric metric, enum scope_kind k,
                     double *values, struct err *err)
{
    static const char *const words[METRICS] = { "images/s", "latency [s]",
                                                "full power [W]" };
    const struct point *first = &points->at[lead];
    struct stats_box box;
    char unit[192];
    size_t n = 0;
    int rc;

    for (size_t i = lead; i < points->len; i++)
        if (same_group(first, &points->at[i]))
            values[n++] = metric_of(&points->at[i], metric, k);
    rc = stats_box(values, n, &box, err);
    if (rc || !box.n)
        return rc;
    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, first->provenance);
    sheet_text(sheet, words[metric]);
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

static bool first_of_group(const struct points *points, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_group(&points->at[k], &points->at[i]))
            return false;
    return true;
}

static int put_source(struct sheet *sheet, const struct points *points,
                      struct err *err)
{
    double *values = calloc(points->len + 1, sizeof(*values));
    int rc = 0;

    if (!values)
        return err_set(err, ERR_NOMEM, "no memory for box plots");
    for (size_t i = 0; !rc && i < points->len; i++) {
        if (sheet_rows(sheet) >= REPORT_ROWS_MAX || !first_of_group(points, i))
            continue;
        for (enum scope_kind k = 0; !rc && k < SCOPE_KINDS; k++)
            for (enum metric m = 0; !rc && m < METRICS; m++)
                rc = put_group(sheet, points, i, m, k, values, err);
    }
    free(values);
    return rc;
}

int report_table_boxes(const struct report_data *data, struct sheet **ret_sheet,
                       struct err *err)
{
    struct sheet *sheet = sheet_create(columns);
    int rc = sheet ? 0 : err_set(err, ERR_NOMEM, "no memory for a table");

    for (size_t s = 0; !rc && s < data->len; s++)
        rc = put_source(sheet, &data->sources[s].points, err);
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}
