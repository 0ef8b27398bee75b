/* plan_merge.h - plans of several campaigns one behind the other */
#ifndef ORCHESTRATOR_SCHED_PLAN_MERGE_H
#define ORCHESTRATOR_SCHED_PLAN_MERGE_H

#include <stddef.h>

#include "core/err.h"
#include "orchestrator/sched/plan.h"

/* The axes that tell the campaigns' cells apart. */
#define PLAN_AXIS_CAMPAIGN "campaign"
#define PLAN_AXIS_LAB      "lab"

struct plan_part {
    const struct plan *plan;
    const char *campaign, *lab; /* values of the two axes; "": open */
};

/* All rows of all parts in order, so that row i of part k is row i + (cells of
 * the parts before).  Two axes more say where a row is from, unless it says so
 * already; equal cells so stay separate, and their ids are new.  Boards of one
 * name are one.  Returns 0 and a plan for plan_destroy(); ERR_FORMAT if an axis
 * is of two types, or the same campaign is there twice; ERR_NOMEM. */
int plan_merge(const struct plan_part *parts, size_t len,
               struct plan **ret_plan, struct err *err);

#endif
