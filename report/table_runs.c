/* table_runs.c - what happened while measuring: latencies, and the hours */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"

#define LATENCY_ROWS_MAX 80 /* a scope, in a page */

/* clang-format off */
static const struct sheet_column latency_columns[] = {
    { "source",     "archive",    "",  SHEET_TEXT,   SHEET_PLAIN },
    { "scope",      "scope",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "provenance", "provenance", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "unit",       NULL,         "",  SHEET_TEXT,   SHEET_PLAIN },
    { "platform",   NULL,         "",  SHEET_TEXT,   SHEET_PLAIN },
    { "precision",  NULL,         "",  SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", NULL, "%", SHEET_NUMBER, SHEET_PLAIN },
    { "label",      "op point",   "",  SHEET_TEXT,   SHEET_PLAIN },
    { "batch",      "batch",      "",  SHEET_NUMBER, SHEET_PLAIN },
    { "samples",    "samples",    "",  SHEET_NUMBER, SHEET_PLAIN },
    { "min_s",      "min",        "s", SHEET_NUMBER, SHEET_PREFIX },
    { "q1_s",       "25 %",       "s", SHEET_NUMBER, SHEET_PREFIX },
    { "median_s",   "median",     "s", SHEET_NUMBER, SHEET_PREFIX },
    { "q3_s",       "75 %",       "s", SHEET_NUMBER, SHEET_PREFIX },
    { "p99_s",      "99 %",       "s", SHEET_NUMBER, SHEET_PREFIX },
    { "max_s",      "max",        "s", SHEET_NUMBER, SHEET_PREFIX },
    { "row",        NULL,         "",  SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};

static const struct sheet_column timeline_columns[] = {
    { "board",      "board",    "",   SHEET_TEXT,   SHEET_PLAIN },
    { "status",     "status",   "",   SHEET_TEXT,   SHEET_PLAIN },
    { "label",      "op point", "",   SHEET_TEXT,   SHEET_PLAIN },
    { "batch",      "batch",    "",   SHEET_NUMBER, SHEET_PLAIN },
    { "attempt",    "attempt",  "",   SHEET_NUMBER, SHEET_PLAIN },
    { "start_ms",   NULL,       "ms", SHEET_NUMBER, SHEET_PLAIN },
    { "end_ms",     NULL,       "ms", SHEET_NUMBER, SHEET_PLAIN },
    { "duration_s", "duration", "s",  SHEET_NUMBER, SHEET_PREFIX },
    { "reason",     "reason",   "",   SHEET_TEXT,   SHEET_PLAIN },
    { "platform",   NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { "precision",  NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", NULL, "%", SHEET_NUMBER, SHEET_PLAIN },
    { "source",     NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { "provenance", NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { "sentinel",   NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { "kind",       NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { "row",        NULL,       "",   SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

/* The samples of a cell's accepted attempt in a scope; NULL if none. */
static const double *cell_samples(const struct dataset *dataset, uint32_t row,
                                  enum scope_kind k, size_t *ret_len)
{
    static const char *const names[SCOPE_KINDS][2] = {
        { "lat_comp_offset", "lat_comp_length" },
        { "lat_sys_offset", "lat_sys_length" },
    };
    const struct samples *samples =
        k == SCOPE_KIND_SYS ? &dataset->lat_sys : &dataset->lat_comp;
    const struct table *attempts = dataset->attempts;
    int64_t attempt = table_i64(table_find(dataset->cells, "attempt_row"), row);
    int64_t offset, len;

    if (!attempts || attempt < 0 || (uint64_t)attempt >= attempts->rows)
        return NULL;
    offset = table_i64(table_find(attempts, names[k][0]), (size_t)attempt);
    len = table_i64(table_find(attempts, names[k][1]), (size_t)attempt);
    if (offset < 0 || len < 1 || (uint64_t)offset > samples->count ||
        (uint64_t)len > samples->count - (uint64_t)offset)
        return NULL;
    *ret_len = (size_t)len;
    return samples->value + offset;
}

/* "TX2 maxn FP16 25 %, batch 8", and of which archive if that is asked. */
static void put_name(struct sheet *sheet, const struct report_data *data,
                     const struct report_source *source,
                     const struct point *point)
{
    char label[512], apart[256], name[1024];

    snprintf(name, sizeof(name), "%s, batch %g%s",
             name_label(data, point, label, sizeof(label)), point->batch,
             name_apart(data, source, point, apart, sizeof(apart)));
    sheet_text(sheet, name);
}

static int put_latency(struct sheet *sheet, const struct report_data *data,
                       const struct report_source *source,
                       const struct point *point, enum scope_kind k,
                       struct err *err)
{
    size_t n = 0;
    const double *values = cell_samples(point->dataset, point->row, k, &n);
    double *sorted;
    char text[512];

    if (!values)
        return 0;
    sorted = malloc(n * sizeof(*sorted));
    if (!sorted)
        return err_set(err, ERR_NOMEM, "no memory for %zu samples", n);
    memcpy(sorted, values, n * sizeof(*sorted));
    n = stats_present(sorted, n);
    stats_sort(sorted, n);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, scope_kind_word(k));
    sheet_text(sheet, point->provenance);
    sheet_text(sheet, point_unit(point, text, sizeof(text)));
    sheet_text(sheet, point->platform);
    sheet_text(sheet, point->precision);
    sheet_number(sheet, point->pruning_pct);
    sheet_text(sheet, name_label(data, point, text, sizeof(text)));
    sheet_number(sheet, point->batch);
    sheet_number(sheet, (double)n);
    sheet_number(sheet, stats_quantile(sorted, n, 0));
    sheet_number(sheet, stats_quantile(sorted, n, 0.25));
    sheet_number(sheet, stats_quantile(sorted, n, 0.5));
    sheet_number(sheet, stats_quantile(sorted, n, 0.75));
    sheet_number(sheet, stats_quantile(sorted, n, 0.99));
    sheet_number(sheet, stats_quantile(sorted, n, 1));
    put_name(sheet, data, source, point);
    free(sorted);
    return 0;
}

int report_table_latency(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(latency_columns);
    size_t most = data->whole ? SIZE_MAX : LATENCY_ROWS_MAX;
    int rc = 0;

    if (!sheet)
        return err_set(err, ERR_NOMEM, "no memory for a table");
    for (enum scope_kind k = 0; k < SCOPE_KINDS; k++) {
        size_t start = sheet_rows(sheet);

        for (size_t s = 0; s < data->len; s++) {
            const struct report_source *source = &data->sources[s];

            for (size_t i = 0; !rc && i < source->best_len[k] &&
                               sheet_rows(sheet) - start < most;
                 i++)
                rc =
                    put_latency(sheet, data, source,
                                &source->points.at[source->best[k][i]], k, err);
        }
    }
    if (rc) {
        sheet_destroy(sheet);
        return rc;
    }
    *ret_sheet = sheet;
    return 0;
}

/* Why it ran for drift, if it did, and how the figure counts it. */
static void put_kind(struct sheet *sheet, const char *status,
                     const char *sentinel)
{
    sheet_text(sheet, sentinel);
    sheet_text(sheet,
               *sentinel && !strcmp(status, "ok") ? "ok, sentinel" : status);
}

/* A line of the figure: the board, and of which archive if there are more. */
static void put_line(struct sheet *sheet, const struct report_data *data,
                     const struct report_source *source, const char *board)
{
    struct buf line = { 0 };

    buf_printf(&line, "%s", board);
    if (data->len > 1)
        buf_printf(&line, " (%s)", report_source_name(source));
    sheet_text(sheet, buf_text(&line));
    buf_free(&line);
}

static void put_attempt(struct sheet *sheet, const struct report_data *data,
                        const struct report_source *source, size_t row)
{
    const struct dataset *dataset = source->dataset;
    const struct table *attempts = dataset->attempts, *cells = dataset->cells;
    int64_t start = table_i64(table_find(attempts, "start_unix_ns"), row);
    double length = table_f64(table_find(attempts, "duration_s"), row);
    int64_t cell = table_i64(table_find(attempts, "cell"), row);
    struct point point = { .platform = "",
                           .op_mode = "",
                           .precision = "",
                           .pruning_pct = (double)NAN };
    double batch = (double)NAN;
    const char *provenance = "";
    char label[256] = "";

    if (start == COLUMN_I64_MISSING)
        return;
    if (cell >= 0 && (uint64_t)cell < cells->rows) {
        size_t at = (size_t)cell;

        point.platform = table_text(table_find(cells, "platform"), at);
        point.op_mode = table_text(table_find(cells, "op_mode"), at);
        point.precision = table_text(table_find(cells, "precision"), at);
        point.pruning_pct =
            table_f64(table_find(cells, "pruning_factor_pct"), at);
        batch = table_f64(table_find(cells, "batch"), at);
        provenance = table_text(table_find(cells, "provenance"), at);
        point_label(&point, label, sizeof(label));
    }
    sheet_text(sheet, table_text(table_find(attempts, "board"), row));
    sheet_text(sheet, table_text(table_find(attempts, "status"), row));
    sheet_text(sheet, label);
    sheet_number(sheet, batch);
    sheet_number(sheet, table_f64(table_find(attempts, "attempt"), row));
    sheet_number(sheet, round((double)start / 1e6));
    sheet_number(sheet, round((double)start / 1e6 + length * 1e3));
    sheet_number(sheet, length);
    sheet_text(sheet, table_text(table_find(attempts, "reason"), row));
    sheet_text(sheet, point.platform);
    sheet_text(sheet, point.precision);
    sheet_number(sheet, point.pruning_pct);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, provenance);
    put_kind(sheet, table_text(table_find(attempts, "status"), row),
             table_text(table_find(attempts, "sentinel"), row));
    put_line(sheet, data, source,
             table_text(table_find(attempts, "board"), row));
}

static int put_attempts(struct sheet *sheet, const struct report_data *data,
                        const struct report_source *source, struct err *err)
{
    const struct table *attempts = source->dataset->attempts;

    (void)err;
    for (size_t i = 0; attempts && i < attempts->rows &&
                       sheet_rows(sheet) < report_rows_max(data);
         i++)
        put_attempt(sheet, data, source, i);
    return 0;
}

int report_table_timeline(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, timeline_columns, put_attempts, ret_sheet,
                             err);
}
