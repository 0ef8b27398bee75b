/* plan_intern.c - texts, modes and board sets, each kept once */
#include <string.h>

#include "orchestrator/sched/plan_state.h"

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for a plan");
}

int plan_intern_reason(struct plan *plan, const char *reason,
                       uint32_t *ret_index, struct err *err)
{
    const char *copy;

    for (size_t i = 0; i < plan->reasons.len; i++) {
        if (!strcmp(plan->reasons.at[i], reason)) {
            *ret_index = (uint32_t)i;
            return 0;
        }
    }
    copy = pool_text(plan->pool, reason);
    if (!copy || !VEC_PUSH(&plan->reasons, copy))
        return no_memory(err);
    *ret_index = (uint32_t)plan->reasons.len - 1;
    return 0;
}

int plan_intern_group(struct plan *plan, const char *group, uint32_t *ret_index,
                      struct err *err)
{
    const char *copy;

    for (size_t i = 0; i < plan->groups.len; i++) {
        if (!strcmp(plan->groups.at[i], group)) {
            *ret_index = (uint32_t)i;
            return 0;
        }
    }
    copy = pool_text(plan->pool, group);
    if (!copy || !VEC_PUSH(&plan->groups, copy))
        return no_memory(err);
    *ret_index = (uint32_t)plan->groups.len - 1;
    return 0;
}

int plan_intern_mode(struct plan *plan, const char *platform,
                     const char *op_mode, uint32_t *ret_index, struct err *err)
{
    struct plan_mode mode;

    for (size_t i = 0; i < plan->modes.len; i++) {
        if (!strcmp(plan->modes.at[i].platform, platform) &&
            !strcmp(plan->modes.at[i].op_mode, op_mode)) {
            *ret_index = (uint32_t)i;
            return 0;
        }
    }
    mode.platform = pool_text(plan->pool, platform);
    mode.op_mode = pool_text(plan->pool, op_mode);
    if (!mode.platform || !mode.op_mode || !VEC_PUSH(&plan->modes, mode))
        return no_memory(err);
    *ret_index = (uint32_t)plan->modes.len - 1;
    return 0;
}

int plan_intern_set(struct plan *plan, const uint32_t *boards, size_t len,
                    uint32_t *ret_index, struct err *err)
{
    struct board_set set = { .len = len };
    uint32_t *copy;

    for (size_t i = 0; i < plan->sets.len; i++) {
        if (plan->sets.at[i].len == len &&
            (!len ||
             !memcmp(plan->sets.at[i].boards, boards, len * sizeof(*boards)))) {
            *ret_index = (uint32_t)i;
            return 0;
        }
    }
    copy = pool_alloc(plan->pool, len, sizeof(*copy));
    if (!copy)
        return no_memory(err);
    if (len)
        memcpy(copy, boards, len * sizeof(*copy));
    set.boards = copy;
    if (!VEC_PUSH(&plan->sets, set))
        return no_memory(err);
    *ret_index = (uint32_t)plan->sets.len - 1;
    return 0;
}
