/* boards_leases.h - who holds which board */
#ifndef ORCHESTRATOR_CMD_BOARDS_LEASES_H
#define ORCHESTRATOR_CMD_BOARDS_LEASES_H

#include "inventory/documents.h"
#include "orchestrator/cmd/command.h"

/* Show the leases of every chosen board, and those of this machine; takes
 * none.  Prints a row a lease.  Returns an exit code: 1 if a board is down;
 * or ERR_NOMEM, ERR_FORMAT. */
int boards_leases(const struct invocation *inv,
                  const struct inventory *inventory, struct err *err);

#endif
