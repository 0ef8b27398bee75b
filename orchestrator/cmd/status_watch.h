/* status_watch.h - the coordinator's own view of a sweep, from elsewhere */
#ifndef ORCHESTRATOR_CMD_STATUS_WATCH_H
#define ORCHESTRATOR_CMD_STATUS_WATCH_H

#include <stdbool.h>

/* Draw on standard output what the sweep in campaign folder 'dir' shows
 * where it was started, until it ends; with 'boards' a line a board too.
 * Returns at once if no sweep runs or it leaves no view. */
void status_watch(const char *dir, bool boards);

#endif
