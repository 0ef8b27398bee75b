/* table_rooflines.c - roofs as polylines, and what was measured under them
 *
 * One table, so that a figure can show a panel a platform: rows of kind
 * "roof" (memory) and "cache" are the vertices of a line, rows of kind
 * "point" are measured, and of kind "network" what a roof allows them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/estimate.h"
#include "analysis/roofline.h"
#include "report/report_data.h"

#define INTENSITY_LOW  0.1
#define INTENSITY_HIGH 3000.0

/* clang-format off */
static const struct sheet_column columns[] = {
    { "kind",              "kind",      "",        SHEET_TEXT,   SHEET_PLAIN },
    { "unit",              "unit",      "",        SHEET_TEXT,   SHEET_PLAIN },
    { "platform",          NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "precision",         "precision", "",        SHEET_TEXT,   SHEET_PLAIN },
    { "roof",              "roof",      "",        SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",        "provenance", "",        SHEET_TEXT,   SHEET_PLAIN },
    { "scope",             "scope",     "",        SHEET_TEXT,   SHEET_PLAIN },
    { "label",             "label",     "",        SHEET_TEXT,   SHEET_PLAIN },
    { "intensity_op_byte", "intensity", "op/byte", SHEET_NUMBER, SHEET_PLAIN },
    { "op_rate_op_s",      "rate",      "op/s",    SHEET_NUMBER, SHEET_PREFIX },
    { "roof_op_s",         "its roof",  "op/s",    SHEET_NUMBER, SHEET_PREFIX },
    { "ridge_op_byte",     "ridge",     "op/byte", SHEET_NUMBER, SHEET_PLAIN },
    { "bound",             "bound by",  "",        SHEET_TEXT,   SHEET_PLAIN },
    { "batch",             "batch",     "",        SHEET_NUMBER, SHEET_PLAIN },
    { "network_bound",     NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "source",            "archive",   "",        SHEET_TEXT,   SHEET_PLAIN },
    { "topology",          NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "dataset",           NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "model",             NULL,        "",        SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", NULL,       "%",       SHEET_NUMBER, SHEET_PLAIN },
    { "fps",               NULL,        "1/s",     SHEET_NUMBER, SHEET_PREFIX },
    { "op_low_op_s",       NULL,        "op/s",    SHEET_NUMBER, SHEET_PREFIX },
    { "op_high_op_s",      NULL,        "op/s",    SHEET_NUMBER, SHEET_PREFIX },
    { 0 }
};
/* clang-format on */

struct roof {
    const char *kind, *platform, *op_mode, *precision, *name;
    double peak_op_s, bw_byte_s;
};

static void put_unit(struct sheet *sheet, const char *platform,
                     const char *op_mode)
{
    struct point point = { .platform = platform, .op_mode = op_mode };
    char unit[192];

    sheet_text(sheet, point_unit(&point, unit, sizeof(unit)));
    sheet_text(sheet, platform);
}

/* What only a measured point has. */
static void put_measured(struct sheet *sheet,
                         const struct report_source *source,
                         const struct point *point, enum scope_kind k)
{
    const struct point_scope *scope = &point->scope[k];

    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, point->topology);
    sheet_text(sheet, point->images);
    sheet_text_cut(sheet, point->model, REPORT_DIGEST_MAX);
    sheet_number(sheet, point->pruning_pct);
    sheet_number(sheet, scope->fps);
    sheet_interval(sheet, scope->fps * point->ops_image,
                   scope->fps_half * point->ops_image);
}

static void put_unmeasured(struct sheet *sheet)
{
    for (int i = 0; i < 4; i++)
        sheet_text(sheet, "");
    for (int i = 0; i < 4; i++)
        sheet_number(sheet, (double)NAN);
}

static void put_vertex(struct sheet *sheet, const struct roof *roof, double x)
{
    double rate = roofline_attainable(roof->peak_op_s, roof->bw_byte_s, x);

    sheet_text(sheet, roof->kind);
    put_unit(sheet, roof->platform, roof->op_mode);
    sheet_text(sheet, roof->precision);
    sheet_text(sheet, roof->name);
    sheet_text(sheet, "");
    sheet_text(sheet, "");
    sheet_text(sheet, "");
    sheet_number(sheet, x);
    sheet_number(sheet, rate);
    sheet_number(sheet, rate);
    sheet_number(sheet, roofline_ridge(roof->peak_op_s, roof->bw_byte_s));
    sheet_text(sheet, "");
    sheet_number(sheet, (double)NAN);
    sheet_text(sheet, "");
    put_unmeasured(sheet);
}

static void put_roof(struct sheet *sheet, const struct roof *roof)
{
    double ridge = roofline_ridge(roof->peak_op_s, roof->bw_byte_s);

    if (!(ridge > 0))
        return;
    put_vertex(sheet, roof, fmin(INTENSITY_LOW, ridge / 2));
    put_vertex(sheet, roof, ridge);
    put_vertex(sheet, roof, fmax(INTENSITY_HIGH, ridge * 2));
}

/* Of several working sets in one level the fastest stands for it; memory is
 * drawn with the peaks. */
static bool fastest_of_level(const struct facts *facts, size_t at)
{
    const struct machine_level *level = &facts->levels[at];

    if (!strcmp(level->name, "memory") ||
        level->read_byte_s == facts_machine_memory(facts, level->platform))
        return false;
    for (size_t i = 0; *level->name && i < facts->levels_len; i++) {
        const struct machine_level *other = &facts->levels[i];

        if (!strcmp(other->board, level->board) &&
            !strcmp(other->name, level->name) &&
            (other->read_byte_s > level->read_byte_s ||
             (other->read_byte_s == level->read_byte_s && i < at)))
            return false;
    }
    return true;
}

static void put_level(struct sheet *sheet, const struct machine_peak *peak,
                      const struct machine_level *level)
{
    bool mib = level->bytes >= 1048576;
    char name[64];

    snprintf(name, sizeof(name), "measured, %.0f %s%s%s",
             level->bytes / (mib ? 1048576 : 1024), mib ? "MiB" : "KiB",
             *level->name ? " in " : "", level->name);
    put_roof(sheet,
             &(struct roof){ "cache", peak->platform, "", peak->precision, name,
                             peak->op_s, level->read_byte_s });
}

/* A machine's roofs: every level of memory with every peak would be a
 * thicket; the largest working set (memory) with each peak, and each level
 * with the highest peak. */
static void put_machine(struct sheet *sheet, const struct facts *facts,
                        const struct machine_peak *peak)
{
    struct roof roof = {
        .kind = "roof",
        .platform = peak->platform,
        .op_mode = "",
        .precision = peak->precision,
        .name = "measured",
        .peak_op_s = peak->op_s,
        .bw_byte_s = facts_machine_memory(facts, peak->platform),
    };

    put_roof(sheet, &roof);
    for (size_t i = 0; i < facts->peaks_len; i++)
        if (!strcmp(facts->peaks[i].board, peak->board) &&
            facts->peaks[i].op_s > peak->op_s)
            return;
    for (size_t i = 0; i < facts->levels_len; i++)
        if (!strcmp(facts->levels[i].board, peak->board) &&
            fastest_of_level(facts, i))
            put_level(sheet, peak, &facts->levels[i]);
}

static bool first_board(const struct facts *facts, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(facts->peaks[k].platform, facts->peaks[i].platform) &&
            strcmp(facts->peaks[k].board, facts->peaks[i].board) != 0)
            return false;
    return true;
}

static int put_roofs(struct sheet *sheet, const struct report_data *data,
                     const struct report_source *source, struct err *err)
{
    const struct facts *facts = source->facts;

    (void)data;
    (void)err;
    for (size_t i = 0; facts && i < facts->platforms_len; i++) {
        const struct platform_facts *row = &facts->platforms[i];

        put_roof(sheet, &(struct roof){
                            "roof", row->platform, row->op_mode, row->precision,
                            *row->peak_kind ? row->peak_kind : "stated",
                            row->peak_op_s, row->bw_byte_s });
    }
    for (size_t i = 0; facts && i < facts->peaks_len; i++)
        if (first_board(facts, i))
            put_machine(sheet, facts, &facts->peaks[i]);
    return 0;
}

static void put_point(struct sheet *sheet, const struct report_source *source,
                      const struct point *point, enum scope_kind k)
{
    double intensity =
        roofline_intensity(point->ops_image, point->params, point->weight_bits);
    double peak, bandwidth;
    char label[256];

    estimate_roof(point, source->facts, &peak, &bandwidth);
    sheet_text(sheet, "point");
    put_unit(sheet, point->platform, point->op_mode);
    sheet_text(sheet, point->precision);
    sheet_text(sheet, "");
    sheet_text(sheet, point->provenance);
    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, point_label(point, label, sizeof(label)));
    sheet_number(sheet, intensity);
    sheet_number(sheet, point->scope[k].fps * point->ops_image);
    sheet_number(sheet, roofline_attainable(peak, bandwidth, intensity));
    sheet_number(sheet, roofline_ridge(peak, bandwidth));
    sheet_text(sheet,
               roofline_bound_word(roofline_bound(peak, bandwidth, intensity)));
    sheet_number(sheet, point->batch);
    sheet_text(sheet, "");
    put_measured(sheet, source, point, k);
}

/* Networks on their roofs, from the table of verdicts. */
static int put_networks(struct sheet *sheet, const struct report_data *data,
                        struct err *err)
{
    static const char *const words[] = { "unit", "platform", "precision" };
    struct sheet *verdicts;
    int rc = report_table_verdicts(data, &verdicts, err);

    for (size_t i = 0; !rc && i < sheet_rows(verdicts); i++) {
        double rate = sheet_number_of(verdicts, i, "attainable_op_s");
        char label[256];

        sheet_text(sheet, "network");
        for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
            sheet_text(sheet, sheet_text_of(verdicts, i, words[k]));
        for (size_t k = 0; k < 3; k++) /* roof, provenance, scope */
            sheet_text(sheet, "");
        snprintf(label, sizeof(label), "%s, %s of channels",
                 sheet_text_of(verdicts, i, "topology"),
                 sheet_text_of(verdicts, i, "pruning"));
        sheet_text(sheet, label);
        sheet_number(sheet, sheet_number_of(verdicts, i, "intensity_op_byte"));
        sheet_number(sheet, rate);
        sheet_number(sheet, rate);
        sheet_number(sheet, sheet_number_of(verdicts, i, "ridge_op_byte"));
        sheet_text(sheet, sheet_text_of(verdicts, i, "bound"));
        sheet_number(sheet, (double)NAN);
        sheet_text(sheet, sheet_text_of(verdicts, i, "bound"));
        put_unmeasured(sheet);
    }
    if (!rc)
        sheet_destroy(verdicts);
    return rc;
}

int report_table_rooflines(const struct report_data *data,
                           struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet;
    int rc = report_table_make_distinct(data, columns, put_roofs, &sheet, err);

    if (rc)
        return rc;
    for (size_t s = 0; s < data->len; s++) {
        const struct report_source *source = &data->sources[s];

        for (enum scope_kind k = 0; k < SCOPE_KINDS; k++)
            for (size_t i = 0; i < source->best_len[k]; i++)
                if (report_keeps(data, source, k, i))
                    put_point(sheet, source,
                              &source->points.at[source->best[k][i]], k);
    }
    rc = put_networks(sheet, data, err);
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}
