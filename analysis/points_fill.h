/* points_fill.h - the repeats of each point folded into means */
#ifndef ANALYSIS_POINTS_FILL_H
#define ANALYSIS_POINTS_FILL_H

#include "analysis/groups.h"
#include "analysis/points.h"

/* Fill 'at', a point a group, from the cells listed in 'lists', which the
 * points borrow: what is the same in all repeats from the first, means and
 * their intervals over those that are there.  Returns 0 or ERR_NOMEM. */
int points_fill(const struct dataset *dataset, const struct groups *groups,
                const struct group_rows *lists, struct point *at,
                struct err *err);

#endif
