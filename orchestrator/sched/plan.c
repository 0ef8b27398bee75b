/* plan.c - a plan made, asked and found in */
#include "orchestrator/sched/plan.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/matrix.h"
#include "orchestrator/sched/plan_state.h"

struct plan *plan_new(void)
{
    struct plan *plan = calloc(1, sizeof(*plan));

    if (plan)
        plan->pool = pool_create();
    if (plan && plan->pool)
        return plan;
    free(plan);
    return NULL;
}

void plan_destroy(struct plan *plan)
{
    if (!plan)
        return;
    op_table_destroy(plan->table);
    VEC_FREE(&plan->boards);
    VEC_FREE(&plan->groups);
    VEC_FREE(&plan->reasons);
    VEC_FREE(&plan->modes);
    VEC_FREE(&plan->sets);
    VEC_FREE(&plan->classes);
    VEC_FREE(&plan->totals);
    free(plan->ids);
    free(plan->class_of);
    free(plan->by_id);
    free(plan->order);
    pool_destroy(plan->pool);
    free(plan);
}

/* ---- order */

/* Steele, Lea and Flood 2014: the next number, and its state. */
static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Fisher and Yates; the modulo's bias is below 2^-32. */
static void shuffle(uint32_t *order, size_t len, uint64_t seed)
{
    for (size_t i = len; i > 1; i--) {
        size_t k = (size_t)(splitmix64(&seed) % i);
        uint32_t kept = order[i - 1];

        order[i - 1] = order[k];
        order[k] = kept;
    }
}

/* Sort 'order' by 'key' of its cells, which is below 'keys', keeping the
 * order among equals.  Returns false without memory. */
static bool sort_by(uint32_t *order, size_t len, const uint32_t *key,
                    size_t keys)
{
    size_t *starts = calloc(keys + 1, sizeof(*starts));
    uint32_t *sorted = malloc((len + 1) * sizeof(*sorted));
    bool ok = starts && sorted;

    for (size_t i = 0; ok && i < len; i++)
        starts[key[i] + 1]++;
    for (size_t k = 0; ok && k < keys; k++)
        starts[k + 1] += starts[k];
    for (size_t i = 0; ok && i < len; i++)
        sorted[starts[key[order[i]]]++] = order[i];
    if (ok)
        memcpy(order, sorted, len * sizeof(*order));
    free(starts);
    free(sorted);
    return ok;
}

/* The repeat of every cell, from 0; sets ret_keys to one above the
 * largest. */
static void repeat_keys(const struct plan *plan, uint32_t *key,
                        size_t *ret_keys)
{
    size_t axis = op_table_axes(plan->table) - 1;
    size_t values = op_table_values(plan->table, axis);

    for (size_t i = 0; i < plan->cells; i++) {
        uint32_t index = op_table_row(plan->table, i)[axis];

        key[i] = index < values ? index : 0;
    }
    *ret_keys = values + 1;
}

static int make_order(struct plan *plan, const struct experiment *e,
                      struct err *err)
{
    uint32_t *key = malloc((plan->cells + 1) * sizeof(*key));
    size_t keys = 1;
    bool ok;

    plan->order = malloc((plan->cells + 1) * sizeof(*plan->order));
    ok = key && plan->order;
    for (size_t i = 0; ok && i < plan->cells; i++)
        plan->order[i] = (uint32_t)i;
    if (ok && e->order == EXPERIMENT_ORDER_SHUFFLED) {
        shuffle(plan->order, plan->cells, e->seed);
    } else if (ok) {
        repeat_keys(plan, key, &keys);
        ok = sort_by(plan->order, plan->cells, key, keys);
    }
    if (ok && e->order == EXPERIMENT_ORDER_GROUPED) {
        for (size_t i = 0; i < plan->cells; i++)
            key[i] = plan->classes.at[plan->class_of[i]].mode;
        ok = sort_by(plan->order, plan->cells, key, plan->modes.len);
    }
    free(key);
    return ok ? 0 : err_set(err, ERR_NOMEM, "no memory for a plan");
}

/* ---- making */

static const char *board_at(const void *ctx, const char *platform, size_t i)
{
    const struct board *board = inventory_platform_board(ctx, platform, i);

    return board ? board->name : NULL;
}

static const char *reason_at(const void *ctx, size_t row)
{
    return matrix_na_reason(ctx, row);
}

int plan_create(const struct experiment *experiment,
                const struct inventory *inventory, struct plan **ret_plan,
                struct err *err)
{
    const struct matrix_boards boards = { board_at, inventory };
    struct plan *plan = plan_new();
    struct matrix *matrix = NULL;
    int rc = 0;

    if (!plan)
        rc = err_set(err, ERR_NOMEM, "no memory for a plan");
    if (!rc)
        rc = matrix_create(experiment, &boards, &matrix, err);
    if (!rc) {
        plan->cells = matrix_rows(matrix);
        plan->merged = matrix_merged(matrix);
        plan->excluded = matrix_excluded(matrix);
        plan->ids = malloc((plan->cells + 1) * sizeof(*plan->ids));
        plan->table = matrix_take_table(matrix);
        if (!plan->ids)
            rc = err_set(err, ERR_NOMEM, "no memory for a plan");
    }
    for (size_t i = 0; !rc && i < plan->cells; i++)
        plan->ids[i] = matrix_id(matrix, i);
    if (!rc)
        rc = plan_match(plan, experiment, inventory, reason_at, matrix, err);
    if (!rc)
        rc = make_order(plan, experiment, err);
    if (!rc)
        rc = plan_index(plan, err);
    if (!rc)
        rc = plan_sum(plan, err);
    matrix_destroy(matrix);
    if (rc)
        plan_destroy(plan);
    else
        *ret_plan = plan;
    return rc;
}

/* Sort 'by_id' by the cells' ids, 16 bits at a time. */
static bool sort_ids(struct plan *plan)
{
    uint32_t *key = malloc((plan->cells + 1) * sizeof(*key));
    bool ok = key != NULL;

    for (size_t i = 0; i < plan->cells; i++)
        plan->by_id[i] = (uint32_t)i;
    for (int shift = 0; ok && shift < 64; shift += 16) {
        for (size_t i = 0; i < plan->cells; i++)
            key[i] = (uint32_t)(plan->ids[i] >> shift & 0xffff);
        ok = sort_by(plan->by_id, plan->cells, key, 0x10000);
    }
    free(key);
    return ok;
}

int plan_index(struct plan *plan, struct err *err)
{
    plan->by_id = malloc((plan->cells + 1) * sizeof(*plan->by_id));
    if (!plan->by_id || !sort_ids(plan))
        return err_set(err, ERR_NOMEM, "no memory for a plan");
    for (size_t i = 1; i < plan->cells; i++)
        if (plan->ids[plan->by_id[i]] == plan->ids[plan->by_id[i - 1]])
            return err_set(err, ERR_FORMAT,
                           "cells %u and %u have one id, %016llx",
                           plan->by_id[i - 1], plan->by_id[i],
                           (unsigned long long)plan->ids[plan->by_id[i]]);
    return 0;
}

/* ---- asking */

size_t plan_cells(const struct plan *plan)
{
    return plan->cells;
}

void plan_cell(const struct plan *plan, size_t index,
               struct plan_cell *ret_cell)
{
    const struct plan_class *c = &plan->classes.at[plan->class_of[index]];
    const struct plan_mode *mode = &plan->modes.at[c->mode];
    const struct board_set *set = &plan->sets.at[c->set];

    *ret_cell = (struct plan_cell){
        .id = plan->ids[index],
        .na_reason =
            c->reason == PLAN_NONE ? NULL : plan->reasons.at[c->reason],
        .boards = set->boards,
        .boards_len = set->len,
        .pinned = c->pinned,
        .mode = c->mode,
        .platform = mode->platform,
        .op_mode = mode->op_mode,
        .expected_s = c->expected_s,
        .ops_image = c->ops_image,
        .params = c->params,
        .weight_bits = c->weight_bits,
        .activation_bits = c->activation_bits,
        .is_float = c->is_float,
    };
}

uint64_t plan_cell_id(const struct plan *plan, size_t index)
{
    return plan->ids[index];
}

bool plan_cell_na(const struct plan *plan, size_t index)
{
    return plan->classes.at[plan->class_of[index]].reason != PLAN_NONE;
}

void plan_cell_point(const struct plan *plan, size_t index,
                     struct op_point *ret_point)
{
    op_table_point(plan->table, index, ret_point);
}

bool plan_find(const struct plan *plan, uint64_t id, size_t *ret_index)
{
    size_t low = 0, high = plan->cells;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (plan->ids[plan->by_id[middle]] < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == plan->cells || plan->ids[plan->by_id[low]] != id)
        return false;
    *ret_index = plan->by_id[low];
    return true;
}

const struct axis *plan_axes(const struct plan *plan, size_t *ret_len)
{
    *ret_len = op_table_axes(plan->table);
    return op_table_axis(plan->table, 0);
}

size_t plan_boards(const struct plan *plan)
{
    return plan->boards.len;
}

size_t plan_boards_emulated(const struct plan *plan)
{
    struct plan_board board;
    size_t n = 0;

    for (size_t i = 0; i < plan_boards(plan); i++) {
        plan_board_at(plan, i, &board);
        n += board.emulated;
    }
    return n;
}

void plan_board_at(const struct plan *plan, size_t i,
                   struct plan_board *ret_board)
{
    *ret_board = plan->boards.at[i];
}

const char *plan_group_name(const struct plan *plan, size_t i)
{
    return i < plan->groups.len ? plan->groups.at[i] : NULL;
}

bool plan_mode_at(const struct plan *plan, size_t i, const char **ret_platform,
                  const char **ret_op_mode)
{
    if (i >= plan->modes.len)
        return false;
    *ret_platform = plan->modes.at[i].platform;
    *ret_op_mode = plan->modes.at[i].op_mode;
    return true;
}

const uint32_t *plan_order(const struct plan *plan)
{
    return plan->order;
}

size_t plan_merged(const struct plan *plan)
{
    return plan->merged;
}

size_t plan_excluded(const struct plan *plan)
{
    return plan->excluded;
}

bool plan_total_at(const struct plan *plan, size_t i,
                   struct plan_total *ret_total)
{
    if (i >= plan->totals.len)
        return false;
    *ret_total = plan->totals.at[i];
    return true;
}
