/* pool.h - threads that share one piece of work at a time
 *
 * Between pieces helpers spin for about 20 us, then sleep in the kernel
 * (futex), and so does the caller when it waits for them: a descheduled
 * partner costs its own time only.
 */
#ifndef RUNNER_POOL_H
#define RUNNER_POOL_H

#include <stddef.h>

#include "runner/fail.h"

#define POOL_MAX 256 /* threads */

struct pool; /* opaque */

/* One thread's share: thread 'at' (0: the caller's own) of 'threads'. */
typedef void pool_work_f(void *arg, unsigned at, unsigned threads);

/* Start threads - 1 helpers.  Returns 0 with the pool (yours to
 * pool_destroy()), or -1: FAIL_NOMEM (also: no more threads). */
int pool_create(unsigned threads, struct pool **ret_pool, struct fail *fail);

/* Run 'work' once in every thread and wait until all are done. */
void pool_run(struct pool *pool, pool_work_f *work, void *arg);

/* End the helpers and free; NULL is fine. */
void pool_destroy(struct pool *pool);

#endif
