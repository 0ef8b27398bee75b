/* state.c - what the state says when asked, and which boards to look at */
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

size_t bucket_waits(const struct bucket *bucket)
{
    return bucket->len - bucket->head + bucket->again.len - bucket->again_head;
}

bool board_alive(const struct board_slot *board)
{
    return board->state == BOARD_OPENING || board->state == BOARD_READY;
}

bool board_takes(const struct board_slot *board)
{
    return board_alive(board) && !board->suspect && !board->hold;
}

bool board_busy(const struct board_slot *board)
{
    return board->running.len || board->sentinel.cell != PLAN_NONE;
}

bool board_wanted(const struct sched *sched, const struct board_slot *board)
{
    for (size_t i = 0; !board->spent && i < board->buckets.len; i++)
        if (bucket_open(&sched->buckets[board->buckets.at[i]]))
            return true;
    return false;
}

bool board_hopeful(const struct sched *sched, const struct board_slot *board)
{
    for (size_t i = 0; !board->spent && i < board->buckets.len; i++) {
        const struct bucket *b = &sched->buckets[board->buckets.at[i]];

        if (b->running || bucket_open(b))
            return true;
    }
    return false;
}

/* A mode that a crashed run left is restored even if no cell waits. */
bool restore_due(const struct sched *sched, const struct board_slot *board)
{
    return !sched->stopping && board->state == BOARD_CLOSED &&
           *board->restore && !board->restore_tried;
}

void board_mark(struct sched *sched, uint32_t board)
{
    sched->dirty[board / 64] |= UINT64_C(1) << board % 64;
}

void boards_mark(struct sched *sched)
{
    for (uint32_t i = 0; i < sched->boards_len; i++)
        board_mark(sched, i);
}

void bucket_mark(struct sched *sched, const struct bucket *bucket)
{
    for (size_t i = 0; i < bucket->boards_len; i++) {
        sched->boards[bucket->boards[i]].spent = false;
        board_mark(sched, bucket->boards[i]);
    }
}

void siblings_mark(struct sched *sched, uint32_t index)
{
    const struct board_slot *board = &sched->boards[index];

    board_mark(sched, index);
    for (size_t i = 0; i < board->buckets.len; i++) {
        const struct bucket *b = &sched->buckets[board->buckets.at[i]];

        if (bucket_open(b))
            bucket_mark(sched, b);
    }
}

bool board_unmark(struct sched *sched, uint32_t *ret_board)
{
    size_t words = (sched->boards_len + 63) / 64;
    size_t first = sched->next_board / 64;
    uint64_t from = ~UINT64_C(0) << sched->next_board % 64;

    /* the first word twice: what is behind the turn, and what is before */
    for (size_t k = 0; k <= words && words; k++) {
        size_t w = (first + k) % words;
        uint64_t bits = sched->dirty[w];

        if (k == 0)
            bits &= from;
        if (!bits)
            continue;
        *ret_board = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
        sched->dirty[w] &= ~(UINT64_C(1) << *ret_board % 64);
        return true;
    }
    return false;
}

void wake_at(struct sched *sched, int64_t at_ns)
{
    if (at_ns > sched->now_ns && at_ns < sched->wake_ns)
        sched->wake_ns = at_ns;
}

void wake_again(struct sched *sched)
{
    sched->wake_ns = INT64_MAX;
    wake_at(sched, sched->deadline_ns);
    for (size_t i = 0; i < sched->boards_len; i++) {
        const struct board_slot *board = &sched->boards[i];

        if (board->state == BOARD_QUARANTINE)
            wake_at(sched, board->wake_ns);
        if (board->state == BOARD_READY && board->sentinel.begun)
            wake_at(sched, board->sentinel.next_ns);
    }
}

void groups_release(struct sched *sched, uint32_t index)
{
    const struct plan_board *plan = &sched->boards[index].plan;

    for (size_t i = 0; i < plan->groups_len; i++) {
        struct group *group = &sched->groups[plan->groups[i]];

        if (group->holder != index)
            continue;
        group->holder = PLAN_NONE;
        for (size_t k = 0; k < group->members.len; k++)
            if (group->members.at[k] != index)
                board_mark(sched, group->members.at[k]);
        /* the turn goes to the next board */
        sched->next_board = (index + 1) % (uint32_t)sched->boards_len;
    }
}
