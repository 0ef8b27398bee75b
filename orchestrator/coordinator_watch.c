/* coordinator_watch.c - what a sweep does, told: bar, file, events, notices */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "orchestrator/coordinator_state.h"

#define LOOK_NS  MS_TO_NS(100) /* between two looks at boards and counts */
#define WRITE_NS NS_PER_S      /* between two of DIR/progress.json */

void coordinator_tell(struct coordinator *co, const char *event,
                      const char *board, const char *text)
{
    struct json_value *value = events_new(&co->events, event);

    if (board)
        json_set_string(value, "board", board);
    if (text && *text)
        json_set_string(value, "text", text);
    events_put(&co->events, value);
}

void coordinator_tell_cell(struct coordinator *co, const char *event,
                           const struct told_cell *told)
{
    struct json_value *value = events_new(&co->events, event);
    struct buf label = { 0 };
    struct op_point point;
    size_t axes_len;
    const struct axis *axes = plan_axes(co->setup->plan, &axes_len);
    char id[OP_POINT_ID_HEX];

    if (!value)
        return;
    plan_cell_point(co->setup->plan, told->cell, &point);
    op_point_label(axes, axes_len, &point, &label);
    op_point_id_format(plan_cell_id(co->setup->plan, told->cell), id);
    json_set_i64(value, "cell", (int64_t)told->cell);
    json_set_string(value, "cell_id", id);
    json_set_string(value, "label", buf_text(&label));
    if (told->attempt)
        json_set_i64(value, "attempt", told->attempt);
    if (told->board)
        json_set_string(value, "board", told->board);
    if (told->status)
        json_set_string(value, "status", told->status);
    if (told->sentinel && *told->sentinel)
        json_set_string(value, "sentinel", told->sentinel);
    if (told->text && *told->text)
        json_set_string(value, "text", told->text);
    if (told->duration_s > 0)
        json_set_f64(value, "duration_s", told->duration_s);
    events_put(&co->events, value);
    buf_free(&label);
}

void coordinator_notify(struct coordinator *co, const char *event,
                        const char *board, const char *text)
{
    struct notice notice = { .event = event, .board = board, .text = text };

    sched_counts(co->sched, &notice.counts);
    notify_send(&co->notify, &notice);
}

/* ---- the view */

static const char *hold_word(unsigned hold)
{
    if (hold & HOLD_DRAINED)
        return "drained";
    return hold & HOLD_HOURS ? "out of hours" : "";
}

static void view_cell(struct coordinator *co, const struct sched_board *state,
                      char *to, size_t size)
{
    struct buf label = { 0 };
    struct op_point point;
    size_t axes_len;
    const struct axis *axes = plan_axes(co->setup->plan, &axes_len);

    to[0] = 0;
    if (!state->running)
        return;
    plan_cell_point(co->setup->plan, state->cell, &point);
    op_point_label(axes, axes_len, &point, &label);
    snprintf(to, size, "%s%s", state->occasion ? "sentinel " : "",
             buf_text(&label));
    buf_free(&label);
}

static int take_view(struct coordinator *co, int64_t now, struct err *err)
{
    struct view *view = &co->view;

    sched_counts(co->sched, &view->counts);
    view->spent_s = NS_TO_S(now - co->begun_ns);
    view->boards.len = 0;
    for (uint32_t i = 0; i < plan_boards(co->setup->plan); i++) {
        struct view_board b = { .since_s = 0 };
        struct sched_board state;

        sched_board(co->sched, i, &state);
        snprintf(b.name, sizeof(b.name), "%s", co->boards[i]->name);
        snprintf(b.state, sizeof(b.state), "%s", board_state_word(state.state));
        snprintf(b.hold, sizeof(b.hold), "%s", hold_word(state.hold));
        snprintf(b.reason, sizeof(b.reason), "%.*s", (int)sizeof(b.reason) - 1,
                 state.reason);
        view_cell(co, &state, b.cell, sizeof(b.cell));
        b.since_s = state.running ? NS_TO_S(now - state.since_ns) : 0;
        b.ok = state.ok;
        b.failed = state.failed;
        if (!VEC_PUSH(&view->boards, b))
            return err_set(err, ERR_NOMEM, "no memory for boards");
    }
    return 0;
}

static void write_view(struct coordinator *co)
{
    struct err err;

    /* a full disk is told by the journal, which matters */
    if (view_write(co->setup->dir, &co->view, &err) && !co->view_failed) {
        log_line(LOG_WARN, "coordinator", "%s", err.text);
        co->view_failed = true;
    }
}

static void tell_progress(struct coordinator *co)
{
    struct json_value *value = events_new(&co->events, "progress");
    const struct sched_counts *c = &co->view.counts;

    json_set_i64(value, "cells", (int64_t)view_work(&co->view));
    json_set_i64(value, "ok", (int64_t)c->ok);
    json_set_i64(value, "failed", (int64_t)c->failed);
    json_set_i64(value, "running", (int64_t)c->running);
    json_set_f64(value, "left_s", c->remaining_s);
    json_set_f64(value, "left_error_s", c->remaining_err_s);
    events_put(&co->events, value);
}

/* ---- boards */

static void tell_board(struct coordinator *co, uint32_t index,
                       const struct sched_board *state)
{
    const char *name = co->boards[index]->name, *hold = hold_word(state->hold);
    const char *word = board_state_word(state->state);
    struct json_value *value = events_new(&co->events, "board");

    json_set_string(value, "board", name);
    json_set_string(value, "state", word);
    json_set_string(value, "hold", hold);
    if (state->state == BOARD_QUARANTINE || state->state == BOARD_GIVEN_UP) {
        json_set_string(value, "text", state->reason);
        coordinator_notify(
            co, state->state == BOARD_GIVEN_UP ? "given up" : "quarantine",
            name, state->reason);
        if (!co->setup->quiet)
            progress_say(&co->progress, "%s: %s: %s", name,
                         state->state == BOARD_GIVEN_UP ? "given up"
                                                        : "in quarantine",
                         state->reason);
    }
    events_put(&co->events, value);
}

static void watch_boards(struct coordinator *co)
{
    for (uint32_t i = 0; i < plan_boards(co->setup->plan); i++) {
        struct watched *seen = &co->watched[i];
        struct sched_board state;

        sched_board(co->sched, i, &state);
        if (seen->state == state.state && seen->hold == state.hold)
            continue;
        seen->state = state.state;
        seen->hold = state.hold;
        if (!state.out)
            tell_board(co, i, &state);
    }
}

/* ---- stalls */

/* What every board does, for the one who comes to look. */
static void put_stall(const struct coordinator *co, struct buf *out)
{
    for (size_t i = 0; i < co->view.boards.len; i++) {
        const struct view_board *b = &co->view.boards.at[i];

        if (*b->cell)
            buf_printf(out, "; %s runs %s since %.0f s", b->name, b->cell,
                       b->since_s);
        else if (strcmp(b->state, "closed") != 0)
            buf_printf(out, "; %s is %s", b->name,
                       *b->hold ? b->hold : b->state);
    }
}

/* Nothing ended for so long, and nobody wished that. */
static void watch_stall(struct coordinator *co, int64_t now)
{
    double silent_s = NS_TO_S(now - co->ended_ns);
    struct buf text = { 0 };

    if (co->view.counts.paused)
        co->ended_ns = now;
    if (co->stalled || silent_s < co->setup->stall_s)
        return;
    co->stalled = true;
    buf_printf(&text, "no cell has ended for %.0f s", silent_s);
    put_stall(co, &text);
    log_line(LOG_WARN, "coordinator", "%s", buf_text(&text));
    coordinator_tell(co, "stall", NULL, buf_text(&text));
    coordinator_notify(co, "stall", NULL, buf_text(&text));
    buf_free(&text);
}

/* ---- all of it */

int coordinator_watch(struct coordinator *co, struct err *err)
{
    int64_t now = clock_mono_ns();
    int rc;

    if (now - co->watched_ns < LOOK_NS)
        return 0;
    co->watched_ns = now;
    watch_boards(co);
    rc = take_view(co, now, err);
    if (rc)
        return rc;
    progress_show(&co->progress, now, &co->view);
    if (now - co->written_ns < WRITE_NS)
        return 0;
    co->written_ns = now;
    watch_stall(co, now);
    write_view(co);
    tell_progress(co);
    events_flush(&co->events);
    notify_reap(&co->notify, 0);
    return 0;
}

int coordinator_watch_begin(struct coordinator *co, struct err *err)
{
    const struct coordinator_setup *setup = co->setup;
    struct json_value *value;
    int rc;

    co->begun_ns = co->ended_ns = clock_mono_ns();
    co->watched = calloc(plan_boards(setup->plan) + 1, sizeof(*co->watched));
    if (!co->watched)
        return err_set(err, ERR_NOMEM, "no memory for boards");
    rc = take_view(co, co->begun_ns, err);
    if (rc)
        return rc;
    progress_begin(&co->progress, stderr, setup->quiet, setup->show_boards,
                   co->begun_ns, &co->view);
    value = events_new(&co->events, "begin");
    json_set_string(value, "campaign", setup->dir);
    json_set_i64(value, "cells", (int64_t)view_work(&co->view));
    json_set_i64(value, "boards", (int64_t)plan_boards(setup->plan));
    events_put(&co->events, value);
    write_view(co);
    return 0;
}

void coordinator_watch_end(struct coordinator *co)
{
    const char *why = "";

    if (!co->watched || !co->sched)
        return;
    watch_boards(co);
    if (take_view(co, clock_mono_ns(), NULL))
        return;
    progress_end(&co->progress, &co->view);
    sched_stopping(co->sched, &why);
    if (*why && !co->setup->quiet)
        progress_say(&co->progress, "ended early: %s", why);
    write_view(co);
    tell_progress(co);
    coordinator_tell(co, "end", NULL, why);
    coordinator_notify(co, "end", NULL, why);
}
