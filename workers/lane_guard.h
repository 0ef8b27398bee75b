/* lane_guard.h - a job's total limit, held by the board itself
 *
 * One small shell process a connection lies on the board and sleeps.  Each
 * job tells it its own process group and limit, through a FIFO and before
 * anything else, so that a worker that dies or a cable that is cut at any
 * instant leaves nothing running for long.  No process is started for a job,
 * and nothing is needed but a POSIX shell, mkfifo and /proc.  Of a request to
 * a served process it hears as soon as that takes longer than a blink.
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

/* A request to the served process begins, and may take 'limit_s' (0: any
 * time); once it takes longer than a blink the guard is told of the process's
 * group, through the keeper of the lease (where none is kept: not).  The
 * process is borrowed until lane_guard_over(). */
void lane_guard_expect(struct lane_board *board, struct proc *served,
                       double limit_s);

/* Tell the guard what is due.  Never blocks; returns when to call again
 * (CLOCK_MONOTONIC). */
int64_t lane_guard_tend(struct lane_board *board);

/* The request was answered, or its process ended: it may stay now. */
void lane_guard_over(struct lane_board *board);

/* End the guard, if the link still stands; else it ends itself once what it
 * guards is over and its connection gone. */
void lane_guard_end(struct lane_board *board);

#endif
