/* captions_campaign.c - sentences about what was planned, and when it ran */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock_format.h"
#include "report/figures.h"
#include "report/names.h"

#define REASONS_MAX  64
#define REASONS_SAID 2 /* of a source */

/* Cells that one reason keeps from having a result. */
struct missing {
    const char *reason;
    size_t row; /* of the table: the first group */
    size_t groups;
    double cells;
};

static bool is_of(const struct sheet *sheet, size_t row,
                  const struct report_source *source)
{
    return !strcmp(sheet_text_of(sheet, row, "source"),
                   report_source_name(source));
}

static double lacking(const struct sheet *sheet, size_t row)
{
    return sheet_number_of(sheet, row, "planned") -
           sheet_number_of(sheet, row, "ok");
}

/* The reasons of a source's missing cells, REASONS_MAX at most. */
static size_t find_missing(const struct sheet *sheet,
                           const struct report_source *source,
                           struct missing *missing)
{
    size_t len = 0, at;

    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        const char *reason = sheet_text_of(sheet, i, "reason");

        if (!is_of(sheet, i, source) || !*reason || lacking(sheet, i) <= 0)
            continue;
        for (at = 0; at < len && strcmp(missing[at].reason, reason) != 0;)
            at++;
        if (at == REASONS_MAX)
            continue;
        if (at == len)
            missing[len++] = (struct missing){ reason, i, 0, 0 };
        missing[at].groups++;
        missing[at].cells += lacking(sheet, i);
    }
    return len;
}

static int by_cells(const void *a, const void *b)
{
    const struct missing *p = a, *q = b;

    if (p->cells != q->cells)
        return p->cells < q->cells ? 1 : -1;
    return p->row < q->row ? -1 : p->row > q->row;
}

static void put_missing(const struct sheet *sheet,
                        const struct report_source *source, struct buf *out)
{
    struct missing missing[REASONS_MAX];
    size_t len = find_missing(sheet, source, missing);

    qsort(missing, len, sizeof(*missing), by_cells);
    for (size_t i = 0; i < len && i < REASONS_SAID; i++) {
        const char *precision =
            sheet_text_of(sheet, missing[i].row, "precision");

        buf_printf(out, "%g missing of %s", missing[i].cells,
                   sheet_text_of(sheet, missing[i].row, "unit"));
        if (*precision)
            buf_printf(
                out, " %s %g %%", precision,
                sheet_number_of(sheet, missing[i].row, "pruning_factor_pct"));
        if (missing[i].groups > 1)
            buf_printf(out, " and %zu more group%s", missing[i].groups - 1,
                       missing[i].groups > 2 ? "s" : "");
        buf_printf(out, ": %s.\n", missing[i].reason);
    }
    if (len > REASONS_SAID)
        buf_printf(out, "%zu more reason%s in the table below.\n",
                   len - REASONS_SAID,
                   len > REASONS_SAID + 1 ? "s stand" : " stands");
}

static void put_counts(const struct report_data *data,
                       const struct sheet *sheet,
                       const struct report_source *source, struct buf *out)
{
    double planned = 0, ok = 0, failed = 0, na = 0;

    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        if (!is_of(sheet, i, source))
            continue;
        planned += sheet_number_of(sheet, i, "planned");
        ok += sheet_number_of(sheet, i, "ok");
        failed += sheet_number_of(sheet, i, "failed");
        na += sheet_number_of(sheet, i, "na");
    }
    if (planned <= 0)
        return;
    name_begin(data, source, "", out);
    buf_printf(out,
               "%.0f of %.0f cells have a result, %.0f failed, %.0f not "
               "applicable, %.0f not run.\n",
               ok, planned, failed, na, planned - ok - failed - na);
}

void caption_coverage(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;

    if (report_table_coverage(data, &sheet, NULL))
        return;
    for (size_t s = 0; s < data->len; s++)
        put_counts(data, sheet, &data->sources[s], out);
    for (size_t s = 0; s < data->len; s++)
        put_missing(sheet, &data->sources[s], out);
    sheet_destroy(sheet);
}

static void put_hours(const struct report_data *data, const struct sheet *sheet,
                      const struct report_source *source, struct buf *out)
{
    double first = (double)INFINITY, last = 0, busy = 0;
    size_t attempts = 0, sentinels = 0;
    char a[32], b[32];

    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        double end = sheet_number_of(sheet, i, "end_ms");

        if (!is_of(sheet, i, source))
            continue;
        attempts++;
        sentinels += *sheet_text_of(sheet, i, "sentinel") ? 1 : 0;
        first = fmin(first, sheet_number_of(sheet, i, "start_ms"));
        last = isnan(end) ? last : fmax(last, end);
        busy += fmax(0, sheet_number_of(sheet, i, "duration_s"));
    }
    if (!attempts || last <= first)
        return;
    name_begin(data, source, "", out);
    buf_printf(out, "%zu attempts", attempts);
    if (sentinels)
        buf_printf(out, ", %zu of them sentinels,", sentinels);
    buf_printf(out, " kept boards busy for %s within %s.\n",
               clock_format_duration(busy, a),
               clock_format_duration((last - first) / 1e3, b));
}

void caption_timeline(const struct report_data *data, struct buf *out)
{
    struct sheet *sheet;

    if (report_table_timeline(data, &sheet, NULL))
        return;
    for (size_t s = 0; s < data->len; s++)
        put_hours(data, sheet, &data->sources[s], out);
    sheet_destroy(sheet);
}
