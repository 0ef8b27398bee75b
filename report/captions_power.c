/* captions_power.c - sentences about energy fronts and power traces */
#include <math.h>
#include <string.h>

#include "report/figures.h"
#include "report/names.h"
#include "report/numbers.h"

/* The ends of the front of each source, provenance and scope in turn. */
static void say_front(const struct report_data *data,
                      const struct report_source *of, const struct sheet *sheet,
                      size_t first, struct buf *out)
{
    const char *source = sheet_text_of(sheet, first, "source");
    const char *scope = sheet_text_of(sheet, first, "power_scope");
    size_t least = first, best = first, n = 0;
    char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        if (sheet_number_of(sheet, i, "front") != 1 ||
            strcmp(sheet_text_of(sheet, i, "source"), source) ||
            strcmp(sheet_text_of(sheet, i, "power_scope"), scope))
            continue;
        n++;
        if (sheet_number_of(sheet, i, "energy_image_j") <
            sheet_number_of(sheet, least, "energy_image_j"))
            least = i;
        if (sheet_number_of(sheet, i, "top1_pct") >
            sheet_number_of(sheet, best, "top1_pct"))
            best = i;
    }
    name_begin(data, of, "Points", out);
    buf_printf(out, " on the front of energy%s%s: %zu; ",
               *scope ? ", seen at the " : "", scope, n);
    buf_printf(
        out, "least is %s an image by %s at %.2f %%, ",
        number_si(sheet_number_of(sheet, least, "energy_image_j"), "J", a),
        sheet_text_of(sheet, least, "label"),
        sheet_number_of(sheet, least, "top1_pct"));
    buf_printf(
        out, "most accurate %s with %.2f %% at %s.\n",
        sheet_text_of(sheet, best, "label"),
        sheet_number_of(sheet, best, "top1_pct"),
        number_si(sheet_number_of(sheet, best, "energy_image_j"), "J", b));
}

static bool said_before(const struct sheet *sheet, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (sheet_number_of(sheet, i, "front") == 1 &&
            !strcmp(sheet_text_of(sheet, i, "source"),
                    sheet_text_of(sheet, row, "source")) &&
            !strcmp(sheet_text_of(sheet, i, "power_scope"),
                    sheet_text_of(sheet, row, "power_scope")))
            return true;
    return false;
}

void caption_energy_front(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;

    if (report_table_energy(data, &sheet, NULL))
        return;
    for (size_t s = 0; s < data->len; s++)
        for (size_t i = 0; i < sheet_rows(sheet); i++)
            if (sheet_number_of(sheet, i, "front") == 1 &&
                !strcmp(sheet_text_of(sheet, i, "source"),
                        report_source_name(&data->sources[s])) &&
                !said_before(sheet, i))
                say_front(data, &data->sources[s], sheet, i, out);
    sheet_destroy(sheet);
}

void caption_power_trace(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;
    size_t windows = 0;
    double longest = 0;

    if (report_table_power_traces(data, &sheet, NULL))
        return;
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        if (strcmp(sheet_text_of(sheet, i, "part"), "inference") != 0)
            continue;
        windows++;
        longest = fmax(longest, sheet_number_of(sheet, i, "t_end_s") -
                                    sheet_number_of(sheet, i, "t_s"));
    }
    if (windows)
        buf_printf(out,
                   "%zu traces, those on the front of energy first; the "
                   "longest inference window is %.3g s.\n",
                   windows, longest);
    sheet_destroy(sheet);
}
