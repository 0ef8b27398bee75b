/* table_overview.c - the table that opens the published page
 *
 * A row a platform, op mode and topology: which precisions by which pruning
 * factors, which batches, threads and streams; "na" where nothing ran.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/groups.h"
#include "report/report_data.h"

#define VALUES_MAX 64

/* clang-format off */
static const struct sheet_column columns[] = {
    { "provenance", "provenance", "", SHEET_TEXT,   SHEET_PLAIN },
    { "type",       "type",       "", SHEET_TEXT,   SHEET_PLAIN },
    { "platform",   "platform",   "", SHEET_TEXT,   SHEET_PLAIN },
    { "op_mode",    "op mode",    "", SHEET_TEXT,   SHEET_PLAIN },
    { "topology",   "topology",   "", SHEET_TEXT,   SHEET_PLAIN },
    { "ok",         "ok",         "", SHEET_NUMBER, SHEET_PLAIN },
    { "threads",    NULL,         "", SHEET_TEXT,   SHEET_PLAIN },
    { "streams",    NULL,         "", SHEET_TEXT,   SHEET_PLAIN },
    { "batch",      "batch",      "", SHEET_TEXT,   SHEET_PLAIN },
    { "measured",   "measured",   "", SHEET_TEXT,   SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

/* The ok rows of one platform, op mode and topology. */
struct rows_of {
    const struct table *cells;
    uint32_t *at;
    size_t len;
};

static bool same_value(const struct table_column *column, uint32_t a,
                       uint32_t b)
{
    if (column->type == COLUMN_F64)
        return column->f64[a] == column->f64[b];
    return column->i64[a] == column->i64[b];
}

/* The distinct values of a column: "[100, 50] %"; at most VALUES_MAX. */
static size_t put_values(const struct rows_of *of, const char *name,
                         const char *unit, struct buf *out)
{
    const struct table_column *column = table_find(of->cells, name);
    uint32_t seen[VALUES_MAX];
    size_t n = 0;

    for (size_t i = 0; column && i < of->len && n < VALUES_MAX; i++) {
        uint32_t row = of->at[i];
        size_t k = 0;

        while (k < n && !same_value(column, seen[k], row))
            k++;
        if (k < n)
            continue;
        seen[n] = row;
        buf_printf(out, n++ ? ", " : "[");
        if (column->type == COLUMN_TEXT)
            buf_printf(out, "%s", table_text(column, row));
        else
            buf_printf(out, "%g%s", table_f64(column, row), unit);
    }
    buf_printf(out, n == VALUES_MAX ? ", ...]" : n ? "]" : "na");
    return n;
}

static void put_list(struct sheet *sheet, const struct rows_of *of,
                     const char *name)
{
    struct buf text = { 0 };

    put_values(of, name, "", &text);
    sheet_text(sheet, buf_text(&text));
    buf_free(&text);
}

static void put_measured(struct sheet *sheet, const struct rows_of *of)
{
    struct buf text = { 0 };

    if (put_values(of, "precision", "", &text)) {
        buf_printf(&text, " * ");
        put_values(of, "pruning_factor_pct", " %", &text);
    }
    sheet_text(sheet, buf_text(&text));
    buf_free(&text);
}

static const char *type_of(const struct facts *facts, const char *platform)
{
    for (size_t i = 0; facts && i < facts->platforms_len; i++)
        if (!strcmp(facts->platforms[i].platform, platform))
            return facts->platforms[i].type;
    return "";
}

static void put_group(struct sheet *sheet, const struct report_data *data,
                      const struct rows_of *of, uint32_t row)
{
    static const char *const words[] = { "platform", "op_mode", "topology" };
    const char *platform = table_text(table_find(of->cells, "platform"), row);

    sheet_text(sheet, table_text(table_find(of->cells, "provenance"), row));
    sheet_text(sheet, type_of(data->facts, platform));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        sheet_text(sheet, table_text(table_find(of->cells, words[i]), row));
    sheet_number(sheet, (double)of->len);
    put_list(sheet, of, "threads");
    put_list(sheet, of, "streams");
    put_list(sheet, of, "batch");
    put_measured(sheet, of);
}

static int put_groups(struct sheet *sheet, const struct report_data *data,
                      const struct table *cells, const struct rows *rows,
                      const struct groups *groups, struct err *err)
{
    const struct table_column *status = table_find(cells, "status");
    struct rows_of of = { cells, calloc(rows->len + 1, sizeof(uint32_t)), 0 };

    if (!of.at)
        return err_set(err, ERR_NOMEM, "no memory for an overview");
    for (size_t g = 0; g < groups->count; g++) {
        of.len = 0;
        for (size_t i = 0; i < rows->len; i++)
            if (groups->of[i] == g &&
                table_i64(status, rows->at[i]) == STATUS_OK)
                of.at[of.len++] = rows->at[i];
        put_group(sheet, data, &of, groups->first[g]);
    }
    free(of.at);
    return 0;
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct dataset *dataset, struct err *err)
{
    static const char *const keys[] = { "platform", "op_mode", "topology",
                                        NULL };
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    int rc = select_rows(dataset->cells, "status!=retired", &rows, err);

    if (!rc)
        rc = groups_create(dataset->cells, &rows, keys, &groups, err);
    if (!rc)
        rc = put_groups(sheet, data, dataset->cells, &rows, &groups, err);
    groups_free(&groups);
    select_free(&rows);
    return rc;
}

/* Whether a cell or an earlier row names a platform's op mode. */
static bool named(const struct sheet *sheet, const struct platform_facts *row)
{
    size_t platform = sheet_find(sheet, "platform");
    size_t mode = sheet_find(sheet, "op_mode");

    for (size_t i = 0; i < sheet_rows(sheet); i++)
        if (!strcmp(sheet_text_at(sheet, i, platform), row->platform) &&
            (!strcmp(sheet_text_at(sheet, i, mode), row->op_mode) ||
             !*row->op_mode))
            return true;
    return false;
}

/* Platforms of the inventory that nothing was planned for. */
static void put_idle(struct sheet *sheet, const struct facts *facts)
{
    for (size_t i = 0; facts && i < facts->platforms_len; i++) {
        const struct platform_facts *row = &facts->platforms[i];

        if (named(sheet, row))
            continue;
        sheet_text(sheet, "");
        sheet_text(sheet, row->type);
        sheet_text(sheet, row->platform);
        sheet_text(sheet, row->op_mode);
        sheet_text(sheet, "");
        sheet_number(sheet, 0);
        for (size_t k = 0; k < 4; k++)
            sheet_text(sheet, "na");
    }
}

int report_table_overview(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(columns);
    int rc = sheet ? 0 : err_set(err, ERR_NOMEM, "no memory for a table");

    for (size_t s = 0; !rc && s < data->len; s++)
        rc = put_source(sheet, data, data->sources[s].dataset, err);
    if (!rc)
        put_idle(sheet, data->facts);
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}
