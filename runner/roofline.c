/* roofline.c - read and copy bandwidth, and peak op rates */
#include "runner/roofline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner/cpu.h"
#include "runner/kernels/kernel.h"
#include "runner/kernels/peaks.h"
#include "runner/mem.h"
#include "runner/now.h"
#include "runner/sensors.h"
#include "runner/team.h"

#define SMALLEST ((size_t)16 << 10) /* bytes of a buffer */
#define LARGEST  ((size_t)128 << 20)
#define TRY_NS   2000000 /* one try lasts about this long */

/* What one measurement does in each thread, 'rounds' times. */
struct work {
    struct team *team;
    unsigned threads;
    size_t rounds, bytes; /* of a thread's buffer */
    uint8_t *buffer;      /* [2][threads][bytes] */
    peaks_read_f *read;
    const struct kernel *kernel;
    double done[TEAM_MAX]; /* bytes or operations a try */
    uint64_t sink;         /* what was read */
};

static void work_read(void *arg, unsigned at, unsigned threads)
{
    struct work *w = arg;
    uint64_t sum = 0;

    (void)threads;
    for (size_t r = 0; r < w->rounds; r++)
        sum ^= w->read(w->buffer + at * w->bytes, w->bytes);
    w->done[at] = (double)w->rounds * (double)w->bytes;
    __atomic_fetch_xor(&w->sink, sum, __ATOMIC_RELAXED);
}

static void work_copy(void *arg, unsigned at, unsigned threads)
{
    struct work *w = arg;
    size_t half = w->bytes / 2;
    uint8_t *from = w->buffer + at * w->bytes;

    (void)threads;
    for (size_t r = 0; r < w->rounds; r++) {
        memcpy(from + half, from, half);
        __asm__ volatile("" : : "r"(from) : "memory");
    }
    w->done[at] = (double)w->rounds * (double)(2 * half);
}

static void work_peak(void *arg, unsigned at, unsigned threads)
{
    struct work *w = arg;

    (void)threads;
    w->done[at] = w->kernel->peak(w->rounds);
}

static int64_t own_time_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* One try's rate.  One thread is timed by its own clock, so that slices
 * given to others do not count; several need the wall's. */
static double one_try(struct work *w, team_work_f *work)
{
    bool alone = w->threads == 1;
    int64_t start = alone ? own_time_ns() : now_mono_ns(), ns;
    double sum = 0;

    team_run(w->team, work, w);
    ns = (alone ? own_time_ns() : now_mono_ns()) - start;
    for (unsigned t = 0; t < w->threads; t++)
        sum += w->done[t];
    return sum * 1e9 / (double)(ns > 0 ? ns : 1);
}

/* As many rounds as one thread does in about TRY_NS. */
static void set_rounds(struct work *w, team_work_f *work)
{
    int64_t ns = 0;

    for (w->rounds = 1; w->rounds < (size_t)1 << 26;
         w->rounds *= ns < TRY_NS / 64 ? 32 : (size_t)(TRY_NS / ns) + 1) {
        int64_t start = own_time_ns();

        work(w, 0, w->threads);
        ns = own_time_ns() - start;
        if (ns >= TRY_NS / 2)
            break;
    }
}

/* The best rate of as many tries as fit into 'budget_ns', one at least. */
static double best_rate(struct work *w, team_work_f *work, int64_t budget_ns)
{
    int64_t end = now_mono_ns() + budget_ns;
    double best = 0;

    set_rounds(w, work);
    do {
        double rate = one_try(w, work);

        if (rate > best)
            best = rate;
    } while (now_mono_ns() < end);
    return best;
}

/* The level whose cache holds 'bytes' a thread, NULL if it is not known. */
static const char *level_of(size_t bytes)
{
    static const char *const names[] = { "L1", "L2", "L3", "L4" };
    char path[128], type[32], size[32];
    bool any = false;

    for (unsigned i = 0; i < 16; i++) {
        double level, kib;

        snprintf(path, sizeof path,
                 "/sys/devices/system/cpu/cpu0/cache/index%u/level", i);
        if (sensors_read(path, &level) || level < 1 || level > 4)
            break;
        snprintf(path, sizeof path,
                 "/sys/devices/system/cpu/cpu0/cache/index%u/type", i);
        if (cpu_read_line(path, type, sizeof type) ||
            !strcmp(type, "Instruction"))
            continue;
        snprintf(path, sizeof path,
                 "/sys/devices/system/cpu/cpu0/cache/index%u/size", i);
        if (cpu_read_line(path, size, sizeof size) ||
            sscanf(size, "%lfK", &kib) != 1)
            continue;
        any = true;
        if ((double)bytes <= kib * 1024)
            return names[(int)level - 1];
    }
    return any ? "memory" : NULL;
}

/* The largest buffer: LARGEST, but at most a sixteenth of the memory. */
static size_t largest(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    double most = (double)pages * (double)page / 16;
    size_t size = LARGEST;

    while (size > SMALLEST && pages > 0 && (double)size > most)
        size /= 2;
    return size;
}

static int put_levels(struct work *w, int64_t budget_ns, struct jout *j,
                      struct fail *fail)
{
    size_t top = largest(), steps = 0;

    for (size_t size = SMALLEST; size <= top; size *= 2)
        steps++;
    w->buffer = mem_alloc(top);
    if (!w->buffer)
        return fail_set(fail, FAIL_NOMEM, "no memory for %zu bytes", top);
    memset(w->buffer, 1, top);
    jout_array(j, "levels");
    for (size_t size = SMALLEST; size <= top; size *= 2) {
        double read_rate, copy_rate;

        w->bytes = size / w->threads / 1024 * 1024;
        if (w->bytes == 0)
            continue;
        read_rate = best_rate(w, work_read, budget_ns / (2 * (int64_t)steps));
        copy_rate = best_rate(w, work_copy, budget_ns / (2 * (int64_t)steps));
        jout_object(j, NULL);
        jout_i64(j, "bytes", (int64_t)(w->bytes * w->threads));
        jout_str(j, "level", level_of(w->bytes));
        jout_f64(j, "read_byte_s", read_rate);
        jout_f64(j, "copy_byte_s", copy_rate);
        jout_end(j, '}');
    }
    jout_end(j, ']');
    free(w->buffer);
    w->buffer = NULL;
    return 0;
}

/* The fastest loop among the kernels this CPU can run for a precision. */
static void put_peak(struct work *w, enum precision precision,
                     int64_t budget_ns, struct jout *j)
{
    unsigned features = cpu_features(), count = 0;
    const struct kernel *k, *best = NULL;
    double best_ops = 0;

    for (size_t i = 0; (k = kernel_at(i)); i++)
        count += k->precision == precision && !(k->features & ~features);
    for (size_t i = 0; (k = kernel_at(i)); i++) {
        double ops;

        if (k->precision != precision || k->features & ~features)
            continue;
        w->kernel = k;
        ops = best_rate(w, work_peak, budget_ns / count);
        if (ops > best_ops) {
            best_ops = ops;
            best = k;
        }
    }
    jout_object(j, NULL);
    jout_str(j, "precision", precision_name(precision));
    jout_str(j, "kernel", best ? best->name : NULL);
    jout_f64(j, "op_s", best_ops);
    jout_end(j, '}');
}

/* All that is measured with one number of threads. */
static int put_threads(unsigned threads, int64_t budget_ns, struct jout *j,
                       struct fail *fail)
{
    struct work *w = calloc(1, sizeof *w);
    int rc;

    if (!w)
        return fail_set(fail, FAIL_NOMEM, "no memory to measure");
    w->threads = threads;
    w->read = peaks_read_best(cpu_features());
    rc = team_create(threads, &w->team, fail);
    if (!rc) {
        jout_i64(j, "threads", threads);
        rc = put_levels(w, budget_ns * 6 / 10, j, fail);
    }
    if (!rc) {
        jout_array(j, "peaks");
        for (unsigned p = 0; p < PRECISIONS; p++)
            put_peak(w, (enum precision)p, budget_ns * 4 / 10 / PRECISIONS, j);
        jout_end(j, ']');
    }
    team_destroy(w->team);
    free(w);
    return rc;
}

/* Up to four cores 1, 2, 3, 4; beyond 1, 2, 4, 8, ... and all; or just the one that is asked for. */
static unsigned thread_counts(const struct roofline_options *o,
                              unsigned *counts)
{
    unsigned cores = cpu_cores() < TEAM_MAX ? cpu_cores() : TEAM_MAX, n = 0;

    if (o->threads) {
        counts[0] = (unsigned)o->threads;
        return 1;
    }
    for (unsigned t = 1; t < cores; t = cores <= 4 ? t + 1 : 2 * t)
        counts[n++] = t;
    counts[n++] = cores;
    return n;
}

int roofline_measure(const struct roofline_options *o, struct jout *j,
                     struct fail *fail)
{
    int64_t start = now_mono_ns();
    unsigned counts[32], n = thread_counts(o, counts);
    int64_t budget = (int64_t)(o->budget_s * 1e9 / n);
    char text[160];
    int rc;

    jout_object(j, NULL);
    jout_str(j, "schema", "labrunner-roofline/1");
    jout_str(j, "runner", LABSWEEP_VERSION);
    cpu_name(text, sizeof text);
    jout_str(j, "cpu", text);
    jout_i64(j, "cores", cpu_cores());
    rc = put_threads(counts[0], budget, j, fail);
    if (n > 1)
        jout_array(j, "more_threads");
    for (unsigned i = 1; !rc && i < n; i++) {
        jout_object(j, NULL);
        rc = put_threads(counts[i], budget, j, fail);
        jout_end(j, '}');
    }
    if (n > 1)
        jout_end(j, ']');
    jout_f64(j, "elapsed_s", (double)(now_mono_ns() - start) * 1e-9);
    jout_end(j, '}');
    return rc;
}
