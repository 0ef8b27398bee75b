/* summary.c - what an archive is, in a few numbers */
#include "report/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock_format.h"
#include "core/units.h"
#include "report/names.h"
#include "report/numbers.h"

#define STATUSES (STATUS_INVALIDATED + 1)

static void put_counts(const struct dataset *dataset, struct buf *out)
{
    const struct table_column *status = table_find(dataset->cells, "status");
    size_t counts[STATUSES] = { 0 }, total = 0;
    bool first = true;

    for (size_t i = 0; i < dataset->cells->rows; i++) {
        int64_t at = table_i64(status, i);

        if (at < 0 || at >= STATUSES)
            at = STATUS_PLANNED;
        counts[at]++;
        total += at != STATUS_RETIRED;
    }
    buf_printf(out, "\"cells\":%zu,\"counts\":{", total);
    for (int64_t s = 0; s < STATUSES; s++) {
        if (!counts[s])
            continue;
        buf_printf(out, "%s\"%s\":%zu", first ? "" : ",",
                   columns_flag_word("status", s), counts[s]);
        first = false;
    }
    buf_printf(out, "}");
}

/* The labels that rows of a column use, as a JSON array. */
static void put_labels(const struct table *table, const char *name,
                       struct buf *out)
{
    const struct table_column *column = table ? table_find(table, name) : NULL;
    bool first = true;

    buf_put_u8(out, '[');
    for (size_t l = 0; column && l < column->n_labels; l++) {
        bool used = false;

        for (size_t i = 0; !used && i < table->rows; i++)
            used = column->i64[i] == (int64_t)l;
        if (!used)
            continue;
        if (!first)
            buf_put_u8(out, ',');
        sheet_quote(out, column->labels[l]);
        first = false;
    }
    buf_put_u8(out, ']');
}

static void put_instant(struct buf *out, const char *key, int64_t unix_ns)
{
    char text[32];

    buf_printf(out, ",\"%s\":", key);
    if (unix_ns == COLUMN_I64_MISSING || !unix_ns)
        buf_printf(out, "null");
    else
        buf_printf(out, "\"%s\"", clock_format_utc(unix_ns, text));
}

static void put_span(const struct dataset *dataset, struct buf *out)
{
    const struct table *attempts = dataset->attempts;
    const struct table_column *start =
        attempts ? table_find(attempts, "start_unix_ns") : NULL;
    int64_t first = COLUMN_I64_MISSING, last = COLUMN_I64_MISSING;

    for (size_t i = 0; start && i < attempts->rows; i++) {
        int64_t at = table_i64(start, i);
        double length = table_f64(table_find(attempts, "duration_s"), i);

        if (at == COLUMN_I64_MISSING)
            continue;
        if (first == COLUMN_I64_MISSING || at < first)
            first = at;
        if (!isnan(length) && at + S_TO_NS(length) > last)
            last = at + S_TO_NS(length);
    }
    put_instant(out, "first", first);
    put_instant(out, "last", last);
    buf_printf(out, ",\"attempts\":%zu", attempts ? attempts->rows : 0);
}

static void put_field(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "\"%s\":", key);
    sheet_quote(out, value ? value : "");
    buf_put_u8(out, ',');
}

int summary_sources(const struct report_data *data, struct buf *out,
                    struct err *err)
{
    buf_put_u8(out, '[');
    for (size_t s = 0; s < data->len; s++) {
        const struct dataset *dataset = data->sources[s].dataset;

        buf_printf(out, "%s{", s ? "," : "");
        put_field(out, "name", report_source_name(&data->sources[s]));
        put_field(out, "lab", dataset->lab);
        put_field(out, "campaign", dataset->campaign);
        put_counts(dataset, out);
        buf_printf(out, ",\"provenance\":");
        put_labels(dataset->cells, "provenance", out);
        buf_printf(out, ",\"platforms\":");
        put_labels(dataset->cells, "platform", out);
        buf_printf(out, ",\"boards\":");
        put_labels(dataset->attempts, "board", out);
        put_instant(out, "created", dataset->created_unix_ns);
        put_span(dataset, out);
        buf_put_u8(out, '}');
    }
    buf_put_u8(out, ']');
    return buf_failed(out) ? err_set(err, ERR_NOMEM, "no memory for a summary")
                           : 0;
}

/* The most throughput of a source, for the first line a reader sees. */
static void lead_fastest(const struct report_data *data,
                         const struct report_source *source, enum scope_kind k,
                         struct buf *out)
{
    const struct point *best = NULL;
    char label[256], fps[NUMBER_TEXT_MAX];

    for (size_t i = 0; i < source->best_len[k]; i++) {
        const struct point *point = &source->points.at[source->best[k][i]];

        if (!best || point->scope[k].fps > best->scope[k].fps)
            best = point;
    }
    if (!best)
        return;
    name_begin(data, source, "Most", out);
    buf_printf(out, " throughput (%s) is %s, by %s at batch %g",
               scope_kind_word(k),
               number_si(best->scope[k].fps, "images/s", fps),
               name_label(data, best, label, sizeof(label)), best->batch);
    if (!isnan(best->top1_pct))
        buf_printf(out, ", with %.2f %% accuracy", best->top1_pct);
    buf_printf(out, ".\n");
}

void summary_lead(const struct report_data *data, struct buf *out)
{
    for (size_t s = 0; s < data->len; s++)
        for (enum scope_kind k = 0; k < SCOPE_KINDS; k++)
            lead_fastest(data, &data->sources[s], k, out);
}
