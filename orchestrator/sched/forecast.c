/* forecast.c - how long cells take, and what is left of the sweep */
#include <math.h>
#include <string.h>

#include "orchestrator/sched/state.h"

#define EXPECTED_MIN_S 1e-3 /* so that a ratio to it exists */
#define PACE_ENOUGH    3    /* cells seen before a pace is believed */
#define SEEN_WEIGHT    0.2  /* of the newest in a board's running mean */

static void pace_add(struct pace *pace, double ratio)
{
    double before = ratio - (double)pace->mean;

    pace->count++;
    pace->mean += (float)(before / pace->count);
    pace->m2 += (float)(before * (ratio - (double)pace->mean));
}

static double expected_of(const struct sched *sched, uint32_t cell)
{
    double expected = (double)sched->expected_s[cell];

    return expected > EXPECTED_MIN_S ? expected : EXPECTED_MIN_S;
}

void forecast_learn(struct sched *sched, struct board_slot *board,
                    uint32_t cell, double duration_s)
{
    struct bucket *bucket = &sched->buckets[sched->cells[cell].bucket];
    double ratio;

    if (!(duration_s >= 0))
        return;
    if (board->switch_cell == cell && duration_s > board->switch_s)
        duration_s -= board->switch_s;
    ratio = duration_s / expected_of(sched, cell);
    pace_add(&bucket->pace, ratio);
    pace_add(&sched->pace, ratio);
    if (board->seen_s <= 0)
        board->seen_s = duration_s > 0 ? duration_s : 1e-6;
    else
        board->seen_s += SEEN_WEIGHT * (duration_s - board->seen_s);
}

/* The bucket's own pace once it has one, else everybody's, else 1. */
static double pace_of(const struct sched *sched, const struct bucket *bucket)
{
    if (bucket->pace.count >= PACE_ENOUGH)
        return (double)bucket->pace.mean;
    return sched->pace.count ? (double)sched->pace.mean : 1;
}

double forecast_cell(const struct sched *sched, uint32_t cell)
{
    const struct bucket *bucket = &sched->buckets[sched->cells[cell].bucket];

    return expected_of(sched, cell) * pace_of(sched, bucket);
}

/* Seconds that the bucket will keep each of its boards busy; half of what
 * runs is taken to be over. */
static double load_of(const struct sched *sched, const struct bucket *b)
{
    size_t waits = bucket_waits(b);
    double each = waits ? b->left_s / (double)waits : 0, boards = 0;

    for (size_t k = 0; k < b->boards_len; k++)
        boards += sched->boards[b->boards[k]].state != BOARD_GIVEN_UP;
    if (boards <= 0)
        return 0;
    return ((b->left_s + each * (double)b->running / 2) * pace_of(sched, b) +
            switch_expected_s(sched, b, waits)) /
           boards;
}

/* Seconds until the board has done its part. */
static double board_load(const struct sched *sched, uint32_t index)
{
    const struct board_slot *board = &sched->boards[index];
    double load = 0;

    if (board->state == BOARD_GIVEN_UP)
        return 0;
    for (size_t i = 0; i < board->buckets.len; i++)
        load += sched->buckets[board->buckets.at[i]].load_s;
    return load;
}

/* Seconds until the most loaded board or exclusive group is done. */
static double remaining(struct sched *sched)
{
    double most = 0;

    for (size_t i = 0; i < sched->buckets_len; i++)
        sched->buckets[i].load_s = load_of(sched, &sched->buckets[i]);
    for (uint32_t i = 0; i < sched->boards_len; i++)
        most = fmax(most, board_load(sched, i));
    for (size_t g = 0; g < sched->groups_len; g++) {
        double sum = 0;

        for (size_t i = 0; i < sched->groups[g].members.len; i++)
            sum += board_load(sched, sched->groups[g].members.at[i]);
        most = fmax(most, sum);
    }
    return most;
}

/* The share of the forecast that its 95 % interval reaches to each side:
 * the mean pace is known from so many cells, and so many more will scatter
 * around it. */
static double relative_error(const struct sched *sched, size_t left)
{
    const struct pace *pace = &sched->pace;
    double variance, cv;

    if (pace->count < PACE_ENOUGH || pace->mean <= 0)
        return NAN;
    variance = (double)pace->m2 / (pace->count - 1);
    cv = sqrt(variance) / (double)pace->mean;
    return 1.96 * cv *
           sqrt(1.0 / pace->count + (left ? 1.0 / (double)left : 0));
}

void sched_counts(struct sched *sched, struct sched_counts *ret_counts)
{
    struct sched_counts c = { .cells = sched->cells_len,
                              .retries = sched->retries,
                              .paused = sched->paused };

    c.planned = sched->counts[STATUS_PLANNED];
    c.running = sched->counts[STATUS_RUNNING];
    c.ok = sched->counts[STATUS_OK];
    c.na = sched->counts[STATUS_NA] + sched->counts[STATUS_RETIRED];
    c.failed = c.cells - c.planned - c.running - c.ok - c.na;
    c.left_out = sched->left_out;
    for (size_t i = 0; i < sched->boards_len; i++) {
        const struct board_slot *board = &sched->boards[i];

        c.boards_open += board_alive(board);
        c.boards_quarantined += board->state == BOARD_QUARANTINE;
        c.boards_given_up += board->state == BOARD_GIVEN_UP && !board->out;
        c.boards_held += board->hold != 0;
    }
    c.remaining_s = remaining(sched);
    c.remaining_err_s =
        c.remaining_s * relative_error(sched, c.planned - c.left_out);
    *ret_counts = c;
}
