/* plan_state.h - the plan's inside, shared by its files only */
#ifndef ORCHESTRATOR_SCHED_PLAN_STATE_H
#define ORCHESTRATOR_SCHED_PLAN_STATE_H

#include "core/vec.h"
#include "experiments/op_table.h"
#include "experiments/pool.h"
#include "orchestrator/sched/plan.h"

struct plan_mode {
    const char *platform, *op_mode;
};

/* The boards that may run a cell, by index, rising. */
struct board_set {
    const uint32_t *boards;
    size_t len;
};

/* What many cells have in common; a cell is an id and a class. */
struct plan_class {
    uint32_t reason; /* PLAN_NONE: to be run */
    uint32_t set, mode, pinned;
    double expected_s;
    int64_t ops_image, params;
    uint8_t weight_bits, activation_bits;
    bool is_float;
};

struct plan {
    struct op_table *table;
    struct pool *pool; /* of all texts and lists */
    VEC(struct plan_board) boards;
    VEC(const char *) groups, reasons;
    VEC(struct plan_mode) modes;
    VEC(struct board_set) sets;
    VEC(struct plan_class) classes;
    uint64_t *ids;      /* by cell */
    uint32_t *class_of; /* by cell */
    uint32_t *by_id;    /* cells, ids rising */
    uint32_t *order;
    VEC(struct plan_total) totals;
    size_t cells, merged, excluded;
};

/* An empty plan, or NULL without memory. */
struct plan *plan_new(void);

/* Intern a text, a mode, a set of boards (copied).  Return 0 or
 * ERR_NOMEM. */
int plan_intern_reason(struct plan *plan, const char *reason,
                       uint32_t *ret_index, struct err *err);
int plan_intern_group(struct plan *plan, const char *group, uint32_t *ret_index,
                      struct err *err);
int plan_intern_mode(struct plan *plan, const char *platform,
                     const char *op_mode, uint32_t *ret_index, struct err *err);
int plan_intern_set(struct plan *plan, const uint32_t *boards, size_t len,
                    uint32_t *ret_index, struct err *err);

/* Give every cell of 'table' (taken over by the plan in any case) its class
 * by what 'experiment' and 'inventory' say; 'na_reason' gives a row's reason
 * or NULL.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int plan_match(struct plan *plan, const struct experiment *experiment,
               const struct inventory *inventory,
               const char *(*na_reason)(const void *ctx, size_t row),
               const void *ctx, struct err *err);

/* Sort ids, sum totals: what follows from classes.  Returns 0; ERR_FORMAT
 * if two cells have one id; ERR_NOMEM. */
int plan_index(struct plan *plan, struct err *err);
int plan_sum(struct plan *plan, struct err *err);

#endif
