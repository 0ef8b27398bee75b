/* table_points.c - measured op points, and the best of each group */
#include <math.h>
#include <stdio.h>

#include "analysis/efficiency.h"
#include "analysis/estimate.h"
#include "report/names.h"

/* clang-format off */
static const struct sheet_column point_columns[] = {
    { "provenance",         "provenance", "",     SHEET_TEXT,   SHEET_PLAIN },
    { "source",             "archive",    "",     SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",   "",     SHEET_TEXT,   SHEET_PLAIN },
    { "dataset",            NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           "platform",   "",     SHEET_TEXT,   SHEET_PLAIN },
    { "op_mode",            "op mode",    "",     SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",     SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",    SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",      "",     SHEET_NUMBER, SHEET_PLAIN },
    { "threads",            NULL,         "",     SHEET_NUMBER, SHEET_PLAIN },
    { "streams",            NULL,         "",     SHEET_NUMBER, SHEET_PLAIN },
    { "repeats",            "repeats",    "",     SHEET_NUMBER, SHEET_PLAIN },
    { "board",              NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "device",             NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "kernel",             NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "lat_comp_s",         "lat comp",   "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_comp_low_s",     NULL,         "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_comp_high_s",   NULL,         "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_comp_p99_s",     "99 % comp",  "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_sys_s",          "lat sys",    "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_sys_low_s",      NULL,         "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_sys_high_s",    NULL,         "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "lat_sys_p99_s",      "99 % sys",   "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "fps_comp",           "fps comp",   "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_comp_low",       NULL,         "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_comp_high",      NULL,         "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_sys",            "fps sys",    "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_sys_low",        NULL,         "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_sys_high",       NULL,         "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "top1_pct",           "top-1",      "%",    SHEET_NUMBER, SHEET_FIXED2 },
    { "power_base_w",       NULL,         "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_idle_w",       "idle",       "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_full_w",       "full",       "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "energy_image_j",     "per image",  "J",    SHEET_NUMBER, SHEET_PREFIX },
    { "power_low_w",        NULL,         "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_high_w",       NULL,         "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "energy_low_j",       NULL,         "J",    SHEET_NUMBER, SHEET_PREFIX },
    { "energy_high_j",      NULL,         "J",    SHEET_NUMBER, SHEET_PREFIX },
    { "power_scope",        "sees",       "",     SHEET_TEXT,   SHEET_PLAIN },
    { "metered",            NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "panel",              NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "model",              NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "weights_set",        "weights",    "",     SHEET_NUMBER, SHEET_PLAIN },
    { "interval_comp",      "95 % comp",  "",     SHEET_TEXT,   SHEET_PLAIN },
    { "interval_sys",       "95 % sys",   "",     SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};

static const struct sheet_column best_columns[] = {
    { "scope",              "scope",      "",     SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",     SHEET_TEXT,   SHEET_PLAIN },
    { "source",             "archive",    "",     SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "dataset",            NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           "platform",   "",     SHEET_TEXT,   SHEET_PLAIN },
    { "op_mode",            "op mode",    "",     SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "label",              NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",     SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",    SHEET_NUMBER, SHEET_PLAIN },
    { "batch",              "batch",      "",     SHEET_NUMBER, SHEET_PLAIN },
    { "repeats",            NULL,         "",     SHEET_NUMBER, SHEET_PLAIN },
    { "fps",                "images/s",   "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_low",            NULL,         "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "fps_high",           NULL,         "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "lat_s",              "latency",    "s",    SHEET_NUMBER, SHEET_PREFIX },
    { "top1_pct",           "top-1",      "%",    SHEET_NUMBER, SHEET_FIXED2 },
    { "top1_low_pct",       "95 % from",  "%",    SHEET_NUMBER, SHEET_FIXED2 },
    { "top1_high_pct",      "to",         "%",    SHEET_NUMBER, SHEET_FIXED2 },
    { "front",              "front",      "",     SHEET_NUMBER, SHEET_PLAIN },
    { "op_rate_op_s",       NULL,         "op/s", SHEET_NUMBER, SHEET_PREFIX },
    { "predicted_fps",      "predicted", "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "efficiency_pct",     "of predicted", "%",    SHEET_NUMBER, SHEET_PLAIN },
    { "ceiling_fps",        "ceiling", "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "ceiling_pct",        "of ceiling", "%",    SHEET_NUMBER, SHEET_PLAIN },
    { "peak_fps",           "at peak", "1/s",  SHEET_NUMBER, SHEET_PREFIX },
    { "peak_pct",           "of peak",  "%",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_idle_w",       "idle power", "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_full_w",       "full power", "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "energy_image_j",     "per image",  "J",    SHEET_NUMBER, SHEET_PREFIX },
    { "power_low_w",        NULL,         "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "power_high_w",       NULL,         "W",    SHEET_NUMBER, SHEET_PLAIN },
    { "energy_low_j",       NULL,         "J",    SHEET_NUMBER, SHEET_PREFIX },
    { "energy_high_j",      NULL,         "J",    SHEET_NUMBER, SHEET_PREFIX },
    { "power_scope",        "sees",       "",     SHEET_TEXT,   SHEET_PLAIN },
    { "metered",            NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "panel",              NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "model",              NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { "weights_set",        "weights",    "",     SHEET_NUMBER, SHEET_PLAIN },
    { "front_of",           NULL,         "",     SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

static void put_scope(struct sheet *sheet, const struct point_scope *scope)
{
    sheet_number(sheet, scope->fps);
    sheet_interval(sheet, scope->fps, scope->fps_half);
}

/* Intervals of power and energy, what the meter saw, the panel of figures of
 * power (so that no two scopes share one) and that of others, the start of
 * the weights' digest, and their set. */
static void put_tail(struct sheet *sheet, const struct report_data *data,
                     const struct report_source *source,
                     const struct point *point)
{
    char text[512];

    sheet_interval(sheet, point->full_w, point->full_half);
    sheet_interval(sheet, point->energy_image_j, point->energy_half);
    sheet_text(sheet, point->power_scope);
    sheet_text(sheet,
               name_panel(data, source, point, true, text, sizeof(text)));
    sheet_text(sheet,
               name_panel(data, source, point, false, text, sizeof(text)));
    sheet_text_cut(sheet, point->model, REPORT_DIGEST_MAX);
    sheet_number(sheet, report_weights_set(source, point));
}

/* "±1.2 %" of throughput over repeats; with one there is none. */
static void put_interval(struct sheet *sheet, const struct point *point,
                         const struct point_scope *scope)
{
    char text[48] = "";

    if (!isnan(scope->fps_half))
        snprintf(text, sizeof(text), "±%.2g %%",
                 100 * scope->fps_half / scope->fps);
    else if (!isnan(scope->fps))
        snprintf(text, sizeof(text), "no interval, %u repeat%s", point->repeats,
                 point->repeats == 1 ? "" : "s");
    sheet_text(sheet, text);
}

static void put_point(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source,
                      const struct point *point)
{
    static const char *const p99[SCOPE_KINDS] = { "lat_comp_p99_s",
                                                  "lat_sys_p99_s" };
    const struct table *cells = point->dataset->cells;
    char unit[192];

    sheet_text(sheet, point->provenance);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, point->topology);
    sheet_text(sheet, point->images);
    sheet_text(sheet, point->platform);
    sheet_text(sheet, point->op_mode);
    sheet_text(sheet, point_unit(point, unit, sizeof(unit)));
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, point->batch);
    sheet_number(sheet, point->threads);
    sheet_number(sheet, point->streams);
    sheet_number(sheet, (double)point->repeats);
    sheet_text(sheet, point->board);
    sheet_text(sheet, source->points.boards_compared ? point->board : "");
    sheet_text(sheet, table_text(table_find(cells, "kernel"), point->row));
    for (size_t k = 0; k < SCOPE_KINDS; k++) {
        sheet_number(sheet, point->scope[k].lat);
        sheet_interval(sheet, point->scope[k].lat, point->scope[k].lat_half);
        sheet_number(sheet, point_mean(point, table_find(cells, p99[k])));
    }
    for (size_t k = 0; k < SCOPE_KINDS; k++)
        put_scope(sheet, &point->scope[k]);
    sheet_number(sheet, point->top1_pct);
    sheet_number(sheet, point->base_w);
    sheet_number(sheet, point->idle_w);
    sheet_number(sheet, point->full_w);
    sheet_number(sheet, point->energy_image_j);
    put_tail(sheet, data, source, point);
    for (size_t k = 0; k < SCOPE_KINDS; k++)
        put_interval(sheet, point, &point->scope[k]);
}

static int put_points(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    bool bounded = report_points_bounded(data);
    enum scope_kind k =
        source->best_len[SCOPE_KIND_COMP] ? SCOPE_KIND_COMP : SCOPE_KIND_SYS;
    size_t len = bounded ? source->best_len[k] : source->points.len;

    (void)err;
    for (size_t at = 0; at < len; at++)
        if (!bounded || report_keeps(data, source, k, at))
            put_point(sheet, data, source,
                      &source->points.at[bounded ? source->best[k][at] : at]);
    return 0;
}

int report_table_points(const struct report_data *data,
                        struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, point_columns, put_points, ret_sheet, err);
}

static void put_accuracy(struct sheet *sheet, const struct point *point)
{
    struct stats_interval range = stats_share_interval_pct(
        round(point->top1_pct / 100 * point->accuracy_images),
        point->accuracy_images);

    sheet_number(sheet, point->top1_pct);
    sheet_number(sheet, range.low);
    sheet_number(sheet, range.high);
}

static void put_theory(struct sheet *sheet, const struct facts *facts,
                       const struct point *point, double fps)
{
    double peak, bandwidth, predicted, ceiling, peak_fps;

    estimate_roof(point, facts, &peak, &bandwidth);
    predicted = estimate_seed_fps(facts, peak, bandwidth, point->ops_image,
                                  point->params, point->weight_bits);
    sheet_number(sheet, predicted);
    sheet_number(sheet, efficiency_pct(fps, predicted));
    ceiling = estimate_ceiling_fps(point, facts);
    sheet_number(sheet, ceiling);
    sheet_number(sheet, efficiency_pct(fps, ceiling));
    peak_fps = efficiency_peak_fps(peak, point->ops_image);
    sheet_number(sheet, peak_fps);
    sheet_number(sheet, efficiency_pct(fps, peak_fps));
}

static void put_best(struct sheet *sheet, const struct report_data *data,
                     const struct report_source *source, enum scope_kind k,
                     size_t i)
{
    const struct point *point = &source->points.at[source->best[k][i]];
    const struct point_scope *scope = &point->scope[k];
    char text[512];

    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, point->provenance);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, point->topology);
    sheet_text(sheet, point->images);
    sheet_text(sheet, point->platform);
    sheet_text(sheet, point->op_mode);
    sheet_text(sheet, point_unit(point, text, sizeof(text)));
    sheet_text(sheet, name_label(data, point, text, sizeof(text)));
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, point->batch);
    sheet_number(sheet, (double)point->repeats);
    put_scope(sheet, scope);
    sheet_number(sheet, scope->lat);
    put_accuracy(sheet, point);
    sheet_flag(sheet, source->front[k][i]);
    sheet_number(sheet, scope->fps * point->ops_image);
    put_theory(sheet, source->facts, point, scope->fps);
    sheet_number(sheet, point->idle_w);
    sheet_number(sheet, point->full_w);
    sheet_number(sheet, point->energy_image_j);
    put_tail(sheet, data, source, point);
    sheet_text(sheet, report_front_of(data, source, point, text, sizeof(text)));
}

static int put_bests(struct sheet *sheet, const struct report_data *data,
                     const struct report_source *source, struct err *err)
{
    (void)err;
    for (enum scope_kind k = 0; k < SCOPE_KINDS; k++)
        for (size_t i = 0; i < source->best_len[k]; i++)
            if (report_keeps(data, source, k, i))
                put_best(sheet, data, source, k, i);
    return 0;
}

int report_table_best(const struct report_data *data, struct sheet **ret_sheet,
                      struct err *err)
{
    return report_table_make(data, best_columns, put_bests, ret_sheet, err);
}
