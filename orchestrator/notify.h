/* notify.h - a person's command, run when something happens
 *
 * The command goes to `sh -c` as the user wrote it; what happened reaches it
 * by environment variables alone, so that nothing a board prints is ever
 * part of a command.
 */
#ifndef ORCHESTRATOR_NOTIFY_H
#define ORCHESTRATOR_NOTIFY_H

#include <sys/types.h>

#include "core/vec.h"
#include "orchestrator/sched/sched.h"

struct notify {
    const char *command; /* NULL: nobody is told */
    const char *dir;     /* of the campaign */
    VEC(pid_t) children;
};

/* What happened; texts may be NULL. */
struct notice {
    const char *event; /* "quarantine", "given up", "worker", "stall", "ask",
                          "end" */
    const char *board; /* or worker, by its name */
    const char *text;  /* one sentence */
    struct sched_counts counts;
};

/* Start the command with LABSWEEP_EVENT, LABSWEEP_CAMPAIGN, LABSWEEP_BOARD,
 * LABSWEEP_TEXT, LABSWEEP_OK, LABSWEEP_FAILED and LABSWEEP_LEFT set.  Does
 * not wait; a command that cannot be started is logged. */
void notify_send(struct notify *notify, const struct notice *notice);

/* Reap commands that have ended; with 'wait_s' above 0 wait so long for all
 * of them, and log those that go on. */
void notify_reap(struct notify *notify, double wait_s);

#endif
