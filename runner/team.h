/* team.h - threads that share one piece of work at a time
 *
 * Between pieces helpers spin for about 20 us, then sleep in the kernel
 * (futex), and so does the caller when it waits for them: a descheduled
 * partner costs its own time only.
 */
#ifndef RUNNER_TEAM_H
#define RUNNER_TEAM_H

#include <stddef.h>

#include "runner/fail.h"

#define TEAM_MAX 256 /* threads */

struct team; /* opaque */

/* One thread's share: thread 'at' (0: the caller's own) of 'threads'. */
typedef void team_work_f(void *arg, unsigned at, unsigned threads);

/* Start threads - 1 helpers.  Returns 0 with the team (yours to
 * team_destroy()), or -1: FAIL_NOMEM (also: no more threads). */
int team_create(unsigned threads, struct team **ret_team, struct fail *fail);

/* Run 'work' once in every thread and wait until all are done. */
void team_run(struct team *team, team_work_f *work, void *arg);

/* End the helpers and free; NULL is fine. */
void team_destroy(struct team *team);

#endif
