/* table_machines.c - which machines measured, and with which weights
 *
 * A row a board of an archive, with what was read from it; a row a network's
 * weights, told apart by their digest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/groups.h"
#include "core/clock_format.h"
#include "core/json.h"
#include "report/numbers.h"
#include "report/report_data.h"

#define DIGEST_SHOWN 12

/* clang-format off */
static const struct sheet_column machine_columns[] = {
    { "source",         "archive",    "",  SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",     "provenance", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "board",          "board",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "platform",       "platform",   "",  SHEET_TEXT,   SHEET_PLAIN },
    { "attempts",       "attempts",   "",  SHEET_NUMBER, SHEET_PLAIN },
    { "first",          "first",      "",  SHEET_TEXT,   SHEET_PLAIN },
    { "last",           "last",       "",  SHEET_TEXT,   SHEET_PLAIN },
    { "tool_version",   "tool",       "",  SHEET_TEXT,   SHEET_PLAIN },
    { "kernel",         "kernel",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "board_identity", "identity",   "",  SHEET_TEXT,   SHEET_PLAIN },
    { "worker",         "worker",     "",  SHEET_TEXT,   SHEET_PLAIN },
    { "facts",          "read from it", "", SHEET_TEXT,  SHEET_PLAIN },
    { 0 }
};

static const struct sheet_column weight_columns[] = {
    { "source",             "archive",    "",   SHEET_TEXT,   SHEET_PLAIN },
    { "provenance",         "provenance", "",   SHEET_TEXT,   SHEET_PLAIN },
    { "topology",           "topology",   "",   SHEET_TEXT,   SHEET_PLAIN },
    { "dataset",            "data set",   "",   SHEET_TEXT,   SHEET_PLAIN },
    { "precision",          "precision",  "",   SHEET_TEXT,   SHEET_PLAIN },
    { "pruning_factor_pct", "pruning",    "%",  SHEET_NUMBER, SHEET_PLAIN },
    { "params",             "parameters", "",   SHEET_NUMBER, SHEET_PREFIX },
    { "ops_image",          "operations an image", "op", SHEET_NUMBER,
      SHEET_PREFIX },
    { "model_digest",       "SHA-256",    "",   SHEET_TEXT,   SHEET_PLAIN },
    { "accuracy_source",    "accuracy from", "", SHEET_TEXT,  SHEET_PLAIN },
    { "accuracy_reference", "declared by", "",  SHEET_TEXT,   SHEET_PLAIN },
    { "cells",              "cells",      "",   SHEET_NUMBER, SHEET_PLAIN },
    { 0 }
};
/* clang-format on */

/* What a board said of itself: "cpu: AMD EPYC, cores: 2, memory: 8 GB". */
static void put_facts(struct sheet *sheet, const struct json *boards,
                      const char *name)
{
    static const char *const words[] = { "cpu", "model", "arch", "kernel",
                                         "hostname" };
    static const struct {
        const char *key, *word, *unit;
    } numbers[] = { { "cores", "cores", "" },
                    { "memory_bytes", "memory", "B" } };
    struct json board = json_get(boards, name);
    struct buf text = { 0 };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct json at = json_get(&board, words[i]);
        const char *word = "";

        if (json_there(&at) && !json_string(&at, &word, NULL) && *word)
            buf_printf(&text, "%s%s: %s", text.len ? ", " : "", words[i], word);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct json at = json_get(&board, numbers[i].key);
        char amount[NUMBER_TEXT_MAX];
        double number = 0;

        if (json_there(&at) && !json_f64(&at, &number, NULL))
            buf_printf(&text, "%s%s: %s", text.len ? ", " : "", numbers[i].word,
                       number_si(number, numbers[i].unit, amount));
    }
    sheet_text(sheet, buf_text(&text));
    buf_free(&text);
}

static void put_instant(struct sheet *sheet, int64_t unix_ns)
{
    char text[32];

    sheet_text(sheet, unix_ns == COLUMN_I64_MISSING
                          ? ""
                          : clock_format_utc(unix_ns, text));
}

/* The first and last start of a board's attempts. */
static void put_span(struct sheet *sheet, const struct table *attempts,
                     const struct rows *rows, const struct groups *groups,
                     size_t g)
{
    const struct table_column *start = table_find(attempts, "start_unix_ns");
    int64_t first = COLUMN_I64_MISSING, last = COLUMN_I64_MISSING;
    size_t n = 0;

    for (size_t i = 0; i < rows->len; i++) {
        int64_t at;

        if (groups->of[i] != g)
            continue;
        n++;
        at = table_i64(start, rows->at[i]);
        if (at == COLUMN_I64_MISSING)
            continue;
        if (first == COLUMN_I64_MISSING || at < first)
            first = at;
        if (last == COLUMN_I64_MISSING || at > last)
            last = at;
    }
    sheet_number(sheet, (double)n);
    put_instant(sheet, first);
    put_instant(sheet, last);
}

static const char *text_of(const struct table *table, const char *name,
                           size_t row)
{
    const struct table_column *column = table_find(table, name);

    return column ? table_text(column, row) : "";
}

static const char *platform_of(const struct dataset *dataset, size_t attempt)
{
    int64_t cell = table_i64(table_find(dataset->attempts, "cell"), attempt);

    return cell >= 0 && (uint64_t)cell < dataset->cells->rows
               ? text_of(dataset->cells, "platform", (size_t)cell)
               : "";
}

static void put_machines(struct sheet *sheet, const char *source,
                         const struct dataset *dataset, const struct rows *rows,
                         const struct groups *groups, const struct json *boards)
{
    static const char *const words[] = { "tool_version", "kernel",
                                         "board_identity", "worker" };
    const struct table *attempts = dataset->attempts;

    for (size_t g = 0; g < groups->count; g++) {
        size_t row = groups->first[g];
        const char *board = text_of(attempts, "board", row);

        sheet_text(sheet, source);
        sheet_text(sheet, text_of(attempts, "provenance", row));
        sheet_text(sheet, board);
        sheet_text(sheet, platform_of(dataset, row));
        put_span(sheet, attempts, rows, groups, g);
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            sheet_text(sheet, text_of(attempts, words[i], row));
        put_facts(sheet, boards, board);
    }
}

/* The attempts at cells that meet 'where'. */
static int attempts_select(const struct dataset *dataset, const char *where,
                           struct rows *ret_rows, struct err *err)
{
    const struct table_column *cell = table_find(dataset->attempts, "cell");
    struct rows cells = { 0 }, rows = { 0 };
    bool *meant = calloc(dataset->cells->rows + 1, sizeof(*meant));
    size_t kept = 0;
    int rc = meant ? select_rows(dataset->cells, where, &cells, err)
                   : err_set(err, ERR_NOMEM, "no memory for attempts");

    if (!rc)
        rc = select_rows(dataset->attempts, NULL, &rows, err);
    for (size_t i = 0; !rc && i < cells.len; i++)
        meant[cells.at[i]] = true;
    for (size_t i = 0; !rc && i < rows.len; i++) {
        int64_t at = table_i64(cell, rows.at[i]);

        if (at >= 0 && (uint64_t)at < dataset->cells->rows && meant[at])
            rows.at[kept++] = rows.at[i];
    }
    rows.len = kept;
    if (!rc)
        *ret_rows = rows;
    free(meant);
    select_free(&cells);
    return rc;
}

static int machines_of(struct sheet *sheet, const struct report_data *data,
                       const struct report_source *source, struct err *err)
{
    static const char *const keys[] = { "board", "provenance", NULL };
    const struct dataset *dataset = source->dataset;
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    struct json_doc *doc = NULL;
    const char *text = dataset->boards_json;
    struct json root, boards;
    int rc;

    if (!dataset->attempts)
        return 0;
    if (!text || !*text)
        text = "{}";
    rc = json_doc_parse(text, strlen(text), "boards of archive", &doc, err);
    if (!rc)
        rc = attempts_select(dataset, data->where, &rows, err);
    if (!rc)
        rc = groups_create(dataset->attempts, &rows, keys, &groups, err);
    if (!rc) {
        root = json_root(doc);
        boards = json_get(&root, "boards");
        put_machines(sheet, report_source_name(source), dataset, &rows, &groups,
                     json_there(&boards) ? &boards : &root);
    }
    groups_free(&groups);
    select_free(&rows);
    json_doc_destroy(doc);
    return rc;
}

static int weights_of(struct sheet *sheet, const struct report_data *data,
                      const struct report_source *source, struct err *err)
{
    static const char *const keys[] = {
        "topology",   "dataset",      "precision",       "pruning_factor_pct",
        "provenance", "model_digest", "accuracy_source", "accuracy_reference",
        NULL
    };
    const struct table *cells = source->dataset->cells;
    struct rows rows = { 0 };
    struct groups groups = { 0 };
    size_t *n = NULL;
    int rc = select_rows(cells, data->where, &rows, err);

    if (!rc)
        select_ok(cells, &rows);
    if (!rc)
        rc = groups_create(cells, &rows, keys, &groups, err);
    if (!rc && !(n = calloc(groups.count + 1, sizeof(*n))))
        rc = err_set(err, ERR_NOMEM, "no memory for a table");
    for (size_t i = 0; !rc && i < rows.len; i++)
        n[groups.of[i]]++;
    for (size_t g = 0; !rc && g < groups.count; g++) {
        size_t row = groups.first[g];
        char digest[DIGEST_SHOWN + 1];

        sheet_text(sheet, report_source_name(source));
        sheet_text(sheet, text_of(cells, "provenance", row));
        for (size_t i = 0; i < 3; i++)
            sheet_text(sheet, text_of(cells, keys[i], row));
        sheet_number(sheet, table_f64(table_find(cells, keys[3]), row));
        sheet_number(sheet, table_f64(table_find(cells, "params"), row));
        sheet_number(sheet, table_f64(table_find(cells, "ops_image"), row));
        snprintf(digest, sizeof(digest), "%s",
                 text_of(cells, "model_digest", row));
        sheet_text(sheet, digest);
        sheet_text(sheet, text_of(cells, "accuracy_source", row));
        sheet_text(sheet, text_of(cells, "accuracy_reference", row));
        sheet_number(sheet, (double)n[g]);
    }
    free(n);
    groups_free(&groups);
    select_free(&rows);
    return rc;
}

int report_table_machines(const struct report_data *data,
                          struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, machine_columns, machines_of, ret_sheet,
                             err);
}

int report_table_weights(const struct report_data *data,
                         struct sheet **ret_sheet, struct err *err)
{
    return report_table_make(data, weight_columns, weights_of, ret_sheet, err);
}
