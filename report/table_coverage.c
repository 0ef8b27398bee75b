/* table_coverage.c - planned against measured, and why cells are missing */
#include <stdlib.h>
#include <string.h>

#include "analysis/groups.h"
#include "report/names.h"

#define REASONS_MAX 3

/* clang-format off */
static const struct sheet_column columns[] = {
    { "provenance",         "provenance", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "source",             "archive",    "",  SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",   "",  SHEET_TEXT,   SHEET_PLAIN },
    { "platform",           "platform",   "",  SHEET_TEXT,   SHEET_PLAIN },
    { "op_mode",            "op mode",    "",  SHEET_TEXT,   SHEET_PLAIN },
    { "unit",               NULL,         "",  SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",  SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%", SHEET_NUMBER, SHEET_PLAIN },
    { "state",              "state",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "planned",            "planned",    "",  SHEET_NUMBER, SHEET_PLAIN },
    { "ok",                 "ok",         "",  SHEET_NUMBER, SHEET_PLAIN },
    { "failed",             "failed",     "",  SHEET_NUMBER, SHEET_PLAIN },
    { "na",                 "na",         "",  SHEET_NUMBER, SHEET_PLAIN },
    { "open",               "open",       "",  SHEET_NUMBER, SHEET_PLAIN },
    { "reason",             "reason",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "row",                NULL,         "",  SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

/* What became of the cells of one group. */
struct tally {
    size_t cells, ok, failed, na, open;
    unsigned provenances; /* a bit each */
    const char *reasons[REASONS_MAX];
    size_t reasons_len, reasons_more;
};

static void tally_reason(struct tally *tally, const char *reason)
{
    for (size_t i = 0; i < tally->reasons_len; i++)
        if (!strcmp(tally->reasons[i], reason))
            return;
    if (!*reason)
        return;
    if (tally->reasons_len < REASONS_MAX)
        tally->reasons[tally->reasons_len++] = reason;
    else
        tally->reasons_more++;
}

/* "measured, emulated". */
static void put_provenances(struct sheet *sheet, const struct tally *tally)
{
    const char *const *words = columns_flag_words("provenance");
    struct buf text = { 0 };

    for (size_t i = 0; words[i]; i++)
        if (tally->provenances & (1U << i))
            buf_printf(&text, "%s%s", text.len ? ", " : "", words[i]);
    sheet_text(sheet, buf_text(&text));
    buf_free(&text);
}

static void tally_cell(struct tally *tally, int64_t status, int64_t provenance,
                       const char *reason)
{
    if (status == STATUS_RETIRED)
        return;
    tally->cells++;
    if (provenance >= 0 && provenance <= PROVENANCE_EMULATED)
        tally->provenances |= 1U << provenance;
    switch ((enum cell_status)status) {
    case STATUS_OK:
        tally->ok++;
        return;
    case STATUS_FAILED:
    case STATUS_TIMEOUT:
    case STATUS_INVALID:
    case STATUS_UNREACHABLE:
        tally->failed++;
        break;
    case STATUS_NA:
        tally->na++;
        break;
    case STATUS_PLANNED:
    case STATUS_RUNNING:
    case STATUS_STALE:
    case STATUS_INVALIDATED:
        tally->open++;
        break;
    case STATUS_RETIRED:
        return;
    }
    tally_reason(tally, reason);
}

static const char *tally_state(const struct tally *tally)
{
    if (tally->ok == tally->cells)
        return "measured";
    if (tally->na == tally->cells)
        return "na";
    if (tally->failed)
        return tally->ok ? "partly failed" : "failed";
    return tally->ok ? "partly measured" : "not run";
}

static void put_reasons(struct sheet *sheet, const struct tally *tally)
{
    struct buf text = { 0 };

    for (size_t i = 0; i < tally->reasons_len; i++)
        buf_printf(&text, "%s%s", i ? "; " : "", tally->reasons[i]);
    if (tally->reasons_more)
        buf_printf(&text, "; and %zu more", tally->reasons_more);
    if (!tally->reasons_len && tally->open)
        buf_printf(&text, "not run yet");
    sheet_text(sheet, buf_text(&text));
    buf_free(&text);
}

static const char *field(const struct table *cells, const char *name,
                         uint32_t row)
{
    return table_text(table_find(cells, name), row);
}

static void put_group(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, uint32_t row,
                      const struct tally *tally)
{
    const struct table *cells = source->dataset->cells;
    struct point point = { .platform = field(cells, "platform", row),
                           .op_mode = field(cells, "op_mode", row),
                           .provenance = field(cells, "provenance", row) };
    char unit[1024];
    size_t used;

    if (!tally->cells)
        return;
    put_provenances(sheet, tally);
    sheet_text(sheet, report_source_name(source));
    sheet_text(sheet, field(cells, "topology", row));
    sheet_text(sheet, point.platform);
    sheet_text(sheet, point.op_mode);
    sheet_text(sheet, point_unit(&point, unit, sizeof(unit)));
    sheet_text(sheet, field(cells, "precision", row));
    sheet_number(sheet,
                 table_f64(table_find(cells, "pruning_factor_pct"), row));
    sheet_text(sheet, tally_state(tally));
    sheet_number(sheet, (double)tally->cells);
    sheet_number(sheet, (double)tally->ok);
    sheet_number(sheet, (double)tally->failed);
    sheet_number(sheet, (double)tally->na);
    sheet_number(sheet, (double)tally->open);
    put_reasons(sheet, tally);
    used = strlen(unit);
    name_apart(data, source, &point, unit + used, sizeof(unit) - used);
    sheet_text(sheet, unit);
}

/* What is missing has more room than what is whole. */
static bool has_room(const struct sheet *sheet, const struct tally *tally,
                     size_t most)
{
    return sheet_rows(sheet) < most / 2 ||
           (sheet_rows(sheet) < most && tally->ok < tally->cells);
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    static const char *const keys[] = {
        "topology",  "platform",           "op_mode",
        "precision", "pruning_factor_pct", NULL
    };
    const struct table *cells = source->dataset->cells;
    const struct table_column *status = table_find(cells, "status");
    const struct table_column *reason = table_find(cells, "reason");
    const struct table_column *provenance = table_find(cells, "provenance");
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    struct tally *tallies = NULL;
    int rc = select_rows(cells, data->where, &rows, err);

    if (!rc)
        rc = groups_create(cells, &rows, keys, &groups, err);
    if (rc)
        goto out;
    tallies = calloc(groups.count + 1, sizeof(*tallies));
    if (!tallies) {
        rc = err_set(err, ERR_NOMEM, "no memory for %zu groups", groups.count);
        goto out;
    }
    for (size_t i = 0; i < rows.len; i++)
        tally_cell(&tallies[groups.of[i]], table_i64(status, rows.at[i]),
                   table_i64(provenance, rows.at[i]),
                   table_text(reason, rows.at[i]));
    for (size_t g = 0; g < groups.count; g++)
        if (has_room(sheet, &tallies[g], report_rows_max(data)))
            put_group(sheet, data, source, groups.first[g], &tallies[g]);
out:
    free(tallies);
    groups_free(&groups);
    select_free(&rows);
    return rc;
}

int report_table_coverage(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, columns, put_source, ret_sheet, err);
}
