/* run.c - one op point: options, loading, measuring */
#include "runner/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cpu.h"
#include "runner/team.h"
#include "runner/run_json.h"

#define FIELD(name) offsetof(struct run_options, name)

/* clang-format off */
const struct option run_option_table[] = {
    { "weights", OPTION_TEXT, FIELD(weights), 0, 0, "FILE",
      "weights, .mlpw (INT8 and FP32 come from the b16 file)" },
    { "images", OPTION_TEXT, FIELD(images), 0, 0, "FILE",
      "test images, IDX" },
    { "labels", OPTION_TEXT, FIELD(labels), 0, 0, "FILE",
      "their labels, IDX; needed for accuracy only" },
    { "precision", OPTION_TEXT, FIELD(precision), 0, 0, "NAME",
      "INT2, INT4, INT8, FP16 or FP32" },
    { "batch", OPTION_COUNT, FIELD(batch), 1, (double)ENGINE_BATCH_MAX, "N",
      "images a batch, at most the data set (1)" },
    { "threads", OPTION_COUNT, FIELD(threads), 1, TEAM_MAX, "N",
      "threads (1)" },
    { "kernel", OPTION_TEXT, FIELD(kernel), 0, 0, "NAME",
      "force a kernel, see --version (best for CPU and batch)" },
    { "min-s", OPTION_SPAN, FIELD(min_s), 0, 86400, "S",
      "time batches for at least S seconds (2)" },
    { "min-batches", OPTION_COUNT, FIELD(min_batches), 1, 1e9, "N",
      "and at least N of them (64; p99_bound needs 662)" },
    { "max-s", OPTION_SPAN, FIELD(max_s), 0.001, 86400, "S",
      "but never longer than S seconds (60)" },
    { "accuracy", OPTION_FLAG, FIELD(accuracy), 0, 0, NULL,
      "first classify all images once" },
    { "accuracy-only", OPTION_FLAG, FIELD(accuracy_only), 0, 0, NULL,
      "classify all images once, time nothing" },
    { "predictions", OPTION_FLAG, FIELD(predictions), 0, 0, NULL,
      "with either of these: the class of every image, too" },
    { "noisy-repeats", OPTION_COUNT, FIELD(noisy_repeats), 0, 100, "N",
      "repeat a noisy timed pass at most N times (1)" },
    { "latencies", OPTION_TEXT, FIELD(latencies), 0, 0, "FILE",
      "write every kept batch latency; '-': into the JSON" },
    { "weights-sha256", OPTION_TEXT, FIELD(weights_sha256), 0, 0, "HEX",
      "refuse weights with another SHA-256" },
    { "help", OPTION_FLAG, FIELD(help), 0, 0, NULL, "print this" },
    { 0 },
};
/* clang-format on */

static int need(const char *value, const char *name, struct fail *fail)
{
    return value ? 0
                 : fail_set(fail, FAIL_USAGE, "--%s is missing, see --help",
                            name);
}

int run_options_parse(int argc, char **argv, struct run_options *ret_options,
                      struct fail *fail)
{
    struct run_options o = {
        .batch = 1,
        .threads = 1,
        .min_batches = 64,
        .noisy_repeats = 1,
        .min_s = 2,
        .max_s = 60,
    };

    if (options_take(run_option_table, argc, argv, &o, NULL, fail))
        return -1;
    if (!o.help) {
        if (need(o.weights, "weights", fail) ||
            need(o.images, "images", fail) ||
            need(o.precision, "precision", fail))
            return -1;
        if ((o.accuracy || o.accuracy_only) && need(o.labels, "labels", fail))
            return -1;
        if (o.predictions && !o.accuracy && !o.accuracy_only)
            return fail_set(fail, FAIL_USAGE,
                            "--predictions needs --accuracy or "
                            "--accuracy-only");
        if (o.max_s < o.min_s)
            return fail_set(fail, FAIL_USAGE,
                            "--max-s is %g, expected at least --min-s, %g",
                            o.max_s, o.min_s);
    }
    *ret_options = o;
    return 0;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

/* Load the data set unless it is there; labels may come later. */
static int need_set(const struct run_options *o, struct run_loaded *loaded,
                    struct fail *fail)
{
    if (loaded->set_there && same(o->images, loaded->images) &&
        (!o->labels || same(o->labels, loaded->labels)))
        return 0;
    loaded->reused = false;
    if (loaded->set_there)
        run_unload(loaded);
    if (dataset_load(o->images, o->labels, &loaded->set, fail))
        return -1;
    loaded->images = copy(o->images);
    loaded->labels = copy(o->labels);
    loaded->set_there = true;
    return 0;
}

int run_load(const struct run_options *o, struct run_loaded *loaded,
             struct fail *fail)
{
    const struct kernel *kernel;
    enum precision precision;

    loaded->reused = true;
    if (net_precision_parse(o->precision, &precision, fail) ||
        kernel_choose(o->kernel, precision, cpu_features(), (size_t)o->batch,
                      &kernel, fail) ||
        need_set(o, loaded, fail))
        return -1;
    if (o->batch > loaded->set.count)
        return fail_set(
            fail, FAIL_USAGE, "batch %llu is larger than the %zu images of %s",
            (unsigned long long)o->batch, loaded->set.count, o->images);
    if (loaded->model_there && loaded->model.kernel == kernel &&
        same(o->weights, loaded->weights) &&
        (!o->weights_sha256 ||
         same(o->weights_sha256, loaded->model.weights_sha256)))
        return 0;
    loaded->reused = false;
    model_clear(&loaded->model);
    free(loaded->weights);
    loaded->weights = NULL;
    loaded->model_there = false;
    if (model_load(o->weights, o->weights_sha256, kernel, &loaded->set,
                   &loaded->model, fail))
        return -1;
    loaded->weights = copy(o->weights);
    loaded->model_there = true;
    return 0;
}

static int write_latencies(const char *path,
                           const struct measure_result *result,
                           struct fail *fail)
{
    FILE *f = fopen(path, "we");
    bool bad;

    if (!f)
        return fail_set_errno(fail, FAIL_OUTPUT, "cannot create %s", path);
    fprintf(f, "# every %zu. batch of %zu\nlat_comp_ns\tlat_sys_ns\n",
            result->sys.stride, result->sys.count);
    for (size_t i = 0; i < result->sys.kept; i++)
        fprintf(f, "%lld\t%lld\n", (long long)result->comp.kept_ns[i],
                (long long)result->sys.kept_ns[i]);
    bad = ferror(f);
    if (fclose(f) || bad)
        return fail_set_errno(fail, FAIL_OUTPUT, "cannot write %s", path);
    return 0;
}

int run_measure(const struct run_options *o, const struct run_loaded *loaded,
                struct jout *j, struct fail *fail)
{
    struct measure_plan plan = {
        .batch = (size_t)o->batch,
        .threads = (unsigned)o->threads,
        .min_s = o->min_s,
        .max_s = o->max_s,
        .min_batches = o->min_batches,
        .noisy_repeats = (unsigned)o->noisy_repeats,
        .predictions = o->predictions,
        .accuracy = o->accuracy || o->accuracy_only,
        .timed = !o->accuracy_only,
    };
    struct measure_result result = { 0 };
    int rc = measure_run(&loaded->model, &loaded->set, &plan, &result, fail);

    if (!rc && plan.timed && o->latencies && strcmp(o->latencies, "-"))
        rc = write_latencies(o->latencies, &result, fail);
    if (!rc)
        rc = run_json(loaded, &plan, &result,
                      o->latencies && !strcmp(o->latencies, "-"), j, fail);
    measure_clear(&result);
    return rc;
}

void run_unload(struct run_loaded *loaded)
{
    dataset_clear(&loaded->set);
    model_clear(&loaded->model);
    free(loaded->images);
    free(loaded->labels);
    free(loaded->weights);
    memset(loaded, 0, sizeof *loaded);
}
