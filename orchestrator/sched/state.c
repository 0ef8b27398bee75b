/* state.c - what the state says when asked, and a cell's status */
#include "orchestrator/sched/state.h"

void cell_set_status(struct sched *sched, uint32_t cell, int status)
{
    struct cell_state *state = &sched->cells[cell];

    sched->counts[state->status]--;
    sched->counts[status]++;
    if (state->status == STATUS_RUNNING)
        sched->running--;
    if (status == STATUS_RUNNING)
        sched->running++;
    state->status = (uint8_t)status;
}

bool bucket_open(const struct bucket *bucket)
{
    return bucket->head < bucket->len || bucket->again_head < bucket->again.len;
}

bool board_alive(const struct board_slot *board)
{
    return board->state == BOARD_OPENING || board->state == BOARD_READY;
}

bool board_wanted(const struct sched *sched, const struct board_slot *board)
{
    for (size_t i = 0; i < board->buckets.len; i++)
        if (bucket_open(&sched->buckets[board->buckets.at[i]]))
            return true;
    return false;
}

/* A mode that a crashed run left is restored even if no cell waits. */
bool restore_due(const struct sched *sched, const struct board_slot *board)
{
    return !sched->stopping && board->state == BOARD_CLOSED &&
           *board->restore && !board->restore_tried;
}

void groups_release(struct sched *sched, uint32_t index)
{
    const struct plan_board *plan = &sched->boards[index].plan;

    for (size_t i = 0; i < plan->groups_len; i++)
        if (sched->group_holder[plan->groups[i]] == index) {
            sched->group_holder[plan->groups[i]] = PLAN_NONE;
            sched->released = true;
        }
    /* the turn goes to the next board */
    if (plan->groups_len)
        sched->next_board = (index + 1) % (uint32_t)sched->boards_len;
}
