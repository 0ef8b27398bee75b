/* analyses.c - the rows of analyze: which columns of which table */
#include "report/analyses.h"

#include <math.h>
#include <string.h>

#include "core/vec.h"

/* clang-format off */
static const char *const results_columns[] = {
    "source", "provenance", "topology", "platform", "op_mode", "precision",
    "pruning_factor_pct", "batch", "threads", "streams", "fps_comp", "fps_sys",
    "lat_comp_s", "lat_sys_s", "top1_pct", "power_full_w", "energy_image_j",
    "repeats", "interval_comp", "interval_sys", "fps_comp_low",
    "fps_comp_high", "fps_sys_low", "fps_sys_high", "lat_comp_low_s",
    "lat_comp_high_s", "lat_sys_low_s", "lat_sys_high_s", "power_low_w",
    "power_high_w", "energy_low_j", "energy_high_j", "power_scope", "board",
    "kernel", "model", NULL };
static const char *const verdict_columns[] = {
    "source", "unit", "precision", "topology", "pruning", "intensity_op_byte",
    "ridge_op_byte", "attainable_op_s", "bound", "fit_on_chip", "assumes",
    NULL };
static const char *const machine_columns[] = {
    "source", "provenance", "board", "platform", "attempts", "first", "last",
    "tool_version", "kernel", "board_identity", "worker", "facts", NULL };
static const char *const weight_columns[] = {
    "source", "provenance", "topology", "dataset", "precision",
    "pruning_factor_pct", "params", "ops_image", "model_digest",
    "accuracy_source", "accuracy_reference", "cells", NULL };
static const char *const pareto_columns[] = {
    "source", "scope", "provenance", "topology", "dataset", "platform",
    "op_mode", "precision", "pruning_factor_pct", "batch", "repeats", "fps",
    "fps_low", "fps_high", "lat_s", "top1_pct", "top1_low_pct",
    "top1_high_pct", "energy_image_j", "power_scope", "weights_set", NULL };
static const char *const efficiency_columns[] = {
    "source", "scope", "provenance", "topology", "platform", "op_mode",
    "precision", "pruning_factor_pct", "batch", "fps", "predicted_fps",
    "efficiency_pct", "ceiling_fps", "ceiling_pct", "peak_fps", "peak_pct",
    NULL };
static const char *const roofline_columns[] = {
    "source", "scope", "provenance", "unit", "precision", "label", "batch",
    "intensity_op_byte", "op_rate_op_s", "roof_op_s", "ridge_op_byte",
    "bound", NULL };
static const char *const power_columns[] = {
    "source", "provenance", "platform", "op_mode", "precision",
    "pruning_factor_pct", "batch", "power_scope", "idle_kind", "window_source",
    "power_base_w", "power_idle_w", "power_full_w", "energy_image_j",
    "energy_image_pm_j", "above_idle_image_j", "images_per_joule", "top1_pct",
    "front", "power_note", NULL };
static const char *const predict_columns[] = {
    "source", "scope", "provenance", "unit", "precision", "pruning_factor_pct", "batch",
    "fps", "seed_fps", "seed_factor", "ceiling_fps", "ceiling_factor",
    "calibrated_fps", "calibrated_factor", "corner", "above_ceiling", NULL };
static const char *const forecast_columns[] = {
    "source", "model", "scope", "provenance", "topology", "unit", "precision",
    "pruning_factor_pct", "batch", "state", "fps", "predicted_fps", "low_fps",
    "high_fps", "predicted_batch_s", "factor", "mark", NULL };
static const char *const saving_columns[] = {
    "source", "scope", "unit", "corners", "held_out", "not_measured", "missed",
    "median", "p90", "corners_s", "rest_s", "open_s", NULL };
static const char *const error_columns[] = {
    "source", "scope", "provenance", "unit", "model", "rows", "median", "p90", "max",
    NULL };
static const char *const heatmap_columns[] = {
    "source", "type", "unit", "precision", "topology", "pruning_factor_pct",
    "predicted_fps", "intensity_op_byte", "ridge_op_byte", "bound", NULL };
static const char *const quality_columns[] = {
    "source", "weight", "rule", "subject", "cells", "of", "text", NULL };
static const char *const box_columns[] = {
    "source", "scope", "provenance", "metric", "power_scope", "unit", "precision",
    "pruning_factor_pct", "n", "min", "low", "q1", "median", "q3", "high",
    "max", "outliers", NULL };
static const char *const overview_columns[] = {
    "source", "provenance", "type", "platform", "op_mode", "topology", "ok", "threads",
    "streams", "batch", "measured", NULL };
static const char *const latency_columns[] = {
    "source", "scope", "provenance", "label", "batch", "samples", "min_s", "q1_s",
    "median_s", "q3_s", "p99_s", "max_s", NULL };
static const char *const coverage_columns[] = {
    "source", "provenance", "topology", "platform", "op_mode", "precision",
    "pruning_factor_pct", "state", "planned", "ok", "failed", "na", "open",
    "reason", NULL };

static const struct report_analysis analyses[] = {
    { "results", "every op point measured", "points", results_columns,
      NULL, false, NULL, NULL, "no cell is ok" },
    { "pareto", "the front of throughput and accuracy, one a provenance and "
      "set of weights",
      "best", pareto_columns, NULL, true, NULL, "-fps",
      "no cell has both a throughput and an accuracy" },
    { "efficiency", "the best batch against the roofline's prediction, the "
      "ceiling and peak", "best", efficiency_columns, "predicted_fps", false, NULL, NULL,
      "no measured platform has a known peak and bandwidth" },
    { "roofline", "operating points, their roofs, and what bounds them",
      "rooflines", roofline_columns, "roof_op_s", false, "point", NULL,
      "no measured platform has a known peak and bandwidth" },
    { "predict", "three models beside every measured point, and how far off",
      "predictions", predict_columns, NULL, false, NULL, NULL,
      "no measured platform has a known peak and bandwidth" },
    { "forecast", "what each model says of every cell, measured or not, and "
      "its band", "forecast", forecast_columns, NULL, false, NULL, NULL,
      "no planned platform has a known peak and bandwidth" },
    { "savings", "lab time that the calibrated model saves, and where it "
      "misses", "savings", saving_columns, NULL, false, NULL, NULL,
      "no platform and precision has its four corners measured" },
    { "errors", "how wrong each model is: seed, ceiling, calibrated",
      "errors", error_columns, NULL, false, NULL, NULL,
      "no measured platform has a known peak and bandwidth" },
    { "theory", "the roofline's prediction for every platform and network",
      "heatmap", heatmap_columns, NULL, false, NULL, NULL,
      "no platform has a known peak and bandwidth" },
    { "verdict", "memory- or compute-bound, by platform, precision and "
      "topology", "verdicts", verdict_columns, NULL, false, NULL, NULL,
      "no platform has a known peak and bandwidth" },
    { "machines", "which boards measured, and what was read from them",
      "machines", machine_columns, NULL, false, NULL, NULL,
      "the archive holds no attempts" },
    { "weights", "which weights ran, by digest", "weights", weight_columns,
      NULL, false, NULL, NULL, "no cell is ok" },
    { "power", "base, idle, full power, and energy an image", "energy",
      power_columns, NULL, false, NULL, NULL,
      "no sensor: no cell has a power reading" },
    { "quality", "what is odd about the numbers, found by rules", "quality",
      quality_columns, NULL, false, NULL, NULL, "no rule found anything" },
    { "boxplot", "quartiles over batch sizes", "boxes", box_columns, NULL,
      false, NULL, NULL, "no cell is ok" },
    { "overview", "what was measured, as the published table has it",
      "overview", overview_columns, NULL, false, NULL, NULL,
      "nothing was planned" },
    { "latency", "how latencies of the best batches are distributed",
      "latency", latency_columns, NULL, false, NULL, NULL,
      "the archive holds no latency samples" },
    { "coverage", "planned, measured and missing, and why", "coverage",
      coverage_columns, NULL, false, NULL, NULL, "nothing was planned" },
};
/* clang-format on */

const struct report_analysis *report_analysis_at(size_t i)
{
    return i < ARRAY_LEN(analyses) ? &analyses[i] : NULL;
}

const struct report_analysis *report_analysis_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(analyses); i++)
        if (!strcmp(analyses[i].name, name))
            return &analyses[i];
    return NULL;
}

struct wanted {
    const struct report_analysis *analysis;
    const char *scope, *model;
};

static bool text_is(const struct sheet *sheet, size_t row, const char *column,
                    const char *word)
{
    size_t at = sheet_find(sheet, column);

    return at == SIZE_MAX || !word ||
           !strcmp(sheet_text_at(sheet, row, at), word);
}

static bool is_wanted(const struct sheet *sheet, size_t row, const void *ctx)
{
    const struct wanted *wanted = ctx;
    const struct report_analysis *analysis = wanted->analysis;
    size_t needs =
        analysis->needs ? sheet_find(sheet, analysis->needs) : SIZE_MAX;
    size_t front = sheet_find(sheet, "front");

    if (!text_is(sheet, row, "scope", wanted->scope) ||
        !text_is(sheet, row, "kind", analysis->kind) ||
        !text_is(sheet, row, "model", wanted->model))
        return false;
    if (needs != SIZE_MAX && isnan(sheet_number_at(sheet, row, needs)))
        return false;
    return !analysis->front || front == SIZE_MAX ||
           sheet_number_at(sheet, row, front) == 1;
}

int report_analysis_make(const struct report_analysis *analysis,
                         const struct report_data *data,
                         const struct report_view *view,
                         struct sheet **ret_sheet, struct err *err)
{
    struct wanted wanted = { analysis, scope_kind_word(view->scope),
                             view->model };
    const char *sort = view->sort ? view->sort : analysis->sort;
    struct sheet *whole, *sheet;
    int rc = report_table_find(analysis->table)->make(data, &whole, err);

    if (rc)
        return rc;
    sheet = sheet_pick(whole, analysis->columns, is_wanted, &wanted);
    sheet_destroy(whole);
    if (!sheet)
        return err_set(err, ERR_NOMEM, "no memory for a table");
    rc = sort ? sheet_sort(sheet, sort, err) : 0;
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}
