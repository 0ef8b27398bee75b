/* adapter_accuracy.h - how often a network answers right, made once and joined
 * to every cell that it is true for
 */
#ifndef WORKERS_ADAPTER_ACCURACY_H
#define WORKERS_ADAPTER_ACCURACY_H

#include "core/err.h"
#include "experiments/op_point.h"
#include "inventory/scope.h"
#include "orchestrator/wire/result.h"
#include "workers/lane_board.h"

/* Join the accuracy to the row of 'result', whose cell and attempt are set.
 *
 * Where the adapter makes one: by its job, once for (board's identity, op
 * mode, tool version, what is staged, the adapter's key), unless the lane has
 * it, or the campaign knew it when the lane opened.  Else what the board, the
 * adapter or the experiment declares for the point, with its source; else it
 * is missing.  Returns as adapter_jobs(), and as collector_read(). */
int adapter_accuracy(struct lane_board *board, struct scope *scope,
                     const struct op_point *point, struct result *result,
                     struct err *err);

#endif
