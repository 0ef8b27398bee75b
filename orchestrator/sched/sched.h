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
    uint32_t retry_free;      /* further tries that a sweep has anyway ... */
    double retry_share;       /* ... and for each cell that ended ok */
    uint32_t board_failures;  /* transport failures in a row: quarantine */
    uint32_t board_probes;    /* fruitless probes: the board is given up */
    uint32_t probation;       /* cells that a probed board must run well */
    double probe_first_s;     /* wait before the first probe, then doubled */
    double turn_s;            /* a board keeps an exclusive group this long */
    double queue_s;           /* short cells: as many as fit are handed out */
    uint32_t queue_max;       /* at most this many on one board */
    uint32_t max_fail;        /* failed cells that end the sweep, 0: none */
    bool fail_fast;           /* and then what runs is cancelled */
    bool grouped;             /* stay in an op mode while it has cells */
    bool longest;             /* cells expected to be long come first */
    double budget_s;          /* no cell begins that would end later, 0: none */
    double sentinel_every_s;  /* 0: not by time */
    bool sentinel_mode;       /* after a switch of op modes */
    bool sentinel_reboot;     /* after a reboot or a lost connection */
};

/* What a sweep uses unless the user says otherwise. */
struct sched_settings sched_defaults(void);

/* What the adapter of a board declares that a switch takes; 0: not said. */
struct sched_switch {
    double mode_s; /* into another op mode */
    double load_s; /* of what is loaded: a bitstream, an engine */
};

/* What is known beyond the plan, as values; every list may be NULL. */
struct sched_hints {
    const float *expected_s; /* of each cell; not above 0: as planned */
    const bool *left_out;    /* cells that this session does not run */
    const uint8_t *rank;     /* of each cell: lower ones come first */
    const bool *board_out;   /* boards that this session does not use */
    const uint32_t *loads;   /* of each cell: the same number, the same is
                                   loaded for it; PLAN_NONE: nothing is */
    const struct sched_switch *switches; /* of each board */
    const uint32_t *sentinels; /* cells that are run again as sentinels: a
                                   board takes the first it can, in the op
                                   mode it is in if there is one */
    size_t sentinels_len;
};

/* Counts for status and progress. */
struct sched_counts {
    size_t cells, planned, running, ok, failed, na;
    size_t left_out; /* of 'planned': not for this session */
    size_t boards_open, boards_quarantined, boards_given_up, boards_held;
    size_t retries;         /* further tries in this session */
    double remaining_s;     /* expected, from what boards showed */
    double remaining_err_s; /* half width of its 95 % interval; NaN: unknown */
    bool paused;
};

enum board_state {
    BOARD_CLOSED,     /* no lane, may be opened */
    BOARD_OPENING,    /* a lane is connecting */
    BOARD_READY,      /* takes cells */
    BOARD_QUARANTINE, /* no lane until its probe */
    BOARD_CLOSING,    /* lane restores and ends */
    BOARD_GIVEN_UP,   /* not again in this session */
};

/* One board, for people. */
struct sched_board {
    enum board_state state;
    unsigned hold;   /* enum event_hold */
    bool out;        /* not used in this session */
    bool probation;  /* back from quarantine */
    uint32_t worker; /* of its lane, where it has one */
    size_t running;  /* cells handed out to it */
    uint64_t cell;   /* the first of them */
    uint32_t attempt;
    enum occasion occasion; /* that cell is a sentinel */
    int64_t since_ns;       /* it was handed out, monotonic */
    int64_t wake_ns;        /* end of quarantine */
    size_t ok, failed;      /* attempts in this session */
    const char *reason;     /* of its last failure, "" if none; borrowed */
};

/* A scheduler over a plan that it borrows.  Returns 0, ERR_NOMEM. */
int sched_create(const struct plan *plan, const struct sched_settings *settings,
                 struct sched **ret_sched, struct err *err);
void sched_destroy(struct sched *sched); /* NULL is fine */

/* Tell what is known beyond the plan (copied); before the first event. */
int sched_hint(struct sched *sched, const struct sched_hints *hints,
               struct err *err);

/* Only workers at 'site' reach this board (borrowed; NULL: every one).
 * Before the first EVENT_START. */
void sched_set_site(struct sched *sched, uint32_t board, const char *site);

/* Apply 'event'; append what must now be done to 'actions', or nothing if
 * it is NULL, as in a replay.  Returns 0; ERR_FORMAT if the event names
 * what is not in the plan; ERR_NOMEM. */
int sched_step(struct sched *sched, const struct event *event,
               struct action_list *actions, struct err *err);

/* End of a replay: every cell that is not ok, na or retired is to be run
 * again, with fresh tries; attempt numbers go on.  Returns 0, ERR_NOMEM. */
int sched_resume(struct sched *sched, struct err *err);

/* True if this very attempt is running: its result is to be kept.  A late
 * or repeated one is not. */
bool sched_expects(const struct sched *sched, uint64_t cell, uint32_t attempt);

/* What this attempt on 'board' is run for if it is its sentinel, else
 * OCCASION_NONE. */
enum occasion sched_sentinel(const struct sched *sched, uint32_t board,
                             uint64_t cell, uint32_t attempt);

/* True if nothing runs, no lane is open and nothing more can be done. */
bool sched_done(const struct sched *sched);

/* True if the sweep ends before its cells: a wish, too many failures, or
 * the time is over; 'ret_why' (may be NULL) says which, "" if not. */
bool sched_stopping(const struct sched *sched, const char **ret_why);

/* Status of a cell (enum cell_status) and attempts made at it. */
int sched_cell_status(const struct sched *sched, uint64_t cell);
uint32_t sched_cell_attempts(const struct sched *sched, uint64_t cell);

/* The op mode that a board must be put back to, "" if none is due. */
const char *sched_board_restore(const struct sched *sched, uint32_t board);

/* Why a board was given up or is in quarantine, "" if it is not. */
const char *sched_board_reason(const struct sched *sched, uint32_t board);

/* Fill 'ret_board' with how a board is. */
void sched_board(const struct sched *sched, uint32_t board,
                 struct sched_board *ret_board);
/* "closed", "opening", "ready", "quarantine", "closing", "given up". */
const char *board_state_word(enum board_state state);
/* "", "start", "end", "hours", "reboot", "mode". */
const char *occasion_word(enum occasion occasion);

/* When time alone would change something, monotonic; INT64_MAX: never. */
int64_t sched_wake_ns(const struct sched *sched);

/* Fill 'ret_counts' with how many cells are in which state.  Walks boards
 * and buckets: not for every event. */
void sched_counts(struct sched *sched, struct sched_counts *ret_counts);

#endif
