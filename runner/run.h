/* run.h - one op point from its options to its JSON line */
#ifndef RUNNER_RUN_H
#define RUNNER_RUN_H

#include "runner/jout.h"
#include "runner/measure.h"
#include "runner/options.h"

struct run_options {
    const char *weights, *images, *labels, *precision, *kernel, *latencies;
    const char *weights_sha256;
    uint64_t batch, threads, min_batches, noisy_repeats;
    double min_s, max_s;
    bool accuracy, accuracy_only, predictions, help;
};

/* The rows of `labrunner run`, also the keys of a served request. */
extern const struct option run_option_table[];

/* What is loaded for a run and may serve the next one too. */
struct run_loaded {
    struct dataset set;
    struct model model;
    char *images, *labels, *weights; /* the paths; labels may be NULL */
    bool set_there, model_there, reused;
};

/* Set the defaults and parse; checks that all that is needed is there.
 * Returns 0, or -1: FAIL_USAGE. */
int run_options_parse(int argc, char **argv, struct run_options *ret_options,
                      struct fail *fail);

/* Make 'loaded' hold what the options name, keeping what already fits.
 * Returns 0, or -1 as model_load(), dataset_load() and kernel_choose(). */
int run_load(const struct run_options *options, struct run_loaded *loaded,
             struct fail *fail);

/* Measure, and append the JSON object to 'j'; writes the latency file.
 * Returns 0, or -1 as measure_run(), or FAIL_OUTPUT. */
int run_measure(const struct run_options *options,
                const struct run_loaded *loaded, struct jout *j,
                struct fail *fail);

/* Free; a zeroed one is fine. */
void run_unload(struct run_loaded *loaded);

#endif
