/* progress.h - how far a sweep has come: a bar on a terminal, plain lines
 * elsewhere */
#ifndef ORCHESTRATOR_PROGRESS_H
#define ORCHESTRATOR_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "orchestrator/sched/sched.h"

struct progress {
    bool terminal, quiet;
    int64_t start_ns, shown_ns;
    int64_t looked_ns;
    size_t shown_done, first_done;
    bool line_open; /* a bar stands on the terminal's last line */
};

/* Begin; looks whether standard error is a terminal. */
void progress_begin(struct progress *progress, bool quiet, int64_t now_ns,
                    const struct sched_counts *counts);

/* True if it is time to look at the counts again; saves counting them for
 * every event. */
bool progress_due(const struct progress *progress, int64_t now_ns);

/* Show the counts if it is time to: ten times a second on a terminal, each
 * tenth of the way, or minute, elsewhere. */
void progress_show(struct progress *progress, int64_t now_ns,
                   const struct sched_counts *counts);

/* A line above the bar: what failed, and why. */
void progress_say(struct progress *progress, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The last bar, and the end of its line. */
void progress_end(struct progress *progress, int64_t now_ns,
                  const struct sched_counts *counts);

#endif
