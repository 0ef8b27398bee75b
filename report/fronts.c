/* fronts.c - rows of the table of points, front by front */
#include "report/fronts.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/pareto.h"
#include "core/vec.h"

#define NAME_MAX_LEN 64

/* What fronts are over, and the memory of one of them. */
struct fronts {
    const struct report_data *data;
    struct sheet *points; /* a row a point of each archive */
    size_t column[PARETO_METRICS_MAX];
    bool least[PARETO_METRICS_MAX];
    size_t metrics;
    bool metered; /* one of them is of power or energy */
    bool across;
    double *values[PARETO_METRICS_MAX];
    size_t *first;  /* row of each field */
    size_t *fields; /* of every row */
    bool *on;       /* of every row */
};

static int add_metric(struct fronts *fronts, const char *word, size_t len,
                      struct err *err)
{
    const struct sheet_column *columns = sheet_columns(fronts->points);
    bool least = len && *word == '-';
    char name[NAME_MAX_LEN];
    size_t at;

    word += least;
    len -= least;
    if (len >= sizeof(name) || fronts->metrics == PARETO_METRICS_MAX)
        return err_set(err, ERR_USAGE, "a front is over 2 or 3 metrics");
    memcpy(name, word, len);
    name[len] = '\0';
    at = sheet_find(fronts->points, name);
    if (at == SIZE_MAX || columns[at].kind != SHEET_NUMBER)
        return err_set(err, ERR_USAGE,
                       "metric '%s': no such column of numbers; fps_comp, "
                       "lat_comp_s, top1_pct, power_full_w and energy_image_j "
                       "are some",
                       name);
    for (size_t m = 0; m < fronts->metrics; m++)
        if (fronts->column[m] == at)
            return err_set(err, ERR_USAGE, "metric '%s' stands there twice",
                           name);
    fronts->metered |=
        !strncmp(name, "power_", 6) || !strncmp(name, "energy_", 7);
    fronts->column[fronts->metrics] = at;
    fronts->least[fronts->metrics++] = least;
    return 0;
}

static int parse_metrics(struct fronts *fronts, const char *metrics,
                         struct err *err)
{
    int rc = 0;

    for (const char *at = metrics; !rc && at; at = strchr(at, ',')) {
        at += *at == ',';
        rc = add_metric(fronts, at, strcspn(at, ","), err);
    }
    if (!rc && fronts->metrics < 2)
        rc = err_set(err, ERR_USAGE, "a front is over 2 or 3 metrics");
    return rc;
}

/* Which archive a row of the table of points is of, and its point. */
static const struct point *point_of(const struct report_data *data, size_t row,
                                    const struct report_source **ret_source)
{
    size_t s = 0;

    while (row >= data->sources[s].points.len)
        row -= data->sources[s++].points.len;
    *ret_source = &data->sources[s];
    return &data->sources[s].points.at[row];
}

/* Whether two rows compete for one front. */
static bool compete(const struct fronts *fronts, size_t a, size_t b)
{
    const struct report_source *here, *there;
    const struct point *p = point_of(fronts->data, a, &here);
    const struct point *q = point_of(fronts->data, b, &there);

    if (strcmp(p->topology, q->topology) != 0 ||
        strcmp(p->images, q->images) != 0)
        return false;
    if (fronts->metered && strcmp(p->power_scope, q->power_scope) != 0)
        return false; /* a rail's joules never beat a wall's */
    if (fronts->across)
        return true;
    return here == there && !strcmp(p->provenance, q->provenance) &&
           (fronts->data->any_weights ||
            here->sets[p - here->points.at] == here->sets[q - here->points.at]);
}

/* Number what competes: few fronts, so each row looks for its own. */
static void number_fields(struct fronts *fronts, size_t n)
{
    size_t *first = fronts->first, count = 0;

    for (size_t r = 0; r < n; r++) {
        size_t k = 0;

        while (k < count && !compete(fronts, first[k], r))
            k++;
        if (k == count)
            first[count++] = r;
        fronts->fields[r] = k;
    }
}

static int find_all(struct fronts *fronts, struct err *err)
{
    struct pareto_metric metrics[PARETO_METRICS_MAX];
    size_t n = sheet_rows(fronts->points);
    bool whole = true;

    for (size_t m = 0; m < fronts->metrics; m++) {
        fronts->values[m] = calloc(n + 1, sizeof(double));
        whole = whole && fronts->values[m];
    }
    fronts->first = calloc(n + 1, sizeof(*fronts->first));
    fronts->fields = calloc(n + 1, sizeof(*fronts->fields));
    fronts->on = calloc(n + 1, sizeof(*fronts->on));
    if (!whole || !fronts->first || !fronts->fields || !fronts->on)
        return err_set(err, ERR_NOMEM, "no memory for a front of %zu points",
                       n);
    number_fields(fronts, n);
    for (size_t m = 0; m < fronts->metrics; m++) {
        for (size_t r = 0; r < n; r++)
            fronts->values[m][r] =
                sheet_number_at(fronts->points, r, fronts->column[m]);
        metrics[m] =
            (struct pareto_metric){ fronts->values[m], fronts->least[m] };
    }
    return pareto_fronts(metrics, fronts->metrics, fronts->fields, n,
                         fronts->on, err);
}

static bool is_on(const struct sheet *sheet, size_t row, const void *ctx)
{
    const struct fronts *fronts = ctx;

    (void)sheet;
    return fronts->on[row];
}

static void fronts_free(struct fronts *fronts)
{
    for (size_t m = 0; m < PARETO_METRICS_MAX; m++)
        free(fronts->values[m]);
    free(fronts->first);
    free(fronts->fields);
    free(fronts->on);
    sheet_destroy(fronts->points);
}

/* What a front shows: names, and the metrics that are not among them. */
static void names_make(const struct fronts *fronts,
                       const char *names[SHEET_COLUMNS_MAX])
{
    static const char *const usual[] = {
        "source",       "provenance",     "topology",    "dataset",
        "platform",     "op_mode",        "precision",   "pruning_factor_pct",
        "batch",        "threads",        "streams",     "fps_comp",
        "fps_sys",      "lat_comp_s",     "lat_sys_s",   "top1_pct",
        "power_full_w", "energy_image_j", "power_scope", "weights_set",
    };
    const struct sheet_column *columns = sheet_columns(fronts->points);
    size_t len = 0;

    for (; len < ARRAY_LEN(usual); len++)
        names[len] = usual[len];
    for (size_t m = 0; m < fronts->metrics; m++) {
        const char *name = columns[fronts->column[m]].name;
        bool there = false;

        for (size_t i = 0; i < len; i++)
            there = there || !strcmp(names[i], name);
        if (!there)
            names[len++] = name;
    }
    names[len] = NULL;
}

int report_front(const struct report_data *data, const char *metrics,
                 bool across, struct sheet **ret_sheet, struct err *err)
{
    const char *names[SHEET_COLUMNS_MAX];
    struct report_data whole = *data;
    struct fronts fronts = { .data = &whole, .across = across };
    int rc;

    whole.whole = true;
    rc = report_table_points(&whole, &fronts.points, err);
    if (rc)
        return rc;
    rc = parse_metrics(&fronts, metrics, err);
    if (!rc)
        rc = find_all(&fronts, err);
    if (!rc) {
        names_make(&fronts, names);
        *ret_sheet = sheet_pick(fronts.points, names, is_on, &fronts);
        if (!*ret_sheet)
            rc = err_set(err, ERR_NOMEM, "no memory for a table");
    }
    fronts_free(&fronts);
    return rc;
}
