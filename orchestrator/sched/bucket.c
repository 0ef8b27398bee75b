/* bucket.c - the cells that wait, by who can run them in which op mode */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/sched/state.h"

#define AGAIN_LOOK 16

/* Open addressing from (boards, mode) to bucket index + 1. */
struct finder {
    size_t slots;
    uint32_t *at;
};

static size_t key_hash(const struct plan_cell *cell, size_t slots)
{
    uint64_t hash = 1469598103934665603u ^ cell->mode;

    for (size_t i = 0; i < cell->boards_len; i++)
        hash = (hash ^ cell->boards[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32) & (slots - 1);
}

static bool same_key(const struct bucket *bucket, const struct plan_cell *cell)
{
    return bucket->mode == cell->mode &&
           bucket->boards_len == cell->boards_len &&
           !memcmp(bucket->boards, cell->boards,
                   cell->boards_len * sizeof(cell->boards[0]));
}

static bool finder_grow(struct sched *sched, struct finder *finder)
{
    struct finder larger = { finder->slots ? finder->slots * 2 : 256, NULL };

    larger.at = calloc(larger.slots, sizeof(larger.at[0]));
    if (!larger.at)
        return false;
    for (size_t i = 0; i < sched->buckets_len; i++) {
        const struct bucket *b = &sched->buckets[i];
        struct plan_cell key = { .boards = b->boards,
                                 .boards_len = b->boards_len,
                                 .mode = b->mode };
        size_t slot = key_hash(&key, larger.slots);

        while (larger.at[slot])
            slot = (slot + 1) & (larger.slots - 1);
        larger.at[slot] = (uint32_t)i + 1;
    }
    free(finder->at);
    *finder = larger;
    return true;
}

/* The bucket of a cell, made if new; PLAN_NONE if there is no memory. */
static uint32_t bucket_of(struct sched *sched, struct finder *finder,
                          const struct plan_cell *cell)
{
    struct bucket *b;
    size_t slot;

    if (sched->buckets_len * 2 >= finder->slots && !finder_grow(sched, finder))
        return PLAN_NONE;
    slot = key_hash(cell, finder->slots);
    while (finder->at[slot] &&
           !same_key(&sched->buckets[finder->at[slot] - 1], cell))
        slot = (slot + 1) & (finder->slots - 1);
    if (finder->at[slot])
        return finder->at[slot] - 1;
    if (!vec_grow((void **)&sched->buckets, &sched->buckets_cap,
                  sched->buckets_len + 1, sizeof(*b)))
        return PLAN_NONE;
    b = &sched->buckets[sched->buckets_len];
    memset(b, 0, sizeof(*b));
    b->boards = cell->boards;
    b->boards_len = cell->boards_len;
    b->mode = cell->mode;
    finder->at[slot] = (uint32_t)sched->buckets_len + 1;
    return (uint32_t)sched->buckets_len++;
}

static int assign_buckets(struct sched *sched, struct err *err)
{
    struct finder finder = { 0 };
    int rc = 0;

    for (size_t i = 0; !rc && i < sched->cells_len; i++) {
        struct cell_state *state = &sched->cells[i];
        struct plan_cell cell;

        plan_cell(sched->plan, i, &cell);
        state->bucket = PLAN_NONE;
        state->board = PLAN_NONE;
        state->status = cell.na_reason ? STATUS_NA : STATUS_PLANNED;
        sched->counts[state->status]++;
        if (cell.na_reason)
            continue;
        state->bucket = bucket_of(sched, &finder, &cell);
        if (state->bucket == PLAN_NONE) {
            rc = err_set(err, ERR_NOMEM, "no memory to schedule");
            break;
        }
        sched->buckets[state->bucket].len++;
        sched->buckets[state->bucket].expected_s += cell.expected_s;
    }
    free(finder.at);
    return rc;
}

int buckets_build(struct sched *sched, struct err *err)
{
    int rc = assign_buckets(sched, err);

    for (size_t i = 0; !rc && i < sched->buckets_len; i++) {
        struct bucket *b = &sched->buckets[i];

        b->expected_s /= (double)b->len;
        b->queue = malloc(b->len * sizeof(b->queue[0]));
        if (!b->queue)
            return err_set(err, ERR_NOMEM, "no memory to schedule");
        for (size_t k = 0; k < b->boards_len; k++)
            if (!VEC_PUSH(&sched->boards[b->boards[k]].buckets, (uint32_t)i))
                return err_set(err, ERR_NOMEM, "no memory to schedule");
    }
    if (!rc)
        buckets_refill(sched);
    return rc;
}

void buckets_refill(struct sched *sched)
{
    const uint32_t *order = plan_order(sched->plan);

    for (size_t i = 0; i < sched->buckets_len; i++) {
        struct bucket *b = &sched->buckets[i];

        b->head = b->len = b->again_head = b->again.len = 0;
    }
    for (size_t i = 0; i < sched->cells_len; i++) {
        uint32_t cell = order[i];
        struct cell_state *state = &sched->cells[cell];

        sched->position[cell] = (uint32_t)i;
        if (state->bucket != PLAN_NONE && state->status == STATUS_PLANNED) {
            struct bucket *b = &sched->buckets[state->bucket];

            b->queue[b->len++] = cell;
        }
    }
}

void buckets_destroy(struct sched *sched)
{
    for (size_t i = 0; i < sched->buckets_len; i++) {
        free(sched->buckets[i].queue);
        VEC_FREE(&sched->buckets[i].again);
    }
    free(sched->buckets);
}

uint32_t bucket_position(const struct sched *sched, const struct bucket *bucket)
{
    if (bucket->head < bucket->len)
        return sched->position[bucket->queue[bucket->head]];
    /* second tries come after every first one */
    return bucket_open(bucket) ? UINT32_MAX - 1 : UINT32_MAX;
}

/* True if another board than 'board' could take a cell of the bucket. */
static bool sister_alive(const struct sched *sched, const struct bucket *bucket,
                         uint32_t board)
{
    for (size_t i = 0; i < bucket->boards_len; i++)
        if (bucket->boards[i] != board &&
            board_alive(&sched->boards[bucket->boards[i]]))
            return true;
    return false;
}

uint32_t bucket_take(struct sched *sched, struct bucket *bucket, uint32_t board)
{
    bool sister;

    if (bucket->head < bucket->len)
        return bucket->queue[bucket->head++];
    sister = sister_alive(sched, bucket, board);
    for (size_t i = bucket->again_head;
         i < bucket->again.len && i < bucket->again_head + AGAIN_LOOK; i++) {
        uint32_t cell = bucket->again.at[i];

        /* a cell that failed here goes to a sister if there is one */
        if (sister && sched->cells[cell].board == board)
            continue;
        bucket->again.at[i] = bucket->again.at[bucket->again_head];
        bucket->again_head++;
        return cell;
    }
    return PLAN_NONE;
}

bool bucket_put_back(struct sched *sched, uint32_t cell)
{
    struct bucket *bucket = &sched->buckets[sched->cells[cell].bucket];

    if (bucket->again_head && bucket->again_head == bucket->again.len)
        bucket->again_head = bucket->again.len = 0;
    return VEC_PUSH(&bucket->again, cell);
}
