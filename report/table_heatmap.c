/* table_heatmap.c - the seed's prediction for every platform and network
 *
 * Whatever was measured: every roofline that an archive knows, with every
 * (topology, pruning factor) that it holds.  "verdicts" has the same, pruning
 * factors merged where their intensity is equal, with what bounds them and
 * what that assumes of where weights are kept.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/estimate.h"
#include "analysis/roofline.h"
#include "experiments/precision.h"
#include "report/report_data.h"

#define NETWORKS_MAX 64

/* clang-format off */
static const struct sheet_column columns[] = {
    { "source",             "archive",   "",        SHEET_TEXT,   SHEET_PLAIN },
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
static const struct sheet_column verdict_columns[] = {
    { "source",             "archive",   "",        SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               "platform",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision", "",        SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { "pruning",            "channels kept", "",    SHEET_TEXT,   SHEET_PLAIN },
    { "intensity_op_byte",  "intensity", "op/byte", SHEET_NUMBER, SHEET_PLAIN },
    { "ridge_op_byte",      "ridge",     "op/byte", SHEET_NUMBER, SHEET_PLAIN },
    { "attainable_op_s",    "attainable", "op/s",   SHEET_NUMBER, SHEET_PREFIX },
    { "bound",              "bound by",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { "fit_on_chip",        "fit on chip", "",      SHEET_TEXT,   SHEET_PLAIN },
    { "assumes",            "assumes",   "",        SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

struct counts {
    const char *topology;
    double pruning_pct, ops_image, params;
    const struct report_source *source;
};

static size_t collect(const struct report_source *source, struct counts *counts)
{
    size_t len = 0;

    for (size_t i = 0; i < source->points.len; i++) {
        const struct point *p = &source->points.at[i];
        size_t k = 0;

        while (k < len && (counts[k].pruning_pct != p->pruning_pct ||
                           strcmp(counts[k].topology, p->topology) != 0))
            k++;
        if (k == len && len < NETWORKS_MAX && p->ops_image > 0)
            counts[len++] = (struct counts){ p->topology, p->pruning_pct,
                                             p->ops_image, p->params, source };
    }
    return len;
}

/* What a row of facts is asked with every network. */
typedef void put_f(struct sheet *sheet, const struct platform_facts *row,
                   const struct counts *counts, size_t len, double bits);

static void put_one(struct sheet *sheet, const struct platform_facts *row,
                    const struct counts *counts, double bits)
{
    struct point point = { .platform = row->platform, .op_mode = row->op_mode };
    double intensity =
        roofline_intensity(counts->ops_image, counts->params, bits);
    double fps =
        estimate_seed_fps(counts->source->facts, row->peak_op_s, row->bw_byte_s,
                          counts->ops_image, counts->params, bits);
    char unit[192];

    if (isnan(fps))
        return;
    sheet_text(sheet, report_source_name(counts->source));
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

static void put_all(struct sheet *sheet, const struct platform_facts *row,
                    const struct counts *counts, size_t len, double bits)
{
    for (size_t k = 0; k < len; k++)
        put_one(sheet, row, &counts[k], bits);
}

static double intensity_of(const struct counts *counts, double bits)
{
    return roofline_intensity(counts->ops_image, counts->params, bits);
}

/* Whether network 'k' tells what an earlier one did. */
static bool told(const struct counts *counts, size_t k, double bits)
{
    for (size_t i = 0; i < k; i++)
        if (!strcmp(counts[i].topology, counts[k].topology) &&
            intensity_of(&counts[i], bits) == intensity_of(&counts[k], bits))
            return true;
    return false;
}

/* Pruning factors of a topology with one intensity, and how many of them
 * keep their weights on the chip. */
static void put_merged(struct sheet *sheet, const struct platform_facts *row,
                       const struct counts *counts, size_t len, size_t k,
                       double stored_bits, double bits)
{
    struct buf prunings = { 0 }, fit = { 0 };
    size_t n = 0, fits = 0;

    for (size_t i = k; i < len; i++) {
        if (strcmp(counts[i].topology, counts[k].topology) != 0 ||
            intensity_of(&counts[i], bits) != intensity_of(&counts[k], bits))
            continue;
        buf_printf(&prunings, "%s%g %%", n++ ? ", " : "",
                   counts[i].pruning_pct);
        fits += counts[i].params * stored_bits / 8 <= row->on_chip_bytes;
    }
    sheet_text(sheet, buf_text(&prunings));
    buf_free(&prunings);
    sheet_number(sheet, intensity_of(&counts[k], bits));
    sheet_number(sheet, roofline_ridge(row->peak_op_s, row->bw_byte_s));
    sheet_number(sheet, roofline_attainable(row->peak_op_s, row->bw_byte_s,
                                            intensity_of(&counts[k], bits)));
    sheet_text(sheet, roofline_bound_word(
                          roofline_bound(row->peak_op_s, row->bw_byte_s,
                                         intensity_of(&counts[k], bits))));
    if (row->on_chip_bytes > 0)
        buf_printf(&fit, "%zu of %zu", fits, n);
    sheet_text(sheet, buf_text(&fit));
    buf_free(&fit);
}

static void put_verdicts(struct sheet *sheet, const struct platform_facts *row,
                         const struct counts *counts, size_t len, double bits)
{
    struct point point = { .platform = row->platform, .op_mode = row->op_mode };
    double stored = row->storage_bits ? row->storage_bits : bits;
    char text[192];

    for (size_t k = 0; k < len; k++) {
        if (told(counts, k, bits) || isnan(row->peak_op_s) ||
            isnan(row->bw_byte_s))
            continue;
        sheet_text(sheet, report_source_name(counts[k].source));
        sheet_text(sheet, point_unit(&point, text, sizeof(text)));
        sheet_text(sheet, row->platform);
        sheet_text(sheet, row->precision);
        sheet_text(sheet, counts[k].topology);
        put_merged(sheet, row, counts, len, k, stored, bits);
        snprintf(text, sizeof(text),
                 "weights of %g bits read once an image from memory; kept "
                 "there in %g bits%s",
                 bits, stored,
                 row->pinned ? ", but pinned on the chip where they fit" : "");
        sheet_text(sheet, text);
    }
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

static void walk_facts(struct sheet *sheet, const struct report_source *source,
                       put_f *put)
{
    struct counts counts[NETWORKS_MAX];
    size_t len = collect(source, counts);
    const struct facts *facts = source->facts;

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
        put(sheet, row, counts, len, precision.weight_bits);
    }
}

static int heatmap_of(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    (void)data;
    (void)err;
    walk_facts(sheet, source, put_all);
    return 0;
}

static int verdicts_of(struct sheet *sheet, const struct report_data *data,
                       const struct report_source *source, struct err *err)
{
    (void)data;
    (void)err;
    walk_facts(sheet, source, put_verdicts);
    return 0;
}

int report_table_heatmap(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    return report_table_make_distinct(data, columns, heatmap_of, ret_sheet,
                                      err);
}

int report_table_verdicts(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    return report_table_make_distinct(data, verdict_columns, verdicts_of,
                                      ret_sheet, err);
}
