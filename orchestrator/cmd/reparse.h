/* reparse.h - a kept result read again by another adapter, nothing run */
#ifndef ORCHESTRATOR_CMD_REPARSE_H
#define ORCHESTRATOR_CMD_REPARSE_H

#include <stdbool.h>

#include "core/err.h"
#include "experiments/experiment.h"
#include "inventory/inventory.h"
#include "orchestrator/wire/result.h"

/* One cell, and its board as it was and is described. */
struct reparse {
    const struct experiment *experiment;
    const struct board *before, *after;
    const struct op_point *point;
    const char *bin_dir, *project_dir;
};

/* What became of a result. */
enum reparse_end {
    REPARSE_SAME,     /* the new adapter reads what the old one did */
    REPARSE_CHANGED,  /* the result holds what it reads now */
    REPARSE_NOT_KEPT, /* not all output was kept */
    REPARSE_NOT_READ, /* it failed by something else than its reading */
};

/* Whether two adapters do the same on a board: they may differ in what they
 * read ("collect", "derive", "valid", "samples", "accuracy") and in words.
 * If not, 'ret_part' names what differs. */
bool reparse_same_deeds(const struct adapter *before,
                        const struct adapter *after, const char **ret_part);

/* Read 'result' (with its raw output) again.  What the old adapter read is
 * forgotten, what labsweep itself knows stays: times, identity, op mode,
 * accuracy, power (its energy an image follows the number of batches).
 * Status and reason are those of the new reading.
 * Returns 0 and how it ended; ERR_FORMAT, ERR_NOMEM. */
int reparse_result(const struct reparse *reparse, struct result *result,
                   enum reparse_end *ret_end, struct err *err);

#endif
