/* adapter_jobs.c - commands and requests out, outputs in */
#include "workers/adapter_jobs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/collect/clean.h"

static const struct adapter *adapter_of(const struct lane_board *b)
{
    return b->setup->board->adapter;
}

static struct lane_run_limits limits_of(const struct lane_board *b)
{
    const struct measure *m = &b->setup->experiment->measure;
    double board_s = b->setup->board->total_limit_s;
    struct lane_run_limits limits = { m->total_limit_s, m->silence_limit_s };

    if (board_s > 0 && (!(limits.total_s > 0) || board_s < limits.total_s))
        limits.total_s = board_s;
    return limits;
}

/* Room for one more run.  NULL without memory. */
static struct lane_run *next_run(struct job_outputs *o)
{
    size_t cap = o->cap ? 2 * o->cap : 2;
    void *grown;

    if (o->len < o->cap)
        return &o->runs[o->len];
    grown = realloc(o->runs, cap * sizeof(*o->runs));
    if (!grown)
        return NULL;
    o->runs = grown;
    grown = realloc(o->clean, 2 * cap * sizeof(*o->clean));
    if (!grown)
        return NULL;
    o->clean = grown;
    grown = realloc(o->at, cap * sizeof(*o->at));
    if (!grown)
        return NULL;
    o->at = grown;
    o->cap = cap;
    return &o->runs[o->len];
}

/* The run's output in its clean form joins the others. */
static int keep_run(struct job_outputs *o, const char *job, struct err *err)
{
    const struct lane_run *run = &o->runs[o->len];
    struct collect_output *out = &o->at[o->len];
    struct buf *clean = &o->clean[2 * o->len];
    int rc = 0;

    *out = (struct collect_output){ .job = job };
    for (int s = 0; s < 2; s++) {
        clean[s] = (struct buf){ 0 };
        collect_clean(&clean[s], run->text[s].data, run->text[s].len);
        if (buf_failed(&clean[s]) || buf_failed(&run->text[s]))
            rc = err_set(err, ERR_NOMEM, "no memory for what job '%s' printed",
                         job);
        out->text[s] = buf_text(&clean[s]);
        out->len[s] = rc ? 0 : clean[s].len;
    }
    o->len++;
    return rc;
}

static int run_command(struct lane_board *b, struct scope *scope,
                       const struct adapter_job *job, struct lane_run *run,
                       struct err *err)
{
    const char *const markers[2] = { job->start_marker, job->end_marker };
    struct lane_run_limits limits = limits_of(b);
    struct buf command = { 0 }, input = { 0 };
    int rc = scope_expand(scope, job->run, TEMPLATE_SHELL, &command, err);

    if (!rc && job->input)
        rc = scope_expand(scope, job->input, TEMPLATE_RAW, &input, err);
    if (rc)
        err_prefix(err, "job '%s'", job->name);
    else
        rc = lane_run_command(b, job->name, buf_text(&command),
                              job->input ? buf_text(&input) : NULL, &limits,
                              markers, run, err);
    buf_free(&command);
    buf_free(&input);
    return rc;
}

static int run_request(struct lane_board *b, struct scope *scope,
                       const struct adapter_job *job, struct lane_run *run,
                       struct err *err)
{
    struct lane_run_limits limits = limits_of(b);
    struct buf command = { 0 }, request = { 0 };
    int rc;

    if (!adapter_of(b)->serve)
        rc = err_set(err, ERR_FORMAT, "a \"request\" needs \"serve\"");
    else
        rc = scope_expand(scope, adapter_of(b)->serve, TEMPLATE_SHELL, &command,
                          err);
    if (!rc)
        rc = scope_request(scope, &job->request, &request, err);
    if (rc)
        err_prefix(err, "job '%s'", job->name);
    else
        rc = lane_run_request(b, job->name, buf_text(&command),
                              buf_text(&request), &limits, run, err);
    buf_free(&command);
    buf_free(&request);
    return rc;
}

static int run_once(struct lane_board *b, struct scope *scope,
                    const struct adapter_job *job, struct job_outputs *o,
                    struct attempt_row *row, struct err *err)
{
    struct lane_run *run = next_run(o);
    struct err later;
    int rc, more;

    if (!run)
        return err_set(err, ERR_NOMEM, "no memory for job '%s'", job->name);
    *run = (struct lane_run){ .exit_status = -1 };
    rc = job->run ? run_command(b, scope, job, run, err)
                  : run_request(b, scope, job, run, err);
    if (row && run->exit_status >= 0 && !run->signal)
        row->exit_code = run->exit_status;
    if (row && run->signal)
        row->exit_signal = run->signal;
    for (int m = 0; m < 2; m++)
        if (run->marker_unix_ns[m] && (m || !o->marker_unix_ns[0]))
            o->marker_unix_ns[m] = run->marker_unix_ns[m];
    more = keep_run(o, job->name, &later);
    if (!rc && more) {
        rc = more;
        *err = later;
    }
    return rc;
}

int adapter_job_run(struct lane_board *b, struct scope *scope,
                    const struct adapter_job *job, struct job_outputs *o,
                    struct attempt_row *row, struct err *err)
{
    int rc = 0;

    if (!job->each)
        return run_once(b, scope, job, o, row, err);
    for (size_t i = 0; !rc && i < job->each_len; i++) {
        rc = scope_set(scope, job->each, job->each_values[i], err);
        if (!rc)
            rc = run_once(b, scope, job, o, row, err);
    }
    return rc;
}

int adapter_jobs(struct lane_board *b, struct scope *scope,
                 struct job_outputs *outputs, struct result *result,
                 struct err *err)
{
    const struct adapter *a = adapter_of(b);
    int rc = 0;

    for (size_t i = 0; !rc && i < a->jobs_len; i++)
        rc = adapter_job_run(b, scope, &a->jobs[i], outputs, &result->attempt,
                             err);
    return rc;
}

int adapter_load(struct lane_board *b, struct scope *scope, struct err *err)
{
    struct job_outputs outputs = { 0 };
    int rc = adapter_job_run(b, scope, &adapter_of(b)->load.job, &outputs, NULL,
                             err);

    job_outputs_free(&outputs);
    return rc ? err_prefix(err, "loading the model") : 0;
}

/* ---- raw output */

static void keep_raw(struct result *result, const char *job,
                     const struct lane_run *run, int stream)
{
    static const char *const names[] = { "stdout", "stderr" };
    const struct buf *text = &run->text[stream];
    struct buf ends = { 0 };

    if (!text->len)
        return;
    if (text->len <= 2 * JOB_RAW_PART) {
        buf_put(&ends, text->data, text->len);
    } else {
        buf_put(&ends, text->data, JOB_RAW_PART);
        buf_printf(&ends, "\n[... %zu bytes left out ...]\n",
                   text->len - 2 * JOB_RAW_PART);
        buf_put(&ends, text->data + text->len - JOB_RAW_PART, JOB_RAW_PART);
    }
    /* beyond the result's bounds the rest is not kept, as full_len shows */
    if (!buf_failed(&ends))
        result_add_raw(result, job, names[stream], ends.data, ends.len,
                       run->bytes[stream], NULL);
    buf_free(&ends);
}

void job_outputs_keep_raw(const struct job_outputs *o, struct result *result)
{
    for (size_t i = 0; i < o->len; i++)
        for (int s = 0; s < 2; s++)
            keep_raw(result, o->at[i].job, &o->runs[i], s);
}

void job_outputs_free(struct job_outputs *o)
{
    for (size_t i = 0; i < o->len; i++) {
        lane_run_free(&o->runs[i]);
        buf_free(&o->clean[2 * i]);
        buf_free(&o->clean[2 * i + 1]);
    }
    free(o->at);
    free(o->runs);
    free(o->clean);
    *o = (struct job_outputs){ 0 };
}
