/* pool.c - helper threads and their sleeping barrier */
#include "runner/pool.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/now.h"

#define SPIN_NS 20000

struct pool {
    unsigned threads, started;
    pool_work_f *work;
    void *arg;
    bool ending;
    _Alignas(64) atomic_uint round; /* grows by one a piece of work */
    _Alignas(64) atomic_uint left;  /* helpers still at it */
    _Alignas(64) pthread_t thread[POOL_MAX];
    struct seat {
        struct pool *pool;
        unsigned at;
    } seat[POOL_MAX];
};

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

/* Wait until *word is no longer 'old': spin, then sleep. */
static void wait_change(atomic_uint *word, unsigned old)
{
    int64_t until = now_mono_ns() + SPIN_NS;

    for (unsigned i = 0; atomic_load(word) == old; i++) {
        relax();
        if (i % 64 == 63 && now_mono_ns() > until)
            syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
    }
}

static void wake_all(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, POOL_MAX, NULL, NULL, 0);
}

static void *helper(void *arg)
{
    struct seat *seat = arg;
    struct pool *pool = seat->pool;

    for (unsigned round = 0;; round++) {
        wait_change(&pool->round, round);
        if (pool->ending)
            return NULL;
        pool->work(pool->arg, seat->at, pool->threads);
        if (atomic_fetch_sub(&pool->left, 1) == 1)
            wake_all(&pool->left);
    }
}

int pool_create(unsigned threads, struct pool **ret_pool, struct fail *fail)
{
    struct pool *pool = aligned_alloc(64, (sizeof *pool + 63) / 64 * 64);
    sigset_t all, before;
    int rc = 0;

    if (!pool)
        return fail_set(fail, FAIL_NOMEM, "no memory for threads");
    memset(pool, 0, sizeof *pool);
    pool->threads = threads;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (unsigned i = 1; !rc && i < threads; i++) {
        pool->seat[i] = (struct seat){ pool, i };
        if (pthread_create(&pool->thread[i], NULL, helper, &pool->seat[i]))
            rc = fail_set(fail, FAIL_NOMEM, "cannot start thread %u of %u", i,
                          threads);
        else
            pool->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        pool_destroy(pool);
    else
        *ret_pool = pool;
    return rc;
}

static void start_round(struct pool *pool)
{
    atomic_store(&pool->left, pool->started);
    atomic_fetch_add(&pool->round, 1);
    wake_all(&pool->round);
}

void pool_run(struct pool *pool, pool_work_f *work, void *arg)
{
    unsigned left;

    if (pool->started) {
        pool->work = work;
        pool->arg = arg;
        start_round(pool);
    }
    work(arg, 0, pool->threads);
    if (pool->started)
        while ((left = atomic_load(&pool->left)))
            wait_change(&pool->left, left);
}

void pool_destroy(struct pool *pool)
{
    if (!pool)
        return;
    if (pool->started) {
        pool->ending = true;
        start_round(pool);
    }
    for (unsigned i = 1; i <= pool->started; i++)
        pthread_join(pool->thread[i], NULL);
    free(pool);
}
