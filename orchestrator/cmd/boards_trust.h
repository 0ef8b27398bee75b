/* boards_trust.h - host keys shown to a person, then written down */
#ifndef ORCHESTRATOR_CMD_BOARDS_TRUST_H
#define ORCHESTRATOR_CMD_BOARDS_TRUST_H

#include "inventory/inventory.h"
#include "orchestrator/cmd/command.h"

/* Fetch the host keys of the chosen boards, show their fingerprints, and
 * append those that are unknown to the inventory's known_hosts after a yes
 * (--yes, or at the terminal).  A changed or revoked key is shown and never
 * written.  Returns an exit code: 1 if a board could not be asked or a key
 * is changed, revoked or still unknown; or ERR_IO. */
int boards_trust(const struct invocation *inv,
                 const struct inventory *inventory, struct err *err);

/* True if the board is among the words after the inventory, or none are
 * given. */
bool boards_chosen(const struct invocation *inv, const struct board *board);

#endif
