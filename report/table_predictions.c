/* table_predictions.c - what models say of measured points, and how wrong */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/estimate.h"
#include "analysis/predict.h"
#include "hdf5_schema/columns.h"
#include "report/report_data.h"

#define MODELS 3

/* clang-format off */
static const struct sheet_column prediction_columns[] = {
    { "scope",              "scope",      "",    SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",    SHEET_TEXT,   SHEET_PLAIN },
    { "source",             "archive",    "",    SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",   "",    SHEET_TEXT,   SHEET_PLAIN },
    { "label",              NULL,         "",    SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",    SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",   SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",      "",    SHEET_NUMBER, SHEET_PLAIN },
    { "fps",                "measured",   "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "seed_fps",           "seed",       "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "ceiling_fps",        "ceiling",    "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "calibrated_fps",     "calibrated", "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "seed_factor",        "off",        "",    SHEET_NUMBER, SHEET_PLAIN },
    { "ceiling_factor",     "off",        "",    SHEET_NUMBER, SHEET_PLAIN },
    { "calibrated_factor",  "off",        "",    SHEET_NUMBER, SHEET_PLAIN },
    { "corner",             "fitted to",  "",    SHEET_NUMBER, SHEET_PLAIN },
    { "above_ceiling",      "above",      "",    SHEET_NUMBER, SHEET_PLAIN },
    { "fps_low",            NULL,         "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { "fps_high",           NULL,         "1/s", SHEET_NUMBER, SHEET_PREFIX },
    { 0 }
};

static const struct sheet_column error_columns[] = {
    { "source",     "archive",          "", SHEET_TEXT,   SHEET_PLAIN },
    { "scope",      "scope",            "", SHEET_TEXT,   SHEET_PLAIN },
    { "provenance", "provenance",       "", SHEET_TEXT,   SHEET_PLAIN },
    { "unit",       "platform",         "", SHEET_TEXT,   SHEET_PLAIN },
    { "model",      "model",            "", SHEET_TEXT,   SHEET_PLAIN },
    { "rows",       "points",           "", SHEET_NUMBER, SHEET_PLAIN },
    { "median",     "median factor",    "", SHEET_NUMBER, SHEET_PLAIN },
    { "p90",        "90th percentile",  "", SHEET_NUMBER, SHEET_PLAIN },
    { "max",        "greatest",         "", SHEET_NUMBER, SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

static const char *const model_words[MODELS] = { "seed", "ceiling",
                                                 "calibrated, held out" };

/* Each model's prediction of a point; of the calibrated one only where it
 * was not fitted, if 'held_out'. */
static void model_fps(const struct estimate *estimate, bool held_out,
                      double ret_fps[MODELS])
{
    ret_fps[0] = estimate->seed_fps;
    ret_fps[1] = estimate->ceiling_fps;
    ret_fps[2] =
        held_out && estimate->corner ? (double)NAN : estimate->calibrated_fps;
}

static void put_prediction(struct sheet *sheet,
                           const struct report_source *source,
                           const struct point *point, enum scope_kind k,
                           const struct estimate *estimate)
{
    double fps[MODELS], measured = point->scope[k].fps;
    char text[256];

    model_fps(estimate, false, fps);
    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, point->provenance);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, point->platform);
    sheet_text(sheet, point_unit(point, text, sizeof(text)));
    sheet_text(sheet, point_label(point, text, sizeof(text)));
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, point->batch);
    sheet_number(sheet, measured);
    for (size_t m = 0; m < MODELS; m++)
        sheet_number(sheet, fps[m]);
    for (size_t m = 0; m < MODELS; m++)
        sheet_number(sheet, predict_error_factor(fps[m], measured));
    sheet_flag(sheet, estimate->corner);
    sheet_flag(sheet, measured > estimate->ceiling_fps);
    sheet_interval(sheet, point->scope[k].fps, point->scope[k].fps_half);
}

/* Walk the points of every source in a scope, with their estimates. */
struct walk {
    const struct report_data *data;
    struct sheet *sheet;
    int (*each)(const struct walk *walk, const struct report_source *source,
                enum scope_kind k, const struct estimate *estimates,
                struct err *err);
};

static int walk_sources(const struct walk *walk, struct err *err)
{
    int rc = 0;

    for (size_t s = 0; !rc && s < walk->data->len; s++) {
        const struct report_source *source = &walk->data->sources[s];
        struct estimate *estimates =
            calloc(source->points.len + 1, sizeof(*estimates));

        if (!estimates)
            return err_set(err, ERR_NOMEM, "no memory for predictions");
        for (enum scope_kind k = 0; !rc && k < SCOPE_KINDS; k++) {
            rc = estimate_points(&source->points, source->facts, k, estimates,
                                 err);
            if (!rc)
                rc = walk->each(walk, source, k, estimates, err);
        }
        free(estimates);
    }
    return rc;
}

static int
make(const struct report_data *data, const struct sheet_column *columns,
     int (*each)(const struct walk *walk, const struct report_source *source,
                 enum scope_kind k, const struct estimate *estimates,
                 struct err *err),
     struct sheet **ret_sheet, struct err *err)
{
    struct walk walk = { data, sheet_create(columns), each };
    int rc = walk.sheet ? walk_sources(&walk, err)
                        : err_set(err, ERR_NOMEM, "no memory for a table");

    if (rc)
        sheet_destroy(walk.sheet);
    else
        *ret_sheet = walk.sheet;
    return rc;
}

static int put_predictions(const struct walk *walk,
                           const struct report_source *source,
                           enum scope_kind k, const struct estimate *estimates,
                           struct err *err)
{
    (void)err;
    for (size_t i = 0; i < source->points.len &&
                       sheet_rows(walk->sheet) < report_rows_max(walk->data);
         i++) {
        const struct point *point = &source->points.at[i];

        if (!isnan(point->scope[k].fps) && !isnan(estimates[i].seed_fps))
            put_prediction(walk->sheet, source, point, k, &estimates[i]);
    }
    return 0;
}

int report_table_predictions(const struct report_data *data,
                             struct sheet **ret_sheet, struct err *err)
{
    return make(data, prediction_columns, put_predictions, ret_sheet, err);
}

/* The points that errors are told of. */
struct errors {
    const struct report_source *source;
    enum scope_kind scope;
    const struct estimate *estimates;
    const char *provenance; /* of this one alone */
    const size_t *places;
    size_t len;
    double *factors; /* room for 'len' */
};

static size_t factors_of(const struct errors *of, size_t model)
{
    size_t n = 0;

    for (size_t i = 0; i < of->len; i++) {
        const struct point *point = &of->source->points.at[of->places[i]];
        double fps[MODELS], factor;

        model_fps(&of->estimates[of->places[i]], true, fps);
        factor = predict_error_factor(fps[model], point->scope[of->scope].fps);
        if (!isnan(factor) && !strcmp(point->provenance, of->provenance))
            of->factors[n++] = factor;
    }
    stats_sort(of->factors, n);
    return n;
}

static void put_error(struct sheet *sheet, const struct errors *of,
                      const char *unit)
{
    for (size_t m = 0; m < MODELS; m++) {
        size_t n = factors_of(of, m);

        if (!n)
            continue;
        sheet_text(sheet, report_source_name(of->source));
        sheet_text(sheet, scope_kind_word(of->scope));
        sheet_text(sheet, of->provenance);
        sheet_text(sheet, unit);
        sheet_text(sheet, model_words[m]);
        sheet_number(sheet, (double)n);
        sheet_number(sheet, stats_quantile(of->factors, n, 0.5));
        sheet_number(sheet, stats_quantile(of->factors, n, 0.9));
        sheet_number(sheet, of->factors[n - 1]);
    }
}

/* All points of one provenance, then those of each platform. */
static void put_units(struct sheet *sheet, struct errors *of,
                      const struct classes *units)
{
    of->places = units->member; /* of all units, end to end: all points */
    of->len = of->source->points.len;
    put_error(sheet, of, "all");
    for (size_t u = 0; u < units->count; u++) {
        char unit[192];

        of->places = units->member + units->start[u];
        of->len = units->start[u + 1] - units->start[u];
        point_unit(&of->source->points.at[of->places[0]], unit, sizeof(unit));
        put_error(sheet, of, unit);
    }
}

static int put_errors(const struct walk *walk,
                      const struct report_source *source, enum scope_kind k,
                      const struct estimate *estimates, struct err *err)
{
    const char *const *words = columns_flag_words("provenance");
    struct errors of = { .source = source, .scope = k, .estimates = estimates };
    struct classes units = { 0 };
    int rc = classes_create(&source->points, CLASSES_BY_UNIT, &units, err);

    of.factors = calloc(source->points.len + 1, sizeof(*of.factors));
    if (!rc && !of.factors)
        rc = err_set(err, ERR_NOMEM, "no memory for prediction errors");
    for (; !rc && *words; words++) {
        of.provenance = *words;
        put_units(walk->sheet, &of, &units);
    }
    classes_free(&units);
    free(of.factors);
    return rc;
}

int report_table_errors(const struct report_data *data,
                        struct sheet **ret_sheet, struct err *err)
{
    return make(data, error_columns, put_errors, ret_sheet, err);
}
