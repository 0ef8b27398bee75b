/* adapter_accuracy.c - made once, taken over, or declared */
#include "workers/adapter_accuracy.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "experiments/declared.h"
#include "inventory/choice.h"
#include "workers/adapter_jobs.h"
#include "workers/collect/collect.h"

static const struct adapter *adapter_of(const struct lane_board *b)
{
    return b->setup->board->adapter;
}

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for an accuracy");
}

/* ---- what it depends on */

/* A digest of all that would make it another one.  A staged file's path on the
 * board holds its hash. */
static int key_of(const struct lane_board *b, const struct scope *scope,
                  char key[HASH_HEX], struct err *err)
{
    const struct adapter *adapter = adapter_of(b);
    const struct adapter_accuracy *a = &adapter->accuracy;
    const char *mode = scope_find(scope, "op_mode");
    struct buf text = { 0 };
    int rc = json_print_at(&a->entry, &text, err);

    buf_printf(&text, "\n%s\n%s\n%s\n%s\n", lane_identity(b), b->tool_version,
               mode ? mode : "", b->mode_granted);
    for (size_t i = 0; i < adapter->stage_len; i++) {
        const struct adapter_stage *stage = &adapter->stage[i];
        const char *path = scope_allows(scope, stage->only_if)
                               ? scope_find(scope, stage->name)
                               : NULL;

        buf_printf(&text, "%s=%s\n", stage->name, path ? path : "");
    }
    for (size_t i = 0; i < a->key_len; i++) {
        const char *value = scope_find(scope, a->key[i]);

        buf_printf(&text, "%s=%s\n", a->key[i], value ? value : "");
    }
    if (!rc && buf_failed(&text))
        rc = no_memory(err);
    hash_bytes(text.data, text.len, key);
    buf_free(&text);
    return rc;
}

/* ---- joined */

static void copy_column(const struct column *c, const struct attempt_row *from,
                        struct attempt_row *to)
{
    if (columns_missing(c, from))
        return;
    if (c->type == COLUMN_F64)
        columns_set_f64(c, to, columns_f64(c, from));
    else if (c->type == COLUMN_TEXT)
        columns_set_text(c, to, columns_text(c, from));
    else
        columns_set_i64(c, to, columns_i64(c, from));
}

/* Copy what belongs to an accuracy: what the adapter collects, and where it
 * is from. */
static void join_row(const struct adapter_accuracy *a,
                     const struct attempt_row *from, struct attempt_row *to)
{
    static const char *const own[] = { "accuracy_source", "accuracy_key",
                                       "accuracy_cell", "accuracy_attempt",
                                       "accuracy_reference" };

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        copy_column(columns_find(&columns_attempts, own[i]), from, to);
    for (size_t i = 0; i < a->collect_len; i++) {
        const char *name = a->collect[i].column;
        const struct column *c =
            name ? columns_find(&columns_attempts, name) : NULL;

        if (c)
            copy_column(c, from, to);
    }
}

/* ---- made */

/* Keep the class of every image, where the adapter says how it is told. */
static int keep_predictions(const struct adapter_accuracy *a,
                            const struct job_outputs *o, struct result *result,
                            struct err *err)
{
    const struct buf *text = o->len ? &o->runs[o->len - 1].text[0] : NULL;
    char *classes;
    int rc;

    if (!a->predictions || !text)
        return 0;
    classes = malloc(text->len + 1);
    if (!classes)
        return err_set(err, ERR_NOMEM, "no memory for predictions");
    rc = collect_first(a->predictions, text->data, text->len, classes,
                       text->len + 1, err);
    if (!rc)
        rc = result_add_raw(result, a->job.name, "predictions", classes,
                            strlen(classes), strlen(classes), err);
    free(classes);
    return rc;
}

static int run(struct lane_board *b, struct scope *scope,
               struct attempt_row *row, struct result *result, struct err *err)
{
    const struct adapter_accuracy *a = &adapter_of(b)->accuracy;
    struct template_names names = scope_names(scope);
    struct job_outputs outputs = { 0 };
    int rc = adapter_job_run(b, scope, &a->job, &outputs, NULL, err);

    if (!rc)
        rc = collector_read(b->collector, COLLECT_ACCURACY, outputs.at,
                            outputs.len, &names, row, err);
    if (!rc)
        rc = keep_predictions(a, &outputs, result, err);
    if (rc) {
        err_prefix(err, "accuracy");
        job_outputs_keep_raw(&outputs, result);
    }
    job_outputs_free(&outputs);
    return rc;
}

static int make(struct lane_board *b, struct scope *scope, const char *key,
                struct result *result, struct err *err)
{
    const struct adapter_accuracy *a = &adapter_of(b)->accuracy;
    struct attempt_row *row = calloc(1, sizeof(*row));
    struct made_once made = { strdup(key), row };
    int rc = made.key && row ? 0 : no_memory(err);

    if (!rc) {
        columns_clear(&columns_attempts, row);
        rc = run(b, scope, row, result, err);
    }
    if (!rc) {
        row->accuracy_source = columns_flag_value(
            "accuracy_source", a->source ? a->source : "on_board");
        row->accuracy_cell = result->attempt.cell;
        row->accuracy_attempt = result->attempt.attempt;
        column_text_set(&row->accuracy_key, key);
        if (a->reference)
            column_text_set(&row->accuracy_reference, a->reference);
        if (!VEC_PUSH(&b->accuracies, made))
            rc = no_memory(err);
    }
    if (rc) {
        free(made.key);
        free(row);
    }
    return rc;
}

/* What the lane made, else what the campaign knew. */
static const struct attempt_row *find(const struct lane_board *b,
                                      const char *key)
{
    const struct known_facts *known = b->setup->known;

    for (size_t i = 0; i < b->accuracies.len; i++)
        if (!strcmp(b->accuracies.at[i].key, key))
            return b->accuracies.at[i].row;
    for (size_t i = 0; known && i < known->accuracies.len; i++)
        if (!strcmp(known->accuracies.at[i].accuracy_key.s, key))
            return &known->accuracies.at[i];
    return NULL;
}

static int made_or_known(struct lane_board *b, struct scope *scope,
                         struct result *result, struct err *err)
{
    const struct attempt_row *row;
    char key[HASH_HEX];
    int rc = key_of(b, scope, key, err);

    row = rc ? NULL : find(b, key);
    if (!rc && !row) {
        rc = make(b, scope, key, result, err);
        row = rc ? NULL : find(b, key);
    }
    if (row)
        join_row(&adapter_of(b)->accuracy, row, &result->attempt);
    return rc;
}

/* ---- declared */

/* The first entry of the list that the point is among. */
static int find_declared(const struct experiment *e, const struct json *list,
                         const struct op_point *point,
                         struct declared_accuracy *ret_declared, bool *found,
                         struct err *err)
{
    size_t i = 0;
    int rc = 0;

    for (struct json at = json_first(list); !rc && !*found && json_there(&at);
         at = json_next(list, &at, ++i)) {
        struct json where = json_get(&at, "where");
        struct choice *choice = NULL;

        if (json_there(&where))
            rc = choice_read(e->axes, e->axes_len, &where, &choice, err);
        if (!rc && (!choice || choice_matches(choice, point, true))) {
            rc = declared_read(&at, ret_declared, err);
            *found = !rc;
        }
        choice_destroy(choice);
    }
    return rc;
}

static int declare(const struct lane_board *b, const struct op_point *point,
                   struct attempt_row *row, struct err *err)
{
    const struct experiment *e = b->setup->experiment;
    const struct json *lists[] = { &b->setup->board->accuracy,
                                   &adapter_of(b)->declared, &e->accuracy };
    struct declared_accuracy declared;
    bool found = false;
    int rc = 0;

    for (size_t i = 0; !rc && !found && i < ARRAY_LEN(lists); i++)
        if (json_there(lists[i]))
            rc = find_declared(e, lists[i], point, &declared, &found, err);
    if (!found)
        return rc;
    row->top1_pct = declared.top1_pct;
    row->top5_pct = declared.top5_pct;
    row->accuracy_source = ACCURACY_DECLARED;
    column_text_set(&row->accuracy_reference, declared.source);
    return 0;
}

int adapter_accuracy(struct lane_board *b, struct scope *scope,
                     const struct op_point *point, struct result *result,
                     struct err *err)
{
    const struct adapter_accuracy *a = &adapter_of(b)->accuracy;

    if (a->there && scope_allows(scope, a->only_if))
        return made_or_known(b, scope, result, err);
    return declare(b, point, &result->attempt, err);
}
