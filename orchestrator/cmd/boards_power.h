/* boards_power.h - `boards power-cycle`: turn a board's outlet off and on */
#ifndef ORCHESTRATOR_CMD_BOARDS_POWER_H
#define ORCHESTRATOR_CMD_BOARDS_POWER_H

#include "inventory/inventory.h"
#include "orchestrator/cmd/command.h"

/* Cycle the boards named, each counted towards its day's cap; beyond it only
 * with --yes.  Returns an exit code or an error. */
int boards_power_cycle(const struct invocation *inv,
                       const struct inventory *inventory, struct err *err);

#endif
