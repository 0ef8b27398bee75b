/* adapter_run.c - the order of an attempt's steps, and its row */
#include "workers/adapter_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/adapter_accuracy.h"
#include "workers/adapter_jobs.h"
#include "workers/collect/rates.h"
#include "workers/lane_facts.h"
#include "workers/lane_program.h"
#include "workers/lane_health.h"
#include "workers/lane_mode.h"
#include "workers/lane_power.h"
#include "workers/lane_stage.h"
#include "workers/lane_thermal.h"
#include "workers/latencies.h"

/* An attempt in the making. */
struct attempt {
    struct lane_board *board;
    const struct lane_job *job;
    struct scope *scope;
    struct result *result;
    struct job_outputs outputs;
    struct lane_power power;
};

static const struct adapter *adapter_of(const struct attempt *a)
{
    return a->board->setup->board->adapter;
}

static const struct op_value *axis_value(const struct attempt *a,
                                         const char *name)
{
    const struct experiment *e = a->board->setup->experiment;

    return op_point_find(e->axes, e->axes_len, &a->job->point, name);
}

/* ---- names */

static int fill_scope(struct attempt *a, struct err *err)
{
    const struct lane_setup *s = a->board->setup;
    int rc;

    a->scope = scope_create();
    if (!a->scope)
        return err_set(err, ERR_NOMEM, "no memory for names");
    rc = scope_fill(a->scope, s->experiment, s->board, &a->job->point,
                    s->bin_dir, s->project_dir, err);
    if (!rc)
        rc = scope_set(a->scope, "stage_dir", a->board->stage_dir, err);
    return rc;
}

/* ---- steps before the jobs */

static int read_tool_version(struct attempt *a, struct err *err)
{
    const struct adapter_probe *probe = &adapter_of(a)->tool_version;
    struct lane_board *b = a->board;
    struct buf command = { 0 }, out = { 0 };
    int rc;

    if (!probe->run || b->tool_version[0])
        return 0;
    rc = scope_expand(a->scope, probe->run, TEMPLATE_SHELL, &command, err);
    if (!rc)
        rc = lane_command(b, "the tool's version", buf_text(&command),
                          LANE_SHORT_S, &out, err);
    if (!rc && collect_first(probe->pattern, out.data, out.len, b->tool_version,
                             sizeof(b->tool_version), err))
        rc = err_prefix(err, "the tool's version");
    buf_free(&command);
    buf_free(&out);
    return rc;
}

/* Cool down first; a board that stays hot is measured and marked. */
static int cool(struct attempt *a, struct err *err)
{
    struct attempt_row *row = &a->result->attempt;
    double limit = lane_thermal_limit(a->board), degc;
    char words[64];
    int rc;

    if (isnan(limit))
        return 0;
    rc = lane_thermal_wait(a->board, limit, LANE_THERMAL_WAIT_S, &degc, err);
    if (rc)
        return rc;
    row->temp_before_degc = degc;
    if (!(degc > limit))
        return 0;
    snprintf(words, sizeof(words), "started at %.1f degC, limit %.1f degC",
             degc, limit);
    row->noisy = 1;
    column_text_set(&row->noisy_reason, words);
    return 0;
}

/* A mode that boots the board may have cost what was staged. */
static int set_mode(struct attempt *a, struct err *err)
{
    const struct experiment *e = a->board->setup->experiment;
    struct lane_board *b = a->board;
    char boot_id[sizeof(b->facts.boot_id)];
    int rc;

    memcpy(boot_id, b->facts.boot_id, sizeof(boot_id));
    rc = lane_mode_set(
        b, a->scope,
        op_point_text(e->axes, e->axes_len, &a->job->point, "op_mode"), err);
    if (!rc && strcmp(boot_id, b->facts.boot_id) != 0)
        rc = lane_stage(b, a->scope, &a->job->point, &a->result->attempt, err);
    return rc;
}

static int prepare(struct attempt *a, struct err *err)
{
    int rc = fill_scope(a, err);

    if (!rc)
        rc = lane_power_base(a->board, &a->result->attempt, err);
    if (!rc)
        rc = lane_stage(a->board, a->scope, &a->job->point, &a->result->attempt,
                        err);
    if (!rc)
        rc = read_tool_version(a, err);
    if (!rc)
        rc = set_mode(a, err);
    if (!rc)
        rc = lane_build(a->board, a->scope, err);
    if (!rc)
        rc = lane_program(a->board, a->scope, err);
    if (!rc)
        rc = lane_facts_learn(a->board, a->scope, err);
    if (!rc)
        rc = adapter_accuracy(a->board, a->scope, &a->job->point, a->result,
                              err);
    if (!rc)
        rc = cool(a, err);
    return rc;
}

/* ---- after the jobs */

/* A tool that calls its run quiet does not know how hot it was. */
static void keep_hot(struct attempt_row *row, struct column_text hot)
{
    if (!hot.s[0])
        return;
    row->noisy = 1;
    row->noisy_reason = hot;
}

static int collect(struct attempt *a, const struct topology_counts *counts,
                   struct err *err)
{
    struct template_names names = scope_names(a->scope);
    struct collector *c = a->board->collector;
    struct column_text hot = a->result->attempt.noisy_reason;
    struct err later;
    int rc, more = 0;

    rc = collector_valid(c, a->outputs.at, a->outputs.len, err);
    more = collector_read(c, COLLECT_MEASURED, a->outputs.at, a->outputs.len,
                          &names, &a->result->attempt, &later);
    if (!more && a->board->setup->experiment->capture_latencies)
        more =
            latencies_add(c, a->outputs.at, a->outputs.len, a->result, &later);
    rates_fill(&a->result->attempt, (double)counts->ops_image);
    keep_hot(&a->result->attempt, hot);
    if (!rc && more) {
        rc = more;
        *err = later;
    }
    return rc;
}

/* Whether the tool tells its window, and whether only a later job does,
 * which prints what was exported. */
static void tells_window(const struct adapter *adapter, struct lane_power *p)
{
    for (size_t i = 0; i < adapter->collect_len; i++) {
        const struct adapter_collect *c = &adapter->collect[i];

        if (!c->column || strcmp(c->column, "window_start_unix_ns") != 0)
            continue;
        p->reported = true;
        p->exported = c->job && strcmp(c->job, adapter->jobs[0].name) != 0;
    }
}

/* Images of the window: batches times batch, where the tool says both. */
static struct lane_window_work work_of(const struct attempt *a)
{
    const struct op_value *batch = axis_value(a, "batch");
    int64_t batches = a->result->attempt.batches;

    if (batches == COLUMN_I64_MISSING)
        return (struct lane_window_work){ NAN, NAN };
    return (struct lane_window_work){
        .images = batch && batch->there ? (double)batches * (double)batch->i64
                                        : (double)NAN,
        .batches = (double)batches,
    };
}

/* Jobs; where it matters (meters, a thermal limit) the board's temperature
 * is looked at beside them. */
static int run_jobs(struct attempt *a, struct err *err)
{
    struct lane_power *p = &a->power;
    struct err later = { 0 };
    int rc = 0, more;

    if (p->on || !isnan(lane_thermal_limit(a->board)))
        rc = lane_health_begin(a->board, err);
    if (rc)
        return rc;
    p->run_start_ns = clock_unix_ns();
    rc = adapter_jobs(a->board, a->scope, &a->outputs, a->result, err);
    p->run_end_ns = clock_unix_ns();
    p->marker_ns[0] = a->outputs.marker_unix_ns[0];
    p->marker_ns[1] = a->outputs.marker_unix_ns[1];
    more = lane_health_end(a->board, &a->result->attempt, &later);
    if (!rc && more) {
        rc = more;
        *err = later;
    }
    return rc;
}

/* Load the model, where the adapter can, so that idle is loaded. */
static int load(struct attempt *a, struct err *err)
{
    const struct lane_setup *s = a->board->setup;

    if (!adapter_of(a)->load.there || !s->board->meters_len ||
        !s->experiment->capture_power)
        return 0;
    a->power.loaded = true;
    return adapter_load(a->board, a->scope, err);
}

/* Jobs between meters; then everything is read, also after a failure. */
static int measure(struct attempt *a, struct err *err)
{
    struct lane_window_work work;
    struct topology_counts counts;
    struct err later = { 0 };
    int rc = scope_fill_counts(a->scope, a->board->setup->experiment,
                               &a->job->point, &counts, err),
        more;

    tells_window(adapter_of(a), &a->power);
    if (!rc)
        rc = load(a, err);
    if (!rc)
        rc = lane_power_begin(a->board, &a->power, err);
    if (rc)
        return rc;
    rc = run_jobs(a, err);
    more = lane_power_end(a->board, &a->power, &later);
    if (!rc && more) {
        rc = more;
        *err = later;
    }
    a->result->attempt.board_clock_offset_s = a->power.board_clock.offset_s;
    a->result->attempt.board_clock_bound_s = a->power.board_clock.bound_s;
    if (a->outputs.len) {
        more = collect(a, &counts, &later);
        if (!rc && more) {
            rc = more;
            *err = later;
        }
    }
    work = work_of(a);
    more = lane_power_rows(a->board, &a->power, &work, a->result, &later);
    if (!rc && more) {
        rc = more;
        *err = later;
    }
    return rc;
}

/* ---- the row */

static void open_row(struct attempt *a)
{
    const struct lane_setup *s = a->board->setup;
    struct attempt_row *row = &a->result->attempt;

    row->cell = (int64_t)a->job->cell;
    row->attempt = a->job->attempt;
    row->provenance =
        s->board->emulated ? PROVENANCE_EMULATED : PROVENANCE_MEASURED;
    row->start_unix_ns = clock_unix_ns();
    column_text_set(&row->board, s->board->name);
    column_text_set(&row->worker, s->worker_name);
    column_text_set(&row->fingerprint, a->job->fingerprint);
}

static enum cell_status status_of(const struct lane_board *b, int rc)
{
    if (!rc)
        return STATUS_OK;
    if (b->link_lost)
        return STATUS_UNREACHABLE;
    if (rc == ERR_TIMEOUT)
        return STATUS_TIMEOUT;
    if (rc == ERR_REFUSED && !lane_cancelled(b, NULL))
        return STATUS_INVALID;
    return STATUS_FAILED;
}

static void close_row(struct attempt *a, int rc, const struct err *err,
                      double duration_s, struct adapter_outcome *outcome)
{
    const struct lane_board *b = a->board;
    struct attempt_row *row = &a->result->attempt;
    struct buf clean = { 0 };

    *outcome = (struct adapter_outcome){ .status = status_of(b, rc),
                                         .transport_failed = rc && b->link_lost,
                                         .duration_s = duration_s };
    if (rc) {
        text_clean_utf8(&clean, err->text, strlen(err->text));
        snprintf(outcome->reason, sizeof(outcome->reason), "%s",
                 buf_text(&clean));
        buf_free(&clean);
    }
    row->status = outcome->status;
    row->duration_s = duration_s;
    column_text_set(&row->reason, outcome->reason);
    column_text_set(&row->op_mode_granted, b->mode_granted);
    if (!row->tool_version.s[0])
        column_text_set(&row->tool_version, b->tool_version);
    column_text_set(&row->board_identity, lane_identity(b));
}

void adapter_run(struct lane_board *b, const struct lane_job *job,
                 struct result *ret_result, struct adapter_outcome *ret_outcome)
{
    struct attempt a = { .board = b, .job = job, .result = ret_result };
    int64_t start_ns = clock_mono_ns();
    struct err err = { 0 };
    int rc;

    result_init(ret_result);
    open_row(&a);
    rc = prepare(&a, &err);
    if (!rc)
        rc = measure(&a, &err);
    if (rc || b->setup->experiment->capture_raw_output)
        job_outputs_keep_raw(&a.outputs, ret_result);
    close_row(&a, rc, &err, NS_TO_S(clock_mono_ns() - start_ns), ret_outcome);
    job_outputs_free(&a.outputs);
    scope_destroy(a.scope);
}
