/* table_overview.c - the table that opens the published page
 *
 * A row a platform, op mode and topology: which precisions by which pruning
 * factors, which batches, threads and streams; "na" where nothing ran.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/groups.h"
#include "report/report_data.h"

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

struct rows_of {
    const struct table *cells;
    const struct rows *rows;
    const struct groups *groups;
    size_t group;
};

/* Whether the i-th row is an ok one of the group. */
static bool counts(const struct rows_of *of, size_t i)
{
    return of->groups->of[i] == of->group &&
           table_i64(table_find(of->cells, "status"), of->rows->at[i]) ==
               STATUS_OK;
}

static bool same_value(const struct table_column *column, uint32_t a,
                       uint32_t b)
{
    if (column->type == COLUMN_F64)
        return column->f64[a] == column->f64[b];
    return column->i64[a] == column->i64[b];
}

/* The distinct values of a column: "[100, 50] %". */
static size_t put_values(const struct rows_of *of, const char *name,
                         const char *unit, struct buf *out)
{
    const struct table_column *column = table_find(of->cells, name);
    size_t n = 0;

    for (size_t i = 0; column && i < of->rows->len; i++) {
        uint32_t row = of->rows->at[i];
        bool seen = false;

        if (!counts(of, i))
            continue;
        for (size_t k = 0; k < i && !seen; k++)
            seen = counts(of, k) && same_value(column, of->rows->at[k], row);
        if (seen)
            continue;
        buf_printf(out, n++ ? ", " : "[");
        if (column->type == COLUMN_TEXT)
            buf_printf(out, "%s", table_text(column, row));
        else
            buf_printf(out, "%g%s", table_f64(column, row), unit);
    }
    buf_printf(out, n ? "]" : "na");
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
                      const struct rows_of *of)
{
    static const char *const words[] = { "platform", "op_mode", "topology" };
    uint32_t row = of->groups->first[of->group];
    const char *platform = table_text(table_find(of->cells, "platform"), row);
    size_t ok = 0;

    for (size_t i = 0; i < of->rows->len; i++)
        ok += counts(of, i);
    sheet_text(sheet, table_text(table_find(of->cells, "provenance"), row));
    sheet_text(sheet, type_of(data->facts, platform));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        sheet_text(sheet, table_text(table_find(of->cells, words[i]), row));
    sheet_number(sheet, (double)ok);
    put_list(sheet, of, "threads");
    put_list(sheet, of, "streams");
    put_list(sheet, of, "batch");
    put_measured(sheet, of);
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
    for (size_t g = 0; !rc && g < groups.count; g++)
        put_group(sheet, data,
                  &(struct rows_of){ dataset->cells, &rows, &groups, g });
    groups_free(&groups);
    select_free(&rows);
    return rc;
}

int report_table_overview(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    struct sheet *sheet = sheet_create(columns);
    int rc = sheet ? 0 : err_set(err, ERR_NOMEM, "no memory for a table");

    for (size_t s = 0; !rc && s < data->len; s++)
        rc = put_source(sheet, data, data->sources[s].dataset, err);
    if (rc)
        sheet_destroy(sheet);
    else
        *ret_sheet = sheet;
    return rc;
}
