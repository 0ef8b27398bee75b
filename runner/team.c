/* team.c - helper threads and their sleeping barrier */
#include "runner/team.h"

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

struct team {
    unsigned threads, started;
    team_work_f *work;
    void *arg;
    bool ending;
    _Alignas(64) atomic_uint round; /* grows by one a piece of work */
    _Alignas(64) atomic_uint left;  /* helpers still at it */
    _Alignas(64) pthread_t thread[TEAM_MAX];
    struct seat {
        struct team *team;
        unsigned at;
    } seat[TEAM_MAX];
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
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, TEAM_MAX, NULL, NULL, 0);
}

static void *helper(void *arg)
{
    struct seat *seat = arg;
    struct team *team = seat->team;

    for (unsigned round = 0;; round++) {
        wait_change(&team->round, round);
        if (team->ending)
            return NULL;
        team->work(team->arg, seat->at, team->threads);
        if (atomic_fetch_sub(&team->left, 1) == 1)
            wake_all(&team->left);
    }
}

int team_create(unsigned threads, struct team **ret_team, struct fail *fail)
{
    struct team *team = aligned_alloc(64, (sizeof *team + 63) / 64 * 64);
    sigset_t all, before;
    int rc = 0;

    if (!team)
        return fail_set(fail, FAIL_NOMEM, "no memory for threads");
    memset(team, 0, sizeof *team);
    team->threads = threads;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (unsigned i = 1; !rc && i < threads; i++) {
        team->seat[i] = (struct seat){ team, i };
        if (pthread_create(&team->thread[i], NULL, helper, &team->seat[i]))
            rc = fail_set(fail, FAIL_NOMEM, "cannot start thread %u of %u", i,
                          threads);
        else
            team->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        team_destroy(team);
    else
        *ret_team = team;
    return rc;
}

static void start_round(struct team *team)
{
    atomic_store(&team->left, team->started);
    atomic_fetch_add(&team->round, 1);
    wake_all(&team->round);
}

void team_run(struct team *team, team_work_f *work, void *arg)
{
    unsigned left;

    if (team->started) {
        team->work = work;
        team->arg = arg;
        start_round(team);
    }
    work(arg, 0, team->threads);
    if (team->started)
        while ((left = atomic_load(&team->left)))
            wait_change(&team->left, left);
}

void team_destroy(struct team *team)
{
    if (!team)
        return;
    if (team->started) {
        team->ending = true;
        start_round(team);
    }
    for (unsigned i = 1; i <= team->started; i++)
        pthread_join(team->thread[i], NULL);
    free(team);
}
