/* dispatch.c - what to do next, given the state */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "orchestrator/sched/state.h"

static int push(struct action_list *actions, struct action action,
                struct err *err)
{
    if (!VEC_PUSH(&actions->list, action))
        return err_set(err, ERR_NOMEM, "no memory for actions");
    return 0;
}

/* The worker that is up, at 'site' (NULL: anywhere), and has fewest lanes;
 * UINT32_MAX if there is none. */
static uint32_t idlest_worker(const struct sched *sched, const char *site)
{
    uint32_t best = UINT32_MAX;

    for (uint32_t i = 0; i < sched->workers.len; i++) {
        const struct worker_slot *worker = &sched->workers.at[i];

        if (!worker->up || (site && strcmp(site, worker->site) != 0))
            continue;
        if (best == UINT32_MAX ||
            sched->workers.at[i].lanes < sched->workers.at[best].lanes)
            best = i;
    }
    return best;
}

/* There are workers, but none where the board is. */
static void give_up_site(struct sched *sched, struct board_slot *board)
{
    board->state = BOARD_GIVEN_UP;
    sched->given_up = true;
    snprintf(board->reason, sizeof(board->reason),
             "no worker is at its site '%s': start one there, or say --site "
             "%s",
             board->site, board->site);
}

static int open_board(struct sched *sched, uint32_t index,
                      struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];
    uint32_t worker = idlest_worker(sched, board->site);

    if (worker == UINT32_MAX) {
        if (idlest_worker(sched, NULL) != UINT32_MAX)
            give_up_site(sched, board);
        return 0;
    }
    board->state = BOARD_OPENING;
    board->restore_tried = *board->restore != 0;
    board->worker = worker;
    switch_forget(board);
    sched->workers.at[worker].lanes++;
    return push(actions,
                (struct action){
                    .kind = ACTION_OPEN, .board = index, .worker = worker },
                err);
}

static int close_board(struct sched *sched, uint32_t index,
                       struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];

    board->state = BOARD_CLOSING;
    return push(actions,
                (struct action){ .kind = ACTION_CLOSE,
                                 .board = index,
                                 .worker = board->worker },
                err);
}

/* The board's part of what waits, if all that can run it took theirs. */
static double fair_share(const struct sched *sched,
                         const struct board_slot *board)
{
    double share = 0;

    for (size_t i = 0; i < board->buckets.len; i++) {
        const struct bucket *b = &sched->buckets[board->buckets.at[i]];

        share += (double)bucket_waits(b) / (double)b->boards_len;
    }
    return share;
}

/* How many cells a board may hold: one, or as many short ones as fill
 * queue_s, so that a lane never waits for the coordinator; towards the end
 * not more than its part, so that boards end together. */
static uint32_t queue_depth(const struct sched *sched,
                            const struct board_slot *board)
{
    double depth;

    if (board->seen_s <= 0 || board->probation)
        return 1;
    depth = sched->settings.queue_s / board->seen_s;
    if (depth > sched->settings.queue_max)
        depth = sched->settings.queue_max;
    if (depth >= 2)
        depth = fmin(depth, fair_share(sched, board));
    return depth < 1 ? 1 : (uint32_t)depth;
}

/* True if the holder of an exclusive group has no use for its turn. */
static bool holder_idle(const struct sched *sched, uint32_t holder)
{
    const struct board_slot *board = &sched->boards[holder];

    return !board_busy(board) &&
           (board->state != BOARD_READY || board->suspect || board->hold ||
            !board_wanted(sched, board));
}

/* True if the board may start now: every exclusive group it is in is free,
 * its own, or held by one that has no use for it. */
static bool groups_free(const struct sched *sched, uint32_t index)
{
    const struct plan_board *plan = &sched->boards[index].plan;

    for (size_t i = 0; i < plan->groups_len; i++) {
        uint32_t holder = sched->groups[plan->groups[i]].holder;

        if (holder != PLAN_NONE && holder != index &&
            !holder_idle(sched, holder))
            return false;
    }
    return true;
}

static void groups_hold(struct sched *sched, uint32_t index)
{
    struct board_slot *board = &sched->boards[index];

    for (size_t i = 0; i < board->plan.groups_len; i++) {
        uint32_t *holder = &sched->groups[board->plan.groups[i]].holder;

        if (*holder != index)
            board->turn_ns = sched->now_ns;
        *holder = index;
    }
}

/* The bucket to serve next: the one with the fewest switches if grouped, else
 * the one whose next cell comes first. */
static struct bucket *choose_bucket(struct sched *sched,
                                    struct board_slot *board)
{
    struct bucket *best = NULL;
    uint32_t best_position = UINT32_MAX;

    if (sched->settings.grouped && !sched->rank)
        return switch_choose(sched, board);
    for (size_t i = 0; i < board->buckets.len; i++) {
        struct bucket *b = &sched->buckets[board->buckets.at[i]];
        uint32_t position = bucket_position(sched, b);

        if (position < best_position) {
            best = b;
            best_position = position;
        }
    }
    return best;
}

/* A cell for the board from any of its buckets, PLAN_NONE if none fits. */
static uint32_t choose_cell(struct sched *sched, uint32_t index)
{
    struct board_slot *board = &sched->boards[index];
    struct bucket *best = choose_bucket(sched, board);
    uint32_t cell = best ? bucket_take(sched, best, index) : PLAN_NONE;

    for (size_t i = 0; best && cell == PLAN_NONE && i < board->buckets.len;
         i++) {
        best = &sched->buckets[board->buckets.at[i]];
        cell = bucket_take(sched, best, index);
    }
    if (cell != PLAN_NONE)
        switch_to(sched, board, best, cell);
    return cell;
}

static int push_run(struct sched *sched, uint32_t index, uint32_t cell,
                    enum occasion occasion, struct action_list *actions,
                    struct err *err)
{
    struct board_slot *board = &sched->boards[index];

    groups_hold(sched, index);
    if (!board_busy(board))
        board->since_ns = sched->now_ns;
    return push(actions,
                (struct action){ .kind = ACTION_RUN,
                                 .cell = cell,
                                 .attempt = ++sched->cells[cell].attempt,
                                 .board = index,
                                 .worker = board->worker,
                                 .occasion = occasion },
                err);
}

static int run_cell(struct sched *sched, uint32_t index, uint32_t cell,
                    struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];
    struct cell_state *state = &sched->cells[cell];
    int rc = push_run(sched, index, cell, OCCASION_NONE, actions, err);

    if (rc)
        return rc;
    if (!VEC_PUSH(&board->running, cell))
        return err_set(err, ERR_NOMEM, "no memory to schedule");
    cell_set_status(sched, cell, STATUS_RUNNING);
    sched->buckets[state->bucket].running++;
    state->board = index;
    state->live = state->attempt;
    board->sentinel.worked = true;
    return 0;
}

/* Run the sentinel that is due, alone. */
static int run_sentinel(struct sched *sched, uint32_t index, uint32_t mode,
                        struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];
    struct sentinel *s = &board->sentinel;
    uint32_t cell = sentinel_choose(sched, board, mode);
    enum occasion due = s->due;
    int rc;

    s->due = OCCASION_NONE;
    rc = push_run(sched, index, cell, due, actions, err);
    s->cell = cell;
    s->attempt = sched->cells[cell].attempt;
    s->runs = due;
    switch_to(sched, board, &sched->buckets[sched->cells[cell].bucket], cell);
    return rc;
}

/* Give the board cells until it has enough; one that needs a sentinel first
 * runs out of them. */
static int fill_board(struct sched *sched, uint32_t index,
                      struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];
    uint32_t depth = queue_depth(sched, board);
    int rc = 0;

    while (!rc && board->running.len < depth) {
        struct bucket *next = choose_bucket(sched, board);
        uint32_t cell;

        if (next && board->sentinel.of.len)
            sentinel_before(sched, board, next->mode);
        if (board->sentinel.due != OCCASION_NONE)
            return next && !board_busy(board)
                       ? run_sentinel(sched, index, next->mode, actions, err)
                       : 0;
        cell = choose_cell(sched, index);
        if (cell == PLAN_NONE)
            break;
        rc = run_cell(sched, index, cell, actions, err);
    }
    return rc;
}

static int feed_board(struct sched *sched, uint32_t index,
                      struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];
    int rc;

    if (!groups_free(sched, index))
        return 0;
    /* who shares something takes one handful at a time: then its turn may
     * be over; a sentinel runs alone */
    if (board->sentinel.cell != PLAN_NONE ||
        (board->plan.groups_len && board->running.len))
        return 0;
    rc = fill_board(sched, index, actions, err);
    /* what waits is better run by a sister: let it have the turn */
    if (!rc && !board_busy(board)) {
        groups_release(sched, index);
        board->spent = sched->deadline_ns != INT64_MAX;
    }
    return rc;
}

/* Nothing is left for a ready board: a last sentinel, then its lane ends. */
static int finish_board(struct sched *sched, uint32_t index,
                        struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];

    if (!sched->stopping && !board->hold && !board->suspect &&
        sentinel_at_end(sched, board))
        return groups_free(sched, index)
                   ? run_sentinel(sched, index, board->mode, actions, err)
                   : 0;
    return close_board(sched, index, actions, err);
}

/* True if some board that is not given up can still run the bucket. */
static bool bucket_reachable(const struct sched *sched,
                             const struct bucket *bucket)
{
    for (size_t i = 0; i < bucket->boards_len; i++)
        if (sched->boards[bucket->boards[i]].state != BOARD_GIVEN_UP)
            return true;
    return false;
}

/* Cells whose boards are all given up end as unreachable. */
static int give_up_cells(struct sched *sched, struct action_list *actions,
                         struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < sched->buckets_len; i++) {
        struct bucket *b = &sched->buckets[i];

        if (!bucket_open(b) || bucket_reachable(sched, b))
            continue;
        while (!rc && bucket_open(b)) {
            uint32_t cell = bucket_take(sched, b, PLAN_NONE);
            struct cell_state *state = &sched->cells[cell];

            cell_set_status(sched, cell, STATUS_RUNNING);
            state->board = b->boards[0];
            state->live = ++state->attempt;
            rc = push(actions,
                      (struct action){ .kind = ACTION_GIVE_UP,
                                       .cell = cell,
                                       .attempt = state->attempt,
                                       .board = b->boards[0] },
                      err);
        }
    }
    return rc;
}

static int tend_ready(struct sched *sched, uint32_t index, bool wanted,
                      struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];

    /* the running cell reports its end, the lane forgot those behind it */
    if (board->cancelled)
        return close_board(sched, index, actions, err);
    if (wanted && !board->suspect && !board->hold)
        return sched->paused ? 0 : feed_board(sched, index, actions, err);
    if (board_busy(board))
        return 0;
    groups_release(sched, index);
    if (sched->paused && !sched->stopping && !board->hold && !board->suspect)
        return 0;
    /* a lane stays while a cell that runs may come back to it */
    if (sched->stopping || board->hold || board->suspect ||
        !board_hopeful(sched, board))
        return finish_board(sched, index, actions, err);
    return 0;
}

static int tend_board(struct sched *sched, uint32_t index,
                      struct action_list *actions, struct err *err)
{
    struct board_slot *board = &sched->boards[index];
    bool wanted = !sched->stopping && board_wanted(sched, board);

    switch (board->state) {
    case BOARD_CLOSED:
        if (restore_due(sched, board) ||
            (wanted && !board->hold && !sched->paused))
            return open_board(sched, index, actions, err);
        return 0;
    case BOARD_QUARANTINE:
        if (wanted && !board->hold && !sched->paused &&
            sched->now_ns >= board->wake_ns)
            return open_board(sched, index, actions, err);
        return 0;
    case BOARD_READY:
        return tend_ready(sched, index, wanted, actions, err);
    case BOARD_OPENING:
    case BOARD_CLOSING:
    case BOARD_GIVEN_UP:
        return 0;
    }
    return 0;
}

/* Cells that were handed out, and whose boards are gone as the sweep ends. */
static int drop_cells(struct sched *sched, struct action_list *actions,
                      struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < sched->dropped.len; i++) {
        uint32_t cell = sched->dropped.at[i];

        rc = push(actions,
                  (struct action){ .kind = ACTION_DROP,
                                   .cell = cell,
                                   .attempt = sched->cells[cell].live,
                                   .board = sched->cells[cell].board },
                  err);
    }
    sched->dropped.len = 0;
    return rc;
}

int dispatch(struct sched *sched, struct action_list *actions, struct err *err)
{
    uint32_t board;
    int rc = 0;

    if (!sched->started)
        return 0;
    while (!rc && board_unmark(sched, &board))
        rc = tend_board(sched, board, actions, err);
    if (!rc)
        rc = drop_cells(sched, actions, err);
    if (!rc && sched->given_up && !sched->stopping) {
        sched->given_up = false;
        rc = give_up_cells(sched, actions, err);
    }
    return rc;
}
