/* coordinator.h - hear, write down, think, act
 *
 * The loop of rank 0: drains what arrived, appends it to the journal and
 * lets the scheduler think, syncs once, and only then acknowledges and acts.
 */
#ifndef ORCHESTRATOR_COORDINATOR_H
#define ORCHESTRATOR_COORDINATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/link/link.h"
#include "orchestrator/sched/sched.h"
#include "orchestrator/wire/lease_policy.h"

#define COORDINATOR_STOP_FILE "stop" /* in the campaign: a wish to stop */

struct coordinator_setup {
    const char *dir;                   /* of the campaign */
    const char *bin_dir, *project_dir; /* see scope.h */
    struct link *link;
    struct journal *journal;
    const struct plan *plan;
    const struct documents *documents;
    const struct campaign *campaign; /* what happened before, or NULL */
    struct sched_settings settings;
    enum lease_policy lease;         /* about boards that somebody else holds */
    const struct sched_hints *hints; /* or NULL */
    const char *events_path;         /* JSON lines, "-", or NULL */
    const char *notify;              /* a person's command, or NULL */
    double stall_s;                  /* nothing ended for so long: tell */
    double silence_s;                /* a worker mute for so long is lost */
    bool quiet;
    bool show_boards; /* a line a board */
    bool say_why;     /* one line for each cell that is kept or run again */
};

struct coordinator_result {
    struct sched_counts counts;
    bool stopped;    /* by a wish, failures or time, with cells left */
    const char *why; /* it was, "" if not */
    int signal;      /* SIGINT or SIGTERM ended it, else 0 */
};

/* Run the sweep to its end.  Blocks; asleep while nothing happens.
 *
 * Everything acknowledged is in the journal, which is left open and synced.
 * Returns 0 and what came of it; ERR_IO if the journal or every worker
 * failed: cells that are left can be resumed; ERR_REFUSED if somebody else
 * holds a board and the policy is to fail; ERR_FORMAT, ERR_NOMEM.
 */
int coordinator_run(const struct coordinator_setup *setup,
                    struct coordinator_result *ret_result, struct err *err);

/* Tell every worker that the sweep is over, unless that was done: they wait
 * for it.  coordinator_run() does it by itself. */
void coordinator_dismiss(struct link *link);

#endif
