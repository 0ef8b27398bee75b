/* world.h - a simulated lab for the scheduler: boards that connect, run,
 * fail, vanish, in any order that a seed says */
#ifndef TESTS_UNIT_SCHED_WORLD_H
#define TESTS_UNIT_SCHED_WORLD_H

#include "inventory/documents.h"
#include "orchestrator/sched/sched.h"

/* What the simulated lab is like; shares are in percent. */
struct world_setup {
    unsigned seed;
    size_t cells;  /* op points of each of the two platforms */
    size_t boards; /* of each platform */
    size_t workers;
    unsigned fail_pct;      /* cells that fail by themselves */
    unsigned transport_pct; /* cells lost with their connection */
    unsigned down_pct;      /* lanes that do not come up */
    unsigned refuse_pct;    /* of those: refused for good */
    unsigned worker_pct;    /* per mille of events: a worker dies */
    bool exclusive;         /* all boards share one group */
    bool each;              /* every board runs every point */
    size_t stop_after;      /* events until a stop, 0: none */
    unsigned hold_pct;      /* per mille: a board is held or released, the
                               sweep paused or resumed */
    bool sentinels;         /* the first points are run as sentinels too */
    bool longest, grouped;  /* the order */
    bool loads;             /* cells need one of three things loaded, or none */
    double mode_s, load_s;  /* what a switch takes ... */
    bool undeclared;        /* ... though the adapter does not say so */
    uint32_t max_fail;      /* end then */
    double budget_s;        /* end then, 0: never */
    double turn_s;          /* of an exclusive group, 0: as usual */
};

struct world;

/* Make lab, plan and scheduler; asserts that it works. */
struct world *world_create(const struct world_setup *setup);
/* Forget what was lived, and begin again with another seed. */
void world_again(struct world *world, unsigned seed);
void world_destroy(struct world *world);

/* Run to the end; fails the test if a rule is broken: a board with a cell
 * of another, two holders of an exclusive group, a second ok, an attempt
 * number twice, no end within a bound. */
void world_run(struct world *world);

/* Every cell that is not na is final (or, after a stop, planned). */
void world_check_final(const struct world *world);

/* Feed the events that a journal keeps to a fresh scheduler and compare
 * every cell. */
void world_check_replay(const struct world *world);

/* After an end or a stop: a new session over the same history, in a lab
 * where nothing fails; all cells end ok. */
void world_resume_and_finish(struct world *world);

/* What a run in simulated time came to. */
struct world_time {
    double end_s;
    double stretch;    /* end over the least possible, switches left aside: a
                       platform's work over its boards, or the longest cell */
    double forecast_s; /* the scheduler's, before it began */
    size_t mode_switches,
        load_switches; /* into an op mode, of what is loaded */
};

/* Run in simulated time: cells of 0.1 s to 10 s, most of them short, on
 * boards that do nothing but switch and work. */
struct world_time world_time(struct world *world);

/* How many events were lived. */
size_t world_events(const struct world *world);

#endif
