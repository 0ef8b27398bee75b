/* progress.h - how far a sweep has come: a bar on a terminal, plain lines
 * elsewhere */
#ifndef ORCHESTRATOR_PROGRESS_H
#define ORCHESTRATOR_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "orchestrator/view.h"

struct progress {
    FILE *out;
    bool terminal, quiet;
    bool boards; /* a line a board too */
    int64_t shown_ns;
    size_t shown_done;
    size_t lines_open; /* of the drawing that stands on the terminal */
};

/* Begin to show on 'out'; looks whether it is a terminal. */
void progress_begin(struct progress *progress, FILE *out, bool quiet,
                    bool boards, int64_t now_ns, const struct view *view);

/* Show the view if it is time to: ten times a second on a terminal, each
 * tenth of the way, or minute, elsewhere. */
void progress_show(struct progress *progress, int64_t now_ns,
                   const struct view *view);

/* A line above the bar: what failed, and why; control characters of what a
 * board said are replaced. */
void progress_say(struct progress *progress, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The last bar, and the end of its line. */
void progress_end(struct progress *progress, const struct view *view);

#endif
