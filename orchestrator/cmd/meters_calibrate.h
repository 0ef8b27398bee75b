/* meters_calibrate.h - gain and offset against a reference or known loads */
#ifndef ORCHESTRATOR_CMD_METERS_CALIBRATE_H
#define ORCHESTRATOR_CMD_METERS_CALIBRATE_H

#include "inventory/inventory.h"
#include "orchestrator/cmd/command.h"

/* Read, fit and print.  Returns an exit code or an error: ERR_USAGE (no such
 * board or meter, neither reference nor load), ERR_IO (nothing was read),
 * ERR_REFUSED (the fit is no meter's: gain out of 0.1 to 10). */
int meters_calibrate(const struct invocation *inv,
                     const struct inventory *inventory, struct err *err);

#endif
