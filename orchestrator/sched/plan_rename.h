/* plan_rename.h - the same plan with other names in it */
#ifndef ORCHESTRATOR_SCHED_PLAN_RENAME_H
#define ORCHESTRATOR_SCHED_PLAN_RENAME_H

#include "core/buf.h"
#include "core/err.h"
#include "orchestrator/sched/plan.h"

/* Append what stands for 'text' to 'out', which is empty.  Returns 0 or a
 * failure. */
typedef int plan_rename_f(void *ctx, const char *text, struct buf *out,
                          struct err *err);

/* Pass every name of a board, group and reason, and every value of a text
 * axis, through 'rename'; texts cut at AXIS_TEXT_MAX.  Cells, order and ids
 * stand: an id is that of the plan as it was.  Returns 0; ERR_NOMEM; what
 * 'rename' returned, with the plan only good to destroy. */
int plan_rename(struct plan *plan, plan_rename_f *rename, void *ctx,
                struct err *err);

#endif
