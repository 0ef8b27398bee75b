/* bench_runner.c - time a pass of each peer at each point, in rounds
 *
 *     bench_runner ROUNDS SLICE_S [WIDTHS [BATCHES [THREADS]]]
 *
 * Prints a line a point and peer, separated by tabs: precision, width, batch,
 * threads, peer, median of the rounds' seconds a pass, least, greatest.  Each
 * peer of a point is a process of its own that waits its turn; in a round
 * each runs for a slice, so that whatever disturbs the machine meets all.
 * A slice's figure is the median of its groups of passes.  One thread is
 * timed by the process's own clock, several by the wall's.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/runner/peers.h"

#define ROUNDS_MAX 101
#define GROUP_S    500e-6
#define GROUPS_MAX 4096
#define PEERS      4

static const struct peer *const peers[PEERS] = { &peer_own, &peer_onednn,
                                                 &peer_openblas, &peer_ort };

/* A peer at a point, in its process. */
struct runner {
    const struct peer *peer;
    pid_t pid;
    FILE *to, *from;
    double pass_s[ROUNDS_MAX];
};

void peers_die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

size_t peers_inputs(size_t width, unsigned at)
{
    return at ? width : 784;
}

size_t peers_neurons(size_t width, unsigned at)
{
    return at == NET_LAYERS - 1 ? NET_CLASSES : width;
}

void *peers_alloc(size_t bytes)
{
    size_t whole = (bytes + 63) / 64 * 64;
    void *p = aligned_alloc(64, whole);

    if (!p)
        peers_die("no memory for %zu bytes", whole);
    return memset(p, 0, whole);
}

float *peers_floats(size_t count)
{
    float *f = peers_alloc(count * sizeof(*f));

    for (size_t i = 0; i < count; i++)
        f[i] = 0.001f * (float)(i * 7919 % 101);
    return f;
}

static double now_s(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_size);
    return (values[count / 2] + values[(count - 1) / 2]) / 2;
}

/* ---- the child */

/* Passes for 'slice_s'; the median group's seconds a pass. */
static double time_slice(const struct peer *peer, void *ctx, double slice_s,
                         clockid_t clock)
{
    static double group_s[GROUPS_MAX];
    double end = now_s(CLOCK_MONOTONIC) + slice_s, start;
    size_t groups = 0, passes;

    start = now_s(clock);
    peer->pass(ctx); /* warm again after the others' turns */
    passes = (size_t)(GROUP_S / (now_s(clock) - start + 1e-9)) + 1;
    do {
        start = now_s(clock);
        for (size_t i = 0; i < passes; i++)
            peer->pass(ctx);
        group_s[groups++] = (now_s(clock) - start) / (double)passes;
    } while (groups < GROUPS_MAX && now_s(CLOCK_MONOTONIC) < end);
    return median(group_s, groups);
}

/* bench_runner --child PEER PRECISION WIDTH BATCH THREADS */
static int child(char **argv)
{
    const struct peer *peer = peers[atoi(argv[0])];
    struct point point = {
        .precision = (enum precision)atoi(argv[1]),
        .width = strtoul(argv[2], NULL, 10),
        .batch = strtoul(argv[3], NULL, 10),
        .threads = (unsigned)atoi(argv[4]),
    };
    clockid_t clock =
        point.threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
    void *ctx = peer->open(&point);
    char line[64];

    if (!ctx)
        return 1;
    peer->pass(ctx);
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        printf("%.9g\n", time_slice(peer, ctx, atof(line), clock));
        fflush(stdout);
    }
    return 0;
}

/* ---- the parent */

static void exec_child(size_t peer, const struct point *point)
{
    char words[5][24], threads[16];

    snprintf(words[0], sizeof(words[0]), "%zu", peer);
    snprintf(words[1], sizeof(words[1]), "%d", (int)point->precision);
    snprintf(words[2], sizeof(words[2]), "%zu", point->width);
    snprintf(words[3], sizeof(words[3]), "%zu", point->batch);
    snprintf(words[4], sizeof(words[4]), "%u", point->threads);
    snprintf(threads, sizeof(threads), "%u", point->threads);
    setenv("OMP_NUM_THREADS", threads, 1);
    setenv("OPENBLAS_NUM_THREADS", threads, 1);
    execl("/proc/self/exe", "bench_runner", "--child", words[0], words[1],
          words[2], words[3], words[4], (char *)NULL);
    _exit(127);
}

/* Start a peer at a point; false if it cannot do it. */
static bool runner_start(struct runner *r, size_t peer,
                         const struct point *point)
{
    int to[2], from[2];
    char line[64];

    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
        peers_die("no pipe");
    r->peer = peers[peer];
    r->pid = fork();
    if (r->pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        exec_child(peer, point);
    }
    close(to[0]);
    close(from[1]);
    r->to = fdopen(to[1], "w");
    r->from = fdopen(from[0], "r");
    return r->to && r->from && fgets(line, sizeof(line), r->from) &&
           !strcmp(line, "ready\n");
}

static void runner_end(struct runner *r)
{
    kill(r->pid, SIGCONT);
    fclose(r->to);
    fclose(r->from);
    waitpid(r->pid, NULL, 0);
}

/* One slice.  Who is not at turn stands still: the threads of libraries spin
 * for a while after their work, on the cores of the next. */
static void runner_round(struct runner *r, size_t round, double slice_s)
{
    char line[64];

    kill(r->pid, SIGCONT);
    fprintf(r->to, "%g\n", slice_s);
    fflush(r->to);
    if (!fgets(line, sizeof(line), r->from))
        peers_die("%s died", r->peer->name);
    r->pass_s[round] = atof(line);
    kill(r->pid, SIGSTOP);
}

static void run_point(const struct point *point, size_t rounds, double slice_s)
{
    struct runner runners[PEERS];
    size_t count = 0;

    for (size_t i = 0; i < PEERS; i++) {
        if (!(peers[i]->precisions & 1u << point->precision))
            continue;
        if (runner_start(&runners[count], i, point))
            kill(runners[count++].pid, SIGSTOP);
        else
            runner_end(&runners[count]);
    }
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            runner_round(&runners[(i + round) % count], round, slice_s);
    for (size_t i = 0; i < count; i++) {
        double mid = median(runners[i].pass_s, rounds);

        printf("%s\t%zu\t%zu\t%u\t%s\t%.6g\t%.6g\t%.6g\n",
               precision_name(point->precision), point->width, point->batch,
               point->threads, runners[i].peer->name, mid, runners[i].pass_s[0],
               runners[i].pass_s[rounds - 1]);
        fflush(stdout);
        runner_end(&runners[i]);
    }
}

/* Numbers of a comma-separated list. */
static size_t numbers(const char *list, size_t *ret, size_t most)
{
    size_t count = 0;

    while (*list && count < most) {
        char *end;

        ret[count++] = strtoul(list, &end, 10);
        list = *end ? end + 1 : end;
    }
    return count;
}

int main(int argc, char **argv)
{
    size_t widths[8], batches[16], threads[8], rounds;
    size_t n_widths, n_batches, n_threads;

    if (argc == 7 && !strcmp(argv[1], "--child"))
        return child(argv + 2);
    if (argc < 3)
        peers_die("usage: bench_runner ROUNDS SLICE_S [WIDTHS [BATCHES "
                  "[THREADS]]]");
    rounds = strtoul(argv[1], NULL, 10);
    if (rounds < 1 || rounds > ROUNDS_MAX)
        peers_die("ROUNDS is %s, expected 1 to %d", argv[1], ROUNDS_MAX);
    n_widths = numbers(argc > 3 ? argv[3] : "2048,256", widths, 8);
    n_batches = numbers(argc > 4 ? argv[4] : "1,8,64,128,1024", batches, 16);
    n_threads = numbers(argc > 5 ? argv[5] : "1,2", threads, 8);
    for (size_t t = 0; t < n_threads; t++)
        for (size_t w = 0; w < n_widths; w++)
            for (size_t b = 0; b < n_batches; b++)
                for (unsigned p = 0; p < PRECISIONS; p++) {
                    struct point point = { widths[w], batches[b],
                                           (unsigned)threads[t],
                                           (enum precision)p };

                    run_point(&point, rounds, atof(argv[2]));
                }
    return 0;
}
