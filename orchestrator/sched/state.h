/* state.h - the scheduler's inside, shared by its files only */
#ifndef ORCHESTRATOR_SCHED_STATE_H
#define ORCHESTRATOR_SCHED_STATE_H

#include "hdf5_schema/columns.h"
#include "orchestrator/sched/sched.h"

struct cell_state {
    uint8_t status; /* enum cell_status */
    uint8_t tries;  /* failures by itself, this session */
    uint8_t transport_tries;
    uint32_t attempt; /* number of the last attempt */
    uint32_t bucket;  /* PLAN_NONE: na */
    uint32_t board;   /* runs there, or failed there last */
};

/* Cells that the same boards can run in the same op mode, in order. */
struct bucket {
    const uint32_t *boards; /* borrowed from the plan */
    size_t boards_len;
    uint32_t mode;
    uint32_t *queue; /* cells, first tries */
    size_t head, len;
    VEC(uint32_t) again; /* cells to be tried again, after the queue */
    size_t again_head;
    double expected_s; /* of a cell, as planned, mean */
};

enum board_state {
    BOARD_CLOSED,     /* no lane, may be opened */
    BOARD_OPENING,    /* a lane is connecting */
    BOARD_READY,      /* takes cells */
    BOARD_QUARANTINE, /* no lane until wake_ns */
    BOARD_CLOSING,    /* lane restores and ends */
    BOARD_GIVEN_UP,   /* not again in this session */
};

struct board_slot {
    enum board_state state;
    uint32_t worker;
    uint32_t mode; /* of the last cell handed out, PLAN_NONE: unknown */
    uint32_t failures, probes;
    bool suspect;       /* failed too often: close, then quarantine */
    bool restore_tried; /* a lane was opened to restore the op mode */
    int64_t wake_ns;
    int64_t turn_ns; /* since when it holds its exclusive groups */
    double seen_s;   /* running mean of a cell's time, 0: none yet */
    VEC(uint32_t) running;
    VEC(uint32_t) buckets;
    struct plan_board plan;
    char restore[EVENT_MODE_MAX];
    char reason[EVENT_REASON_MAX];
};

struct worker_slot {
    bool up;
    uint32_t lanes;
};

struct sched {
    const struct plan *plan;
    struct sched_settings settings;
    size_t cells_len, boards_len, buckets_len, groups_len;
    struct cell_state *cells;
    struct bucket *buckets;
    size_t buckets_cap;
    struct board_slot *boards;
    uint32_t *position;     /* of a cell in the order */
    uint32_t *group_holder; /* board that an exclusive group serves */
    VEC(struct worker_slot) workers;
    uint32_t next_board; /* turn among boards, for fairness */
    bool started, stopping;
    bool given_up; /* some board is */
    bool released; /* a group was, in this round */
    int64_t now_ns;
    size_t counts[16]; /* cells by status */
    size_t running;
};

/* state.c */
/* Change a cell's status, and the counts. */
void cell_set_status(struct sched *sched, uint32_t cell, int status);
/* True if the bucket has a cell to hand out. */
bool bucket_open(const struct bucket *bucket);
/* True if a lane is open or opening. */
bool board_alive(const struct board_slot *board);
/* True if a cell of one of its buckets waits. */
bool board_wanted(const struct sched *sched, const struct board_slot *board);
/* True if a lane is to be opened only to restore the op mode. */
bool restore_due(const struct sched *sched, const struct board_slot *board);

/* Give up the board's hold on its exclusive groups. */
void groups_release(struct sched *sched, uint32_t board);

/* bucket.c */
/* Put every cell that is to be run into its bucket.  Returns 0, ERR_NOMEM. */
int buckets_build(struct sched *sched, struct err *err);
void buckets_destroy(struct sched *sched);
/* Take the next cell that 'board' should run; PLAN_NONE if there is none
 * for it now. */
uint32_t bucket_take(struct sched *sched, struct bucket *bucket,
                     uint32_t board);
/* Its first position in the order, UINT32_MAX if empty. */
uint32_t bucket_position(const struct sched *sched,
                         const struct bucket *bucket);
/* Put a cell back to be tried again.  False if there is no memory. */
bool bucket_put_back(struct sched *sched, uint32_t cell);
/* Fill the queue again from the cells' states, after a replay. */
void buckets_refill(struct sched *sched);

/* dispatch.c */
/* Append what must be done now, given the state.  Returns 0, ERR_NOMEM. */
int dispatch(struct sched *sched, struct action_list *actions, struct err *err);

#endif
