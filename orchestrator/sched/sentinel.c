/* sentinel.c - when a board runs its declared op point again, for drift */
#include "core/units.h"
#include "orchestrator/sched/state.h"

static uint32_t mode_of(const struct sched *sched, uint32_t cell)
{
    return sched->buckets[sched->cells[cell].bucket].mode;
}

/* The board's sentinel of this op mode; PLAN_NONE if it has none. */
static uint32_t find_mode(const struct sched *sched,
                          const struct board_slot *board, uint32_t mode)
{
    for (size_t i = 0; i < board->sentinel.of.len; i++)
        if (mode_of(sched, board->sentinel.of.at[i]) == mode)
            return board->sentinel.of.at[i];
    return PLAN_NONE;
}

bool sentinel_declare(struct sched *sched, struct board_slot *board,
                      uint32_t cell)
{
    return find_mode(sched, board, mode_of(sched, cell)) != PLAN_NONE ||
           VEC_PUSH(&board->sentinel.of, cell);
}

void sentinel_ask(struct sched *sched, struct board_slot *board,
                  enum occasion occasion)
{
    const struct sentinel *s = &board->sentinel;

    /* a start stands for whatever else is due then */
    if (!s->of.len || sched->stopping || s->due != OCCASION_NONE)
        return;
    if (s->cell != PLAN_NONE && s->runs == occasion)
        return; /* it is on its way */
    for (size_t i = 0; i < s->of.len; i++)
        if (sched->cells[s->of.at[i]].attempt >= SCHED_ATTEMPT_MAX)
            return;
    board->sentinel.due = occasion;
}

void sentinel_before(struct sched *sched, struct board_slot *board,
                     uint32_t mode)
{
    const struct sentinel *s = &board->sentinel;

    if (!s->begun)
        sentinel_ask(sched, board, OCCASION_START);
    else if (sched->settings.sentinel_every_s > 0 &&
             sched->now_ns >= s->next_ns)
        sentinel_ask(sched, board, OCCASION_HOURS);
    else if (sched->settings.sentinel_mode && board->mode != mode &&
             find_mode(sched, board, mode) != PLAN_NONE)
        sentinel_ask(sched, board, OCCASION_MODE);
}

bool sentinel_at_end(struct sched *sched, struct board_slot *board)
{
    if (board->sentinel.begun && board->sentinel.worked)
        sentinel_ask(sched, board, OCCASION_END);
    return board->sentinel.due != OCCASION_NONE;
}

uint32_t sentinel_choose(const struct sched *sched,
                         const struct board_slot *board, uint32_t mode)
{
    uint32_t cell = find_mode(sched, board, mode);

    return cell != PLAN_NONE ? cell : board->sentinel.of.at[0];
}

const char *occasion_word(enum occasion occasion)
{
    static const char *const words[] = { "",      "start",  "end",
                                         "hours", "reboot", "mode" };

    return words[occasion];
}
