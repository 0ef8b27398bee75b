/* table_heatmap.c - the seed's prediction for every platform and network
 *
 * Whatever was measured: every roofline that is known, with every (topology,
 * pruning factor) that an archive holds.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/predict.h"
#include "analysis/roofline.h"
#include "experiments/precision.h"
#include "report/report_data.h"

#define NETWORKS_MAX 64

/* clang-format off */
static const struct sheet_column columns[] = {
    { "type",               "type",      "",        SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision", "",        SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",   "%",       SHEET_NUMBER, SHEET_PLAIN },
    { "predicted_fps",      "predicted", "1/s",     SHEET_NUMBER, SHEET_PREFIX },
    { "intensity_op_byte",  "intensity", "op/byte", SHEET_NUMBER, SHEET_PLAIN },
    { "ridge_op_byte",      "ridge",     "op/byte", SHEET_NUMBER, SHEET_PLAIN },
    { "bound",              "bound by",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

struct counts {
    const char *topology;
    double pruning_pct, ops_image, params;
};

static size_t collect(const struct report_data *data, struct counts *counts)
{
    size_t len = 0;

    for (size_t s = 0; s < data->len; s++)
        for (size_t i = 0; i < data->sources[s].points.len; i++) {
            const struct point *p = &data->sources[s].points.at[i];
            size_t k = 0;

            while (k < len && (counts[k].pruning_pct != p->pruning_pct ||
                               strcmp(counts[k].topology, p->topology) != 0))
                k++;
            if (k == len && len < NETWORKS_MAX && p->ops_image > 0)
                counts[len++] = (struct counts){ p->topology, p->pruning_pct,
                                                 p->ops_image, p->params };
        }
    return len;
}

static void put(struct sheet *sheet, const struct platform_facts *row,
                const struct counts *counts, double bits)
{
    struct point point = { .platform = row->platform, .op_mode = row->op_mode };
    double intensity =
        roofline_intensity(counts->ops_image, counts->params, bits);
    double fps = predict_seed(row->peak_op_s, row->bw_byte_s, counts->ops_image,
                              counts->params, bits);
    char unit[192];

    if (isnan(fps))
        return;
    sheet_text(sheet, row->type);
    sheet_text(sheet, row->platform);
    sheet_text(sheet, point_unit(&point, unit, sizeof(unit)));
    sheet_text(sheet, row->precision);
    sheet_text(sheet, counts->topology);
    sheet_number(sheet, counts->pruning_pct);
    sheet_number(sheet, fps);
    sheet_number(sheet, intensity);
    sheet_number(sheet, roofline_ridge(row->peak_op_s, row->bw_byte_s));
    sheet_text(sheet, roofline_bound_word(roofline_bound(
                          row->peak_op_s, row->bw_byte_s, intensity)));
}

/* A machine's measured roof, as a row like the stated ones. */
static bool machine_row(const struct facts *facts, size_t i,
                        struct platform_facts *row)
{
    const struct machine_peak *peak = &facts->peaks[i];

    for (size_t k = 0; k < i; k++)
        if (!strcmp(facts->peaks[k].platform, peak->platform) &&
            !strcmp(facts->peaks[k].precision, peak->precision))
            return false;
    memset(row, 0, sizeof(*row));
    snprintf(row->platform, sizeof(row->platform), "%s", peak->platform);
    snprintf(row->precision, sizeof(row->precision), "%s", peak->precision);
    facts_roof(facts, peak->platform, "", peak->precision, &row->peak_op_s,
               &row->bw_byte_s);
    return !facts_find(facts, peak->platform, "", peak->precision);
}

int report_table_heatmap(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    struct counts counts[NETWORKS_MAX];
    size_t len = collect(data, counts);
    const struct facts *facts = data->facts;
    struct sheet *sheet = sheet_create(columns);

    if (!sheet)
        return err_set(err, ERR_NOMEM, "no memory for a table");
    for (size_t i = 0; facts && i < facts->platforms_len + facts->peaks_len;
         i++) {
        struct platform_facts machine;
        const struct platform_facts *row = &machine;
        struct precision precision;

        if (i < facts->platforms_len)
            row = &facts->platforms[i];
        else if (!machine_row(facts, i - facts->platforms_len, &machine))
            continue;
        if (precision_parse(row->precision, &precision, NULL))
            continue;
        for (size_t k = 0; k < len; k++)
            put(sheet, row, &counts[k], precision.weight_bits);
    }
    *ret_sheet = sheet;
    return 0;
}
