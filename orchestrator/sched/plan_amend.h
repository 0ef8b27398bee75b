/* plan_amend.h - a plan that grew: old rows keep their place and their id
 *
 * Pure.  What an amendment of the journal holds.
 */
#ifndef ORCHESTRATOR_SCHED_PLAN_AMEND_H
#define ORCHESTRATOR_SCHED_PLAN_AMEND_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "orchestrator/sched/plan.h"

/* How an amended plan differs from the one before. */
struct plan_change {
    size_t kept;       /* rows in both */
    size_t added;      /* rows at the end */
    size_t opened;     /* of the kept: na before, to be run now */
    size_t closed;     /* of the kept: to be run before, na now */
    uint64_t *retired; /* rows that the grown plan has not, rising; owned */
    size_t retired_len;
};

/* Free the list and leave it empty. */
void plan_change_free(struct plan_change *change);

/* Put 'own_grown' (taken over in any case), a plan made of the amended files,
 * behind 'before': rows of 'before' keep their index and id, and take boards
 * and reasons of the grown plan; rows that it lacks are na for
 * ever after, and listed as retired; new ones stand at the end.
 * Returns 0 and a plan for plan_destroy() with its differences for
 * plan_change_free(); ERR_FORMAT if an axis changed its type; ERR_NOMEM. */
int plan_amend(const struct plan *before, struct plan *own_grown,
               struct plan **ret_plan, struct plan_change *ret_change,
               struct err *err);

#endif
