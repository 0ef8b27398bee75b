/* measure.h - the measuring protocol: accuracy, warm-up, timed batches */
#ifndef RUNNER_MEASURE_H
#define RUNNER_MEASURE_H

#include <stdbool.h>

#include "runner/engine.h"
#include "runner/stats.h"

struct measure_plan {
    size_t batch;
    unsigned threads;
    double min_s, max_s;    /* of the timed pass */
    uint64_t min_batches;   /* both minima must be met, unless max_s passed */
    unsigned noisy_repeats; /* of the timed pass, while it is noisy */
    bool accuracy;          /* first classify all images */
    bool predictions;       /* and keep their classes */
    bool timed;             /* then time batches */
};

struct measure_result {
    size_t n, correct;  /* images classified for accuracy */
    uint64_t pred_hash; /* FNV-1a 64 over the classes, one byte each */
    char *predictions;  /* a digit an image, if the plan asks; owned */
    double accuracy_s;
    double warmup_s;
    bool warm;              /* the warm-up became stable before its bound */
    struct stats comp, sys; /* latency without and with data movement */
    double elapsed_s, cpu_s;
    int64_t invol_ctx; /* involuntary context switches in the window */
    double freq_hz[2], temp_degc[2];    /* before, after; NaN if unknown */
    double throttles[2];                /* events since boot, likewise */
    int64_t start_unix_ns, end_unix_ns; /* the timed window */
    int64_t start_mono_ns, end_mono_ns;
    char noise[256];  /* why the run is noisy; empty if it is not */
    unsigned repeats; /* timed passes thrown away because they were noisy */
};

/* Run the plan.
 *
 * A noisy timed pass is made again, after a warm-up, at most noisy_repeats
 * times; the last one counts, with its verdict.  Blocks for about min_s + 2 s
 * a pass and the accuracy pass.  Returns 0 and fills
 * 'ret_result' (yours to measure_clear()), or -1: FAIL_NOMEM, FAIL_USAGE
 * (batch larger than the data set). */
int measure_run(const struct model *model, const struct dataset *set,
                const struct measure_plan *plan,
                struct measure_result *ret_result, struct fail *fail);

/* Free; a zeroed one is fine. */
void measure_clear(struct measure_result *result);

/* FNV-1a 64 of 'len' bytes (Fowler, Noll, Vo). */
uint64_t measure_fnv1a(const uint8_t *data, size_t len);

#endif
