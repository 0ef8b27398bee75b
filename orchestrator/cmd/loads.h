/* loads.h - what adapters say of switches, for the scheduler */
#ifndef ORCHESTRATOR_CMD_LOADS_H
#define ORCHESTRATOR_CMD_LOADS_H

#include "core/err.h"
#include "inventory/inventory.h"
#include "orchestrator/sched/sched.h"

/* The declared costs of every board of the plan: plan_boards() long, for
 * free().  Returns 0, ERR_NOMEM. */
int loads_costs(const struct plan *plan, const struct inventory *inventory,
                struct sched_switch **ret_costs, struct err *err);

/* Number what is loaded ("program" of an adapter) for each cell, by op mode
 * and the axes that the adapter names: plan_cells() long, for free();
 * PLAN_NONE where nothing is, NULL if that is so for all.  Returns 0,
 * ERR_NOMEM. */
int loads_number(const struct plan *plan, const struct inventory *inventory,
                 uint32_t **ret_loads, struct err *err);

#endif
