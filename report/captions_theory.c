/* captions_theory.c - sentences about models and fronts, from their tables */
#include <math.h>
#include <string.h>

#include "report/figures.h"
#include "report/numbers.h"

static double number(const struct sheet *sheet, size_t row, const char *column)
{
    return sheet_number_at(sheet, row, sheet_find(sheet, column));
}

static const char *word(const struct sheet *sheet, size_t row,
                        const char *column)
{
    return sheet_text_at(sheet, row, sheet_find(sheet, column));
}

void caption_overlap(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;
    size_t pairs = 0, alone = 0, theory = 0, measured = 0, slower = 0;

    if (report_table_best(data, &sheet, NULL))
        return;
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        double predicted = number(sheet, i, "predicted_fps");

        if (strcmp(word(sheet, i, "scope"), "compute") != 0 ||
            isnan(number(sheet, i, "top1_pct")))
            continue;
        pairs += isnan(predicted) ? 0 : 1;
        alone += isnan(predicted) ? 1 : 0;
        theory += number(sheet, i, "predicted_front") == 1;
        measured += number(sheet, i, "front") == 1;
        slower += number(sheet, i, "fps") < predicted;
    }
    if (pairs)
        buf_printf(out,
                   "%zu groups have a prediction and a measurement (compute), "
                   "%zu only a measurement; %zu points are on the fronts of "
                   "theory, %zu on those of measurement. %zu groups are slower "
                   "than predicted, %zu faster.\n",
                   pairs, alone, theory, measured, slower, pairs - slower);
    sheet_destroy(sheet);
}

void caption_models(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;
    char median[NUMBER_TEXT_MAX], p90[NUMBER_TEXT_MAX];

    if (report_table_errors(data, &sheet, NULL))
        return;
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        if (strcmp(word(sheet, i, "unit"), "all") != 0 ||
            strcmp(word(sheet, i, "scope"), "compute") != 0)
            continue;
        buf_printf(out,
                   "%s, %s: off by a factor of %s at the median and %s at the "
                   "90th percentile of %g op points.\n",
                   word(sheet, i, "provenance"), word(sheet, i, "model"),
                   number_si(number(sheet, i, "median"), "", median),
                   number_si(number(sheet, i, "p90"), "", p90),
                   number(sheet, i, "rows"));
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
        memory += !strcmp(word(sheet, i, "bound"), "memory");
    if (rows)
        buf_printf(out,
                   "%zu of %zu predictions are bound by memory: there the peak "
                   "plays no part.\n",
                   memory, rows);
    sheet_destroy(sheet);
}

/* The widest spread over batches among the groups of a source. */
static void widest(const struct report_data *data, const char *column,
                   const char *what, struct buf *out)
{
    struct sheet *sheet;
    size_t at, low = 0, high = 0;
    double spread = 1;

    if (report_table_points(data, &sheet, NULL))
        return;
    at = sheet_find(sheet, column);
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        size_t least = i, most = i;

        for (size_t k = i; k < sheet_rows(sheet); k++) {
            if (strcmp(word(sheet, i, "unit"), word(sheet, k, "unit")) != 0 ||
                strcmp(word(sheet, i, "precision"),
                       word(sheet, k, "precision")) != 0 ||
                number(sheet, i, "pruning_factor_pct") !=
                    number(sheet, k, "pruning_factor_pct"))
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
        buf_printf(
            out,
            "%s varies most, %.3g times, with %s %s at %g %%: batch %g "
            "to %g.\n",
            what, spread, word(sheet, low, "unit"),
            word(sheet, low, "precision"),
            number(sheet, low, "pruning_factor_pct"),
            fmin(number(sheet, low, "batch"), number(sheet, high, "batch")),
            fmax(number(sheet, low, "batch"), number(sheet, high, "batch")));
    sheet_destroy(sheet);
}

void caption_box_throughput(const struct report_data *data, struct buf *out)
{
    widest(data, "fps_comp", "Compute throughput", out);
}

void caption_box_latency(const struct report_data *data, struct buf *out)
{
    widest(data, "lat_comp_s", "Compute latency", out);
}

void caption_box_power(const struct report_data *data, struct buf *out)
{
    widest(data, "power_full_w", "Full power", out);
}
