/* table_forecast.c - what a model says of every cell, measured or not
 *
 * One row a model and op point.  The calibrated model is fitted to corner
 * cells alone; its band is the factor that nine of ten held-out rows of the
 * published data keep (docs/analysis.md).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/estimate.h"
#include "analysis/predict.h"
#include "report/report_data.h"

/* clang-format off */
static const struct sheet_column columns[] = {
    { "model",              "model",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "scope",              "scope",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",    SHEET_TEXT,   SHEET_PLAIN },
    { "source",             "archive",    "",    SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",    SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",      "",    SHEET_NUMBER, SHEET_PLAIN },
    { "state",              "state",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "fps",                "measured",   "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "predicted_fps",      "predicted",  "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "low_fps",            "low",        "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "high_fps",           "high",       "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "predicted_batch_s",  "a batch",    "s",   SHEET_NUMBER, SHEET_PREFIX },
    { "factor",             "off",        "",    SHEET_NUMBER, SHEET_PLAIN },
    { "mark",               "mark",       "",    SHEET_TEXT,   SHEET_PLAIN },
    { "lab_s",              NULL,         "s",   SHEET_NUMBER, SHEET_PREFIX },
    { 0 }
};

static const struct sheet_column saving_columns[] = {
    { "source",       "archive",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "scope",        "scope",        "",  SHEET_TEXT,   SHEET_PLAIN },
    { "unit",         "platform",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "corners",      "fitted to",    "",  SHEET_NUMBER, SHEET_PLAIN },
    { "held_out",     "held out",     "",  SHEET_NUMBER, SHEET_PLAIN },
    { "not_measured", "not measured", "",  SHEET_NUMBER, SHEET_PLAIN },
    { "missed",       "miss the band", "", SHEET_NUMBER, SHEET_PLAIN },
    { "median",       "median off",   "",  SHEET_NUMBER, SHEET_PLAIN },
    { "p90",          "90th percentile", "", SHEET_NUMBER, SHEET_PLAIN },
    { "corners_s",    "corners take", "s", SHEET_NUMBER, SHEET_PREFIX },
    { "rest_s",       "lab time saved", "s", SHEET_NUMBER, SHEET_PREFIX },
    { "open_s",       "not spent, about", "s", SHEET_NUMBER, SHEET_PREFIX },
    { 0 }
};
/* clang-format on */

/* Lab seconds that the cells of a point took; NaN if not known. */
static double lab_seconds(const struct point *point)
{
    return point_mean(point, table_find(point->dataset->cells, "duration_s")) *
           (double)point->repeats;
}

static const char *state_of(const struct estimate *estimate, double measured,
                            bool calibrated)
{
    if (isnan(measured))
        return "not measured";
    if (!calibrated)
        return "measured";
    return estimate->corner ? "fitted to" : "held out";
}

static const char *mark_of(enum estimate_model model,
                           const struct estimate *estimate, double measured)
{
    double fps = estimate_fps(estimate, model);
    double factor = predict_error_factor(fps, measured);

    if (model == ESTIMATE_CEILING)
        return measured > fps ? "above ceiling" : "";
    return model == ESTIMATE_CALIBRATED && factor > ESTIMATE_BAND
               ? "misses the band"
               : "";
}

static void put_row(struct sheet *sheet, const struct report_source *source,
                    const struct point *point, enum scope_kind k,
                    enum estimate_model model, const struct estimate *estimate)
{
    double fps = estimate_fps(estimate, model), measured = point->scope[k].fps;
    bool calibrated = model == ESTIMATE_CALIBRATED;
    double band = calibrated ? ESTIMATE_BAND : (double)NAN;
    char text[192];

    if (isnan(fps))
        return;
    sheet_text(sheet, estimate_model_word(model));
    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, isnan(measured) ? "predicted" : point->provenance);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, point->topology);
    sheet_text(sheet, point_unit(point, text, sizeof(text)));
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, point->batch);
    sheet_text(sheet, state_of(estimate, measured, calibrated));
    sheet_number(sheet, measured);
    sheet_number(sheet, fps);
    sheet_number(sheet, fps / band);
    sheet_number(sheet, fps * band);
    sheet_number(sheet, point->batch / fps);
    sheet_number(sheet, predict_error_factor(fps, measured));
    sheet_text(sheet, mark_of(model, estimate, measured));
    sheet_number(sheet, lab_seconds(point));
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    struct points points;
    struct estimate *estimates;
    int rc = points_create_planned(source->dataset, data->where, &points, err);

    if (rc)
        return rc;
    estimates = calloc(points.len + 1, sizeof(*estimates));
    if (!estimates)
        rc = err_set(err, ERR_NOMEM, "no memory for predictions");
    for (enum scope_kind k = 0; !rc && k < SCOPE_KINDS; k++) {
        rc = estimate_points(&points, source->facts, k, estimates, err);
        for (enum estimate_model m = 0; !rc && m < ESTIMATE_MODELS; m++)
            for (size_t i = 0; i < points.len; i++)
                put_row(sheet, source, &points.at[i], k, m, &estimates[i]);
    }
    free(estimates);
    points_free(&points);
    return rc;
}

int report_table_forecast(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, columns, put_source, ret_sheet, err);
}

/* Whether a row of the forecast is of the calibrated model in a scope and,
 * if 'unit' is given, of that platform. */
static bool counts(const struct sheet *rows, size_t i, const char *scope,
                   const char *unit)
{
    return !strcmp(sheet_text_of(rows, i, "model"), "calibrated") &&
           !strcmp(sheet_text_of(rows, i, "scope"), scope) &&
           (!unit || !strcmp(sheet_text_of(rows, i, "unit"), unit));
}

static void put_saving(struct sheet *sheet, const struct report_source *source,
                       const struct sheet *rows, const char *scope,
                       const char *unit, double *factors)
{
    size_t corners = 0, open = 0, missed = 0, n = 0;
    double corners_s = 0, rest_s = 0;

    for (size_t i = 0; i < sheet_rows(rows); i++) {
        const char *state = sheet_text_of(rows, i, "state");
        double lab_s = sheet_number_of(rows, i, "lab_s");

        if (!counts(rows, i, scope, unit))
            continue;
        open += !strcmp(state, "not measured");
        if (!strcmp(state, "fitted to")) {
            corners++;
            corners_s += lab_s;
        } else if (!strcmp(state, "held out")) {
            factors[n++] = sheet_number_of(rows, i, "factor");
            missed += *sheet_text_of(rows, i, "mark") != '\0';
            rest_s += lab_s;
        }
    }
    stats_sort(factors, n);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, scope);
    sheet_text(sheet, unit ? unit : "all");
    sheet_number(sheet, (double)corners);
    sheet_number(sheet, (double)n);
    sheet_number(sheet, (double)open);
    sheet_number(sheet, (double)missed);
    sheet_number(sheet, stats_quantile(factors, n, 0.5));
    sheet_number(sheet, stats_quantile(factors, n, 0.9));
    sheet_number(sheet, corners_s);
    sheet_number(sheet, rest_s);
    /* cells that were not run would take what those that were took */
    sheet_number(sheet,
                 (corners_s + rest_s) / (double)(corners + n) * (double)open);
}

/* Whether the sheet says something of a platform in its rows from 'first'. */
static bool said(const struct sheet *sheet, size_t first, const char *unit)
{
    for (size_t r = first; r < sheet_rows(sheet); r++)
        if (!strcmp(sheet_text_of(sheet, r, "unit"), unit))
            return true;
    return false;
}

/* A row a platform, in order of appearance, after one over all. */
static void put_savings(struct sheet *sheet, const struct report_source *source,
                        const struct sheet *rows, double *factors)
{
    for (enum scope_kind k = 0; k < SCOPE_KINDS; k++) {
        const char *scope = scope_kind_word(k), *before = NULL;
        size_t first = sheet_rows(sheet);

        for (size_t i = 0; i < sheet_rows(rows); i++) {
            const char *unit = sheet_text_of(rows, i, "unit");

            if (!counts(rows, i, scope, NULL))
                continue;
            if (sheet_rows(sheet) == first)
                put_saving(sheet, source, rows, scope, NULL, factors);
            if ((!before || strcmp(before, unit) != 0) &&
                !said(sheet, first, unit))
                put_saving(sheet, source, rows, scope, unit, factors);
            before = unit;
        }
    }
}

static int savings_of(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    struct sheet *rows = sheet_create(columns);
    double *factors = NULL;
    int rc = rows ? put_source(rows, data, source, err)
                  : err_set(err, ERR_NOMEM, "no memory for a table");

    if (!rc && !(factors = calloc(sheet_rows(rows) + 1, sizeof(*factors))))
        rc = err_set(err, ERR_NOMEM, "no memory for a table");
    if (!rc)
        put_savings(sheet, source, rows, factors);
    free(factors);
    sheet_destroy(rows);
    return rc;
}

int report_table_savings(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, saving_columns, savings_of, ret_sheet, err);
}
