/* scope.c - a list of names and values, filled for one cell */
#include "inventory/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "core/vec.h"
#include "experiments/precision.h"

struct scope_entry {
    char *name, *value;
    bool is_number;
};

struct scope {
    VEC(struct scope_entry) entries;
};

struct scope *scope_create(void)
{
    return calloc(1, sizeof(struct scope));
}

void scope_destroy(struct scope *scope)
{
    if (!scope)
        return;
    for (size_t i = 0; i < scope->entries.len; i++) {
        free(scope->entries.at[i].name);
        free(scope->entries.at[i].value);
    }
    VEC_FREE(&scope->entries);
    free(scope);
}

static struct scope_entry *entry_find(const struct scope *scope,
                                      const char *name)
{
    for (size_t i = 0; i < scope->entries.len; i++)
        if (!strcmp(scope->entries.at[i].name, name))
            return &scope->entries.at[i];
    return NULL;
}

static int set(struct scope *scope, const char *name, const char *value,
               bool is_number, struct err *err)
{
    struct scope_entry *found = entry_find(scope, name);
    struct scope_entry entry = { .value = strdup(value),
                                 .is_number = is_number };

    if (found && entry.value) {
        free(found->value);
        found->value = entry.value;
        found->is_number = is_number;
        return 0;
    }
    entry.name = strdup(name);
    if (entry.name && entry.value && VEC_PUSH(&scope->entries, entry))
        return 0;
    free(entry.name);
    free(entry.value);
    return err_set(err, ERR_NOMEM, "no memory for the name '%s'", name);
}

int scope_set(struct scope *scope, const char *name, const char *value,
              struct err *err)
{
    return set(scope, name, value, false, err);
}

int scope_set_number(struct scope *scope, const char *name, double value,
                     struct err *err)
{
    static const struct axis number = { .name = "",
                                        .type = AXIS_F64,
                                        .declared = true };
    struct op_value as_value = { .there = true, .f64 = value };
    struct buf text = { 0 };
    int rc;

    axis_put_value(&number, &as_value, &text);
    rc = set(scope, name, buf_text(&text), true, err);
    buf_free(&text);
    return rc;
}

const char *scope_find(const struct scope *scope, const char *name)
{
    const struct scope_entry *entry = entry_find(scope, name);

    return entry ? entry->value : NULL;
}

bool scope_allows(const struct scope *scope, const char *only_if)
{
    return !only_if || scope_find(scope, only_if);
}

static const char *names_find(const void *ctx, const char *name)
{
    return scope_find(ctx, name);
}

static const char *names_at(const void *ctx, size_t i)
{
    const struct scope *scope = ctx;

    return i < scope->entries.len ? scope->entries.at[i].name : NULL;
}

struct template_names scope_names(const struct scope *scope)
{
    return (struct template_names){ names_find, names_at, scope };
}

/* "GROUP.NAME"; both are short by the forms of the files. */
static int set_in(struct scope *scope, const char *group, const char *name,
                  const char *value, bool is_number, struct err *err)
{
    char full[128];

    snprintf(full, sizeof(full), "%s.%s", group, name);
    return set(scope, full, value, is_number, err);
}

static int fill_measure(struct scope *scope, const struct measure *measure,
                        struct err *err)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {
        { "measure.warmup_s", measure->warmup_s },
        { "measure.min_time_s", measure->min_time_s },
        { "measure.max_time_s", measure->max_time_s },
        { "measure.min_batches", (double)measure->min_batches },
        { "measure.total_limit_s", measure->total_limit_s },
        { "measure.silence_limit_s", measure->silence_limit_s },
    };
    int rc = 0;

    for (size_t i = 0; !rc && i < ARRAY_LEN(rows); i++)
        rc = scope_set_number(scope, rows[i].name, rows[i].value, err);
    return rc;
}

static int fill_parameters(struct scope *scope, const char *group,
                           const struct board_parameter *list, size_t len,
                           struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < len; i++) {
        rc = set_in(scope, group, list[i].name, list[i].value,
                    list[i].is_number, err);
        if (!rc)
            rc =
                set(scope, list[i].name, list[i].value, list[i].is_number, err);
    }
    return rc;
}

static int fill_board(struct scope *scope, const struct board *board,
                      struct err *err)
{
    int rc = scope_set(scope, "board", board->name, err);

    if (!rc)
        rc = scope_set(scope, "host", board->host ? board->host : "", err);
    if (!rc)
        rc = scope_set(scope, "number", board->number, err);
    if (!rc)
        rc = scope_set(scope, "stage_dir", board->stage_dir, err);
    if (!rc && board->adapter)
        rc = scope_set(scope, "adapter_dir", board->adapter->base_dir, err);
    return rc;
}

static int fill_maps(struct scope *scope, const struct adapter *adapter,
                     const char *axis, const char *value, struct err *err)
{
    const struct adapter_value_map *map = adapter_map(adapter, axis);
    const struct adapter_value *found = map ? adapter_value(map, value) : NULL;
    int rc = 0;

    for (size_t i = 0; found && !rc && i < found->names_len; i++)
        rc = scope_set(scope, found->names[i].name, found->names[i].text, err);
    return rc;
}

static int fill_axes(struct scope *scope, const struct experiment *e,
                     const struct board *board, const struct op_point *point,
                     struct err *err)
{
    struct buf text = { 0 };
    int rc = 0;

    for (size_t i = 0; !rc && i < e->axes_len; i++) {
        const struct axis *axis = &e->axes[i];
        const struct op_value *value =
            point->at[i].there ? &point->at[i] : &axis->dflt;

        if (!value->there)
            continue;
        buf_clear(&text);
        axis_put_value(axis, value, &text);
        rc = set(scope, axis->name, buf_text(&text), axis->type != AXIS_TEXT,
                 err);
        if (!rc && board->adapter)
            rc = fill_maps(scope, board->adapter, axis->name, buf_text(&text),
                           err);
    }
    buf_free(&text);
    return rc;
}

static int fill_mode(struct scope *scope, const struct board *board,
                     const char *op_mode, struct err *err)
{
    const struct board_mode *mode = board_mode(board, op_mode);
    int rc = scope_set(scope, "mode.name", op_mode, err);

    if (!rc && mode)
        rc = fill_parameters(scope, "mode", mode->parameters,
                             mode->parameters_len, err);
    return rc;
}

static int fill_point(struct scope *scope, const struct experiment *e,
                      const struct board *board, const struct op_point *point,
                      struct err *err)
{
    const char *word;
    const struct data_set *dataset;
    struct precision precision;
    int rc = fill_axes(scope, e, board, point, err);

    word = op_point_text(e->axes, e->axes_len, point, "dataset");
    dataset = experiment_dataset(e, word);
    for (size_t i = 0; !rc && dataset && i < dataset->files_len; i++)
        rc = set_in(scope, "dataset", dataset->files[i].name,
                    dataset->files[i].path, false, err);
    word = op_point_text(e->axes, e->axes_len, point, "precision");
    if (rc || precision_parse(word, &precision, NULL))
        return rc;
    rc = scope_set_number(scope, "weight_bits", precision.weight_bits, err);
    return rc ? rc
              : scope_set_number(scope, "activation_bits",
                                 precision.activation_bits, err);
}

/* Parameters first: a bare name of theirs gives way to anything else. */
int scope_fill(struct scope *scope, const struct experiment *experiment,
               const struct board *board, const struct op_point *point,
               const char *bin_dir, const char *project_dir, struct err *err)
{
    const char *op_mode = "";
    int rc = fill_parameters(scope, "param", board->parameters,
                             board->parameters_len, err);

    if (point)
        op_mode = op_point_text(experiment->axes, experiment->axes_len, point,
                                "op_mode");
    if (!rc && point)
        rc = fill_mode(scope, board, *op_mode ? op_mode : "default", err);
    if (!rc)
        rc = scope_set(scope, "bin_dir", bin_dir, err);
    if (!rc)
        rc = scope_set(scope, "project_dir", project_dir, err);
    if (!rc)
        rc = fill_measure(scope, &experiment->measure, err);
    if (!rc)
        rc = fill_board(scope, board, err);
    if (!rc && point)
        rc = fill_point(scope, experiment, board, point, err);
    return rc;
}

int scope_fill_counts(struct scope *scope, const struct experiment *experiment,
                      const struct op_point *point,
                      struct topology_counts *ret_counts, struct err *err)
{
    const struct topology *t = experiment_topology(
        experiment, op_point_text(experiment->axes, experiment->axes_len, point,
                                  "topology"));
    const struct op_value *pruning = op_point_find(
        experiment->axes, experiment->axes_len, point, "pruning_factor_pct");
    int rc;

    *ret_counts = (struct topology_counts){ 0 };
    if (!t || topology_count(t, pruning && pruning->there ? pruning->f64 : 100,
                             ret_counts, NULL))
        return 0;
    rc = scope_set_number(scope, "ops_image", (double)ret_counts->ops_image,
                          err);
    return rc ? rc
              : scope_set_number(scope, "params", (double)ret_counts->params,
                                 err);
}

int scope_expand(const struct scope *scope, const char *text,
                 enum template_quote quote, struct buf *out, struct err *err)
{
    struct template_names names = scope_names(scope);

    return template_expand(text, quote, &names, out, err);
}

int scope_stage_file(const struct scope *scope, const struct adapter *adapter,
                     const struct adapter_stage *stage, struct buf *out,
                     struct err *err)
{
    struct buf path = { 0 };
    char full[FS_PATH_MAX];
    int rc = scope_expand(scope, stage->file, TEMPLATE_RAW, &path, err);

    if (rc)
        err_prefix(err, "%s: stage '%s'", adapter->file, stage->name);
    else if (!fs_join(full, sizeof(full), adapter->base_dir, buf_text(&path)))
        rc = err_set(err, ERR_FORMAT, "%s: stage '%s': path is too long",
                     adapter->file, stage->name);
    else
        buf_put(out, full, strlen(full));
    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for a path");
    buf_free(&path);
    return rc;
}

/* ---- requests */

static bool is_number(const struct scope *scope, const char *name)
{
    const struct scope_entry *entry = entry_find(scope, name);
    double value;

    return entry && entry->is_number && text_to_f64(entry->value, &value);
}

/* Append 'text' as a JSON string. */
static void put_string(struct buf *out, const char *text)
{
    buf_put_u8(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_printf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            buf_put_u8(out, (uint8_t)*text);
    }
    buf_put_u8(out, '"');
}

static int put_template(const struct scope *scope, const struct json *at,
                        struct buf *out, struct err *err)
{
    struct buf filled = { 0 };
    const char *text = "";
    char name[64];
    int rc = json_string(at, &text, err);

    if (!rc)
        rc = scope_expand(scope, text, TEMPLATE_RAW, &filled, err);
    if (rc)
        err_prefix(err, "request: %s", at->path);
    else if (template_is_name(text, name) && is_number(scope, name))
        buf_put(out, filled.data, filled.len);
    else
        put_string(out, buf_text(&filled));
    buf_free(&filled);
    return rc;
}

static int put_value(const struct scope *scope, const struct json *at,
                     struct buf *out, struct err *err)
{
    bool object = json_kind(at) == JSON_OBJECT;
    size_t i = 0;
    int rc = 0;

    if (json_kind(at) == JSON_STRING)
        return put_template(scope, at, out, err);
    if (!object && json_kind(at) != JSON_ARRAY)
        return json_print_at(at, out, err);
    buf_put_u8(out, object ? '{' : '[');
    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        if (i)
            buf_put_u8(out, ',');
        if (object) {
            put_string(out, json_key(&e));
            buf_put_u8(out, ':');
        }
        rc = put_value(scope, &e, out, err);
    }
    buf_put_u8(out, object ? '}' : ']');
    return rc;
}

int scope_request(const struct scope *scope, const struct json *request,
                  struct buf *out, struct err *err)
{
    int rc = put_value(scope, request, out, err);

    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for a request");
    return rc;
}
