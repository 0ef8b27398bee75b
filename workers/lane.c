/* lane.c - a board's thread: its queue, its reports, its ends */
#include "workers/lane.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/vec.h"
#include "workers/adapter_run.h"
#include "workers/lane_board.h"
#include "workers/lane_cycles.h"
#include "workers/lane_lease.h"
#include "workers/lane_mode.h"
#include "workers/lane_run.h"
#include "workers/power_cycle.h"

#define TRIES_MAX   4   /* at a connection, with these pauses between */
#define BOOT_POLL_S 2.0 /* between tries while a board starts */

static const double pauses_s[TRIES_MAX] = { 0, 0.5, 2, 5 };

struct lane {
    struct lane_setup setup;
    struct lane_board board; /* of the thread alone */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    VEC(struct lane_job) queue;
    bool closing, down, running;
    bool awaiting;      /* an acknowledgement */
    char told_boot[64]; /* of the thread alone: the boot id last reported */
};

/* ---- reports */

static void report(struct lane *lane, struct lane_report *r)
{
    r->board = lane->setup.board->name;
    if (!r->text)
        r->text = "";
    if (!r->mode)
        r->mode = "";
    lane->setup.report(lane->setup.ctx, r);
}

static void report_facts(struct lane *lane, enum lane_report_kind kind)
{
    struct buf facts = { 0 };
    struct lane_report r = { .kind = kind };

    if (lane_facts_json(&lane->board, &facts, NULL))
        buf_clear(&facts);
    r.text = buf_text(&facts);
    report(lane, &r);
    buf_free(&facts);
    snprintf(lane->told_boot, sizeof(lane->told_boot), "%s",
             lane->board.facts.boot_id);
}

/* A board that came up anew says so before anything else. */
static void report_boot(struct lane *lane)
{
    if (strcmp(lane->told_boot, lane->board.facts.boot_id) != 0)
        report_facts(lane, LANE_FACTS);
}

/* Wait for a change with the lock held, and keep the lease meanwhile; look
 * at what is waited for afterwards. */
static void wait_tending(struct lane *lane)
{
    int64_t until = lane->board.lease.renew_ns;
    struct timespec at = { .tv_sec = (time_t)(until / NS_PER_S),
                           .tv_nsec = (long)(until % NS_PER_S) };

    if (!lane->board.lease.keeper.transport) {
        pthread_cond_wait(&lane->changed, &lane->lock);
    } else if (clock_mono_ns() < until) {
        pthread_cond_timedwait(&lane->changed, &lane->lock, &at);
    } else {
        pthread_mutex_unlock(&lane->lock);
        lane_lease_tend(&lane->board);
        pthread_mutex_lock(&lane->lock);
    }
}

/* Of lane_mode.c: say what is about to be, and wait until it is written. */
static int intend(void *ctx, const char *before, const char *mode,
                  struct err *err)
{
    struct lane *lane = ctx;
    struct lane_report r = { .kind = LANE_MODE_INTENT,
                             .text = before,
                             .mode = mode };
    bool cancelled = false;

    pthread_mutex_lock(&lane->lock);
    lane->awaiting = true;
    pthread_mutex_unlock(&lane->lock);
    report(lane, &r);
    pthread_mutex_lock(&lane->lock);
    while (lane->awaiting) {
        cancelled = lane_cancelled(&lane->board, NULL);
        if (cancelled)
            break;
        wait_tending(lane);
    }
    lane->awaiting = false;
    pthread_mutex_unlock(&lane->lock);
    return cancelled ? err_set(err, ERR_REFUSED, "cancelled") : 0;
}

static void restored(void *ctx, const char *mode)
{
    struct lane_report r = { .kind = LANE_MODE_RESTORED, .text = mode };

    report(ctx, &r);
}

static void note(void *ctx, const char *text)
{
    struct lane_report r = { .kind = LANE_NOTE, .text = text };

    report(ctx, &r);
}

static void please(void *ctx, const char *text)
{
    struct lane_report r = { .kind = LANE_ASK, .text = text };

    report(ctx, &r);
}

static void learnt(void *ctx)
{
    report_facts(ctx, LANE_FACTS);
}

/* ---- the link */

/* Sleep, unless the lane is to close.  False if it is. */
static bool pause_unless_closing(void *ctx, double seconds)
{
    struct lane *lane = ctx;
    int64_t until = clock_mono_ns() + S_TO_NS(seconds);
    struct timespec at = { .tv_sec = (time_t)(until / NS_PER_S),
                           .tv_nsec = (long)(until % NS_PER_S) };
    bool closing;

    pthread_mutex_lock(&lane->lock);
    while (!lane->closing && clock_mono_ns() < until)
        pthread_cond_timedwait(&lane->changed, &lane->lock, &at);
    closing = lane->closing;
    pthread_mutex_unlock(&lane->lock);
    return !closing;
}

static bool worth_a_retry(int rc)
{
    return rc == ERR_IO || rc == ERR_TIMEOUT;
}

/* The board is there: its silence is over, and ledgers meet. */
static void answered(struct lane *lane)
{
    power_cycle_answered(lane->setup.board);
    lane_cycles_share(&lane->board);
}

static int connect_with_patience(struct lane *lane, struct err *err)
{
    int rc = ERR_IO;

    for (int i = 0; i < TRIES_MAX; i++) {
        if (i && !pause_unless_closing(lane, pauses_s[i]))
            return rc;
        rc = lane_board_connect(&lane->board, err);
        if (!rc)
            answered(lane);
        if (!worth_a_retry(rc))
            return rc;
    }
    return rc;
}

/* A board that quarantine's probe finds silent again may be power-cycled. */
static int connect_or_cycle(struct lane *lane, struct err *err)
{
    int rc = connect_with_patience(lane, err), tries = 0;
    const char *name = lane->setup.board->name;
    double boot_s = 0;
    struct err why;
    int64_t until;

    if (!worth_a_retry(rc) || lane->board.lease.host_out)
        return rc;
    if (!power_cycle_after_silence(lane->setup.board, &boot_s, &why)) {
        if (why.text[0])
            log_line(LOG_WARN, "lane", "%s: not power-cycled: %s", name,
                     why.text);
        return rc;
    }
    log_line(LOG_WARN, "lane", "%s: did not answer, power-cycled", name);
    until = clock_mono_ns() + S_TO_NS(boot_s);
    while (rc && worth_a_retry(rc) && (clock_mono_ns() < until || !tries++) &&
           pause_unless_closing(lane, BOOT_POLL_S))
        rc = lane_board_connect(&lane->board, err);
    if (!rc)
        answered(lane);
    return rc;
}

/* What an earlier run left, by the campaign's journal (unless the board's
 * lease knows of it, too) and by the lease. */
static int restore_left(struct lane *lane, const char *journalled,
                        struct err *err)
{
    struct lane_lease *lease = &lane->board.lease;
    int rc = 0;

    if (journalled && *journalled &&
        !(lease->left_moded && !strcmp(lease->left_mode, journalled)))
        rc = lane_mode_restore_left(&lane->board, journalled, err);
    if (!rc && lease->left_moded)
        rc = lane_mode_inherit(&lane->board, lease->left_mode, err);
    if (!rc)
        lease->left_moded = false;
    return rc;
}

/* First contact. */
static int welcome(struct lane *lane, struct err *err)
{
    int rc = connect_or_cycle(lane, err);

    if (!rc)
        rc = restore_left(lane, lane->setup.restore_mode, err);
    if (rc && lane->board.transport && !lane->board.link_lost)
        rc = ERR_REFUSED; /* the board's own answer: not to be had like this */
    return rc;
}

/* ---- jobs */

static void run_job(struct lane *lane, const struct lane_job *job)
{
    struct lane_report started = { .kind = LANE_STARTED,
                                   .cell = job->cell,
                                   .attempt = job->attempt };
    struct lane_report done = { .kind = LANE_RESULT,
                                .cell = job->cell,
                                .attempt = job->attempt };
    struct adapter_outcome outcome;
    struct result result;
    struct buf payload = { 0 };
    struct err err;

    report(lane, &started);
    adapter_run(&lane->board, job, &result, &outcome);
    report_boot(lane);
    if (result_encode(&result, &payload, &err)) {
        buf_free(&payload);
        outcome.status = STATUS_FAILED;
        snprintf(outcome.reason, sizeof(outcome.reason), "%s", err.text);
    }
    done.status = (int)outcome.status;
    done.transport_failed = outcome.transport_failed;
    done.duration_s = outcome.duration_s;
    done.text = outcome.reason;
    done.payload = payload.data;
    done.len = payload.len;
    report(lane, &done);
    result_free(&result);
    buf_free(&payload);
}

/* A link that died while nothing ran is no fault of the next cell: try to
 * stand it up again before the cell is touched. */
static bool link_is_dead(struct lane *lane)
{
    struct proc_event ev;
    int rc = 0;

    if (!lane->board.transport)
        return true;
    for (int i = 0; !rc && i < 1000; i++) /* what the served one still said */
        rc = lane_pump(&lane->board, 0, &ev, NULL);
    return rc == ERR_IO;
}

static int mend(struct lane *lane, struct err *err)
{
    int rc;

    lane_board_drop(&lane->board);
    rc = connect_with_patience(lane, err);
    if (!rc)
        report_boot(lane);
    return rc ? rc : restore_left(lane, NULL, err);
}

/* Wait for a job.  False if the lane is to end. */
static bool next_job(struct lane *lane, struct lane_job *ret_job)
{
    bool some;

    pthread_mutex_lock(&lane->lock);
    while (!lane->queue.len && !lane->closing)
        wait_tending(lane);
    some = lane->queue.len > 0;
    if (some) {
        *ret_job = lane->queue.at[0];
        memmove(lane->queue.at, lane->queue.at + 1,
                --lane->queue.len * sizeof(*ret_job));
        lane->running = true;
    }
    pthread_mutex_unlock(&lane->lock);
    return some;
}

static void job_over(struct lane *lane)
{
    uint64_t count;

    pthread_mutex_lock(&lane->lock);
    lane->running = false;
    while (read(lane->board.cancel_fd, &count, sizeof(count)) > 0)
        ; /* a cancellation was of this job */
    pthread_mutex_unlock(&lane->lock);
}

static int serve_jobs(struct lane *lane, struct err *err)
{
    struct lane_job job;
    int rc = 0;

    while (!rc && next_job(lane, &job)) {
        if (link_is_dead(lane))
            rc = mend(lane, err);
        if (!rc)
            run_job(lane, &job);
        job_over(lane);
        if (!rc && lane->board.link_lost)
            rc = mend(lane, err);
    }
    return rc;
}

/* ---- the thread */

static void go_down(struct lane *lane, int rc, const struct err *err)
{
    struct lane_report r = { .kind = LANE_DOWN,
                             .text = err->text,
                             .transport_failed = worth_a_retry(rc) };

    if (rc == ERR_REFUSED && lane->board.lease.busy)
        r.kind = LANE_HELD;
    lane_lease_release(&lane->board);
    lane_board_drop(&lane->board);
    pthread_mutex_lock(&lane->lock);
    lane->down = true;
    lane->queue.len = 0;
    pthread_mutex_unlock(&lane->lock);
    report(lane, &r);
    pthread_mutex_lock(&lane->lock);
    while (!lane->closing)
        pthread_cond_wait(&lane->changed, &lane->lock);
    pthread_mutex_unlock(&lane->lock);
}

static void farewell(struct lane *lane)
{
    const struct board *board = lane->setup.board;
    struct err err;

    if (lane_mode_restore(&lane->board, NULL, &err))
        log_line(LOG_ERROR, "lane", "%s: %s; the next contact restores it",
                 board->name, err.text);
    if (board->post && lane_command(&lane->board, "the post command",
                                    board->post, LANE_SHORT_S, NULL, &err))
        log_line(LOG_WARN, "lane", "%s: %s", board->name, err.text);
    lane_lease_release(&lane->board);
    lane_board_drop(&lane->board);
}

static void *lane_thread(void *arg)
{
    struct lane *lane = arg;
    struct lane_report closed = { .kind = LANE_CLOSED };
    struct err err = { 0 };
    int rc = welcome(lane, &err);

    if (!rc && lane->setup.look)
        rc = lane_mode_look(&lane->board, &err);
    if (!rc) {
        report_facts(lane, LANE_READY);
        rc = serve_jobs(lane, &err);
    }
    if (rc)
        go_down(lane, rc, &err);
    else
        farewell(lane);
    report(lane, &closed);
    return NULL;
}

/* ---- from any thread */

static int start_thread(struct lane *lane, struct err *err)
{
    pthread_condattr_t monotonic;
    int failed;

    pthread_mutex_init(&lane->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&lane->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    failed = pthread_create(&lane->thread, NULL, lane_thread, lane);
    lane->started = !failed;
    if (!failed)
        return 0;
    errno = failed;
    return err_set_errno(err, ERR_IO, "no thread for board '%s'",
                         lane->setup.board->name);
}

static void lane_free(struct lane *lane)
{
    lane_board_free(&lane->board);
    if (lane->board.cancel_fd >= 0)
        close(lane->board.cancel_fd);
    VEC_FREE(&lane->queue);
    free(lane);
}

int lane_open(const struct lane_setup *setup, struct lane **ret_lane,
              struct err *err)
{
    struct lane *lane;
    int rc;

    if (!setup->board->adapter || !strcmp(setup->board->transport, "none"))
        return err_set(err, ERR_USAGE,
                       "board '%s' cannot be driven: it has no "
                       "adapter or transport",
                       setup->board->name);
    lane = calloc(1, sizeof(*lane));
    if (!lane)
        return err_set(err, ERR_NOMEM, "no memory for a lane");
    lane->setup = *setup;
    lane->board.setup = &lane->setup;
    lane->board.intend = intend;
    lane->board.restored = restored;
    lane->board.learnt = learnt;
    lane->board.note = note;
    lane->board.please = please;
    lane->board.pause = pause_unless_closing;
    lane->board.ctx = lane;
    lane->board.cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    rc = lane->board.cancel_fd < 0
             ? err_set_errno(err, ERR_IO, "no descriptor for a lane")
             : collector_create(setup->board->adapter, &lane->board.collector,
                                err);
    if (rc == ERR_FORMAT)
        rc = ERR_USAGE;
    if (!rc)
        rc = start_thread(lane, err);
    if (rc) {
        lane_free(lane);
        return rc;
    }
    *ret_lane = lane;
    return 0;
}

int lane_submit(struct lane *lane, const struct lane_job *job)
{
    int rc = ERR_REFUSED;

    pthread_mutex_lock(&lane->lock);
    if (!lane->closing && !lane->down)
        rc = VEC_PUSH(&lane->queue, *job) ? 0 : ERR_NOMEM;
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
    return rc;
}

void lane_mode_acknowledged(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    lane->awaiting = false;
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
}

void lane_cancel(struct lane *lane)
{
    const uint64_t one = 1;

    pthread_mutex_lock(&lane->lock);
    lane->queue.len = 0;
    if (lane->running && write(lane->board.cancel_fd, &one, sizeof(one)) < 0)
        log_line(LOG_ERROR, "lane", "cannot cancel: %s", strerror(errno));
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
}

void lane_close(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    lane->closing = true;
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
}

void lane_destroy(struct lane *lane)
{
    if (!lane)
        return;
    if (lane->started) {
        lane_close(lane);
        lane_cancel(lane);
        pthread_join(lane->thread, NULL);
        pthread_cond_destroy(&lane->changed);
        pthread_mutex_destroy(&lane->lock);
    }
    lane_free(lane);
}
