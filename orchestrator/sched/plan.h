/* plan.h - every cell of a campaign and the boards that may run it
 *
 * Pure.  A cell's index is its row in the archive; its id is its meaning.
 * The bytes of a plan go into the journal, so that a replay never depends on
 * how experiments are expanded.
 */
#ifndef ORCHESTRATOR_SCHED_PLAN_H
#define ORCHESTRATOR_SCHED_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "experiments/experiment.h"
#include "experiments/op_point.h"
#include "inventory/inventory.h"

#define PLAN_NONE UINT32_MAX

struct plan;

/* A board as the plan knows it; texts and lists borrowed from the plan. */
struct plan_board {
    const char *name, *platform;
    const char *sisters;    /* "" if not said */
    const uint32_t *groups; /* exclusive groups, see plan_group_name() */
    size_t groups_len;
    bool emulated;
};

struct plan_cell {
    uint64_t id;
    const char *na_reason;  /* NULL: to be run */
    const uint32_t *boards; /* candidates, indexes of plan_board_at() */
    size_t boards_len;      /* 0 where na */
    uint32_t pinned;        /* the only board allowed, or PLAN_NONE */
    uint32_t mode; /* same (platform, op mode): same number; to group by */
    const char *platform, *op_mode;
    double expected_s;
    int64_t ops_image, params;        /* -1: not known */
    int weight_bits, activation_bits; /* 0: not known */
    bool is_float;
};

/* Match every op point of the experiment to boards.  A point is na if the
 * experiment says so, or if no board can run it; the reason says why.
 * Returns 0 and a plan for plan_destroy(); ERR_FORMAT (also: two cells with
 * one id), ERR_NOMEM. */
int plan_create(const struct experiment *experiment,
                const struct inventory *inventory, struct plan **ret_plan,
                struct err *err);
void plan_destroy(struct plan *plan); /* NULL is fine */

/* How many cells it has, na ones among them. */
size_t plan_cells(const struct plan *plan);
/* Fill 'ret_cell' with cell 'index'. */
void plan_cell(const struct plan *plan, size_t index,
               struct plan_cell *ret_cell);
uint64_t plan_cell_id(const struct plan *plan, size_t index);
bool plan_cell_na(const struct plan *plan, size_t index);
void plan_cell_point(const struct plan *plan, size_t index,
                     struct op_point *ret_point);
/* The index of the cell with this id; false if there is none. */
bool plan_find(const struct plan *plan, uint64_t id, size_t *ret_index);

/* The axes of all points, borrowed; sets ret_len. */
const struct axis *plan_axes(const struct plan *plan, size_t *ret_len);

/* How many boards it has; fill 'ret_board' with the i-th, its texts
 * borrowed. */
size_t plan_boards(const struct plan *plan);
void plan_board_at(const struct plan *plan, size_t i,
                   struct plan_board *ret_board);
/* How many of its boards are emulated: what they yield is no measurement,
 * and every output says so. */
size_t plan_boards_emulated(const struct plan *plan);
/* Whether a cell is na only because the inventory has no board of its
 * platform that can be driven: another lab could run it. */
bool plan_reason_wants_board(const char *na_reason);
/* The name of an exclusive group; NULL beyond the last. */
const char *plan_group_name(const struct plan *plan, size_t i);
/* Platform and op mode of a mode, borrowed; false beyond the last. */
bool plan_mode_at(const struct plan *plan, size_t i, const char **ret_platform,
                  const char **ret_op_mode);

/* The order to start cells in: a permutation of all indexes (na cells keep
 * their place in it), plan_cells() long, borrowed.  "planned" takes all first
 * repeats in row order, then all second ones, so that repeats are spread over
 * the campaign; "grouped" does so mode by mode. */
const uint32_t *plan_order(const struct plan *plan);

/* Rows that stood in the experiment more than once, or were excluded. */
size_t plan_merged(const struct plan *plan);
size_t plan_excluded(const struct plan *plan);

/* Append the plan's bytes, or read them back; hostile bytes are refused.
 * Return 0, ERR_FORMAT, ERR_NOMEM. */
int plan_encode(const struct plan *plan, struct buf *out, struct err *err);
int plan_decode(const void *data, size_t len, struct plan **ret_plan,
                struct err *err);

/* The same for who only counts: of this plan nothing but plan_cells() and
 * plan_cell_na() may be asked.  A tenth of the time. */
int plan_decode_outline(const void *data, size_t len, struct plan **ret_plan,
                        struct err *err);

/* Totals for people: a row for every platform and op mode, in order of
 * first cell, and within it a row for every na reason.  na cells that name no
 * platform or op mode have "" there. */
struct plan_total {
    const char *platform, *op_mode;
    const char *na_reason; /* NULL: cells to be run */
    size_t cells;
    double expected_s; /* summed over cells */
    size_t boards;     /* that may run one of them */
};
/* The i-th total; false beyond the last. */
bool plan_total_at(const struct plan *plan, size_t i,
                   struct plan_total *ret_total);

/* Sum the totals' expected_s anew: 'expected_s' of each cell counts where it
 * is above 0.  Once for a plan.  Returns 0, ERR_NOMEM. */
int plan_expect(struct plan *plan, const float *expected_s, struct err *err);

#endif
