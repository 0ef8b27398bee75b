/* selection.h - cells of a campaign by conditions, for withdrawals */
#ifndef ORCHESTRATOR_CMD_SELECTION_H
#define ORCHESTRATOR_CMD_SELECTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "orchestrator/archive/campaign.h"

/* Rows of the plan, rising; for free(). */
struct selection {
    uint64_t *cells;
    size_t len;
};

/* The cells with an accepted result that meet 'where' (as `labsweep analyze
 * --where`, over the columns of /cells).  Returns 0; ERR_USAGE (form, unknown
 * column); as cell_table_make(). */
int selection_of_ok(const struct campaign *campaign, const char *where,
                    struct selection *ret_selection, struct err *err);

#endif
