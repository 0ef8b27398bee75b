/* state.h - the scheduler's inside, shared by its files only */
#ifndef ORCHESTRATOR_SCHED_STATE_H
#define ORCHESTRATOR_SCHED_STATE_H

#include "hdf5_schema/columns.h"
#include "orchestrator/sched/sched.h"

#define SCHED_ATTEMPT_MAX 65000 /* a journal's number has 16 bits */

struct cell_state {
    uint8_t status; /* enum cell_status */
    uint8_t tries;  /* failures by itself, this session */
    uint8_t transport_tries;
    bool left_out;    /* of this session */
    uint16_t attempt; /* number of the last attempt */
    uint16_t live;    /* number of the attempt that runs */
    uint32_t bucket;  /* PLAN_NONE: na */
    uint32_t board;   /* runs there, or failed there last */
};

/* Times seen over times expected, for a forecast and its error. */
struct pace {
    uint32_t count;
    float mean, m2; /* Welford 1962: mean, sum of squared differences */
};

/* Cells that the same boards can run in the same op mode, with the same
 * loaded, in order. */
struct bucket {
    const uint32_t *boards; /* borrowed from the plan */
    size_t boards_len;
    uint32_t mode, load;
    uint32_t *queue; /* cells, first tries */
    size_t head, len;
    VEC(uint32_t) again; /* cells to be tried again, after the queue */
    size_t again_head;
    size_t running;
    double left_s;                   /* expected, of what waits */
    double mode_enters, load_enters; /* switches into it, for each cell */
    double load_s; /* what it means for a board; for forecast.c alone */
    struct pace pace;
};

struct sentinel {
    uint32_t cell; /* that runs as one, PLAN_NONE: none */
    uint32_t attempt;
    enum occasion runs, due;
    int64_t next_ns;  /* by time */
    bool begun;       /* the first one was run */
    bool worked;      /* a cell was run since the last one */
    VEC(uint32_t) of; /* the cells to choose from, in order */
};

struct board_slot {
    enum board_state state;
    uint32_t worker;
    uint32_t mode, load; /* of the last cell handed out; PLAN_NONE: unknown */
    struct sched_switch costs;
    uint32_t switch_cell; /* that was handed out with a switch ... */
    double switch_s;      /* ... which is declared to take this */
    uint32_t failures, probes, probation;
    unsigned hold;      /* enum event_hold */
    bool out;           /* not used in this session */
    bool suspect;       /* failed too often: close, then quarantine */
    bool cancelled;     /* what its lane had in hand was ended */
    bool spent;         /* no cell of its fits the time that is left */
    bool lost;          /* its last lane did not end by our wish */
    bool restore_tried; /* a lane was opened to restore the op mode */
    int64_t wake_ns;
    int64_t turn_ns;  /* since when it holds its exclusive groups */
    int64_t since_ns; /* since when its first cell runs */
    double seen_s;    /* running mean of a cell's time, 0: none yet */
    size_t ok, failed;
    VEC(uint32_t) running;
    VEC(uint32_t) buckets;
    struct sentinel sentinel;
    struct plan_board plan;
    const char *site; /* borrowed; NULL: any worker reaches it */
    char restore[EVENT_MODE_MAX];
    char reason[EVENT_REASON_MAX];
};

struct worker_slot {
    char site[EVENT_SITE_MAX];
    bool up;
    uint32_t lanes;
};

struct group {
    uint32_t holder; /* board that it serves */
    VEC(uint32_t) members;
};

struct sched {
    const struct plan *plan;
    struct sched_settings settings;
    size_t cells_len, boards_len, buckets_len, groups_len;
    struct cell_state *cells;
    struct bucket *buckets;
    size_t buckets_cap;
    struct board_slot *boards;
    struct group *groups;
    uint32_t *position; /* of a cell in the order */
    float *expected_s;  /* of a cell */
    uint8_t *rank;      /* of a cell, or NULL */
    uint32_t *loads;    /* of a cell, or NULL */
    uint64_t *dirty;    /* boards to look at, a bit each */
    VEC(struct worker_slot) workers;
    VEC(uint32_t) dropped; /* cells to be recorded as not ended */
    uint32_t next_board;   /* turn among boards, for fairness */
    bool started, stopping, paused;
    const char *stop_why;
    bool given_up; /* some board is, and cells may have none left */
    int64_t now_ns, wake_ns, deadline_ns;
    size_t counts[16]; /* cells by status */
    size_t running, failed_now, ok_now, retries;
    size_t left_out; /* planned cells that are not for this session */
    struct pace pace;
};

/* state.c */
/* Change a cell's status, and the counts. */
void cell_set_status(struct sched *sched, uint32_t cell, int status);
/* True if the bucket has a cell to hand out. */
bool bucket_open(const struct bucket *bucket);
/* How many cells of the bucket wait. */
size_t bucket_waits(const struct bucket *bucket);
/* True if a lane is open or opening. */
bool board_alive(const struct board_slot *board);
/* True if a lane is there and cells may be given to it. */
bool board_takes(const struct board_slot *board);
/* True if cells or a sentinel were handed out to it. */
bool board_busy(const struct board_slot *board);
/* True if a cell of one of its buckets waits. */
bool board_wanted(const struct sched *sched, const struct board_slot *board);
/* True if one waits, or runs and may come back. */
bool board_hopeful(const struct sched *sched, const struct board_slot *board);
/* True if a lane is to be opened only to restore the op mode. */
bool restore_due(const struct sched *sched, const struct board_slot *board);
/* Look at a board in this step, at all, at those that share its buckets, at
 * those that can run the bucket. */
void board_mark(struct sched *sched, uint32_t board);
void boards_mark(struct sched *sched);
void siblings_mark(struct sched *sched, uint32_t board);
void bucket_mark(struct sched *sched, const struct bucket *bucket);
/* Take a marked board, by turns; false if there is none. */
bool board_unmark(struct sched *sched, uint32_t *ret_board);
/* Wake at 'at_ns' if that is before the present time to. */
void wake_at(struct sched *sched, int64_t at_ns);
/* Find the next time to wake anew. */
void wake_again(struct sched *sched);

/* switch.c */
/* Nobody knows any more which op mode the board is in, what is loaded. */
void switch_forget(struct board_slot *board);
/* Seconds, as declared, until the board can run cells of the bucket. */
double switch_declared_s(const struct board_slot *board,
                         const struct bucket *bucket);
/* The bucket that the board should turn to if switches are to be few: one
 * that needs none, else the cheapest switch, and among those where most work
 * is left for each board.  A switch that takes longer than the work it would
 * be made for is left to the boards that are there.  NULL: none. */
struct bucket *switch_choose(struct sched *sched, struct board_slot *board);
/* 'cell' of the bucket is handed out: the board switches to it. */
void switch_to(struct sched *sched, struct board_slot *board,
               const struct bucket *bucket, uint32_t cell);
/* Seconds that switching into the bucket will take, all boards together, if
 * 'waits' of its cells wait. */
double switch_expected_s(const struct sched *sched, const struct bucket *bucket,
                         size_t waits);

/* Give up the board's hold on its exclusive groups. */
void groups_release(struct sched *sched, uint32_t board);

/* bucket.c */
/* Put every cell that is to be run into its bucket.  Returns 0, ERR_NOMEM. */
int buckets_build(struct sched *sched, struct err *err);
void buckets_destroy(struct sched *sched);
/* Sort the cells anew into buckets, by what is loaded for them too. */
int buckets_rebuild(struct sched *sched, struct err *err);
/* Take the next cell that 'board' should run; PLAN_NONE if there is none
 * for it now. */
uint32_t bucket_take(struct sched *sched, struct bucket *bucket,
                     uint32_t board);
/* Its first position in the order, UINT32_MAX if empty. */
uint32_t bucket_position(const struct sched *sched,
                         const struct bucket *bucket);
/* Put a cell back to be tried again.  False if there is no memory. */
bool bucket_put_back(struct sched *sched, uint32_t cell);
/* A cell of it no longer runs. */
void bucket_ended(struct sched *sched, struct bucket *bucket);
/* Fill the queues again from the cells' states, in order.  Returns 0,
 * ERR_NOMEM. */
int buckets_refill(struct sched *sched, struct err *err);

/* order.c */
/* Fill 'order', cells_len long, with all cells, first ones first, and every
 * cell's position in it. */
void order_make(struct sched *sched, uint32_t *order);

/* ending.c */
int on_result(struct sched *sched, const struct event *event,
              struct action_list *actions, struct err *err);
int on_sentinel(struct sched *sched, const struct event *event);
/* What ran on a board that is gone waits again, and the try does not count;
 * it is dropped if the sweep ends. */
int requeue_running(struct sched *sched, uint32_t board);
/* A board that failed waits for a probe, longer each time, then is given
 * up. */
void quarantine(struct sched *sched, uint32_t board);
void board_give_up(struct sched *sched, uint32_t board);
/* Hand out nothing more; with 'cancel' end what runs. */
int sched_stop(struct sched *sched, const char *why, bool cancel,
               struct action_list *actions, struct err *err);

/* sentinel.c */
/* The board may run 'cell' as a sentinel; the first of an op mode counts.
 * False if there is no memory. */
bool sentinel_declare(struct sched *sched, struct board_slot *board,
                      uint32_t cell);
/* Ask for one on that occasion, if sentinels are declared for the board. */
void sentinel_ask(struct sched *sched, struct board_slot *board,
                  enum occasion occasion);
/* The board is to run a cell of 'mode' next: ask for one if it is due. */
void sentinel_before(struct sched *sched, struct board_slot *board,
                     uint32_t mode);
/* The board has nothing more to do: true if one is asked for first. */
bool sentinel_at_end(struct sched *sched, struct board_slot *board);
/* The cell to run for what is due: one of 'mode' if there is one. */
uint32_t sentinel_choose(const struct sched *sched,
                         const struct board_slot *board, uint32_t mode);

/* forecast.c */
/* Learn from a cell that took 'duration_s' on 'board', a declared switch
 * before it among that. */
void forecast_learn(struct sched *sched, struct board_slot *board,
                    uint32_t cell, double duration_s);
/* Seconds that a cell is likely to take. */
double forecast_cell(const struct sched *sched, uint32_t cell);

/* dispatch.c */
/* Append what must be done now, given the state.  Returns 0, ERR_NOMEM. */
int dispatch(struct sched *sched, struct action_list *actions, struct err *err);

#endif
