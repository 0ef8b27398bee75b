/* sched.c - the scheduler's step: events change the state */
#include "orchestrator/sched/sched.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "orchestrator/sched/state.h"

#define PROBE_WAIT_MAX_S 600.0

struct sched_settings sched_defaults(void)
{
    return (struct sched_settings){
        .cell_tries = 1,
        .transport_tries = 3,
        .board_failures = 3,
        .board_probes = 3,
        .probe_first_s = 1,
        .turn_s = 10,
        .queue_s = 0.1,
        .queue_max = 32,
    };
}

static int boards_build(struct sched *sched, struct err *err)
{
    while (plan_group_name(sched->plan, sched->groups_len))
        sched->groups_len++;
    sched->group_holder =
        malloc((sched->groups_len + 1) * sizeof(sched->group_holder[0]));
    if (!sched->group_holder)
        return err_set(err, ERR_NOMEM, "no memory to schedule");
    for (size_t i = 0; i < sched->groups_len; i++)
        sched->group_holder[i] = PLAN_NONE;
    for (size_t i = 0; i < sched->boards_len; i++) {
        plan_board_at(sched->plan, i, &sched->boards[i].plan);
        sched->boards[i].mode = PLAN_NONE;
    }
    return 0;
}

int sched_create(const struct plan *plan, const struct sched_settings *settings,
                 struct sched **ret_sched, struct err *err)
{
    struct sched *sched = calloc(1, sizeof(*sched));
    int rc = ERR_NOMEM;

    if (!sched)
        return err_set(err, ERR_NOMEM, "no memory to schedule");
    sched->plan = plan;
    sched->settings = *settings;
    sched->cells_len = plan_cells(plan);
    sched->boards_len = plan_boards(plan);
    sched->cells = calloc(sched->cells_len + 1, sizeof(sched->cells[0]));
    sched->position = calloc(sched->cells_len + 1, sizeof(uint32_t));
    sched->boards = calloc(sched->boards_len + 1, sizeof(sched->boards[0]));
    if (sched->cells && sched->position && sched->boards)
        rc = boards_build(sched, err);
    else
        err_set(err, ERR_NOMEM, "no memory to schedule");
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
    }
    buckets_destroy(sched);
    VEC_FREE(&sched->workers);
    free(sched->cells);
    free(sched->position);
    free(sched->boards);
    free(sched->group_holder);
    free(sched);
}

static void running_remove(struct sched *sched, uint32_t index, uint32_t cell)
{
    struct board_slot *board = &sched->boards[index];

    for (size_t i = 0; i < board->running.len; i++) {
        if (board->running.at[i] != cell)
            continue;
        board->running.at[i] = board->running.at[--board->running.len];
        break;
    }
    if (!board->running.len &&
        NS_TO_S(sched->now_ns - board->turn_ns) >= sched->settings.turn_s)
        groups_release(sched, index);
}

/* What ran on a board that is gone waits again; the try does not count. */
static int requeue_running(struct sched *sched, uint32_t index)
{
    struct board_slot *board = &sched->boards[index];

    while (board->running.len) {
        uint32_t cell = board->running.at[--board->running.len];

        cell_set_status(sched, cell, STATUS_PLANNED);
        if (!bucket_put_back(sched, cell))
            return ERR_NOMEM;
    }
    groups_release(sched, index);
    return 0;
}

static void lane_gone(struct sched *sched, struct board_slot *board)
{
    if (board->state == BOARD_OPENING || board->state == BOARD_READY ||
        board->state == BOARD_CLOSING)
        sched->workers.at[board->worker].lanes--;
}

/* A board that failed waits for a probe, longer each time, then is given
 * up. */
static void quarantine(struct sched *sched, struct board_slot *board)
{
    double wait_s = sched->settings.probe_first_s;

    board->suspect = false;
    board->failures = 0;
    if (board->probes >= sched->settings.board_probes) {
        board->state = BOARD_GIVEN_UP;
        sched->given_up = true;
        return;
    }
    wait_s *= pow(2, board->probes++);
    if (wait_s > PROBE_WAIT_MAX_S)
        wait_s = PROBE_WAIT_MAX_S;
    board->state = BOARD_QUARANTINE;
    board->wake_ns = sched->now_ns + S_TO_NS(wait_s);
}

static int on_worker(struct sched *sched, const struct event *event)
{
    int rc = 0;

    while (sched->workers.len <= event->worker)
        if (!VEC_PUSH(&sched->workers, ((struct worker_slot){ 0 })))
            return ERR_NOMEM;
    sched->workers.at[event->worker].up = event->kind == EVENT_WORKER_UP;
    if (event->kind == EVENT_WORKER_UP)
        return 0;
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

static int on_board(struct sched *sched, const struct event *event)
{
    struct board_slot *board = &sched->boards[event->board];
    int rc = 0;

    /* words of a lane that was already given to another worker */
    if (board->worker != event->worker || board->state == BOARD_CLOSED ||
        board->state == BOARD_QUARANTINE || board->state == BOARD_GIVEN_UP)
        return 0;
    if (event->kind == EVENT_BOARD_READY) {
        if (board->state == BOARD_OPENING)
            board->state = BOARD_READY;
        return 0;
    }
    rc = requeue_running(sched, event->board);
    lane_gone(sched, board);
    if (event->kind == EVENT_BOARD_DOWN) {
        snprintf(board->reason, sizeof(board->reason), "%s", event->reason);
        if (event->refused) {
            board->state = BOARD_GIVEN_UP;
            sched->given_up = true;
        } else {
            quarantine(sched, board);
        }
    } else if (board->suspect) {
        quarantine(sched, board);
    } else {
        board->state = BOARD_CLOSED;
    }
    return rc;
}

static void learn_duration(struct board_slot *board, double duration_s)
{
    if (!(duration_s >= 0))
        return;
    if (board->seen_s <= 0)
        board->seen_s = duration_s > 0 ? duration_s : 1e-6;
    else
        board->seen_s += 0.2 * (duration_s - board->seen_s);
}

/* Should a cell that ended like this be tried again in this session? */
static bool try_again(const struct sched *sched, struct cell_state *state,
                      const struct event *event)
{
    if (event->status == STATUS_OK || sched->stopping)
        return false;
    if (event->transport_failed)
        return ++state->transport_tries < sched->settings.transport_tries;
    if (event->status == STATUS_UNREACHABLE)
        return false;
    return ++state->tries < sched->settings.cell_tries;
}

static void note_board(struct sched *sched, const struct event *event)
{
    struct board_slot *board = &sched->boards[event->board];

    if (!event->transport_failed) {
        if (event->status != STATUS_UNREACHABLE) {
            board->failures = board->probes = 0;
            learn_duration(board, event->duration_s);
        }
        return;
    }
    snprintf(board->reason, sizeof(board->reason), "%s", event->reason);
    if (++board->failures >= sched->settings.board_failures)
        board->suspect = true;
}

static int on_result(struct sched *sched, const struct event *event)
{
    uint32_t cell = (uint32_t)event->cell;
    struct cell_state *state = &sched->cells[cell];
    bool live = state->status == STATUS_RUNNING;

    if (event->attempt > state->attempt)
        state->attempt = event->attempt;
    if (!live) { /* a replay */
        cell_set_status(sched, cell, event->status);
        return 0;
    }
    running_remove(sched, state->board, cell);
    note_board(sched, event);
    if (!try_again(sched, state, event)) {
        cell_set_status(sched, cell, event->status);
        return 0;
    }
    cell_set_status(sched, cell, STATUS_PLANNED);
    return bucket_put_back(sched, cell) ? 0 : ERR_NOMEM;
}

static void on_withdrawn(struct sched *sched, const struct event *event)
{
    uint32_t cell = (uint32_t)event->cell;

    if (sched->cells[cell].status == STATUS_OK)
        cell_set_status(sched, cell,
                        event->kind == EVENT_STALE ? STATUS_STALE
                                                   : STATUS_INVALIDATED);
}

/* Cells that were never tried stay planned; what runs may finish. */
static int on_stop(struct sched *sched, const struct event *event,
                   struct action_list *actions, struct err *err)
{
    sched->stopping = true;
    for (uint32_t i = 0; event->cancel && i < sched->boards_len; i++) {
        struct action cancel = { .kind = ACTION_CANCEL,
                                 .board = i,
                                 .worker = sched->boards[i].worker };

        if (!board_alive(&sched->boards[i]))
            continue;
        if (requeue_running(sched, i) ||
            (actions && !VEC_PUSH(&actions->list, cancel)))
            return err_set(err, ERR_NOMEM, "no memory for actions");
    }
    return 0;
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
        sched->started = true;
        return 0;
    case EVENT_BOARD_READY:
    case EVENT_BOARD_DOWN:
    case EVENT_BOARD_CLOSED:
        return on_board(sched, event);
    case EVENT_STARTED:
        if (event->attempt > state->attempt)
            state->attempt = event->attempt;
        return 0;
    case EVENT_RESULT:
        return on_result(sched, event);
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
        return on_stop(sched, event, actions, err);
    }
    return 0;
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
        return err_set(err, rc, "no memory to schedule");
    if (!rc && actions)
        rc = dispatch(sched, actions, err);
    return rc;
}

void sched_resume(struct sched *sched)
{
    for (uint32_t i = 0; i < sched->cells_len; i++) {
        struct cell_state *state = &sched->cells[i];

        state->tries = state->transport_tries = 0;
        if (state->status != STATUS_OK && state->status != STATUS_NA &&
            state->status != STATUS_RETIRED)
            cell_set_status(sched, i, STATUS_PLANNED);
    }
    buckets_refill(sched);
}

bool sched_expects(const struct sched *sched, uint64_t cell, uint32_t attempt)
{
    return cell < sched->cells_len &&
           sched->cells[cell].status == STATUS_RUNNING &&
           sched->cells[cell].attempt == attempt;
}

bool sched_done(const struct sched *sched)
{
    if (!sched->started)
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
    return sched->stopping || !sched->running;
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

int64_t sched_wake_ns(const struct sched *sched)
{
    int64_t wake = INT64_MAX;

    for (size_t i = 0; i < sched->boards_len; i++)
        if (sched->boards[i].state == BOARD_QUARANTINE &&
            sched->boards[i].wake_ns < wake)
            wake = sched->boards[i].wake_ns;
    return wake;
}

/* Expected seconds of what waits or runs, spread over boards that can. */
static double remaining(const struct sched *sched)
{
    double longest = 0, shared = 0;

    for (size_t i = 0; i < sched->buckets_len; i++) {
        const struct bucket *b = &sched->buckets[i];
        size_t left = b->len - b->head + b->again.len - b->again_head;
        double each = b->expected_s, boards = 0;
        bool grouped = false;

        for (size_t k = 0; k < b->boards_len; k++) {
            const struct board_slot *board = &sched->boards[b->boards[k]];

            if (board->state == BOARD_GIVEN_UP)
                continue;
            boards++;
            grouped = grouped || board->plan.groups_len;
            if (board->seen_s > 0)
                each = board->seen_s;
        }
        if (grouped)
            shared += each * (double)left;
        else if (boards > 0)
            longest += each * (double)left / boards;
    }
    return shared + longest;
}

void sched_counts(const struct sched *sched, struct sched_counts *ret_counts)
{
    struct sched_counts c = { .cells = sched->cells_len };

    c.planned = sched->counts[STATUS_PLANNED];
    c.running = sched->counts[STATUS_RUNNING];
    c.ok = sched->counts[STATUS_OK];
    c.na = sched->counts[STATUS_NA] + sched->counts[STATUS_RETIRED];
    c.failed = c.cells - c.planned - c.running - c.ok - c.na;
    for (size_t i = 0; i < sched->boards_len; i++) {
        c.boards_open += board_alive(&sched->boards[i]);
        c.boards_quarantined += sched->boards[i].state == BOARD_QUARANTINE;
        c.boards_given_up += sched->boards[i].state == BOARD_GIVEN_UP;
    }
    c.remaining_s = remaining(sched);
    *ret_counts = c;
}
