/* session.h - one sweep from the coordinator's chair, for run and resume */
#ifndef ORCHESTRATOR_CMD_SESSION_H
#define ORCHESTRATOR_CMD_SESSION_H

#include "orchestrator/archive/campaign.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/hints.h"
#include "orchestrator/coordinator.h"

/* Options of `run` and `resume`. */
/* clang-format off */
#define SESSION_OPTIONS                                                       \
    HINTS_OPTIONS,                                                            \
    { "lease", 0, "wait|skip|fail", "about boards that somebody holds" },     \
    { "boards", 'b', NULL, "a line a board under the bar" },                  \
    { "events", 0, "FILE", "tell what happens as JSON lines, - for stdout" }, \
    { "notify", 0, "CMD", "run this on quarantine, stall and end" },          \
    { "stall", 0, "TIME", "nothing ended for so long is a stall, 10 min" },   \
    { "silence", 0, "TIME", "a worker mute for so long is lost, 20 s" },      \
    { "site", 0, "NAME", "where this rank is, host name if not said" },       \
    { "quiet", 'q', NULL, "no progress, only the summary" }
/* clang-format on */

struct session {
    const struct invocation *inv;
    const char *dir; /* of the campaign */
    struct documents documents;
    struct plan *own_plan;     /* of a new campaign */
    struct campaign *campaign; /* of one that goes on */
    struct journal *journal;
    struct hints hints;
    struct sched_settings settings;
    enum lease_policy lease;
    double stall_s, silence_s;
};

/* Make a new campaign of two files in 'dir'.  Returns 0; ERR_REFUSED, naming
 * resume, if there is one; as documents_load(), plan_create(),
 * campaign_begin(). */
int session_new(struct session *session, const char *experiment_path,
                const char *inventory_path, const char *dir, struct err *err);

/* Open the campaign in 'dir' to go on.  As campaign_continue(). */
int session_continue(struct session *session, const char *dir, struct err *err);

/* Give an opened campaign other files (a NULL path keeps what it has): the
 * amended plan goes into the journal unless nothing differs, and what
 * changes is said.  As amendment_make() and campaign_amend(). */
int session_amend(struct session *session, const char *experiment_path,
                  const char *inventory_path, struct err *err);

/* Withdraw the ok cells of an opened campaign that meet 'where', so that they
 * are measured again.  As selection_of_ok() and campaign_withdraw(). */
int session_redo(struct session *session, const char *where, struct err *err);

/* Run what is to be run, over MPI or a loop, publish, print a summary.
 * Returns an exit code; EXIT_CODE_IO and 'err' on failure. */
int session_run(struct session *session, struct err *err);

/* Close everything; the journal is left whole. */
void session_close(struct session *session);

#endif
