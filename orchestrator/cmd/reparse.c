/* reparse.c - raw output through a collector, as a lane does it */
#include "orchestrator/cmd/reparse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "inventory/scope.h"
#include "workers/collect/clean.h"
#include "workers/collect/collect.h"
#include "workers/collect/rates.h"
#include "workers/latencies.h"

bool reparse_same_deeds(const struct adapter *before,
                        const struct adapter *after, const char **ret_part)
{
    static const char *const parts[] = { "tool_version", "values",  "stage",
                                         "build",        "facts",   "op_mode",
                                         "serve",        "program", "jobs" };
    bool same = true;

    for (size_t i = 0; same && i < ARRAY_LEN(parts); i++) {
        struct json roots[2] = { json_root(before->doc),
                                 json_root(after->doc) };
        struct buf text[2] = { { 0 } };

        for (size_t k = 0; k < 2; k++) {
            struct json part = json_get(&roots[k], parts[i]);

            if (json_there(&part))
                json_print_at(&part, &text[k], NULL);
        }
        same = !strcmp(buf_text(&text[0]), buf_text(&text[1]));
        *ret_part = parts[i];
        buf_free(&text[0]);
        buf_free(&text[1]);
    }
    return same;
}

/* ---- outputs */

struct outputs {
    VEC(struct collect_output) at;
    VEC(struct buf) clean;
};

static void outputs_free(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->clean.len; i++)
        buf_free(&outputs->clean.at[i]);
    VEC_FREE(&outputs->clean);
    VEC_FREE(&outputs->at);
}

/* Raw output comes run by run, standard output before standard error. */
static int outputs_add(struct outputs *outputs, const struct raw_output *raw,
                       struct err *err)
{
    size_t n = outputs->at.len;
    struct collect_output *last = n ? &outputs->at.at[n - 1] : NULL;
    size_t stream = strcmp(raw->stream, "stderr") ? 0 : 1;
    struct collect_output run = { .job = raw->job, .text = { "", "" } };
    struct buf clean = { 0 };

    if ((!last || strcmp(last->job, raw->job) != 0 || !stream ||
         last->len[1]) &&
        !VEC_PUSH(&outputs->at, run))
        return err_set(err, ERR_NOMEM, "no memory for kept output");
    collect_clean(&clean, raw->text, raw->len);
    buf_text(&clean);
    if (buf_failed(&clean) || !VEC_PUSH(&outputs->clean, clean)) {
        buf_free(&clean);
        return err_set(err, ERR_NOMEM, "no memory for kept output");
    }
    last = &outputs->at.at[outputs->at.len - 1];
    last->text[stream] = buf_text(&clean);
    last->len[stream] = clean.len;
    return 0;
}

/* All that the adapter's jobs printed; false if some of it was not kept. */
static int outputs_make(const struct adapter *adapter,
                        const struct result *result, struct outputs *outputs,
                        bool *ret_whole, struct err *err)
{
    int rc = 0;

    *ret_whole = false;
    for (size_t i = 0; !rc && i < result->raw.len; i++) {
        const struct raw_output *raw = &result->raw.at[i];

        if (!adapter_job(adapter, raw->job))
            continue; /* of an accuracy that failed */
        *ret_whole = raw->full_len == raw->len;
        if (!*ret_whole)
            break;
        rc = outputs_add(outputs, raw, err);
    }
    return rc;
}

/* ---- one reading */

/* A column in the unread state. */
static void forget(const char *name, struct attempt_row *row)
{
    const struct column *column = columns_find(&columns_attempts, name);
    struct attempt_row empty;

    if (!column)
        return;
    columns_clear(&columns_attempts, &empty);
    if (column->type == COLUMN_F64)
        columns_set_f64(column, row, columns_f64(column, &empty));
    else if (column->type == COLUMN_TEXT)
        columns_set_text(column, row, columns_text(column, &empty));
    else
        columns_set_i64(column, row, columns_i64(column, &empty));
}

static void forget_read(const struct adapter *adapter, struct attempt_row *row)
{
    for (size_t i = 0; i < adapter->collect_len; i++)
        if (adapter->collect[i].column)
            forget(adapter->collect[i].column, row);
    for (size_t i = 0; i < adapter->derive_len; i++)
        forget(adapter->derive[i].column, row);
    forget("op_rate_sys_op_s", row);
    forget("op_rate_comp_op_s", row);
}

static int make_scope(const struct reparse *r, const struct board *board,
                      struct topology_counts *ret_counts,
                      struct scope **ret_scope, struct err *err)
{
    struct scope *scope = scope_create();
    int rc = scope ? scope_fill(scope, r->experiment, board, r->point,
                                r->bin_dir, r->project_dir, err)
                   : err_set(err, ERR_NOMEM, "no memory for names");

    if (!rc)
        rc = scope_fill_counts(scope, r->experiment, r->point, ret_counts, err);
    if (rc)
        scope_destroy(scope);
    else
        *ret_scope = scope;
    return rc;
}

/* What one adapter makes of the outputs: the row, its status and reason. */
static int read_row(const struct reparse *r, const struct board *board,
                    struct collector *collector, const struct outputs *outputs,
                    struct attempt_row *row, struct err *err)
{
    struct err wrong = { 0 }, later = { 0 };
    struct topology_counts counts;
    struct template_names names;
    struct scope *scope = NULL;
    struct buf clean = { 0 };
    int rc = make_scope(r, board, &counts, &scope, err), said, more;

    if (rc)
        return rc;
    names = scope_names(scope);
    said = collector_valid(collector, outputs->at.at, outputs->at.len, &wrong);
    more = collector_read(collector, COLLECT_MEASURED, outputs->at.at,
                          outputs->at.len, &names, row, &later);
    rates_fill(row, (double)counts.ops_image);
    if (!said && more) {
        said = more;
        wrong = later;
    }
    row->status = !said                 ? STATUS_OK
                  : said == ERR_REFUSED ? STATUS_INVALID
                                        : STATUS_FAILED;
    text_clean_utf8(&clean, wrong.text, said ? strlen(wrong.text) : 0);
    column_text_set(&row->reason, buf_text(&clean));
    if (said == ERR_NOMEM || buf_failed(&clean))
        rc = err_set(err, ERR_NOMEM, "no memory to read output again");
    buf_free(&clean);
    scope_destroy(scope);
    return rc;
}

/* ---- what follows from the row */

static bool is_latencies(const struct sample_block *block)
{
    return block->channel == CHANNEL_LAT_SYS ||
           block->channel == CHANNEL_LAT_COMP;
}

static void drop_latencies(struct result *result)
{
    size_t kept = 0;

    for (size_t i = 0; i < result->samples.len; i++) {
        if (is_latencies(&result->samples.at[i]))
            sample_block_free(&result->samples.at[i]);
        else
            result->samples.at[kept++] = result->samples.at[i];
    }
    result->samples.len = kept;
}

/* Energy an image is of the batches that the tool counted. */
static void share_energy(const struct reparse *r, struct result *result)
{
    const struct experiment *e = r->experiment;
    const struct op_value *batch =
        op_point_find(e->axes, e->axes_len, r->point, "batch");
    int64_t batches = result->attempt.batches;
    bool known =
        batch && batch->there && batches != COLUMN_I64_MISSING && batches > 0;

    for (size_t i = 0; i < result->power.len; i++)
        result->power.at[i].energy_image_j =
            known ? result->power.at[i].energy_j /
                        ((double)batches * (double)batch->i64)
                  : (double)NAN;
}

/* ---- two readings */

/* Columns that a reading may set, compared. */
static bool rows_equal(const struct attempt_row *a, const struct attempt_row *b)
{
    const struct column_table *t = &columns_attempts;

    for (size_t i = 0; i < t->count; i++) {
        const struct column *c = &t->columns[i];
        bool missing = columns_missing(c, a);

        if (missing != columns_missing(c, b))
            return false;
        if (missing)
            continue;
        if (c->type == COLUMN_F64 ? columns_f64(c, a) != columns_f64(c, b)
            : c->type == COLUMN_TEXT
                ? strcmp(columns_text(c, a), columns_text(c, b)) != 0
                : columns_i64(c, a) != columns_i64(c, b))
            return false;
    }
    return true;
}

/* The window of power is of the old reading's instants: where those change,
 * power would be of another time than the row says. */
static bool window_moved(const struct attempt_row *a,
                         const struct attempt_row *b)
{
    return a->window_start_unix_ns != b->window_start_unix_ns ||
           a->window_end_unix_ns != b->window_end_unix_ns;
}

static int read_again(const struct reparse *r, const struct outputs *outputs,
                      struct result *result, enum reparse_end *ret_end,
                      struct err *err)
{
    struct collector *old = NULL, *new = NULL;
    struct attempt_row before = result->attempt, after = before;
    int rc = collector_create(r->before->adapter, &old, err);

    if (!rc)
        rc = collector_create(r->after->adapter, &new, err);
    forget_read(r->before->adapter, &before);
    after = before;
    if (!rc)
        rc = read_row(r, r->before, old, outputs, &before, err);
    if (!rc)
        rc = read_row(r, r->after, new, outputs, &after, err);
    if (rc)
        goto out;
    *ret_end = rows_equal(&before, &after) ? REPARSE_SAME : REPARSE_CHANGED;
    if (before.status != result->attempt.status ||
        (window_moved(&before, &after) && result->power.len))
        *ret_end = REPARSE_NOT_READ;
    if (*ret_end != REPARSE_CHANGED)
        goto out;
    result->attempt = after;
    drop_latencies(result);
    share_energy(r, result);
    rc = latencies_add(new, outputs->at.at, outputs->at.len, result, err);
    if (rc == ERR_FORMAT) /* the row's own columns tell what is wrong */
        rc = 0;
out:
    collector_destroy(old);
    collector_destroy(new);
    return rc;
}

int reparse_result(const struct reparse *reparse, struct result *result,
                   enum reparse_end *ret_end, struct err *err)
{
    struct outputs outputs = { 0 };
    bool whole = false;
    int rc =
        outputs_make(reparse->after->adapter, result, &outputs, &whole, err);

    *ret_end = REPARSE_NOT_KEPT;
    if (!rc && whole)
        rc = read_again(reparse, &outputs, result, ret_end, err);
    outputs_free(&outputs);
    return rc;
}
