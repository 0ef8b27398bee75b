/* lane_bench.h - a lane on a bench: documents from text, reports kept */
#ifndef TESTS_UNIT_WORKERS_LANE_BENCH_H
#define TESTS_UNIT_WORKERS_LANE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "experiments/matrix.h"
#include "hdf5_schema/columns.h"
#include "inventory/inventory.h"
#include "orchestrator/wire/result.h"
#include "workers/lane.h"

#define BENCH_WAIT_S 60.0 /* no test waits for this; a hang ends with it */

/* A report, copied. */
struct seen {
    enum lane_report_kind kind;
    uint64_t cell;
    int status;
    bool transport_failed;
    char text[4096], mode[64];
    struct result result; /* of LANE_RESULT */
};

struct bench {
    char dir[64]; /* of this test alone: staged files, scripts */
    struct texts *texts;
    struct experiment *experiment;
    struct inventory *inventory;
    struct matrix *matrix;
    struct lane *lane;
    struct lane_setup setup;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct seen seen[256];
    size_t len, taken;
    bool acknowledge; /* intentions at once */
};

static inline void bench_report(void *ctx, const struct lane_report *r)
{
    struct bench *b = ctx;
    struct result_layouts layouts;
    struct seen *s;

    pthread_mutex_lock(&b->lock);
    s = &b->seen[b->len % 256];
    memset(s, 0, sizeof(*s));
    s->kind = r->kind;
    s->cell = r->cell;
    s->status = r->status;
    s->transport_failed = r->transport_failed;
    snprintf(s->text, sizeof(s->text), "%s", r->text);
    snprintf(s->mode, sizeof(s->mode), "%s", r->mode);
    result_init(&s->result);
    if (r->kind == LANE_RESULT && r->len) {
        struct cursor cur = cursor_of(r->payload, r->len);

        assert_int_equal(result_layouts_own(&layouts, NULL), 0);
        assert_int_equal(result_decode(&layouts, &cur, &s->result, NULL), 0);
        result_layouts_free(&layouts);
    }
    b->len++;
    pthread_cond_broadcast(&b->more);
    pthread_mutex_unlock(&b->lock);
    if (r->kind == LANE_MODE_INTENT && b->acknowledge)
        lane_mode_acknowledged(b->lane);
}

/* An empty bench with a folder of its own. */
static inline void bench_prepare(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    b->acknowledge = true;
    strcpy(b->dir, "/tmp/labsweep-lane-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->more, NULL);
    b->texts = texts_create();
    assert_non_null(b->texts);
}

static inline void bench_add(struct bench *b, const char *role,
                             const char *name, const char *text)
{
    assert_int_equal(
        texts_add(b->texts, role, name, b->dir, text, strlen(text), NULL), 0);
}

/* Parse the documents that were added, and open the lane of their first
 * board. */
static inline void bench_parse(struct bench *b)
{
    struct err err = { 0 };

    if (experiment_load(b->texts, NULL, &b->experiment, &err))
        fail_msg("experiment: %s", err.text);
    if (inventory_load(b->texts, NULL, &b->inventory, &err))
        fail_msg("inventory: %s", err.text);
    if (matrix_create(b->experiment, NULL, &b->matrix, &err))
        fail_msg("matrix: %s", err.text);
}

static inline void bench_open(struct bench *b)
{
    struct err err = { 0 };

    b->setup.experiment = b->experiment;
    b->setup.inventory = b->inventory;
    b->setup.board = &b->inventory->boards[0];
    if (!b->setup.bin_dir)
        b->setup.bin_dir = b->dir;
    if (!b->setup.project_dir)
        b->setup.project_dir = b->dir;
    b->setup.worker_name = "bench";
    if (!b->setup.restore_mode)
        b->setup.restore_mode = "";
    b->setup.report = bench_report;
    b->setup.ctx = b;
    if (lane_open(&b->setup, &b->lane, &err))
        fail_msg("lane: %s", err.text);
}

/* The next report, borrowed until 256 more came. */
static inline struct seen *bench_next(struct bench *b)
{
    struct timespec at;
    struct seen *s;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += (time_t)BENCH_WAIT_S;
    pthread_mutex_lock(&b->lock);
    while (b->taken == b->len && !late)
        late = pthread_cond_timedwait(&b->more, &b->lock, &at);
    if (b->taken == b->len) {
        pthread_mutex_unlock(&b->lock);
        fail_msg("no report came");
        return NULL;
    }
    s = &b->seen[b->taken++ % 256];
    pthread_mutex_unlock(&b->lock);
    return s;
}

/* The next report of a kind; others are passed over. */
static inline struct seen *bench_wait(struct bench *b,
                                      enum lane_report_kind kind)
{
    struct seen *s;

    do {
        s = bench_next(b);
        if (s->kind == LANE_DOWN && kind != LANE_DOWN)
            fail_msg("the lane went down: %s", s->text);
    } while (s->kind != kind);
    return s;
}

static inline void bench_submit(struct bench *b, size_t row, uint32_t attempt)
{
    struct lane_job job = { .cell = row, .attempt = attempt };

    matrix_point(b->matrix, row, &job.point);
    strcpy(job.fingerprint, "f00d");
    assert_int_equal(lane_submit(b->lane, &job), 0);
}

/* Submit one row and wait for its result. */
static inline struct seen *bench_run(struct bench *b, size_t row)
{
    bench_submit(b, row, 1);
    return bench_wait(b, LANE_RESULT);
}

static inline void bench_close(struct bench *b)
{
    char line[128];

    lane_destroy(b->lane);
    b->lane = NULL;
    for (size_t i = 0; i < 256; i++)
        result_free(&b->seen[i].result);
    matrix_destroy(b->matrix);
    inventory_destroy(b->inventory);
    experiment_destroy(b->experiment);
    texts_destroy(b->texts);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->more);
    snprintf(line, sizeof(line), "rm -rf %s", b->dir);
    assert_int_equal(system(line), 0);
}

#endif
