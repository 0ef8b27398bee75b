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
