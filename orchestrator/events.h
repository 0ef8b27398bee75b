/* events.h - what happens in a sweep, as JSON lines for scripts
 *
 * A line an event: {"event": ..., "time": UTC, "t_s": since the begin, ...};
 * docs/orchestration.md lists them.
 */
#ifndef ORCHESTRATOR_EVENTS_H
#define ORCHESTRATOR_EVENTS_H

#include <stdint.h>
#include <stdio.h>

#include "core/err.h"
#include "core/json.h"

struct events {
    FILE *file; /* NULL: nobody listens */
    int64_t start_ns;
};

/* Open 'path' to append to ("-" is standard output); NULL: none.  Returns 0,
 * ERR_IO. */
int events_open(const char *path, struct events *ret_events, struct err *err);

/* The members of an event but its head, to be filled and given to
 * events_put(); NULL if nobody listens, which setters take. */
struct json_value *events_new(const struct events *events, const char *event);

/* Write one line; takes 'own_value' over.  NULL is fine. */
void events_put(struct events *events, struct json_value *own_value);

/* Let readers see what was put. */
void events_flush(struct events *events);
void events_close(struct events *events);

#endif
