/* import_csv.c - published measurements as a campaign of their own */
#include "orchestrator/archive/import_csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/vec.h"
#include "hdf5_schema/table.h"
#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/csv.h"
#include "orchestrator/archive/import_columns.h"
#include "orchestrator/sched/plan.h"
#include "orchestrator/wire/result.h"

#define IMPORTED_AXES 6
#define AGAIN         "observation" /* axis of points that stand there twice */

/* The axes a published row may name, and where they stand in the file. */
static const char *const axis_names[IMPORTED_AXES] = {
    "topology",  "platform",           "op_mode",
    "precision", "pruning_factor_pct", "batch"
};

struct import {
    const struct import_settings *settings;
    struct csv *csv;
    const struct import_column **columns; /* one a field */
    struct texts *texts;
    struct inventory *inventory;
    struct experiment *experiment;
    struct plan *plan;
    size_t *cells;     /* of each row */
    uint32_t *repeats; /* how often its op point stood there, up to it */
};

static int columns_find_all(struct import *in, const char *path,
                            struct err *err)
{
    size_t count = csv_columns(in->csv);

    in->columns = calloc(count, sizeof(struct import_column *));
    if (!in->columns)
        return err_set(err, ERR_NOMEM, "no memory to import '%s'", path);
    for (size_t i = 0; i < count; i++) {
        const char *name = csv_header(in->csv, i);

        in->columns[i] = import_column_find(name);
        if (!in->columns[i])
            return err_set(err, ERR_FORMAT, "%s: unknown column '%.60s'", path,
                           name);
        for (size_t k = 0; k < i; k++)
            if (*in->columns[i]->column &&
                !strcmp(in->columns[k]->column, in->columns[i]->column))
                return err_set(err, ERR_FORMAT,
                               "%s: columns '%s' and '%.60s' are the same",
                               path, csv_header(in->csv, k), name);
    }
    return 0;
}

/* The field of one of our axes in a row; "" if the file has none. */
static const char *axis_field(const struct import *in, size_t row,
                              const char *axis, size_t *ret_column)
{
    *ret_column = 0;
    for (size_t i = 0; i < csv_columns(in->csv); i++)
        if (in->columns[i]->target == IMPORT_AXIS &&
            !strcmp(in->columns[i]->column, axis)) {
            *ret_column = i;
            return csv_field(in->csv, row, i);
        }
    return "";
}

/* Op modes as published, where they are not ours. */
static const char *mode_word(const char *mode)
{
    static const char *const words[][2] = { { "fast clk", "fast" },
                                            { "slow clk", "slow" } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(words[i][0], mode))
            return words[i][1];
    return mode;
}

/* "TX2-maxn" or "TX2 - maxn", a platform and its op mode in one; NULL if it
 * is none. */
static const struct platform *
platform_split(const struct import *in, const char *name, const char **ret_mode)
{
    const char *dash = strrchr(name, '-');
    char front[128] = "";
    size_t len = dash ? (size_t)(dash - name) : 0;

    while (len && name[len - 1] == ' ')
        len--;
    if (!len || len >= sizeof(front))
        return NULL;
    memcpy(front, name, len);
    *ret_mode = mode_word(dash + 1 + strspn(dash + 1, " "));
    return inventory_platform(in->inventory, front);
}

/* A platform by its name or alias, perhaps with its op mode behind. */
static int platform_put(const struct import *in, size_t row,
                        struct json_value *point, struct err *err)
{
    size_t column, mode_column;
    const char *name = axis_field(in, row, "platform", &column);
    const char *mode = axis_field(in, row, "op_mode", &mode_column);
    const struct platform *platform = inventory_platform(in->inventory, name);
    const char *said = mode;

    if (!platform)
        platform = platform_split(in, name, &said);
    if (platform && *mode && strcmp(mode, said) != 0)
        return csv_fail(in->csv, row, mode_column, err,
                        "found '%.40s', the platform says '%.40s'", mode, said);
    mode = said;
    if (!platform)
        return csv_fail(in->csv, row, column, err,
                        "unknown platform '%.60s' (the inventory lists them)",
                        name);
    if (*mode && !platform_mode(platform, mode))
        return csv_fail(in->csv, row, mode_column, err,
                        "platform %s has no op mode '%.40s'", platform->name,
                        mode);
    json_set_string(point, "platform", platform->name);
    if (*mode)
        json_set_string(point, "op_mode", mode);
    return 0;
}

/* A number, perhaps with a percent sign. */
static bool number_read(const char *field, bool percent, double *ret_value)
{
    size_t len = strlen(field);
    char text[64];

    if (len >= sizeof(text))
        return false;
    memcpy(text, field, len + 1);
    if (percent && len && text[len - 1] == '%')
        text[len - 1] = 0;
    return text_to_f64(text, ret_value);
}

static int axis_put(const struct import *in, size_t row, const char *axis,
                    struct json_value *point, struct err *err)
{
    bool pruning = !strcmp(axis, "pruning_factor_pct");
    size_t column;
    const char *field = axis_field(in, row, axis, &column);
    double value;

    if (!*field)
        return 0; /* the axis stays at its default */
    if (!pruning && strcmp(axis, "batch") != 0) {
        json_set_string(point, axis, field);
        return 0;
    }
    if (!number_read(field, pruning, &value))
        return csv_fail(in->csv, row, column, err,
                        "found '%.40s', expected a number", field);
    if (!pruning && !(value >= 1 && value <= 1e9))
        return csv_fail(in->csv, row, column, err,
                        "found %.40s, expected 1 to 1e9", field);
    if (pruning)
        json_set_f64(point, axis, value);
    else
        json_set_i64(point, axis, (int64_t)value);
    return 0;
}

/* A row's op point as a member of "include". */
static int point_make(const struct import *in, size_t row,
                      struct json_value **ret_point, struct err *err)
{
    struct json_value *point = json_new_object();
    int rc = platform_put(in, row, point, err);

    json_set_string(point, "dataset", in->settings->dataset);
    for (size_t i = 0; !rc && i < IMPORTED_AXES; i++)
        if (strcmp(axis_names[i], "platform") != 0 &&
            strcmp(axis_names[i], "op_mode") != 0)
            rc = axis_put(in, row, axis_names[i], point, err);
    if (!rc && in->repeats[row] > 1)
        json_set_i64(point, AGAIN, in->repeats[row]);
    if (rc)
        json_value_destroy(point);
    else
        *ret_point = point;
    return rc;
}

/* An op point that stands there again is one more observation, told apart by
 * an axis of its own. */
static int repeats_count(struct import *in, struct err *err)
{
    size_t rows = csv_rows(in->csv);
    struct table *points = table_create(0);
    struct table_column *seen =
        points ? table_add(points, "point", COLUMN_TEXT, "", "") : NULL;
    uint32_t *counts = calloc(rows + 1, sizeof(*counts));
    int rc = 0;

    in->repeats = calloc(rows + 1, sizeof(*in->repeats));
    if (!seen || !counts || !in->repeats)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
    for (size_t row = 0; !rc && row < rows; row++) {
        struct json_value *point;
        struct buf text = { 0 };
        int64_t code;

        rc = point_make(in, row, &point, err);
        if (rc)
            break;
        rc = json_print(point, false, &text, err);
        json_value_destroy(point);
        code = rc ? -1 : table_label(seen, buf_text(&text));
        buf_free(&text);
        if (!rc && code < 0)
            rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
        if (!rc)
            in->repeats[row] = ++counts[code];
    }
    table_destroy(points);
    free(counts);
    return rc;
}

/* Every topology that a row names; the one with a file knows its layers. */
static int topologies_put(const struct import *in, struct json_value *all,
                          struct err *err)
{
    struct json_value *names = json_new_object();
    struct json_doc *doc = NULL;
    const char *named = "", *last = "";
    struct json root, at;
    size_t column;
    int rc = 0;

    if (in->settings->topology)
        rc = json_doc_read(in->settings->topology, &doc, err);
    if (!rc && doc) {
        root = json_root(doc);
        at = json_get(&root, "topology");
        rc = json_string(&at, &named, err);
    }
    for (size_t row = 0; !rc && row < csv_rows(in->csv); row++) {
        const char *name = axis_field(in, row, "topology", &column);

        if (!*name || !strcmp(name, last))
            continue;
        last = name;
        if (doc && !strcmp(name, named))
            json_set(names, name, json_copy(&root));
        else
            json_set_null(names, name); /* no layers known: no counts */
    }
    json_set(all, "topologies", names);
    json_doc_destroy(doc);
    return rc;
}

static void said_put(struct json_value *object, const char *key,
                     const char *text)
{
    if (text)
        json_set_string(object, key, text);
}

static bool again_in(const struct import *in)
{
    size_t row = 0;

    while (row < csv_rows(in->csv) && in->repeats[row] == 1)
        row++;
    return row < csv_rows(in->csv);
}

static struct json_value *again_axis(void)
{
    struct json_value *axes = json_new_array(), *axis = json_new_object();

    json_set_string(axis, "name", AGAIN);
    json_set_string(axis, "type", "integer");
    json_set_string(axis, "help", "2 for a row whose op point stood before");
    json_push(axes, axis);
    return axes;
}

static int experiment_make(struct import *in, struct err *err)
{
    struct json_value *all = json_new_object(), *points = json_new_array();
    struct json_value *datasets = json_new_object(), *point;
    struct buf text = { 0 };
    int rc = 0;

    json_set_string(all, "experiment", "published");
    said_put(all, "title", in->settings->title);
    said_put(all, "licence", in->settings->licence);
    said_put(all, "help", in->settings->source);
    json_set(datasets, in->settings->dataset, json_new_object());
    json_set(all, "datasets", datasets);
    rc = topologies_put(in, all, err);
    for (size_t row = 0; !rc && row < csv_rows(in->csv); row++) {
        rc = point_make(in, row, &point, err);
        if (!rc)
            json_push(points, point);
    }
    if (!rc && again_in(in))
        json_set(all, "axes", again_axis());
    json_set(all, "include", points);
    if (!rc)
        rc = json_print(all, false, &text, err);
    if (!rc)
        rc = texts_add(in->texts, "experiment", "published.json", "/",
                       buf_text(&text), text.len, err);
    json_value_destroy(all);
    buf_free(&text);
    return rc ? rc : experiment_load(in->texts, NULL, &in->experiment, err);
}

/* The row's cell: the plan keeps the order, but says it by itself. */
static int cell_find(const struct import *in, size_t row, size_t *ret_cell,
                     struct err *err)
{
    struct op_point point = { 0 };
    const struct axis *axes = in->experiment->axes;
    struct json_value *made;
    struct json_doc *doc;
    struct buf text = { 0 };
    struct json root;
    uint64_t id;
    int rc = point_make(in, row, &made, err);

    if (rc)
        return rc;
    rc = json_print(made, false, &text, err);
    json_value_destroy(made);
    if (!rc)
        rc = json_doc_parse(buf_text(&text), text.len, "row", &doc, err);
    buf_free(&text);
    if (rc)
        return rc;
    root = json_root(doc);
    for (size_t i = 0; !rc && i < in->experiment->axes_len; i++) {
        struct json at = json_get(&root, axes[i].name);

        point.at[i] = axes[i].dflt;
        if (json_there(&at))
            rc = axis_read_value(&axes[i], &at, &point.at[i], err);
    }
    json_doc_destroy(doc);
    if (rc)
        return rc;
    id = op_point_id(axes, in->experiment->axes_len, &point);
    if (!plan_find(in->plan, id, ret_cell))
        return csv_fail(in->csv, row, 0, err, "its op point is not planned");
    return 0;
}

static int cells_find(struct import *in, struct err *err)
{
    size_t rows = csv_rows(in->csv);
    int rc = 0;

    in->cells = calloc(rows + 1, sizeof(*in->cells));
    if (!in->cells)
        rc = err_set(err, ERR_NOMEM, "no memory for %zu rows", rows);
    for (size_t row = 0; !rc && row < rows; row++)
        rc = cell_find(in, row, &in->cells[row], err);
    return rc;
}

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
    if (!number_read(field, false, &value))
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
    said_put(all, "source", in->settings->source);
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
        rc = columns_find_all(&in, csv_path, err);
    if (!rc)
        rc = inventory_load(in.texts, settings->inventory, &in.inventory, err);
    if (!rc)
        rc = repeats_count(&in, err);
    if (!rc)
        rc = experiment_make(&in, err);
    if (!rc)
        rc = plan_create(in.experiment, in.inventory, &in.plan, err);
    if (!rc)
        rc = cells_find(&in, err);
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
