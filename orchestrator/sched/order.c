/* order.c - in which order cells are begun */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/sched/state.h"

/* Ranks first, then the longest if that is wished, then the plan. */
static int compare(const void *a, const void *b, void *ctx)
{
    const struct sched *sched = ctx;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    if (sched->rank && sched->rank[x] != sched->rank[y])
        return sched->rank[x] < sched->rank[y] ? -1 : 1;
    if (sched->settings.longest && sched->expected_s[x] != sched->expected_s[y])
        return sched->expected_s[x] > sched->expected_s[y] ? -1 : 1;
    if (sched->position[x] != sched->position[y])
        return sched->position[x] < sched->position[y] ? -1 : 1;
    return 0;
}

void order_make(struct sched *sched, uint32_t *order)
{
    memcpy(order, plan_order(sched->plan), sched->cells_len * sizeof(*order));
    for (size_t i = 0; i < sched->cells_len; i++)
        sched->position[order[i]] = (uint32_t)i;
    if (sched->rank || sched->settings.longest)
        qsort_r(order, sched->cells_len, sizeof(*order), compare, sched);
    for (size_t i = 0; i < sched->cells_len; i++)
        sched->position[order[i]] = (uint32_t)i;
}
