/* sched.h - which board runs which cell next
 *
 * Pure: no clock, no MPI, no file.  The same step drives a live sweep and
 * replays a journal, so resume is not a second implementation.  What lasts
 * (cells, attempts, op modes to go back to) follows from the journalled
 * events; what runs, workers and quarantine start empty.
 */
#ifndef ORCHESTRATOR_SCHED_SCHED_H
#define ORCHESTRATOR_SCHED_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "orchestrator/sched/event.h"
#include "orchestrator/sched/plan.h"

struct sched;

struct sched_settings {
    uint32_t cell_tries;      /* runs of a cell that fails by itself */
    uint32_t transport_tries; /* runs of a cell whose board fails */
    uint32_t board_failures;  /* transport failures in a row: quarantine */
    uint32_t board_probes;    /* fruitless probes: the board is given up */
    double probe_first_s;     /* wait before the first probe, then doubled */
    double turn_s;            /* a board keeps an exclusive group this long */
    double queue_s;           /* short cells: as many as fit are handed out */
    uint32_t queue_max;       /* at most this many on one board */
    bool grouped;             /* stay in an op mode while it has cells */
};

/* What a sweep uses unless the user says otherwise. */
struct sched_settings sched_defaults(void);

/* Counts for status and progress. */
struct sched_counts {
    size_t cells, planned, running, ok, failed, na;
    size_t boards_open, boards_quarantined, boards_given_up;
    double remaining_s; /* expected, from what boards showed; NaN: unknown */
};

/* A scheduler over a plan that it borrows.  Returns 0, ERR_NOMEM. */
int sched_create(const struct plan *plan, const struct sched_settings *settings,
                 struct sched **ret_sched, struct err *err);
void sched_destroy(struct sched *sched); /* NULL is fine */

/* Apply 'event'; append what must now be done to 'actions', or nothing if
 * it is NULL, as in a replay.  Returns 0; ERR_FORMAT if the event names
 * what is not in the plan; ERR_NOMEM. */
int sched_step(struct sched *sched, const struct event *event,
               struct action_list *actions, struct err *err);

/* End of a replay: every cell that is not ok, na or retired is to be run
 * again, with fresh tries; attempt numbers go on. */
void sched_resume(struct sched *sched);

/* True if this very attempt is running: its result is to be kept.  A late
 * or repeated one is not. */
bool sched_expects(const struct sched *sched, uint64_t cell, uint32_t attempt);

/* True if nothing runs, no lane is open and nothing more can be done. */
bool sched_done(const struct sched *sched);

/* Status of a cell (enum cell_status) and attempts made at it. */
int sched_cell_status(const struct sched *sched, uint64_t cell);
uint32_t sched_cell_attempts(const struct sched *sched, uint64_t cell);

/* The op mode that a board must be put back to, "" if none is due. */
const char *sched_board_restore(const struct sched *sched, uint32_t board);

/* Why a board was given up or is in quarantine, "" if it is not. */
const char *sched_board_reason(const struct sched *sched, uint32_t board);

/* When time alone would change something, monotonic; INT64_MAX: never. */
int64_t sched_wake_ns(const struct sched *sched);

/* Fill 'ret_counts' with how many cells are in which state. */
void sched_counts(const struct sched *sched, struct sched_counts *ret_counts);

#endif
