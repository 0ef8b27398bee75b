/* world_state.h - the simulated lab's inside, for world*.c */
#ifndef TESTS_UNIT_SCHED_WORLD_STATE_H
#define TESTS_UNIT_SCHED_WORLD_STATE_H

#include "core/vec.h"
#include "tests/unit/sched/world.h"

/* Something that will be reported sooner or later. */
struct pending {
    enum action_kind kind;
    uint64_t cell;
    uint32_t attempt, board, worker;
    enum occasion occasion;
    bool again; /* it was reported before */
};

struct world {
    struct world_setup setup;
    struct documents documents;
    struct plan *plan;
    struct sched *sched;
    uint64_t random;
    int64_t now_ns;
    VEC(struct pending) pending;
    VEC(struct event) history; /* what a journal would keep */
    struct action_list actions;
    bool *worker_dead;
    bool *ok;
    uint32_t *attempts, *live; /* by cell: last number, and of what runs */
    size_t events;
    bool stopped, gentle, paused;
    bool *held;                    /* by board */
    int64_t *served_ns;            /* by board: when it was given a cell last */
    float *expected_s;             /* by cell, of world_time() */
    uint32_t *loads;               /* by cell */
    struct sched_switch *switches; /* by board */
    uint32_t sentinels[4];
};

/* A random number. */
uint64_t world_draw(struct world *world);
/* A fresh scheduler, by the set-up and the expected durations. */
void world_make_sched(struct world *world);
/* Workers come up, and the sweep starts. */
void world_begin(struct world *world);
/* Report what was pending. */
void world_report(struct world *world, const struct pending *pending);

#endif
