/* amendment.h - what a campaign becomes with other files, for resume and plan
 */
#ifndef ORCHESTRATOR_CMD_AMENDMENT_H
#define ORCHESTRATOR_CMD_AMENDMENT_H

#include "core/err.h"
#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/sched/plan_amend.h"

struct amendment {
    struct documents documents;
    struct plan *plan; /* the campaign's rows first, new ones behind */
    struct plan_change change;
};

/* Lay the plan of an experiment and an inventory over the campaign's; a NULL
 * path keeps what the campaign has.  Changes nothing.  Returns 0 and an
 * amendment for amendment_free(); as documents_load(), plan_create() and
 * plan_amend(). */
int amendment_make(const struct campaign *campaign, const char *experiment_path,
                   const char *inventory_path, struct amendment *ret_amendment,
                   struct err *err);
void amendment_free(struct amendment *amendment);

/* "3 cells added, 1 retired, ..." into 'text'.  Returns 'text'. */
char *amendment_say(const struct amendment *amendment, char text[160]);

#endif
