/* adapter_run.h - one attempt at one cell, step by step over the adapter
 *
 * docs/lane.md shows the order.  Whatever goes wrong, the result carries
 * every number that was read, and one sentence.
 */
#ifndef WORKERS_ADAPTER_RUN_H
#define WORKERS_ADAPTER_RUN_H

#include <stdbool.h>

#include "core/err.h"
#include "orchestrator/wire/result.h"
#include "workers/lane_board.h"

/* What an attempt yields beside its result. */
struct adapter_outcome {
    enum cell_status status;
    bool transport_failed; /* the link, not the cell, is to blame */
    double duration_s;
    char reason[ERR_TEXT_MAX]; /* "" if ok */
};

/* Run 'job' on the board, whose link stands (or is found lost).
 *
 * Fills 'ret_result' (initialised; for result_free()) and 'ret_outcome' in
 * any case.  Blocks until the attempt is over. */
void adapter_run(struct lane_board *board, const struct lane_job *job,
                 struct result *ret_result,
                 struct adapter_outcome *ret_outcome);

#endif
