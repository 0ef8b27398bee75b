/* weights.h - which points ran weights of one training
 *
 * A network's digest tells one training from another only where the same
 * network ran with both: precisions and pruning factors have weights of
 * their own anyway.  So weights are told apart by who ran them: the weights
 * of one platform and op mode go together, and two platforms are of one set
 * unless some network ran with different weights on them.  Digests differ as
 * well where a vendor's tool keeps the same weights in a file of its own:
 * those that gave the very same answers (prediction_hash) count as one.
 */
#ifndef ANALYSIS_WEIGHTS_H
#define ANALYSIS_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/points.h"
#include "core/err.h"

/* Number the sets of weights from 0, in order of appearance; ret_set gets
 * that of each point ('points->len').  Weights without a digest (published
 * rows) differ from none.  A network that one platform and op mode ran with
 * several weights puts all but the first of them in further sets.
 * Returns 0 or ERR_NOMEM. */
int weights_sets(const struct points *points, size_t *ret_set,
                 size_t *ret_count, struct err *err);

#endif
