/* ending.c - how attempts end, and what that means for cell and board */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "orchestrator/sched/state.h"

#define PROBE_WAIT_MAX_S 600.0

static void running_remove(struct sched *sched, uint32_t index, uint32_t cell)
{
    struct board_slot *board = &sched->boards[index];

    for (size_t i = 0; i < board->running.len; i++) {
        if (board->running.at[i] != cell)
            continue;
        board->running.at[i] = board->running.at[--board->running.len];
        bucket_ended(sched, &sched->buckets[sched->cells[cell].bucket]);
        break;
    }
    board->since_ns = sched->now_ns;
}

/* The board may have come to the end of its turn. */
static void turn_check(struct sched *sched, uint32_t index)
{
    struct board_slot *board = &sched->boards[index];

    board_mark(sched, index);
    if (!board_busy(board) &&
        NS_TO_S(sched->now_ns - board->turn_ns) >= sched->settings.turn_s)
        groups_release(sched, index);
}

int requeue_running(struct sched *sched, uint32_t index)
{
    struct board_slot *board = &sched->boards[index];

    if (board->sentinel.cell != PLAN_NONE) {
        board->sentinel.due = board->sentinel.runs;
        board->sentinel.cell = PLAN_NONE;
    }
    while (board->running.len) {
        uint32_t cell = board->running.at[board->running.len - 1];

        running_remove(sched, index, cell);
        if (sched->stopping) {
            if (!VEC_PUSH(&sched->dropped, cell))
                return ERR_NOMEM;
            continue;
        }
        cell_set_status(sched, cell, STATUS_PLANNED);
        if (!bucket_put_back(sched, cell))
            return ERR_NOMEM;
    }
    groups_release(sched, index);
    siblings_mark(sched, index);
    return 0;
}

void board_give_up(struct sched *sched, uint32_t index)
{
    sched->boards[index].state = BOARD_GIVEN_UP;
    sched->given_up = true;
}

void quarantine(struct sched *sched, uint32_t index)
{
    struct board_slot *board = &sched->boards[index];
    double wait_s = sched->settings.probe_first_s;

    board->suspect = false;
    board->failures = 0;
    if (board->probes >= sched->settings.board_probes) {
        board_give_up(sched, index);
        return;
    }
    wait_s *= pow(2, board->probes++);
    if (wait_s > PROBE_WAIT_MAX_S)
        wait_s = PROBE_WAIT_MAX_S;
    board->state = BOARD_QUARANTINE;
    board->probation = sched->settings.probation;
    board->wake_ns = sched->now_ns + S_TO_NS(wait_s);
    wake_at(sched, board->wake_ns);
}

/* A retry costs lab time: a sweep in which everything fails ends soon. */
static bool retry_left(const struct sched *sched)
{
    const struct sched_settings *set = &sched->settings;

    return (double)sched->retries <
           set->retry_free + set->retry_share * (double)sched->ok_now;
}

/* Should a cell that ended like this be tried again in this session? */
static bool try_again(const struct sched *sched, struct cell_state *state,
                      const struct event *event)
{
    if (event->status == STATUS_OK || sched->stopping)
        return false;
    if (event->transport_failed)
        return ++state->transport_tries < sched->settings.transport_tries &&
               retry_left(sched);
    if (event->status == STATUS_UNREACHABLE)
        return false;
    return ++state->tries < sched->settings.cell_tries && retry_left(sched);
}

/* The board answered: what it holds against itself fades. */
static void board_well(struct board_slot *board)
{
    board->failures = 0;
    if (board->probation)
        board->probation--;
    if (!board->probation)
        board->probes = 0;
}

static void note_board(struct sched *sched, const struct event *event)
{
    struct board_slot *board = &sched->boards[event->board];

    if (event->status == STATUS_OK)
        board->ok++;
    else
        board->failed++;
    if (!event->transport_failed) {
        if (event->status != STATUS_UNREACHABLE)
            board_well(board);
        return;
    }
    snprintf(board->reason, sizeof(board->reason), "%s", event->reason);
    /* its lane may mend the link by itself, and nothing more be heard of it */
    if (sched->settings.sentinel_reboot && board->sentinel.begun)
        sentinel_ask(sched, board, OCCASION_REBOOT);
    if (++board->failures >= sched->settings.board_failures ||
        board->probation) {
        board->suspect = true;
        siblings_mark(sched, event->board);
    }
}

int sched_stop(struct sched *sched, const char *why, bool cancel,
               struct action_list *actions, struct err *err)
{
    if (!sched->stopping)
        sched->stop_why = why;
    sched->stopping = true;
    boards_mark(sched);
    for (uint32_t i = 0; cancel && i < sched->boards_len; i++) {
        struct action action = { .kind = ACTION_CANCEL,
                                 .board = i,
                                 .worker = sched->boards[i].worker };

        if (!board_alive(&sched->boards[i]))
            continue;
        sched->boards[i].cancelled = true;
        if (actions && !VEC_PUSH(&actions->list, action))
            return err_set(err, ERR_NOMEM, "no memory for actions");
    }
    return 0;
}

/* A cell ended for good in this session. */
static int count_end(struct sched *sched, const struct event *event,
                     struct action_list *actions, struct err *err)
{
    bool given_up =
        event->status == STATUS_UNREACHABLE && !event->transport_failed;

    if (event->status == STATUS_OK)
        sched->ok_now++;
    else if (!given_up)
        sched->failed_now++;
    if (sched->stopping || !sched->settings.max_fail ||
        sched->failed_now < sched->settings.max_fail)
        return 0;
    return sched_stop(sched, "too many cells failed", sched->settings.fail_fast,
                      actions, err);
}

int on_result(struct sched *sched, const struct event *event,
              struct action_list *actions, struct err *err)
{
    uint32_t cell = (uint32_t)event->cell;
    struct cell_state *state = &sched->cells[cell];
    bool live = state->status == STATUS_RUNNING;

    if (event->attempt > state->attempt)
        state->attempt = (uint16_t)event->attempt;
    if (!live) { /* a replay */
        cell_set_status(sched, cell, event->status);
        return 0;
    }
    running_remove(sched, state->board, cell);
    note_board(sched, event);
    turn_check(sched, state->board);
    if (!event->transport_failed && event->status != STATUS_UNREACHABLE)
        forecast_learn(sched, &sched->boards[event->board], cell,
                       event->duration_s);
    if (!try_again(sched, state, event)) {
        cell_set_status(sched, cell, event->status);
        return count_end(sched, event, actions, err);
    }
    sched->retries++;
    cell_set_status(sched, cell, STATUS_PLANNED);
    return bucket_put_back(sched, cell) ? 0 : ERR_NOMEM;
}

int on_sentinel(struct sched *sched, const struct event *event)
{
    struct cell_state *state = &sched->cells[event->cell];
    struct board_slot *board = &sched->boards[event->board];
    struct sentinel *s = &board->sentinel;

    if (event->attempt > state->attempt)
        state->attempt = (uint16_t)event->attempt;
    if (s->cell != event->cell || s->attempt != event->attempt)
        return 0; /* a replay */
    s->cell = PLAN_NONE;
    s->worked = false;
    s->begun = true;
    s->next_ns = sched->now_ns + S_TO_NS(sched->settings.sentinel_every_s);
    if (sched->settings.sentinel_every_s > 0)
        wake_at(sched, s->next_ns);
    note_board(sched, event);
    turn_check(sched, event->board);
    return 0;
}
