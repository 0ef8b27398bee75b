/* bucket.c - the cells that wait, by who can run them in which op mode */
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "orchestrator/sched/state.h"

#define TAKE_LOOK 16 /* cells at the head that are looked at */

/* Open addressing from (boards, mode, load) to bucket index + 1. */
struct finder {
    size_t slots;
    uint32_t *at;
};

/* A plan has each set of boards once: its place stands for it. */
static size_t key_hash(const struct plan_cell *cell, uint32_t load,
                       size_t slots)
{
    uint64_t hash = 1469598103934665603u ^ cell->mode;

    hash = (hash ^ load) * 1099511628211u;
    hash = (hash ^ (uintptr_t)cell->boards) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32) & (slots - 1);
}

static bool same_key(const struct bucket *bucket, const struct plan_cell *cell,
                     uint32_t load)
{
    return bucket->mode == cell->mode && bucket->load == load &&
           bucket->boards == cell->boards;
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
        size_t slot = key_hash(&key, b->load, larger.slots);

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
                          const struct plan_cell *cell, uint32_t load)
{
    struct bucket *b;
    size_t slot;

    if (sched->buckets_len * 2 >= finder->slots && !finder_grow(sched, finder))
        return PLAN_NONE;
    slot = key_hash(cell, load, finder->slots);
    while (finder->at[slot] &&
           !same_key(&sched->buckets[finder->at[slot] - 1], cell, load))
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
    b->load = load;
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
        sched->expected_s[i] = (float)cell.expected_s;
        sched->counts[state->status]++;
        if (cell.na_reason)
            continue;
        state->bucket = bucket_of(sched, &finder, &cell,
                                  sched->loads ? sched->loads[i] : PLAN_NONE);
        if (state->bucket == PLAN_NONE) {
            rc = err_set(err, ERR_NOMEM, "no memory to schedule");
            break;
        }
        sched->buckets[state->bucket].len++;
    }
    free(finder.at);
    return rc;
}

int buckets_build(struct sched *sched, struct err *err)
{
    int rc = assign_buckets(sched, err);

    for (size_t i = 0; !rc && i < sched->buckets_len; i++) {
        struct bucket *b = &sched->buckets[i];

        b->queue = malloc(b->len * sizeof(b->queue[0]));
        if (!b->queue)
            return err_set(err, ERR_NOMEM, "no memory to schedule");
        for (size_t k = 0; k < b->boards_len; k++)
            if (!VEC_PUSH(&sched->boards[b->boards[k]].buckets, (uint32_t)i))
                return err_set(err, ERR_NOMEM, "no memory to schedule");
    }
    return rc ? rc : buckets_refill(sched, err);
}

int buckets_rebuild(struct sched *sched, struct err *err)
{
    buckets_destroy(sched);
    sched->buckets = NULL;
    sched->buckets_len = sched->buckets_cap = 0;
    memset(sched->counts, 0, sizeof(sched->counts));
    for (size_t i = 0; i < sched->boards_len; i++)
        sched->boards[i].buckets.len = 0;
    return buckets_build(sched, err);
}

/* What the boards of a cell were left in by the cell before it. */
struct left {
    uint32_t mode, load;
};

static void count_enter(struct bucket *b, struct left *left)
{
    bool mode = left->mode != b->mode;
    bool loads = b->load != PLAN_NONE && (mode || left->load != b->load);

    b->mode_enters += mode;
    b->load_enters += loads;
    if (mode || loads)
        *left = (struct left){ b->mode, b->load };
}

/* Who groups loads once, and enters a mode for the first of its buckets. */
static void group_enters(struct sched *sched, size_t index)
{
    struct bucket *b = &sched->buckets[index];

    b->load_enters = b->load != PLAN_NONE && b->len;
    b->mode_enters = b->len > 0;
    for (size_t i = 0; i < index; i++) {
        const struct bucket *other = &sched->buckets[i];

        if (other->len && other->mode == b->mode &&
            other->boards[0] == b->boards[0])
            b->mode_enters = 0;
    }
}

/* How often a board that follows the order would have to switch for the
 * cells of each bucket, by what came before for the same boards. */
static int count_enters(struct sched *sched, const uint32_t *order,
                        struct err *err)
{
    struct left *left = malloc((sched->boards_len + 1) * sizeof(*left));

    if (!left)
        return err_set(err, ERR_NOMEM, "no memory to schedule");
    memset(left, 0xff, (sched->boards_len + 1) * sizeof(*left));
    for (size_t i = 0; i < sched->cells_len; i++) {
        const struct cell_state *state = &sched->cells[order[i]];
        struct bucket *b;

        if (state->bucket == PLAN_NONE || state->status != STATUS_PLANNED ||
            state->left_out)
            continue;
        b = &sched->buckets[state->bucket];
        count_enter(b, &left[b->boards[0]]);
    }
    for (size_t i = 0; i < sched->buckets_len; i++) {
        struct bucket *b = &sched->buckets[i];

        if (sched->settings.grouped)
            group_enters(sched, i);
        b->mode_enters /= (double)(b->len ? b->len : 1);
        b->load_enters /= (double)(b->len ? b->len : 1);
    }
    free(left);
    return 0;
}

int buckets_refill(struct sched *sched, struct err *err)
{
    int rc;
    uint32_t *order = malloc((sched->cells_len + 1) * sizeof(*order));

    if (!order)
        return err_set(err, ERR_NOMEM, "no memory to schedule");
    for (size_t i = 0; i < sched->buckets_len; i++) {
        struct bucket *b = &sched->buckets[i];

        b->head = b->len = b->again_head = b->again.len = b->running = 0;
        b->left_s = b->mode_enters = b->load_enters = 0;
    }
    sched->left_out = 0;
    order_make(sched, order);
    for (size_t i = 0; i < sched->cells_len; i++) {
        struct cell_state *state = &sched->cells[order[i]];
        struct bucket *b;

        if (state->bucket == PLAN_NONE || state->status != STATUS_PLANNED)
            continue;
        sched->left_out += state->left_out;
        if (state->left_out)
            continue;
        b = &sched->buckets[state->bucket];
        b->queue[b->len++] = order[i];
        b->left_s += (double)sched->expected_s[order[i]];
    }
    rc = count_enters(sched, order, err);
    free(order);
    return rc;
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
static bool sister_takes(const struct sched *sched, const struct bucket *bucket,
                         uint32_t board)
{
    for (size_t i = 0; i < bucket->boards_len; i++)
        if (bucket->boards[i] != board &&
            board_takes(&sched->boards[bucket->boards[i]]))
            return true;
    return false;
}

/* True if the cell is likely to end on the board in the time that is left. */
static bool fits(const struct sched *sched, uint32_t cell, uint32_t board)
{
    double lasts_s;

    if (sched->deadline_ns == INT64_MAX)
        return true;
    lasts_s = forecast_cell(sched, cell) +
              switch_declared_s(&sched->boards[board],
                                &sched->buckets[sched->cells[cell].bucket]);
    return sched->now_ns + S_TO_NS(lasts_s) <= sched->deadline_ns;
}

/* Take the cell at 'i' of a list that starts at 'head'; those before it
 * keep their order. */
static uint32_t take_at(struct sched *sched, struct bucket *bucket,
                        uint32_t *list, size_t *head, size_t i)
{
    uint32_t cell = list[i];

    memmove(list + *head + 1, list + *head, (i - *head) * sizeof(list[0]));
    ++*head;
    bucket->left_s -= (double)sched->expected_s[cell];
    if (!bucket_open(bucket))
        bucket->left_s = 0; /* no rounding stays */
    return cell;
}

/* The same of the queue; once only second tries are left, boards that kept
 * away may be the better ones. */
static uint32_t take_first(struct sched *sched, struct bucket *bucket, size_t i)
{
    uint32_t cell = take_at(sched, bucket, bucket->queue, &bucket->head, i);

    if (bucket->head == bucket->len && bucket_open(bucket))
        bucket_mark(sched, bucket);
    return cell;
}

uint32_t bucket_take(struct sched *sched, struct bucket *bucket, uint32_t board)
{
    size_t until = bucket->head + TAKE_LOOK;
    bool sister;

    for (size_t i = bucket->head; i < bucket->len && i < until; i++)
        if (board == PLAN_NONE || fits(sched, bucket->queue[i], board))
            return take_first(sched, bucket, i);
    if (bucket->head < bucket->len)
        return PLAN_NONE;
    sister = board != PLAN_NONE && sister_takes(sched, bucket, board);
    until = bucket->again_head + TAKE_LOOK;
    for (size_t i = bucket->again_head; i < bucket->again.len && i < until;
         i++) {
        uint32_t cell = bucket->again.at[i];

        /* a cell that failed here goes to a sister if there is one */
        if (board == PLAN_NONE ||
            (!(sister && sched->cells[cell].board == board) &&
             fits(sched, cell, board)))
            return take_at(sched, bucket, bucket->again.at, &bucket->again_head,
                           i);
    }
    return PLAN_NONE;
}

bool bucket_put_back(struct sched *sched, uint32_t cell)
{
    struct bucket *bucket = &sched->buckets[sched->cells[cell].bucket];

    if (bucket->again_head && bucket->again_head == bucket->again.len)
        bucket->again_head = bucket->again.len = 0;
    bucket->left_s += (double)sched->expected_s[cell];
    bucket_mark(sched, bucket);
    sched->given_up = true; /* it may come too late for its boards */
    return VEC_PUSH(&bucket->again, cell);
}

void bucket_ended(struct sched *sched, struct bucket *bucket)
{
    bucket->running--;
    if (!bucket->running && !bucket_open(bucket))
        bucket_mark(sched, bucket);
}
