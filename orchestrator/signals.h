/* signals.h - what the user asks of a running sweep by signals
 *
 * SIGUSR1: hand out nothing more, finish, restore, publish.  SIGINT,
 * SIGTERM: the same at once, within a second.
 */
#ifndef ORCHESTRATOR_SIGNALS_H
#define ORCHESTRATOR_SIGNALS_H

enum signals_wish {
    SIGNALS_NONE,
    SIGNALS_STOP, /* SIGUSR1 */
    SIGNALS_END,  /* SIGINT, SIGTERM */
};

/* Catch the signals above and ignore SIGPIPE, for the whole process. */
void signals_catch(void);

/* The strongest wish so far. */
enum signals_wish signals_wish(void);

/* The last of SIGINT and SIGTERM, 0 if none came. */
int signals_last(void);

/* How many of the signals came in all. */
int signals_count(void);

#endif
