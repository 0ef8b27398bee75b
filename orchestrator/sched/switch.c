/* switch.c - op modes and what is loaded: what it costs to change them */
#include <float.h>
#include <math.h>

#include "orchestrator/sched/state.h"

#define NOMINAL_S 1.0 /* a switch of which nothing is declared, to compare */

static bool changes_mode(const struct board_slot *board,
                         const struct bucket *bucket)
{
    return board->mode != bucket->mode;
}

/* Another op mode may cost what was loaded. */
static bool changes_load(const struct board_slot *board,
                         const struct bucket *bucket)
{
    return bucket->load != PLAN_NONE &&
           (board->load != bucket->load || changes_mode(board, bucket));
}

void switch_forget(struct board_slot *board)
{
    board->mode = board->load = board->switch_cell = PLAN_NONE;
}

double switch_declared_s(const struct board_slot *board,
                         const struct bucket *bucket)
{
    return (changes_mode(board, bucket) ? board->costs.mode_s : 0) +
           (changes_load(board, bucket) ? board->costs.load_s : 0);
}

/* The same for comparing, where 0 means that there is no switch. */
static double effort(const struct board_slot *board,
                     const struct bucket *bucket)
{
    double s = 0;

    if (changes_mode(board, bucket))
        s += board->costs.mode_s > 0 ? board->costs.mode_s : NOMINAL_S;
    if (changes_load(board, bucket))
        s += board->costs.load_s > 0 ? board->costs.load_s : NOMINAL_S;
    return s;
}

/* Boards that need no switch for the bucket, and take cells. */
static size_t boards_there(const struct sched *sched,
                           const struct bucket *bucket)
{
    size_t there = 0;

    for (size_t i = 0; i < bucket->boards_len; i++) {
        const struct board_slot *b = &sched->boards[bucket->boards[i]];

        there += board_takes(b) && !changes_mode(b, bucket) &&
                 !changes_load(b, bucket);
    }
    return there;
}

struct bucket *switch_choose(struct sched *sched, struct board_slot *board)
{
    struct bucket *best = NULL;
    double least = DBL_MAX, most_s = 0;

    for (size_t i = 0; i < board->buckets.len; i++) {
        struct bucket *b = &sched->buckets[board->buckets.at[i]];
        double cost = effort(board, b), pull_s;
        size_t there;

        if (!bucket_open(b))
            continue;
        if (cost <= 0)
            return b;
        if (cost > least)
            continue;
        there = boards_there(sched, b);
        /* this board counted: boards spread over the modes */
        pull_s = b->left_s / (double)(1 + there);
        /* second tries prefer another board than the one that is there */
        if (there && b->head < b->len && pull_s < switch_declared_s(board, b))
            continue;
        if (best && cost >= least && pull_s <= most_s)
            continue;
        best = b;
        least = cost;
        most_s = pull_s;
    }
    return best;
}

void switch_to(struct sched *sched, struct board_slot *board,
               const struct bucket *bucket, uint32_t cell)
{
    bool mode = changes_mode(board, bucket);

    if (!mode && !changes_load(board, bucket))
        return;
    board->switch_s = switch_declared_s(board, bucket);
    board->switch_cell = cell;
    /* who left it to this board to stay must look again */
    if (board->switch_s > 0)
        siblings_mark(sched, (uint32_t)(board - sched->boards));
    board->mode = bucket->mode;
    board->load = bucket->load;
}

double switch_expected_s(const struct sched *sched, const struct bucket *bucket,
                         size_t waits)
{
    const struct sched_switch *costs = &sched->boards[bucket->boards[0]].costs;

    return (double)waits * (bucket->mode_enters * costs->mode_s +
                            bucket->load_enters * costs->load_s);
}
