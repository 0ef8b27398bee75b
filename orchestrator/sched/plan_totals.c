/* plan_totals.c - a plan summed for people: cells, boards, hours */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/sched/plan_state.h"

/* A total being made: of which mode and reason, and whose boards. */
struct sum {
    uint32_t mode, reason;
    size_t cells;
    double expected_s;
    bool *boards;
};

struct summing {
    struct plan *plan;
    VEC(struct sum) sums;
};

static void summing_free(struct summing *s)
{
    for (size_t i = 0; i < s->sums.len; i++)
        free(s->sums.at[i].boards);
    VEC_FREE(&s->sums);
}

static struct sum *sum_of(struct summing *s, const struct plan_class *c)
{
    struct sum sum = { .mode = c->mode, .reason = c->reason };

    for (size_t i = 0; i < s->sums.len; i++)
        if (s->sums.at[i].mode == c->mode && s->sums.at[i].reason == c->reason)
            return &s->sums.at[i];
    sum.boards = calloc(s->plan->boards.len + 1, sizeof(bool));
    if (!sum.boards || !VEC_PUSH(&s->sums, sum)) {
        free(sum.boards);
        return NULL;
    }
    return &s->sums.at[s->sums.len - 1];
}

/* How many cells each class has; classes are in order of their first
 * cell. */
static size_t *count_classes(const struct plan *plan)
{
    size_t *counts = calloc(plan->classes.len + 1, sizeof(*counts));

    for (size_t i = 0; counts && i < plan->cells; i++)
        counts[plan->class_of[i]]++;
    return counts;
}

static int push_totals(struct summing *s)
{
    struct plan *plan = s->plan;

    for (uint32_t mode = 0; mode < plan->modes.len; mode++) {
        for (size_t i = 0; i < s->sums.len; i++) {
            const struct sum *sum = &s->sums.at[i];
            struct plan_total total = {
                .platform = plan->modes.at[mode].platform,
                .op_mode = plan->modes.at[mode].op_mode,
                .cells = sum->cells,
                .expected_s = sum->expected_s,
            };

            if (sum->mode != mode)
                continue;
            if (sum->reason != PLAN_NONE)
                total.na_reason = plan->reasons.at[sum->reason];
            for (size_t b = 0; b < plan->boards.len; b++)
                total.boards += sum->boards[b];
            if (!VEC_PUSH(&plan->totals, total))
                return ERR_NOMEM;
        }
    }
    return 0;
}

int plan_sum(struct plan *plan, struct err *err)
{
    struct summing s = { .plan = plan };
    size_t *counts = count_classes(plan);
    int rc = counts ? 0 : ERR_NOMEM;

    for (size_t i = 0; !rc && i < plan->classes.len; i++) {
        const struct plan_class *c = &plan->classes.at[i];
        const struct board_set *set = &plan->sets.at[c->set];
        struct sum *sum = counts[i] ? sum_of(&s, c) : NULL;

        if (!sum) {
            rc = counts[i] ? ERR_NOMEM : 0;
            continue;
        }
        sum->cells += counts[i];
        sum->expected_s += (double)counts[i] * c->expected_s;
        for (size_t k = 0; k < set->len; k++)
            sum->boards[set->boards[k]] = true;
    }
    if (!rc)
        rc = push_totals(&s);
    free(counts);
    summing_free(&s);
    return rc ? err_set(err, ERR_NOMEM, "no memory for a plan") : 0;
}

/* The total of cells of a mode that are to be run. */
static struct plan_total *total_of(struct plan *plan, uint32_t mode)
{
    const struct plan_mode *named = &plan->modes.at[mode];

    for (size_t i = 0; i < plan->totals.len; i++) {
        struct plan_total *total = &plan->totals.at[i];

        if (!total->na_reason && total->platform == named->platform &&
            total->op_mode == named->op_mode)
            return total;
    }
    return NULL;
}

int plan_expect(struct plan *plan, const float *expected_s, struct err *err)
{
    double *more_s = calloc(plan->modes.len + 1, sizeof(*more_s));

    if (!more_s)
        return err_set(err, ERR_NOMEM, "no memory for a plan");
    for (size_t i = 0; i < plan->cells; i++) {
        const struct plan_class *c = &plan->classes.at[plan->class_of[i]];

        if (c->reason == PLAN_NONE && expected_s[i] > 0)
            more_s[c->mode] += (double)expected_s[i] - c->expected_s;
    }
    for (uint32_t mode = 0; mode < plan->modes.len; mode++) {
        struct plan_total *total = total_of(plan, mode);

        if (total)
            total->expected_s += more_s[mode];
    }
    free(more_s);
    return 0;
}
