/* import_csv.c - published measurements as a campaign of their own */
#include "orchestrator/archive/import_csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/vec.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/import_parts.h"
#include "orchestrator/wire/result.h"

/* Put a field into a column of a row struct. */
static int field_put(const struct import *in, size_t row, size_t i,
                     const struct column_table *table, void *into,
                     struct err *err)
{
    const struct import_column *from = in->columns[i];
    const struct column *to = columns_find(table, from->column);
    const char *field = csv_field(in->csv, row, i);
    double value;

    if (!*field)
        return 0; /* missing stays missing */
    if (to->type == COLUMN_TEXT) {
        columns_set_text(to, into, field);
        return 0;
    }
    if (!import_number(field, false, &value))
        return csv_fail(in->csv, row, i, err,
                        "found '%.40s', expected a number", field);
    columns_set_f64(to, into, value / from->divide);
    return 0;
}

/* A board to name, though nobody can reach it: the platform's first. */
static const char *board_of(const struct import *in, const char *platform)
{
    for (size_t i = 0; i < in->inventory->boards_len; i++)
        if (!strcmp(in->inventory->boards[i].platform->name, platform))
            return in->inventory->boards[i].name;
    return "";
}

static void attempt_begin(const struct import *in, size_t cell,
                          struct attempt_row *row)
{
    struct plan_cell planned;

    plan_cell(in->plan, cell, &planned);
    columns_clear(&columns_attempts, row);
    row->cell = (int64_t)cell;
    row->attempt = 1;
    row->status = STATUS_OK;
    row->provenance = PROVENANCE_PUBLISHED;
    columns_set_text(columns_find(&columns_attempts, "board"), row,
                     board_of(in, planned.platform));
    if (strcmp(planned.op_mode, "default") != 0)
        columns_set_text(columns_find(&columns_attempts, "op_mode_granted"),
                         row, planned.op_mode);
}

static void power_begin(size_t cell, struct power_row *row)
{
    columns_clear(&columns_power_runs, row);
    row->cell = (int64_t)cell;
    row->attempt = 1;
    row->primary = 1;
    columns_set_text(columns_find(&columns_power_runs, "meter"), row,
                     "published");
    columns_set_text(columns_find(&columns_power_runs, "power_note"), row,
                     "scope and window were not published");
}

/* The outcome that a row publishes; for result_free(). */
static int result_make(const struct import *in, size_t row,
                       struct result *result, struct err *err)
{
    bool any_power = false;
    struct power_row power;
    int rc = 0;

    result_init(result);
    attempt_begin(in, in->cells[row], &result->attempt);
    power_begin(in->cells[row], &power);
    for (size_t i = 0; !rc && i < csv_columns(in->csv); i++) {
        if (in->columns[i]->target == IMPORT_ATTEMPT)
            rc =
                field_put(in, row, i, &columns_attempts, &result->attempt, err);
        if (in->columns[i]->target == IMPORT_POWER)
            rc = field_put(in, row, i, &columns_power_runs, &power, err);
        any_power |= in->columns[i]->target == IMPORT_POWER &&
                     *csv_field(in->csv, row, i);
    }
    if (!columns_missing(columns_find(&columns_attempts, "top1_pct"),
                         &result->attempt)) {
        result->attempt.accuracy_source = ACCURACY_DECLARED;
        column_text_set(&result->attempt.accuracy_reference,
                        in->settings->source ? in->settings->source : "");
    }
    if (!rc && any_power && !VEC_PUSH(&result->power, power))
        rc = err_set(err, ERR_NOMEM, "no memory for a result");
    return rc;
}

/* Every number of every row, before anything is written. */
static int rows_check(const struct import *in, struct err *err)
{
    struct result result;
    int rc = 0;

    for (size_t row = 0; !rc && row < csv_rows(in->csv); row++) {
        rc = result_make(in, row, &result, err);
        result_free(&result);
    }
    return rc;
}

static int row_append(const struct import *in, size_t row,
                      struct journal *journal, struct err *err)
{
    struct buf bytes = { 0 };
    struct result result;
    int rc = result_make(in, row, &result, err);

    if (!rc)
        rc = result_encode(&result, &bytes, err);
    if (!rc)
        rc = journal_append(journal,
                            &(struct journal_record){ .type = JOURNAL_RESULT,
                                                      .status = STATUS_OK,
                                                      .attempt = 1,
                                                      .row = in->cells[row],
                                                      .payload = bytes.data,
                                                      .len = bytes.len },
                            err);
    buf_free(&bytes);
    result_free(&result);
    return rc;
}

/* What the campaign says of where it is from. */
static int origin_make(const struct import *in, const char *csv_path,
                       const struct buf *content, struct buf *out,
                       struct err *err)
{
    struct json_value *all = json_new_object();
    char hex[HASH_HEX];
    int rc;

    hash_bytes(content->data, content->len, hex);
    json_set_string(all, "provenance", "published");
    json_set_string(all, "imported_file", fs_basename(csv_path));
    json_set_string(all, "imported_sha256", hex);
    import_said_put(all, "source", in->settings->source);
    rc = json_print(all, false, out, err);
    json_value_destroy(all);
    return rc;
}

static int journal_write(const struct import *in, const char *csv_path,
                         const struct buf *content, const char *dir,
                         struct err *err)
{
    struct documents documents = { in->texts, in->experiment, in->inventory };
    struct buf json = { 0 }, origin = { 0 };
    struct journal *journal = NULL;
    int rc = documents_to_json(&documents, &json, err);

    if (!rc)
        rc = origin_make(in, csv_path, content, &origin, err);
    if (!rc)
        rc = campaign_begin(dir, in->plan, buf_text(&json), json.len,
                            buf_text(&origin), &journal, err);
    for (size_t row = 0; !rc && row < csv_rows(in->csv); row++)
        rc = row_append(in, row, journal, err);
    if (rc)
        journal_close(journal, false, NULL);
    else
        rc = journal_close(journal, true, err);
    buf_free(&json);
    buf_free(&origin);
    return rc;
}

static void import_free(struct import *in)
{
    plan_destroy(in->plan);
    experiment_destroy(in->experiment);
    inventory_destroy(in->inventory);
    texts_destroy(in->texts);
    csv_destroy(in->csv);
    free(in->columns);
    free(in->cells);
    free(in->repeats);
}

int import_csv(const char *csv_path, const struct import_settings *settings,
               const char *dir, size_t *ret_rows, struct err *err)
{
    struct import in = { .settings = settings, .texts = texts_create() };
    struct buf content = { 0 };
    int rc = fs_read_file(csv_path, CSV_BYTES_MAX, &content, err);

    if (!rc && !in.texts)
        rc = err_set(err, ERR_NOMEM, "no memory to import '%s'", csv_path);
    if (!rc)
        rc = csv_parse(content.data, content.len, csv_path, &in.csv, err);
    if (!rc)
        rc = import_columns_find(&in, csv_path, err);
    if (!rc)
        rc = inventory_load(in.texts, settings->inventory, &in.inventory, err);
    if (!rc)
        rc = import_repeats_count(&in, err);
    if (!rc)
        rc = import_experiment_make(&in, err);
    if (!rc)
        rc = plan_create(in.experiment, in.inventory, &in.plan, err);
    if (!rc)
        rc = import_cells_find(&in, err);
    if (!rc)
        rc = rows_check(&in, err);
    if (!rc)
        rc = journal_write(&in, csv_path, &content, dir, err);
    if (!rc && ret_rows)
        *ret_rows = csv_rows(in.csv);
    import_free(&in);
    buf_free(&content);
    return rc;
}
