/* world.c - a simulated lab for the scheduler */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sched/world_state.h"

#include "core/clock.h"
#include "core/units.h"
#include "hdf5_schema/columns.h"

uint64_t world_draw(struct world *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random >> 11;
}

static bool chance(struct world *w, unsigned pct)
{
    return !w->gentle && world_draw(w) % 100 < pct;
}

static void add_text(struct world *w, const char *role, const char *name,
                     struct buf *text)
{
    assert_int_equal(texts_add(w->documents.texts, role, name, "/nowhere",
                               buf_text(text), text->len, NULL),
                     0);
    buf_free(text);
}

static void make_inventory(struct world *w)
{
    struct buf text = { 0 };

    buf_printf(&text, "{\"lab\":\"sim\",\"platforms\":{");
    for (int p = 0; p < 2; p++)
        buf_printf(&text,
                   "%s\"P%d\":{\"type\":\"CPU\",\"engine\":\"batched\","
                   "\"op_modes\":{\"default\":{},\"fast\":{}}}",
                   p ? "," : "", p);
    buf_printf(&text, "},\"boards\":[");
    for (int p = 0; p < 2; p++)
        buf_printf(&text,
                   "%s{\"name\":\"b%d-[1-%zu]\",\"platform\":\"P%d\","
                   "\"transport\":\"local\",\"adapter\":\"sim\","
                   "\"op_modes\":{\"fast\":{}}%s}",
                   p ? "," : "", p, w->setup.boards, p,
                   w->setup.exclusive ? ",\"exclusive\":[\"all\"]" : "");
    buf_printf(&text, "]}");
    add_text(w, "inventory", "sim.json", &text);
    buf_printf(&text, "{\"adapter\":\"sim\",\"op_mode\":{\"set\":\"true\","
                      "\"verify\":{\"run\":\"true\",\"pattern\":\"(.*)\","
                      "\"expect\":\"x\"}},"
                      "\"jobs\":[{\"name\":\"x\",\"run\":\"true\"}]}");
    add_text(w, "adapter", "sim", &text);
}

static void make_experiment(struct world *w)
{
    struct buf text = { 0 };

    buf_printf(&text,
               "{\"experiment\":\"sim\",\"title\":\"sim\",\"boards\":\"%s\","
               "\"matrix\":[{\"platform\":[\"P0\",\"P1\"],\"op_mode\":"
               "[\"default\",\"fast\"],\"batch\":[",
               w->setup.each ? "each" : "any");
    for (size_t i = 1; i <= w->setup.cells; i++)
        buf_printf(&text, "%s%zu", i > 1 ? "," : "", i);
    buf_printf(&text, "]}],\"order\":\"%s\",\"seed\":1}",
               w->setup.seed % 2 ? "planned" : "shuffled");
    add_text(w, "experiment", "sim.json", &text);
}

void world_make_sched(struct world *w)
{
    const struct world_setup *setup = &w->setup;
    struct sched_settings settings = sched_defaults();
    struct sched_hints hints = { .expected_s = w->expected_s };

    settings.cell_tries = 1 + setup->seed % 3;
    settings.grouped = setup->grouped || setup->seed % 5 == 0;
    settings.longest = setup->longest;
    if (setup->turn_s > 0)
        settings.turn_s = setup->turn_s;
    settings.max_fail = setup->max_fail;
    settings.fail_fast = setup->seed % 2;
    settings.budget_s = setup->budget_s;
    settings.sentinel_every_s = setup->seed % 4 ? 0 : 0.2;
    settings.sentinel_mode = setup->seed % 3 == 0;
    settings.sentinel_reboot = setup->seed % 3 == 1;
    if (setup->sentinels) {
        hints.sentinels = w->sentinels;
        hints.sentinels_len = 4;
    }
    if (setup->loads)
        hints.loads = w->loads;
    if (!setup->undeclared)
        hints.switches = w->switches;
    assert_int_equal(sched_create(w->plan, &settings, &w->sched, NULL), 0);
    assert_int_equal(sched_hint(w->sched, &hints, NULL), 0);
}

static void seed_random(struct world *w, unsigned seed)
{
    w->setup.seed = seed;
    w->random = 88172645463325252u + seed * UINT64_C(0x9e3779b97f4a7c15);
}

/* Three things to load in every op mode, and cells that need none. */
static void make_switches(struct world *w)
{
    size_t boards = plan_boards(w->plan);

    w->loads = calloc(plan_cells(w->plan), sizeof(*w->loads));
    w->switches = calloc(boards, sizeof(*w->switches));
    for (size_t i = 0; i < plan_cells(w->plan); i++) {
        struct plan_cell cell;

        plan_cell(w->plan, i, &cell);
        w->loads[i] =
            i % 4 == 3 ? PLAN_NONE : cell.mode * 3 + (uint32_t)(i % 4);
    }
    for (size_t i = 0; i < boards; i++)
        w->switches[i] =
            (struct sched_switch){ w->setup.mode_s, w->setup.load_s };
}

struct world *world_create(const struct world_setup *setup)
{
    struct world *w = calloc(1, sizeof(*w));
    struct err err = { 0 };
    size_t cells;

    assert_non_null(w);
    w->setup = *setup;
    seed_random(w, setup->seed);
    w->documents.texts = texts_create();
    make_inventory(w);
    make_experiment(w);
    if (experiment_load(w->documents.texts, NULL, &w->documents.experiment,
                        &err) ||
        inventory_load(w->documents.texts, NULL, &w->documents.inventory,
                       &err) ||
        plan_create(w->documents.experiment, w->documents.inventory, &w->plan,
                    &err))
        fail_msg("%s", err.text);
    cells = plan_cells(w->plan);
    for (uint32_t i = 0; i < 4; i++) /* of each platform and op mode one */
        w->sentinels[i] = (uint32_t)(cells / 4 * i);
    w->worker_dead = calloc(setup->workers, sizeof(bool));
    w->held = calloc(plan_boards(w->plan), sizeof(bool));
    w->served_ns = calloc(plan_boards(w->plan), sizeof(int64_t));
    w->ok = calloc(cells, sizeof(bool));
    w->attempts = calloc(cells, sizeof(uint32_t));
    w->live = calloc(cells, sizeof(uint32_t));
    w->expected_s = calloc(cells, sizeof(float));
    make_switches(w);
    world_make_sched(w);
    return w;
}

void world_again(struct world *w, unsigned seed)
{
    size_t cells = plan_cells(w->plan), boards = plan_boards(w->plan);

    sched_destroy(w->sched);
    seed_random(w, seed);
    w->now_ns = 0;
    w->pending.len = w->history.len = w->actions.list.len = 0;
    w->stopped = w->gentle = w->paused = false;
    memset(w->worker_dead, 0, w->setup.workers * sizeof(bool));
    memset(w->held, 0, boards * sizeof(bool));
    memset(w->served_ns, 0, boards * sizeof(int64_t));
    memset(w->ok, 0, cells * sizeof(bool));
    memset(w->attempts, 0, cells * sizeof(uint32_t));
    world_make_sched(w);
}

void world_destroy(struct world *w)
{
    sched_destroy(w->sched);
    plan_destroy(w->plan);
    documents_close(&w->documents);
    VEC_FREE(&w->pending);
    VEC_FREE(&w->history);
    VEC_FREE(&w->actions.list);
    free(w->worker_dead);
    free(w->held);
    free(w->served_ns);
    free(w->ok);
    free(w->attempts);
    free(w->live);
    free(w->expected_s);
    free(w->loads);
    free(w->switches);
    free(w);
}

size_t world_events(const struct world *w)
{
    return w->events;
}

/* Two boards of one exclusive group, or a board with a sentinel and more. */
static void check_company(struct world *w, const struct action *action,
                          const struct pending *p)
{
    struct plan_board mine, other;

    if (p->kind != ACTION_RUN || p->again || w->worker_dead[p->worker])
        return;
    if (p->board == action->board) {
        if (p->occasion || action->occasion)
            fail_msg("a sentinel has company");
        return;
    }
    plan_board_at(w->plan, action->board, &mine);
    plan_board_at(w->plan, p->board, &other);
    if (mine.groups_len && other.groups_len)
        fail_msg("two boards of one exclusive group run");
}

/* Nobody waits for a shared thing much longer than everybody's turns. */
static void check_turns(struct world *w, const struct action *action)
{
    struct sched_settings settings = sched_defaults();
    size_t boards = plan_boards(w->plan);
    double turn_s = w->setup.turn_s > 0 ? w->setup.turn_s : settings.turn_s;
    int64_t most = S_TO_NS((turn_s + 1) * (double)boards);

    w->served_ns[action->board] = w->now_ns;
    for (uint32_t i = 0; i < boards; i++) {
        struct sched_board board;

        sched_board(w->sched, i, &board);
        if (board.state == BOARD_READY && board.ok < w->setup.cells &&
            w->now_ns - w->served_ns[i] > most)
            fail_msg("board %u starves", i);
    }
}

/* Rules that hold for every action. */
static void check_run(struct world *w, const struct action *action)
{
    struct plan_board mine;

    if (w->held[action->board])
        fail_msg("a held board gets a cell");
    if (w->paused)
        fail_msg("a paused sweep hands out a cell");
    if (!action->occasion)
        assert_false(w->ok[action->cell]);
    if (action->attempt <= w->attempts[action->cell])
        fail_msg("cell %llu: attempt %u after %u",
                 (unsigned long long)action->cell, action->attempt,
                 w->attempts[action->cell]);
    w->attempts[action->cell] = action->attempt;
    if (!action->occasion)
        w->live[action->cell] = action->attempt;
    plan_board_at(w->plan, action->board, &mine);
    for (size_t i = 0;
         (mine.groups_len || w->setup.sentinels) && i < w->pending.len; i++)
        check_company(w, action, &w->pending.at[i]);
    if (w->setup.exclusive && w->setup.each && !w->setup.hold_pct)
        check_turns(w, action);
}

static void step(struct world *w, struct event *event)
{
    struct err err = { 0 };

    w->events++;
    event->now_ns = w->now_ns;
    if (event->kind == EVENT_RESULT || event->kind == EVENT_SENTINEL)
        assert_true(VEC_PUSH(&w->history, *event));
    if (sched_step(w->sched, event, &w->actions, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < w->actions.list.len; i++) {
        const struct action *a = &w->actions.list.at[i];
        struct pending p = { .kind = a->kind,
                             .cell = a->cell,
                             .attempt = a->attempt,
                             .board = a->board,
                             .worker = a->worker,
                             .occasion = a->occasion };

        if (a->kind == ACTION_RUN)
            check_run(w, a);
        if (a->kind == ACTION_GIVE_UP)
            w->attempts[a->cell] = a->attempt;
        assert_true(VEC_PUSH(&w->pending, p));
    }
    w->actions.list.len = 0;
}

static void report_result(struct world *w, const struct pending *p)
{
    struct event event = { .kind = EVENT_RESULT,
                           .cell = p->cell,
                           .attempt = p->attempt,
                           .board = p->board,
                           .worker = p->worker,
                           .status = STATUS_OK,
                           .duration_s = 0.001 * (double)(world_draw(w) % 50) };

    if (w->expected_s[p->cell] > 0)
        event.duration_s = (double)w->expected_s[p->cell];
    if (p->kind == ACTION_GIVE_UP) {
        event.status = STATUS_UNREACHABLE;
    } else if (p->kind == ACTION_DROP) {
        event.status = STATUS_FAILED;
    } else if (chance(w, w->setup.transport_pct)) {
        event.status = STATUS_UNREACHABLE;
        event.transport_failed = true;
    } else if (chance(w, w->setup.fail_pct)) {
        event.status = STATUS_FAILED;
    }
    if (p->occasion) {
        event.kind = EVENT_SENTINEL;
        if (sched_sentinel(w->sched, p->board, p->cell, p->attempt))
            step(w, &event);
        return;
    }
    /* as the coordinator does: late ones are dropped */
    if (!sched_expects(w->sched, p->cell, p->attempt))
        return;
    if (p->kind == ACTION_RUN && p->attempt != w->live[p->cell])
        fail_msg("a late result of cell %llu counts",
                 (unsigned long long)p->cell);
    if (event.status == STATUS_OK) {
        assert_false(w->ok[p->cell]);
        w->ok[p->cell] = true;
    }
    step(w, &event);
}

static void report_open(struct world *w, const struct pending *p)
{
    struct event event = { .kind = EVENT_BOARD_READY,
                           .board = p->board,
                           .worker = p->worker };

    if (chance(w, w->setup.down_pct)) {
        event.kind = EVENT_BOARD_DOWN;
        event.refused = chance(w, w->setup.refuse_pct);
        snprintf(event.reason, sizeof(event.reason), "no connection");
    }
    step(w, &event);
}

/* A closing lane finishes its queue first. */
static bool board_has_runs(const struct world *w, uint32_t board)
{
    for (size_t i = 0; i < w->pending.len; i++)
        if (w->pending.at[i].kind == ACTION_RUN && !w->pending.at[i].again &&
            w->pending.at[i].board == board)
            return true;
    return false;
}

/* The lane ends what runs, and forgets what waits behind it. */
static void cancel_board(struct world *w, uint32_t board)
{
    size_t kept = 0, runs = 0;

    for (size_t i = 0; i < w->pending.len; i++) {
        const struct pending *p = &w->pending.at[i];
        bool run = p->kind == ACTION_RUN && !p->again && p->board == board;

        if (!run || !runs++)
            w->pending.at[kept++] = *p;
    }
    w->pending.len = kept;
}

void world_report(struct world *w, const struct pending *p)
{
    struct event closed = { .kind = EVENT_BOARD_CLOSED,
                            .board = p->board,
                            .worker = p->worker };

    if (p->kind != ACTION_GIVE_UP && p->kind != ACTION_DROP &&
        w->worker_dead[p->worker])
        return;
    switch (p->kind) {
    case ACTION_OPEN:
        report_open(w, p);
        return;
    case ACTION_RUN:
    case ACTION_GIVE_UP:
    case ACTION_DROP:
        report_result(w, p);
        return;
    case ACTION_CLOSE:
        if (board_has_runs(w, p->board))
            assert_true(VEC_PUSH(&w->pending, *p));
        else
            step(w, &closed);
        return;
    case ACTION_CANCEL:
        cancel_board(w, p->board);
        return;
    }
}

/* People hold a board or let it go, pause or resume. */
static void meddle(struct world *w)
{
    struct event event = { .hold = HOLD_DRAINED };

    if (world_draw(w) % 4 == 0) {
        w->paused = !w->paused;
        event.kind = w->paused ? EVENT_PAUSE : EVENT_UNPAUSE;
    } else {
        event.board = (uint32_t)(world_draw(w) % plan_boards(w->plan));
        w->held[event.board] = !w->held[event.board];
        event.kind = w->held[event.board] ? EVENT_HOLD : EVENT_RELEASE;
    }
    step(w, &event);
}

/* Let everything go on. */
static void relent(struct world *w)
{
    struct event event = { .kind = EVENT_UNPAUSE };

    w->paused = false;
    step(w, &event);
    for (uint32_t i = 0; i < plan_boards(w->plan); i++) {
        struct event release = { .kind = EVENT_RELEASE,
                                 .board = i,
                                 .hold = HOLD_DRAINED };

        if (!w->held[i])
            continue;
        w->held[i] = false;
        step(w, &release);
    }
}

static void kill_worker(struct world *w)
{
    struct event down = { .kind = EVENT_WORKER_DOWN };
    size_t alive = 0;

    for (size_t i = 0; i < w->setup.workers; i++)
        alive += !w->worker_dead[i];
    down.worker = (uint32_t)(world_draw(w) % w->setup.workers);
    if (alive < 2 || w->worker_dead[down.worker])
        return;
    w->worker_dead[down.worker] = true;
    step(w, &down);
}

void world_begin(struct world *w)
{
    struct event start = { .kind = EVENT_START };

    for (uint32_t i = 0; i < w->setup.workers; i++) {
        struct event up = { .kind = EVENT_WORKER_UP, .worker = i };

        w->worker_dead[i] = false;
        step(w, &up);
    }
    step(w, &start);
}

void world_run(struct world *w)
{
    size_t bound = 200 * (plan_cells(w->plan) + 100), start = w->events;

    world_begin(w);
    while (!sched_done(w->sched)) {
        struct event tick = { .kind = EVENT_TICK };
        struct pending p;
        size_t i;

        if (w->events - start > bound)
            fail_msg("seed %u: no end after %zu events", w->setup.seed, bound);
        if (!w->gentle && world_draw(w) % 1000 < w->setup.worker_pct)
            kill_worker(w);
        if (w->setup.stop_after && !w->stopped && !w->gentle &&
            w->events > w->setup.stop_after) {
            struct event stop = { .kind = EVENT_STOP,
                                  .cancel = w->setup.seed % 2 };

            w->stopped = true;
            step(w, &stop);
        }
        if (!w->gentle && world_draw(w) % 1000 < w->setup.hold_pct)
            meddle(w);
        if (!w->pending.len) { /* only time, or people, can help */
            int64_t wake = sched_wake_ns(w->sched);

            if (wake == INT64_MAX && w->setup.hold_pct) {
                relent(w);
                continue;
            }
            if (wake == INT64_MAX)
                fail_msg("seed %u: nothing is under way", w->setup.seed);
            w->now_ns = wake;
            step(w, &tick);
            continue;
        }
        i = world_draw(w) % w->pending.len;
        p = w->pending.at[i];
        w->pending.at[i] = w->pending.at[--w->pending.len];
        w->now_ns += (int64_t)(world_draw(w) % MS_TO_NS(20));
        world_report(w, &p);
        if (p.kind == ACTION_RUN && !p.again && chance(w, 5)) {
            p.again = true; /* it will be sent again, late */
            assert_true(VEC_PUSH(&w->pending, p));
        }
    }
}

void world_check_final(const struct world *w)
{
    for (size_t i = 0; i < plan_cells(w->plan); i++) {
        int status = sched_cell_status(w->sched, i);
        bool final = status == STATUS_OK || status == STATUS_FAILED ||
                     status == STATUS_UNREACHABLE || status == STATUS_NA;

        if (sched_stopping(w->sched, NULL) && status == STATUS_PLANNED)
            continue;
        if (w->setup.budget_s > 0 && status == STATUS_PLANNED)
            continue; /* it did not fit any more */
        if (!final)
            fail_msg("seed %u: cell %zu ends as %s", w->setup.seed, i,
                     columns_flag_word("status", status));
        assert_int_equal(status == STATUS_OK, w->ok[i]);
    }
}

/* A fresh scheduler that has seen what the journal keeps. */
static struct sched *replayed(const struct world *w)
{
    struct sched_settings settings = sched_defaults();
    struct sched *again;

    assert_int_equal(sched_create(w->plan, &settings, &again, NULL), 0);
    for (size_t i = 0; i < w->history.len; i++)
        assert_int_equal(sched_step(again, &w->history.at[i], NULL, NULL), 0);
    return again;
}

void world_check_replay(const struct world *w)
{
    struct sched *again = replayed(w);

    for (size_t i = 0; i < plan_cells(w->plan); i++) {
        int live = sched_cell_status(w->sched, i);
        int then = sched_cell_status(again, i);

        /* what a stop left to be tried again is, in the journal, what its
         * last attempt was */
        if (live == STATUS_PLANNED)
            assert_int_not_equal(then, STATUS_OK);
        else
            assert_int_equal(then, live);
    }
    sched_destroy(again);
}

void world_resume_and_finish(struct world *w)
{
    struct sched *again = replayed(w);

    /* attempts that left no result are in the journal as started */
    for (size_t i = 0; i < plan_cells(w->plan); i++) {
        struct event started = { .kind = EVENT_STARTED,
                                 .cell = i,
                                 .attempt = w->attempts[i] };

        assert_int_equal(sched_step(again, &started, NULL, NULL), 0);
    }
    assert_int_equal(sched_resume(again, NULL), 0);
    sched_destroy(w->sched);
    w->sched = again;
    w->pending.len = 0;
    w->gentle = true;
    w->stopped = w->paused = false;
    memset(w->held, 0, plan_boards(w->plan) * sizeof(bool));
    world_run(w);
    for (size_t i = 0; i < plan_cells(w->plan); i++)
        assert_int_equal(sched_cell_status(w->sched, i), STATUS_OK);
}
