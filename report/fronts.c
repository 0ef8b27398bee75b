/* fronts.c - rows of the table of points, front by front */
#include "report/fronts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/pareto.h"
#include "core/vec.h"

#define NAME_MAX_LEN 64

/* What fronts are over, and the memory of one of them. */
struct fronts {
    const struct sheet *points;
    size_t column[PARETO_METRICS_MAX];
    bool least[PARETO_METRICS_MAX];
    size_t metrics;
    bool across;
    double *values[PARETO_METRICS_MAX];
    size_t *rows; /* of the field in hand */
    bool *front;  /* of rows[i] */
    bool *on;     /* of every row */
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

/* Whether two rows compete for one front. */
static bool compete(const struct fronts *fronts, size_t a, size_t b)
{
    static const char *const always[] = { "topology", "dataset" };
    static const char *const apart[] = { "provenance", "source" };
    const struct sheet *points = fronts->points;
    bool same = true;

    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        same = same && !strcmp(sheet_text_of(points, a, always[i]),
                               sheet_text_of(points, b, always[i]));
    for (size_t i = 0; !fronts->across && i < ARRAY_LEN(apart); i++)
        same = same && !strcmp(sheet_text_of(points, a, apart[i]),
                               sheet_text_of(points, b, apart[i]));
    return same;
}

/* The front among the rows that compete with 'first'; they are marked done. */
static int find_field(struct fronts *fronts, size_t first, bool *done,
                      struct err *err)
{
    struct pareto_metric metrics[PARETO_METRICS_MAX];
    size_t n = 0;
    int rc;

    for (size_t r = first; r < sheet_rows(fronts->points); r++) {
        if (done[r] || !compete(fronts, first, r))
            continue;
        done[r] = true;
        for (size_t m = 0; m < fronts->metrics; m++)
            fronts->values[m][n] =
                sheet_number_at(fronts->points, r, fronts->column[m]);
        fronts->rows[n++] = r;
    }
    for (size_t m = 0; m < fronts->metrics; m++)
        metrics[m] =
            (struct pareto_metric){ fronts->values[m], fronts->least[m] };
    rc = pareto_front(metrics, fronts->metrics, n, fronts->front, err);
    for (size_t i = 0; !rc && i < n; i++)
        fronts->on[fronts->rows[i]] = fronts->front[i];
    return rc;
}

static int find_all(struct fronts *fronts, struct err *err)
{
    size_t n = sheet_rows(fronts->points);
    bool *done = calloc(n + 1, sizeof(*done));
    bool whole = done;
    int rc = 0;

    for (size_t m = 0; m < fronts->metrics; m++) {
        fronts->values[m] = calloc(n + 1, sizeof(double));
        whole = whole && fronts->values[m];
    }
    fronts->rows = calloc(n + 1, sizeof(*fronts->rows));
    fronts->front = calloc(n + 1, sizeof(*fronts->front));
    fronts->on = calloc(n + 1, sizeof(*fronts->on));
    if (!whole || !fronts->rows || !fronts->front || !fronts->on)
        rc = err_set(err, ERR_NOMEM, "no memory for a front of %zu points", n);
    for (size_t r = 0; !rc && r < n; r++)
        if (!done[r])
            rc = find_field(fronts, r, done, err);
    free(done);
    return rc;
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
    free(fronts->rows);
    free(fronts->front);
    free(fronts->on);
}

int report_front(const struct report_data *data, const char *metrics,
                 bool across, struct sheet **ret_sheet, struct err *err)
{
    static const char *const shown[] = {
        "provenance",   "source",         "platform",
        "op_mode",      "precision",      "pruning_factor_pct",
        "batch",        "fps_comp",       "fps_sys",
        "lat_comp_s",   "lat_sys_s",      "top1_pct",
        "power_full_w", "energy_image_j", NULL
    };
    struct fronts fronts = { .across = across };
    struct sheet *points;
    int rc = report_table_points(data, &points, err);

    if (rc)
        return rc;
    fronts.points = points;
    rc = parse_metrics(&fronts, metrics, err);
    if (!rc)
        rc = find_all(&fronts, err);
    if (!rc) {
        *ret_sheet = sheet_pick(points, shown, is_on, &fronts);
        if (!*ret_sheet)
            rc = err_set(err, ERR_NOMEM, "no memory for a table");
    }
    fronts_free(&fronts);
    sheet_destroy(points);
    return rc;
}
