/* lane_program.h - what makes a board ready and is no file: "program" */
#ifndef WORKERS_LANE_PROGRAM_H
#define WORKERS_LANE_PROGRAM_H

#include "core/err.h"
#include "workers/lane_board.h"

/* Load what the adapter's "program" says for this cell (a bitstream, an engine),
 * unless just that stands already, and verify it.  It stands until another
 * is loaded, the op mode is switched, the board is booted or somebody else
 * had it.
 *
 * Returns 0; ERR_REFUSED if it cannot be verified or the lane was cancelled;
 * ERR_IO, ERR_TIMEOUT (see link_lost); ERR_FORMAT; ERR_NOMEM. */
int lane_program(struct lane_board *board, struct scope *scope,
                 struct err *err);

/* Rely on nothing that was loaded. */
void lane_program_forget(struct lane_board *board);

#endif
