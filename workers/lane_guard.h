/* lane_guard.h - a job's total limit, held by the board itself
 *
 * One small shell process a connection lies on the board and sleeps.  Each
 * job tells it its own process group and limit, through a FIFO and before
 * anything else, so that a worker that dies or a cable that is cut at any
 * instant leaves nothing running for long.  No process is started for a job,
 * and nothing is needed but a POSIX shell, mkfifo and /proc.
 */
#ifndef WORKERS_LANE_GUARD_H
#define WORKERS_LANE_GUARD_H

#include "workers/lane_board.h"

/* How long after its limit the board itself ends a job: the worker, which
 * knows the reason, comes first. */
#define LANE_GUARD_LATE_S 3

/* Start the guard; ends an older one of this board.  Where it cannot be
 * (no FIFO), says so once in the log, and limits are the worker's alone.
 * A script board needs none.  Returns 0; ERR_IO and link_lost. */
int lane_guard_start(struct lane_board *board, struct err *err);

/* Append the words that put what follows in 'command' under the guard, for
 * at most 'limit_s' (none, or no guard: nothing is appended). */
void lane_guard_put(const struct lane_board *board, double limit_s,
                    struct buf *command);

/* End the guard, if the link still stands; else it ends itself once what it
 * guards is over and its connection gone. */
void lane_guard_end(struct lane_board *board);

#endif
