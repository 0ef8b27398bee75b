/* measure.c - classifies, warms up, times batches, and judges the quiet */
#include "runner/measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "runner/cpu.h"
#include "runner/idx.h"
#include "runner/now.h"

#define WARM_WINDOW_NS   50000000 /* two such windows must agree ... */
#define WARM_AGREE       0.02     /* ... within this share */
#define WARM_MAX_NS      2000000000
#define WARM_MIN_BATCHES 3    /* in a window */
#define QUIET_ONE        0.98 /* CPU time over wall time, one thread */
#define QUIET_MANY       0.90 /* the same a thread, with barriers */
#define FREQ_DROP        0.95
#define RATES_AGREE      0.95

/* A timed walk through the data set. */
struct walk {
    struct engine *engine;
    const struct dataset *set;
    size_t batch, at; /* next image */
    uint8_t *classes;
};

struct usage {
    double cpu_s;
    int64_t invol_ctx;
};

static struct usage usage_now(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (struct usage){
        .cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6,
        .invol_ctx = u.ru_nivcsw,
    };
}

uint64_t measure_fnv1a(const uint8_t *data, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ data[i]) * 0x100000001b3u;
    return hash;
}

/* Classes as digits, a byte an image.  NULL without memory. */
static char *digits(const uint8_t *classes, size_t count)
{
    char *text = malloc(count + 1);

    if (!text)
        return NULL;
    for (size_t i = 0; i < count; i++)
        text[i] = (char)('0' + classes[i]);
    text[count] = 0;
    return text;
}

/* Classify every image once, the last batch short. */
static int classify_all(struct engine *engine, const struct dataset *set,
                        size_t batch, bool keep, struct measure_result *result,
                        struct fail *fail)
{
    uint8_t *classes = malloc(set->count);
    int64_t start = now_mono_ns();

    if (!classes)
        return fail_set(fail, FAIL_NOMEM, "no memory for %zu classes",
                        set->count);
    for (size_t at = 0; at < set->count; at += batch) {
        size_t rows = set->count - at < batch ? set->count - at : batch;

        engine_input(engine, set->pixels + at * IDX_PIXELS, rows);
        engine_compute(engine);
        engine_classes(engine, classes + at);
    }
    result->n = set->count;
    for (size_t i = 0; i < set->count; i++)
        result->correct += classes[i] == set->labels[i];
    result->pred_hash = measure_fnv1a(classes, set->count);
    result->accuracy_s = (double)(now_mono_ns() - start) * 1e-9;
    if (keep)
        result->predictions = digits(classes, set->count);
    free(classes);
    if (keep && !result->predictions)
        return fail_set(fail, FAIL_NOMEM, "no memory for %zu classes",
                        set->count);
    return 0;
}

/* One whole batch; 'comp' may be NULL.  Returns the clock at its end. */
static int64_t one_batch(struct walk *walk, struct stats *comp,
                         struct stats *sys)
{
    const uint8_t *pixels = walk->set->pixels + walk->at * IDX_PIXELS;
    int64_t t0, t1, t2, t3;

    walk->at += walk->batch;
    if (walk->at + walk->batch > walk->set->count)
        walk->at = 0;
    t0 = now_mono_ns();
    engine_input(walk->engine, pixels, walk->batch);
    t1 = now_mono_ns();
    engine_compute(walk->engine);
    t2 = now_mono_ns();
    engine_classes(walk->engine, walk->classes);
    t3 = now_mono_ns();
    stats_add(comp, t2 - t1);
    stats_add(sys, t3 - t0);
    return t3;
}

/* Batches until two windows in a row take the same time, within bounds. */
static void warm_up(struct walk *walk, struct measure_result *result,
                    double max_s)
{
    int64_t start = now_mono_ns(), now = start, from;
    int64_t bound = WARM_MAX_NS;
    double before = 0;

    if (max_s * 0.25e9 < (double)bound)
        bound = (int64_t)(max_s * 0.25e9);
    do {
        double mean;

        stats_reset(&result->comp);
        stats_reset(&result->sys);
        from = now;
        do {
            now = one_batch(walk, &result->comp, &result->sys);
        } while (now - start < bound && (now - from < WARM_WINDOW_NS ||
                                         result->sys.count < WARM_MIN_BATCHES));
        mean = (double)result->sys.sum_ns / (double)result->sys.count;
        result->warm = before > 0 && now - from >= WARM_WINDOW_NS &&
                       fabs(mean - before) <= WARM_AGREE * before;
        before = mean;
    } while (!result->warm && now - start < bound);
    result->warmup_s = (double)(now - start) * 1e-9;
}

static void timed_pass(struct walk *walk, const struct measure_plan *plan,
                       struct measure_result *result)
{
    int64_t now, start, min_ns = (int64_t)(plan->min_s * 1e9);
    int64_t max_ns = (int64_t)(plan->max_s * 1e9);
    struct usage before, after;

    stats_reset(&result->comp);
    stats_reset(&result->sys);
    result->freq_hz[0] = cpu_freq_hz();
    result->temp_degc[0] = cpu_temp_degc();
    result->throttles[0] = cpu_throttles();
    before = usage_now();
    result->start_unix_ns = now_unix_ns();
    start = result->start_mono_ns = now_mono_ns();
    do {
        now = one_batch(walk, &result->comp, &result->sys);
    } while (now - start < max_ns &&
             (now - start < min_ns || result->sys.count < plan->min_batches));
    result->end_mono_ns = now_mono_ns();
    result->end_unix_ns = now_unix_ns();
    after = usage_now();
    result->freq_hz[1] = cpu_freq_hz();
    result->temp_degc[1] = cpu_temp_degc();
    result->throttles[1] = cpu_throttles();
    result->elapsed_s = (double)(result->end_mono_ns - start) * 1e-9;
    result->cpu_s = after.cpu_s - before.cpu_s;
    result->invol_ctx = after.invol_ctx - before.invol_ctx;
}

/* Append one reason to the verdict. */
__attribute__((format(printf, 2, 3))) static void
note_noise(struct measure_result *result, const char *fmt, ...)
{
    size_t len = strlen(result->noise);
    va_list ap;

    if (len)
        len += (size_t)snprintf(result->noise + len, sizeof result->noise - len,
                                "; ");
    if (len >= sizeof result->noise)
        return;
    va_start(ap, fmt);
    vsnprintf(result->noise + len, sizeof result->noise - len, fmt, ap);
    va_end(ap);
}

static void judge(const struct measure_plan *plan,
                  struct measure_result *result)
{
    double share = result->cpu_s / (result->elapsed_s * plan->threads);
    double quiet = plan->threads == 1 ? QUIET_ONE : QUIET_MANY;
    double busy = (double)result->sys.sum_ns * 1e-9 / result->elapsed_s;

    if (share < quiet)
        note_noise(result,
                   "CPU time is %.3f of wall time, expected at least %.2f",
                   share, quiet);
    if (result->freq_hz[1] < result->freq_hz[0] * FREQ_DROP)
        note_noise(result, "clock fell from %.0f to %.0f MHz",
                   result->freq_hz[0] * 1e-6, result->freq_hz[1] * 1e-6);
    if (result->throttles[1] > result->throttles[0])
        note_noise(result, "throttled %.0f times",
                   result->throttles[1] - result->throttles[0]);
    if (busy < RATES_AGREE)
        note_noise(result, "batches fill %.3f of the window", busy);
    if (!result->warm)
        note_noise(result, "warm-up did not become stable");
    if (result->sys.count < plan->min_batches)
        note_noise(result, "%zu of %llu batches in the longest time",
                   result->sys.count, (unsigned long long)plan->min_batches);
}

static int time_batches(struct engine *engine, const struct dataset *set,
                        const struct measure_plan *plan,
                        struct measure_result *result, struct fail *fail)
{
    struct walk walk = { engine, set, plan->batch, 0, NULL };

    if (stats_open(&result->comp, fail) || stats_open(&result->sys, fail))
        return -1;
    walk.classes = malloc(plan->batch);
    if (!walk.classes)
        return fail_set(fail, FAIL_NOMEM, "no memory for %zu classes",
                        plan->batch);
    for (;;) {
        result->noise[0] = 0;
        warm_up(&walk, result, plan->max_s);
        timed_pass(&walk, plan, result);
        judge(plan, result);
        if (!result->noise[0] || result->repeats == plan->noisy_repeats)
            break;
        result->repeats++;
    }
    free(walk.classes);
    return 0;
}

int measure_run(const struct model *model, const struct dataset *set,
                const struct measure_plan *plan,
                struct measure_result *ret_result, struct fail *fail)
{
    struct measure_result result = { 0 };
    struct engine *engine = NULL;
    int rc;

    if (plan->batch > set->count)
        return fail_set(fail, FAIL_USAGE,
                        "batch %zu is larger than the %zu images of the set",
                        plan->batch, set->count);
    rc = engine_create(model, plan->batch, plan->threads, &engine, fail);
    if (!rc && plan->accuracy)
        rc = classify_all(engine, set, plan->batch, plan->predictions, &result,
                          fail);
    if (!rc && plan->timed)
        rc = time_batches(engine, set, plan, &result, fail);
    engine_destroy(engine);
    if (rc)
        measure_clear(&result);
    else
        *ret_result = result;
    return rc;
}

void measure_clear(struct measure_result *result)
{
    free(result->predictions);
    stats_clear(&result->comp);
    stats_clear(&result->sys);
    memset(result, 0, sizeof *result);
}
