/* corners.h - the cells that say most when time is short
 *
 * Pure.  A model of a (platform, precision) is pinned by the ends of the
 * other axes: least and greatest numbers, first and last words.
 */
#ifndef ORCHESTRATOR_SCHED_CORNERS_H
#define ORCHESTRATOR_SCHED_CORNERS_H

#include <stdint.h>

#include "core/err.h"
#include "orchestrator/sched/plan.h"

/* Fill 'rank', plan_cells() long: 0 for the first repeat of a cell that
 * stands at an end of every other axis in its (platform, precision), 1 for
 * others.  Returns 0 or ERR_NOMEM. */
int corners_rank(const struct plan *plan, uint8_t *rank, struct err *err);

#endif
