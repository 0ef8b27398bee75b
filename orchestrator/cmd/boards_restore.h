/* boards_restore.h - by hand: end and undo what a crashed campaign left */
#ifndef ORCHESTRATOR_CMD_BOARDS_RESTORE_H
#define ORCHESTRATOR_CMD_BOARDS_RESTORE_H

#include "inventory/documents.h"
#include "orchestrator/cmd/command.h"

/* Take the lease of every chosen board whose holder is gone (with --force of
 * named boards also one that is held), end its process group, restore its op
 * mode, give the lease back.  Prints a row a board.  Returns an exit code: 1
 * if a board is down or held; or ERR_USAGE, ERR_NOMEM, ERR_FORMAT. */
int boards_restore(const struct invocation *inv,
                   const struct inventory *inventory, struct err *err);

#endif
