/* boards_check.h - reach every board and see that it is the one meant */
#ifndef ORCHESTRATOR_CMD_BOARDS_CHECK_H
#define ORCHESTRATOR_CMD_BOARDS_CHECK_H

#include "inventory/documents.h"
#include "orchestrator/cmd/command.h"
#include "workers/lane.h"

/* Open a lane to every chosen board at once, wait for what it says, close.
 * Runs no cell and sets no op mode.  Prints a row a board.  Returns an exit
 * code: 1 if a board is down; or ERR_NOMEM, ERR_FORMAT. */
int boards_check(const struct invocation *inv,
                 const struct inventory *inventory, struct err *err);

/* An experiment that says nothing but its limits, for visits of boards; of
 * 'texts', which may be NULL.  Returns 0, ERR_NOMEM, ERR_FORMAT. */
int boards_experiment(struct texts *texts, struct experiment **ret_experiment,
                      struct err *err);

/* What a lane of a visit needs, which runs no cell and leaves the op mode as
 * it is; 'name' is the visitor's.  All is borrowed; 'experiment' and 'board'
 * may be NULL and set later. */
struct lane_setup boards_visit(const struct invocation *inv,
                               const struct experiment *experiment,
                               const struct inventory *inventory,
                               const struct board *board, const char *name);

#endif
