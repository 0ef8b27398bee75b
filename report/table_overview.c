/* table_overview.c - the table that opens the published page
 *
 * A row a platform, op mode and topology: which precisions by which pruning
 * factors, which batches, threads and streams; "na" where nothing ran.
 */
#include <string.h>

#include "analysis/groups.h"
#include "core/vec.h"
#include "report/report_data.h"

#define VALUES_MAX 64

/* clang-format off */
static const struct sheet_column columns[] = {
    { "source",     "archive",    "", SHEET_TEXT,   SHEET_PLAIN },
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
    struct rows rows;
};

/* The distinct values of a column: "[100 %, 50 %]"; at most VALUES_MAX, and
 * "na" if there are none.  Returns 0 or ERR_NOMEM. */
static int put_values(const struct rows_of *of, const char *name,
                      const char *unit, struct buf *out, struct err *err)
{
    const struct table_column *column = table_find(of->cells, name);
    struct rows values = { 0 };
    int rc = column ? groups_firsts(column, &of->rows, &values, err) : 0;

    if (rc)
        return rc;
    for (size_t i = 0; i < values.len && i < VALUES_MAX; i++) {
        buf_printf(out, i ? ", " : "[");
        if (column->type == COLUMN_TEXT)
            buf_printf(out, "%s", table_text(column, values.at[i]));
        else
            buf_printf(out, "%g%s", table_f64(column, values.at[i]), unit);
    }
    buf_printf(out, values.len > VALUES_MAX ? ", ...]"
                    : values.len            ? "]"
                                            : "na");
    select_free(&values);
    return 0;
}

/* The provenances of the ok cells: "measured, emulated"; of cells that did
 * not come that far as the first one has it. */
static int put_provenance(struct sheet *sheet, const struct rows_of *of,
                          uint32_t row, struct err *err)
{
    const struct table_column *column = table_find(of->cells, "provenance");
    struct rows values = { 0 };
    struct buf text = { 0 };
    int rc = column ? groups_firsts(column, &of->rows, &values, err) : 0;

    for (size_t i = 0; !rc && i < values.len; i++)
        buf_printf(&text, "%s%s", i ? ", " : "",
                   table_text(column, values.at[i]));
    sheet_text(sheet, text.len ? buf_text(&text) : table_text(column, row));
    select_free(&values);
    buf_free(&text);
    return rc;
}

static int put_list(struct sheet *sheet, const struct rows_of *of,
                    const char *name, struct err *err)
{
    struct buf text = { 0 };
    int rc = put_values(of, name, "", &text, err);

    sheet_text(sheet, buf_text(&text));
    buf_free(&text);
    return rc;
}

/* What ran of each precision: "[INT2] * [100 %, 50 %]; [INT4] * [50 %]", those
 * with the same pruning factors together, so that no pair is claimed that did
 * not run. */
static int put_products(const struct rows_of *of, const struct groups *kinds,
                        const struct group_rows *lists, struct buf *out,
                        struct err *err)
{
    const struct table_column *precision = table_find(of->cells, "precision");
    struct buf last = { 0 };
    int rc = 0;

    for (size_t g = 0; !rc && g < kinds->count; g++) {
        struct rows_of kind = { of->cells,
                                { lists->at + lists->start[g],
                                  lists->start[g + 1] - lists->start[g], 0 } };
        struct buf factors = { 0 };
        bool alike;

        rc = put_values(&kind, "pruning_factor_pct", " %", &factors, err);
        alike = g && !strcmp(buf_text(&factors), buf_text(&last));
        if (g && !alike)
            buf_printf(out, "] * %s; ", buf_text(&last));
        buf_printf(out, "%s%s", alike ? ", " : "[",
                   table_text(precision, kinds->first[g]));
        buf_free(&last);
        last = factors;
    }
    buf_printf(out, "] * %s", buf_text(&last));
    buf_free(&last);
    return rc;
}

static int put_measured(struct sheet *sheet, const struct rows_of *of,
                        struct err *err)
{
    static const char *const keys[] = { "precision", NULL };
    struct groups kinds = { 0 };
    struct group_rows lists = { 0 };
    struct buf text = { 0 };
    int rc = 0;

    if (!of->rows.len || !table_find(of->cells, "precision")) {
        sheet_text(sheet, "na");
        return 0;
    }
    rc = groups_create(of->cells, &of->rows, keys, &kinds, err);
    if (!rc)
        rc = group_rows_create(&kinds, &of->rows, &lists, err);
    if (!rc)
        rc = put_products(of, &kinds, &lists, &text, err);
    sheet_text(sheet, buf_text(&text));
    group_rows_free(&lists);
    groups_free(&kinds);
    buf_free(&text);
    return rc;
}

static const char *type_of(const struct facts *facts, const char *platform)
{
    for (size_t i = 0; facts && i < facts->platforms_len; i++)
        if (!strcmp(facts->platforms[i].platform, platform))
            return facts->platforms[i].type;
    return "";
}

static int put_group(struct sheet *sheet, const struct report_source *source,
                     const struct rows_of *of, uint32_t row, struct err *err)
{
    static const char *const words[] = { "platform", "op_mode", "topology" };
    static const char *const lists[] = { "threads", "streams", "batch" };
    const char *platform = table_text(table_find(of->cells, "platform"), row);
    int rc;

    sheet_text(sheet, report_source_name(source));
    rc = put_provenance(sheet, of, row, err);
    sheet_text(sheet, type_of(source->facts, platform));
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        sheet_text(sheet, table_text(table_find(of->cells, words[i]), row));
    sheet_number(sheet, (double)of->rows.len);
    for (size_t i = 0; !rc && i < ARRAY_LEN(lists); i++)
        rc = put_list(sheet, of, lists[i], err);
    return rc ? rc : put_measured(sheet, of, err);
}

static int put_groups(struct sheet *sheet, const struct report_source *source,
                      const struct rows *rows, const struct groups *groups,
                      struct err *err)
{
    const struct table *cells = source->dataset->cells;
    struct group_rows lists;
    int rc = group_rows_create(groups, rows, &lists, err);

    if (rc)
        return rc;
    for (size_t g = 0; !rc && g < groups->count; g++) {
        struct rows_of of = { cells,
                              { lists.at + lists.start[g],
                                lists.start[g + 1] - lists.start[g], 0 } };

        select_ok(cells, &of.rows);
        rc = put_group(sheet, source, &of, groups->first[g], err);
    }
    group_rows_free(&lists);
    return rc;
}

static void drop_retired(const struct table *cells, struct rows *rows)
{
    const struct table_column *status = table_find(cells, "status");
    size_t kept = 0;

    for (size_t i = 0; i < rows->len; i++)
        if (table_i64(status, rows->at[i]) != STATUS_RETIRED)
            rows->at[kept++] = rows->at[i];
    rows->len = kept;
}

static int put_source(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    static const char *const keys[] = { "platform", "op_mode", "topology",
                                        NULL };
    const struct dataset *dataset = source->dataset;
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    int rc = select_rows(dataset->cells, data->where, &rows, err);

    if (!rc)
        drop_retired(dataset->cells, &rows);
    if (!rc)
        rc = groups_create(dataset->cells, &rows, keys, &groups, err);
    if (!rc)
        rc = put_groups(sheet, source, &rows, &groups, err);
    groups_free(&groups);
    select_free(&rows);
    return rc;
}

/* Whether a cell or an earlier row names a platform's op mode, or all of
 * them. */
static bool named(const struct sheet *sheet, const struct platform_facts *row)
{
    size_t platform = sheet_find(sheet, "platform");
    size_t mode = sheet_find(sheet, "op_mode");

    for (size_t i = 0; i < sheet_rows(sheet); i++)
        if (!strcmp(sheet_text_at(sheet, i, platform), row->platform) &&
            (!strcmp(sheet_text_at(sheet, i, mode), row->op_mode) ||
             !*sheet_text_at(sheet, i, mode) || !*row->op_mode))
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
    int rc = report_table_make(data, columns, put_source, ret_sheet, err);

    for (size_t s = 0; !rc && s < data->len; s++)
        if (!data->where || !*data->where)
            put_idle(*ret_sheet, data->sources[s].facts);
    return rc;
}
