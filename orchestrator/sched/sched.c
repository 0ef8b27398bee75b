/* sched.c - the scheduler's step: events change the state */
#include "orchestrator/sched/sched.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "orchestrator/sched/state.h"

struct sched_settings sched_defaults(void)
{
    return (struct sched_settings){
        .cell_tries = 1,
        .transport_tries = 3,
        .retry_free = 64,
        .retry_share = 0.5,
        .board_failures = 3,
        .board_probes = 3,
        .probation = 2,
        .probe_first_s = 1,
        .turn_s = 10,
        .queue_s = 0.1,
        .queue_max = 32,
    };
}

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory to schedule");
}

static int boards_build(struct sched *sched, struct err *err)
{
    while (plan_group_name(sched->plan, sched->groups_len))
        sched->groups_len++;
    sched->groups = calloc(sched->groups_len + 1, sizeof(sched->groups[0]));
    if (!sched->groups)
        return no_memory(err);
    for (size_t i = 0; i < sched->groups_len; i++)
        sched->groups[i].holder = PLAN_NONE;
    for (uint32_t i = 0; i < sched->boards_len; i++) {
        struct board_slot *board = &sched->boards[i];

        plan_board_at(sched->plan, i, &board->plan);
        board->sentinel.cell = PLAN_NONE;
        switch_forget(board);
        for (size_t k = 0; k < board->plan.groups_len; k++)
            if (!VEC_PUSH(&sched->groups[board->plan.groups[k]].members, i))
                return no_memory(err);
    }
    return 0;
}

int sched_create(const struct plan *plan, const struct sched_settings *settings,
                 struct sched **ret_sched, struct err *err)
{
    struct sched *sched = calloc(1, sizeof(*sched));
    int rc;

    if (!sched)
        return no_memory(err);
    sched->plan = plan;
    sched->settings = *settings;
    sched->wake_ns = sched->deadline_ns = INT64_MAX;
    sched->stop_why = "";
    sched->cells_len = plan_cells(plan);
    sched->boards_len = plan_boards(plan);
    sched->cells = calloc(sched->cells_len + 1, sizeof(sched->cells[0]));
    sched->position = calloc(sched->cells_len + 1, sizeof(uint32_t));
    sched->expected_s = calloc(sched->cells_len + 1, sizeof(float));
    sched->boards = calloc(sched->boards_len + 1, sizeof(sched->boards[0]));
    sched->dirty = calloc(sched->boards_len / 64 + 1, sizeof(uint64_t));
    rc = sched->cells && sched->position && sched->expected_s &&
                 sched->boards && sched->dirty
             ? boards_build(sched, err)
             : no_memory(err);
    if (!rc)
        rc = buckets_build(sched, err);
    if (rc)
        sched_destroy(sched);
    else
        *ret_sched = sched;
    return rc;
}

void sched_destroy(struct sched *sched)
{
    if (!sched)
        return;
    for (size_t i = 0; sched->boards && i < sched->boards_len; i++) {
        VEC_FREE(&sched->boards[i].running);
        VEC_FREE(&sched->boards[i].buckets);
        VEC_FREE(&sched->boards[i].sentinel.of);
    }
    for (size_t i = 0; sched->groups && i < sched->groups_len; i++)
        VEC_FREE(&sched->groups[i].members);
    buckets_destroy(sched);
    VEC_FREE(&sched->workers);
    VEC_FREE(&sched->dropped);
    free(sched->cells);
    free(sched->position);
    free(sched->expected_s);
    free(sched->rank);
    free(sched->boards);
    free(sched->groups);
    free(sched->loads);
    free(sched->dirty);
    free(sched);
}

static int hint_cells(struct sched *sched, const struct sched_hints *hints,
                      struct err *err)
{
    if (hints->rank) {
        sched->rank = malloc(sched->cells_len + 1);
        if (!sched->rank)
            return no_memory(err);
        memcpy(sched->rank, hints->rank, sched->cells_len);
    }
    for (size_t i = 0; i < sched->cells_len; i++) {
        if (hints->expected_s && hints->expected_s[i] > 0)
            sched->expected_s[i] = hints->expected_s[i];
        sched->cells[i].left_out = hints->left_out && hints->left_out[i];
    }
    return 0;
}

/* What is loaded for cells, and what switches cost. */
static int hint_switches(struct sched *sched, const struct sched_hints *hints,
                         struct err *err)
{
    for (uint32_t i = 0; hints->switches && i < sched->boards_len; i++)
        sched->boards[i].costs = hints->switches[i];
    if (!hints->loads)
        return 0;
    sched->loads = malloc((sched->cells_len + 1) * sizeof(*sched->loads));
    if (!sched->loads)
        return no_memory(err);
    memcpy(sched->loads, hints->loads, sched->cells_len * sizeof(uint32_t));
    return buckets_rebuild(sched, err);
}

/* Every board that can run one of these cells may run it as a sentinel. */
static int hint_sentinels(struct sched *sched, const struct sched_hints *hints,
                          struct err *err)
{
    for (size_t i = 0; i < hints->sentinels_len; i++) {
        uint32_t cell = hints->sentinels[i];
        const struct bucket *b;

        if (sched->cells[cell].bucket == PLAN_NONE)
            continue;
        b = &sched->buckets[sched->cells[cell].bucket];
        for (size_t k = 0; k < b->boards_len; k++)
            if (!sentinel_declare(sched, &sched->boards[b->boards[k]], cell))
                return no_memory(err);
    }
    return 0;
}

int sched_hint(struct sched *sched, const struct sched_hints *hints,
               struct err *err)
{
    int rc = hint_switches(sched, hints, err);

    if (!rc)
        rc = hint_cells(sched, hints, err);
    if (!rc)
        rc = hint_sentinels(sched, hints, err);
    for (uint32_t i = 0; hints->board_out && i < sched->boards_len; i++)
        if (hints->board_out[i]) {
            sched->boards[i].out = true;
            board_give_up(sched, i);
        }
    return rc ? rc : buckets_refill(sched, err);
}

static void lane_gone(struct sched *sched, struct board_slot *board)
{
    if (board->state == BOARD_OPENING || board->state == BOARD_READY ||
        board->state == BOARD_CLOSING)
        sched->workers.at[board->worker].lanes--;
    switch_forget(board);
}

void sched_set_site(struct sched *sched, uint32_t board, const char *site)
{
    sched->boards[board].site = site;
}

static int on_worker(struct sched *sched, const struct event *event)
{
    int rc = 0;

    boards_mark(sched);
    while (sched->workers.len <= event->worker)
        if (!VEC_PUSH(&sched->workers, ((struct worker_slot){ 0 })))
            return ERR_NOMEM;
    sched->workers.at[event->worker].up = event->kind == EVENT_WORKER_UP;
    if (event->kind == EVENT_WORKER_UP) {
        memcpy(sched->workers.at[event->worker].site, event->site,
               sizeof(event->site));
        return 0;
    }
    for (uint32_t i = 0; !rc && i < sched->boards_len; i++) {
        struct board_slot *board = &sched->boards[i];

        if (board->worker != event->worker ||
            (!board_alive(board) && board->state != BOARD_CLOSING))
            continue;
        rc = requeue_running(sched, i);
        lane_gone(sched, board);
        board->state = BOARD_CLOSED;
    }
    return rc;
}

/* A lane is there; what the board did meanwhile is not known if it was
 * lost. */
static void on_ready(struct sched *sched, struct board_slot *board,
                     const struct event *event)
{
    if (sched->settings.sentinel_reboot && board->sentinel.begun &&
        (event->rebooted || (board->lost && board->state == BOARD_OPENING)))
        sentinel_ask(sched, board, OCCASION_REBOOT);
    if (board->state != BOARD_OPENING)
        return;
    board->state = BOARD_READY;
    board->lost = false;
}

static int on_board(struct sched *sched, const struct event *event)
{
    struct board_slot *board = &sched->boards[event->board];
    int rc = 0;

    /* words of a lane that was already given to another worker */
    if (board->worker != event->worker || board->state == BOARD_CLOSED ||
        board->state == BOARD_QUARANTINE || board->state == BOARD_GIVEN_UP)
        return 0;
    board_mark(sched, event->board);
    if (event->kind == EVENT_BOARD_READY) {
        on_ready(sched, board, event);
        return 0;
    }
    rc = requeue_running(sched, event->board);
    lane_gone(sched, board);
    if (event->kind == EVENT_BOARD_DOWN) {
        snprintf(board->reason, sizeof(board->reason), "%s", event->reason);
        board->lost = true;
        if (event->refused)
            board_give_up(sched, event->board);
        else
            quarantine(sched, event->board);
    } else if (board->suspect) {
        board->lost = true;
        quarantine(sched, event->board);
    } else {
        board->state = BOARD_CLOSED;
    }
    siblings_mark(sched, event->board);
    return rc;
}

static void on_withdrawn(struct sched *sched, const struct event *event)
{
    uint32_t cell = (uint32_t)event->cell;

    if (sched->cells[cell].status == STATUS_OK)
        cell_set_status(sched, cell,
                        event->kind == EVENT_STALE ? STATUS_STALE
                                                   : STATUS_INVALIDATED);
}

static void on_start(struct sched *sched)
{
    sched->started = true;
    if (sched->settings.budget_s > 0)
        sched->deadline_ns = sched->now_ns + S_TO_NS(sched->settings.budget_s);
    wake_again(sched);
    boards_mark(sched);
}

static void on_hold(struct sched *sched, const struct event *event)
{
    struct board_slot *board = &sched->boards[event->board];

    if (event->kind == EVENT_HOLD) {
        board->hold |= event->hold;
    } else {
        board->hold &= ~event->hold;
        if (event->hold & HOLD_DRAINED && !board->out &&
            (board->state == BOARD_QUARANTINE ||
             board->state == BOARD_GIVEN_UP)) {
            board->state = BOARD_CLOSED;
            board->probes = board->failures = 0;
        }
    }
    siblings_mark(sched, event->board);
}

static int check_names(const struct sched *sched, const struct event *event,
                       struct err *err)
{
    if (event->cell >= sched->cells_len)
        return err_set(err, ERR_FORMAT, "event names cell %llu of %zu",
                       (unsigned long long)event->cell, sched->cells_len);
    if (event->board >= sched->boards_len && event->board != PLAN_NONE &&
        event->board != 0)
        return err_set(err, ERR_FORMAT, "event names board %u of %zu",
                       event->board, sched->boards_len);
    return 0;
}

static int apply(struct sched *sched, const struct event *event,
                 struct action_list *actions, struct err *err)
{
    struct cell_state *state = &sched->cells[event->cell];
    struct board_slot *board = &sched->boards[event->board];

    switch (event->kind) {
    case EVENT_TICK:
        return 0;
    case EVENT_WORKER_UP:
    case EVENT_WORKER_DOWN:
        return on_worker(sched, event);
    case EVENT_START:
        on_start(sched);
        return 0;
    case EVENT_BOARD_READY:
    case EVENT_BOARD_DOWN:
    case EVENT_BOARD_CLOSED:
        return on_board(sched, event);
    case EVENT_STARTED:
        if (event->attempt > state->attempt)
            state->attempt = (uint16_t)event->attempt;
        return 0;
    case EVENT_RESULT:
        return on_result(sched, event, actions, err);
    case EVENT_SENTINEL:
        return on_sentinel(sched, event);
    case EVENT_MODE_INTENT:
        /* the first of several is where the board must go back to */
        if (!*board->restore)
            snprintf(board->restore, sizeof(board->restore), "%s", event->mode);
        return 0;
    case EVENT_MODE_RESTORED:
        board->restore[0] = 0;
        return 0;
    case EVENT_INVALIDATED:
    case EVENT_STALE:
        on_withdrawn(sched, event);
        return 0;
    case EVENT_STOP:
        return sched_stop(sched, "asked to", event->cancel, actions, err);
    case EVENT_PAUSE:
    case EVENT_UNPAUSE:
        sched->paused = event->kind == EVENT_PAUSE;
        boards_mark(sched);
        return 0;
    case EVENT_HOLD:
    case EVENT_RELEASE:
        on_hold(sched, event);
        return 0;
    }
    return 0;
}

/* What time alone brings: probes, sentinels, the end of the budget. */
static int on_time(struct sched *sched, struct action_list *actions,
                   struct err *err)
{
    if (sched->now_ns < sched->wake_ns)
        return 0;
    boards_mark(sched);
    wake_again(sched);
    if (sched->now_ns < sched->deadline_ns || sched->stopping)
        return 0;
    return sched_stop(sched, "the time is over", false, actions, err);
}

int sched_step(struct sched *sched, const struct event *event,
               struct action_list *actions, struct err *err)
{
    int rc;

    if (sched->cells_len && check_names(sched, event, err))
        return ERR_FORMAT;
    if (event->now_ns > sched->now_ns)
        sched->now_ns = event->now_ns;
    rc = apply(sched, event, actions, err);
    if (rc == ERR_NOMEM)
        return no_memory(err);
    if (!rc && sched->started)
        rc = on_time(sched, actions, err);
    if (!rc && actions)
        rc = dispatch(sched, actions, err);
    return rc;
}

int sched_resume(struct sched *sched, struct err *err)
{
    for (uint32_t i = 0; i < sched->cells_len; i++) {
        struct cell_state *state = &sched->cells[i];

        state->tries = state->transport_tries = 0;
        if (state->status != STATUS_OK && state->status != STATUS_NA &&
            state->status != STATUS_RETIRED)
            cell_set_status(sched, i, STATUS_PLANNED);
    }
    return buckets_refill(sched, err);
}

bool sched_expects(const struct sched *sched, uint64_t cell, uint32_t attempt)
{
    return cell < sched->cells_len &&
           sched->cells[cell].status == STATUS_RUNNING &&
           sched->cells[cell].live == attempt;
}

enum occasion sched_sentinel(const struct sched *sched, uint32_t board,
                             uint64_t cell, uint32_t attempt)
{
    const struct sentinel *s = &sched->boards[board].sentinel;

    return s->cell == cell && s->attempt == attempt ? s->runs : OCCASION_NONE;
}

bool sched_done(const struct sched *sched)
{
    if (!sched->started)
        return false;
    if (sched->running)
        return false;
    for (size_t i = 0; i < sched->boards_len; i++) {
        const struct board_slot *board = &sched->boards[i];

        if (board_alive(board) || board->state == BOARD_CLOSING ||
            restore_due(sched, board))
            return false;
        if (!sched->stopping && board->state != BOARD_GIVEN_UP &&
            board_wanted(sched, board))
            return false;
    }
    return true;
}

bool sched_stopping(const struct sched *sched, const char **ret_why)
{
    if (ret_why)
        *ret_why = sched->stop_why;
    return sched->stopping;
}

int sched_cell_status(const struct sched *sched, uint64_t cell)
{
    return sched->cells[cell].status;
}

uint32_t sched_cell_attempts(const struct sched *sched, uint64_t cell)
{
    return sched->cells[cell].attempt;
}

const char *sched_board_restore(const struct sched *sched, uint32_t board)
{
    return sched->boards[board].restore;
}

const char *sched_board_reason(const struct sched *sched, uint32_t board)
{
    return sched->boards[board].reason;
}

void sched_board(const struct sched *sched, uint32_t index,
                 struct sched_board *ret_board)
{
    const struct board_slot *board = &sched->boards[index];
    const struct sentinel *s = &board->sentinel;
    bool sentinel = s->cell != PLAN_NONE;

    *ret_board = (struct sched_board){
        .state = board->state,
        .hold = board->hold,
        .out = board->out,
        .probation = board->probation > 0,
        .worker = board->worker,
        .running = board->running.len + sentinel,
        .occasion = sentinel ? s->runs : OCCASION_NONE,
        .since_ns = board->since_ns,
        .wake_ns = board->wake_ns,
        .ok = board->ok,
        .failed = board->failed,
        .reason = board->reason,
    };
    if (sentinel) {
        ret_board->cell = s->cell;
        ret_board->attempt = s->attempt;
    } else if (board->running.len) {
        ret_board->cell = board->running.at[0];
        ret_board->attempt = sched->cells[board->running.at[0]].live;
    }
}

const char *board_state_word(enum board_state state)
{
    static const char *const words[] = { "closed",     "opening", "ready",
                                         "quarantine", "closing", "given up" };

    return words[state];
}

int64_t sched_wake_ns(const struct sched *sched)
{
    return sched->wake_ns;
}
