/* boards_discover.h - `boards discover`: a proposal for the inventory */
#ifndef ORCHESTRATOR_CMD_BOARDS_DISCOVER_H
#define ORCHESTRATOR_CMD_BOARDS_DISCOVER_H

#include "inventory/inventory.h"
#include "orchestrator/cmd/command.h"

/* Visit the boards named (of 'inventory', or HOST, user@HOST, HOST:PORT by
 * the user's own ssh settings; 'inventory' may be NULL) and print an entry
 * for each: what it is, and a meter for every power sensor found on it.
 * Returns an exit code or an error. */
int boards_discover(const struct invocation *inv,
                    const struct inventory *inventory, struct err *err);

#endif
