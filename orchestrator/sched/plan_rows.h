/* plan_rows.h - rows of one op table into another; for plan_*.c that make
 * plans of plans
 */
#ifndef ORCHESTRATOR_SCHED_PLAN_ROWS_H
#define ORCHESTRATOR_SCHED_PLAN_ROWS_H

#include "orchestrator/sched/plan_state.h"

/* A table that rows come from, and which of its axes is which of the other's;
 * op_table_axes() where it lacks one. */
struct plan_source {
    const struct op_table *table;
    size_t axis[AXES_MAX];
};

/* Where rows of 'from' go in 'into'. */
struct plan_source plan_source_of(const struct op_table *into,
                                  const struct op_table *from);

/* The indexes in 'into' of a row of the source; an axis that the source lacks
 * is at its default or open, so the id stays.  Returns 0 or ERR_NOMEM. */
int plan_row_map(struct op_table *into, const struct plan_source *source,
                 size_t row, uint32_t indexes[AXES_MAX], struct err *err);

/* Put the axes of 'more' that 'axes' lacks before its 'board'; an axis that
 * both have must be of one type.  Returns 0, ERR_FORMAT. */
int plan_axes_join(struct axis axes[AXES_MAX], size_t *len,
                   const struct axis *more, size_t more_len, struct err *err);

#endif
