/* captions_theory.c - sentences about models and fronts, from their tables */
#include <math.h>
#include <string.h>

#include "report/figures.h"
#include "report/names.h"
#include "report/numbers.h"

/* What the rows of one source count to. */
static void say_overlap(const struct report_data *data,
                        const struct sheet *sheet,
                        const struct report_source *source, struct buf *out)
{
    const char *scope = scope_kind_word(data->said);
    size_t pairs = 0, lone = 0, guessed = 0, slower = 0, front[2] = { 0 };

    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        bool theory = !strcmp(sheet_text_of(sheet, i, "series"), "theory");
        bool matched = sheet_number_of(sheet, i, "matched") == 1;

        if (strcmp(sheet_text_of(sheet, i, "scope"), scope) != 0 ||
            strcmp(sheet_text_of(sheet, i, "source"),
                   report_source_name(source)) != 0)
            continue;
        pairs += matched && !theory;
        lone += !matched && !theory;
        guessed += !matched && theory;
        slower += !theory && sheet_number_of(sheet, i, "efficiency_pct") < 100;
        front[theory] += sheet_number_of(sheet, i, "front") == 1;
    }
    if (!pairs)
        return;
    name_begin(data, source, "Groups", out);
    buf_printf(out,
               " with prediction and measurement (%s): %zu; measurements "
               "without prediction: %zu, predictions without measurement: "
               "%zu. ",
               scope, pairs, lone, guessed);
    buf_printf(out,
               "Points on the fronts of theory: %zu, on those of measurement: "
               "%zu, ties counted. Slower than predicted: %zu, faster: %zu.\n",
               front[1], front[0], slower, pairs - slower);
}

void caption_overlap(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;

    if (report_table_overlap(data, &sheet, NULL))
        return;
    for (size_t s = 0; s < data->len; s++)
        say_overlap(data, sheet, &data->sources[s], out);
    sheet_destroy(sheet);
}

void caption_models(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;
    char median[NUMBER_TEXT_MAX], p90[NUMBER_TEXT_MAX];

    if (report_table_errors(data, &sheet, NULL))
        return;
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        if (strcmp(sheet_text_of(sheet, i, "unit"), "all") != 0 ||
            strcmp(sheet_text_of(sheet, i, "scope"),
                   scope_kind_word(data->said)) != 0)
            continue;
        buf_printf(out,
                   "%s, %s: off by a factor of %s at the median and %s at the "
                   "90th percentile of %g op points.\n",
                   sheet_text_of(sheet, i, "provenance"),
                   sheet_text_of(sheet, i, "model"),
                   number_si(sheet_number_of(sheet, i, "median"), "", median),
                   number_si(sheet_number_of(sheet, i, "p90"), "", p90),
                   sheet_number_of(sheet, i, "rows"));
    }
    sheet_destroy(sheet);
}

void caption_heatmap(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;
    size_t memory = 0, rows;

    if (report_table_heatmap(data, &sheet, NULL))
        return;
    rows = sheet_rows(sheet);
    for (size_t i = 0; i < rows; i++)
        memory += !strcmp(sheet_text_of(sheet, i, "bound"), "memory");
    if (rows)
        buf_printf(out,
                   "%zu of %zu predictions are bound by memory: there the peak "
                   "plays no part.\n",
                   memory, rows);
    sheet_destroy(sheet);
}

/* The widest spread over batches among the groups of a source. */
static void widest(const struct report_data *data, const char *column,
                   const char *panels, const char *what, struct buf *out)
{
    struct sheet *sheet;
    size_t at, panel, low = 0, high = 0;
    double spread = 1;

    if (report_table_points(data, &sheet, NULL))
        return;
    at = sheet_find(sheet, column);
    panel = sheet_find(sheet, panels);
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        size_t least = i, most = i;

        for (size_t k = i; k < sheet_rows(sheet); k++) {
            if (strcmp(sheet_text_at(sheet, i, panel),
                       sheet_text_at(sheet, k, panel)) != 0 ||
                strcmp(sheet_text_of(sheet, i, "precision"),
                       sheet_text_of(sheet, k, "precision")) != 0 ||
                sheet_number_of(sheet, i, "pruning_factor_pct") !=
                    sheet_number_of(sheet, k, "pruning_factor_pct"))
                break; /* groups stand together */
            if (sheet_number_at(sheet, k, at) <
                sheet_number_at(sheet, least, at))
                least = k;
            if (sheet_number_at(sheet, k, at) >
                sheet_number_at(sheet, most, at))
                most = k;
        }
        if (sheet_number_at(sheet, most, at) /
                sheet_number_at(sheet, least, at) >
            spread) {
            spread = sheet_number_at(sheet, most, at) /
                     sheet_number_at(sheet, least, at);
            low = least;
            high = most;
        }
    }
    if (spread > 1)
        buf_printf(out,
                   "%s varies most, %.3g times, with %s %s at %g %%: batch %g "
                   "to %g.\n",
                   what, spread, sheet_text_at(sheet, low, panel),
                   sheet_text_of(sheet, low, "precision"),
                   sheet_number_of(sheet, low, "pruning_factor_pct"),
                   fmin(sheet_number_of(sheet, low, "batch"),
                        sheet_number_of(sheet, high, "batch")),
                   fmax(sheet_number_of(sheet, low, "batch"),
                        sheet_number_of(sheet, high, "batch")));
    sheet_destroy(sheet);
}

void caption_box_throughput(const struct report_data *data, struct buf *out)
{
    if (data->said == SCOPE_KIND_SYS)
        widest(data, "fps_sys", "panel", "System throughput", out);
    else
        widest(data, "fps_comp", "panel", "Compute throughput", out);
}

void caption_box_latency(const struct report_data *data, struct buf *out)
{
    if (data->said == SCOPE_KIND_SYS)
        widest(data, "lat_sys_s", "panel", "System latency", out);
    else
        widest(data, "lat_comp_s", "panel", "Compute latency", out);
}

void caption_box_power(const struct report_data *data, struct buf *out)
{
    widest(data, "power_full_w", "metered", "Full power", out);
}
