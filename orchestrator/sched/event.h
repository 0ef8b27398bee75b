/* event.h - what can happen in a sweep, and what must then be done, as values
 *
 * Time arrives inside events; boards, workers and cells are indexes (of the
 * plan, of the ranks).
 */
#ifndef ORCHESTRATOR_SCHED_EVENT_H
#define ORCHESTRATOR_SCHED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/vec.h"

#define EVENT_MODE_MAX   64
#define EVENT_SITE_MAX   64
#define EVENT_REASON_MAX 512

enum event_kind {
    EVENT_TICK,          /* nothing but time */
    EVENT_WORKER_UP,     /* worker, site: where its host is */
    EVENT_WORKER_DOWN,   /* worker: its rank died or fell silent */
    EVENT_START,         /* all workers that will come are here */
    EVENT_BOARD_READY,   /* board, worker: its lane is connected */
    EVENT_BOARD_DOWN,    /* board, worker, refused, reason: no connection */
    EVENT_BOARD_CLOSED,  /* board, worker: the lane has ended */
    EVENT_STARTED,       /* cell, attempt, board (replay; live it is known) */
    EVENT_RESULT,        /* cell, attempt, board, status, transport_failed */
    EVENT_MODE_INTENT,   /* board, mode: the mode to go back to */
    EVENT_MODE_RESTORED, /* board */
    EVENT_INVALIDATED,   /* cell: an ok cell is withdrawn */
    EVENT_STALE,         /* cell: its fingerprint no longer stands */
    EVENT_STOP,          /* hand out nothing more; cancel says: end it now */
    EVENT_SENTINEL,      /* cell, attempt, board, status: one has ended */
    EVENT_PAUSE,         /* hand out nothing for now */
    EVENT_UNPAUSE,       /* go on */
    EVENT_HOLD,          /* board, hold: finish what runs, then no lane */
    EVENT_RELEASE,       /* board, hold: no longer; by a person also out of
                            quarantine, or from being given up */
};

/* Why a board gets no cells though it is well; bits. */
enum event_hold {
    HOLD_DRAINED = 1, /* by a person */
    HOLD_HOURS = 2,   /* the inventory's hours */
};

/* What a sentinel cell is run for. */
enum occasion {
    OCCASION_NONE,
    OCCASION_START,
    OCCASION_END,
    OCCASION_HOURS,  /* the time between two is over */
    OCCASION_REBOOT, /* the board was away, or came up anew */
    OCCASION_MODE,   /* another op mode */
};

struct event {
    enum event_kind kind;
    int64_t now_ns; /* monotonic; 0 in a replay */
    uint64_t cell;
    uint32_t attempt;
    uint32_t board;
    uint32_t worker;
    int status;            /* enum cell_status */
    bool transport_failed; /* the board is to blame, not the cell */
    bool refused;          /* no use to try this board again */
    bool cancel;
    bool rebooted; /* of BOARD_READY: it came up anew since the last one */
    unsigned hold; /* of HOLD, RELEASE: enum event_hold */
    double duration_s;
    char mode[EVENT_MODE_MAX];
    char site[EVENT_SITE_MAX];
    char reason[EVENT_REASON_MAX];
};

enum action_kind {
    ACTION_OPEN,    /* worker opens a lane to board; mode: restore it first */
    ACTION_RUN,     /* worker runs cell as attempt on board; as a sentinel if
                       occasion says so */
    ACTION_CLOSE,   /* worker restores board and ends its lane */
    ACTION_CANCEL,  /* worker ends what runs on board */
    ACTION_GIVE_UP, /* no board is left for cell: record it unreachable */
    ACTION_DROP,    /* the sweep ends before cell did: record that */
};

struct action {
    enum action_kind kind;
    uint64_t cell;
    uint32_t attempt;
    uint32_t board;
    uint32_t worker;
    enum occasion occasion;
};

struct action_list {
    VEC(struct action) list;
};

#endif
