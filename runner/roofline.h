/* roofline.h - this board's own ceilings, measured */
#ifndef RUNNER_ROOFLINE_H
#define RUNNER_ROOFLINE_H

#include <stddef.h>

#include "runner/fail.h"
#include "runner/jout.h"
#include "runner/options.h"

struct roofline_options {
    uint64_t threads; /* 0: from one to all cores */
    double budget_s;  /* for all measurements together, about */
    bool help;
};

/* The rows of `labrunner roofline`. */
extern const struct option roofline_option_table[];

/* Measure and append one JSON object, for one thread on top and for more of
 * them in "more_threads" (or for the one number asked for): read and copy bandwidth of growing
 * buffers (their size is that of all threads together; a copy counts bytes
 * read and bytes written), and the op rate of each precision's best kernel's
 * instructions.  Each figure is the best of many short tries, as whatever
 * disturbs a machine only makes it slower.
 *
 * Blocks for about budget_s.  Returns 0, or -1: FAIL_NOMEM. */
int roofline_measure(const struct roofline_options *options, struct jout *j,
                     struct fail *fail);

#endif
