/* expect.h - how long cells are likely to take, from earlier ones */
#ifndef ORCHESTRATOR_CMD_EXPECT_H
#define ORCHESTRATOR_CMD_EXPECT_H

#include "core/err.h"
#include "orchestrator/sched/plan.h"

/* Fill 'expected_s', plan_cells() long, from the ok attempts in 'n' archives
 * (files or campaign folders): the mean of a cell's own and of its other
 * repeats; where there is none, what analysis/calibrate.h fits to the cells
 * of its platform, op mode and precision (a constant, one an image, one a
 * byte of weights, one an operation); 0 where nothing is known.  Returns 0;
 * as archive_read(); ERR_NOMEM. */
int expect_durations(const struct plan *plan, const char *const *archives,
                     size_t n, float *expected_s, struct err *err);

#endif
