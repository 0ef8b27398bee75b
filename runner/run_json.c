/* run_json.c - a measured op point as one JSON object */
#include "runner/run_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#include "runner/cpu.h"

void run_json_own_sha256(char hex[SHA256_HEX])
{
    if (sha256_file("/proc/self/exe", hex, NULL))
        hex[0] = 0;
}

static void put_identity(struct jout *j, const struct run_loaded *loaded)
{
    const struct model *model = &loaded->model;
    const char *labels = loaded->labels ? loaded->set.labels_sha256 : NULL;
    char text[160], own[SHA256_HEX];

    run_json_own_sha256(own);
    jout_str(j, "schema", "mlp-run/1");
    jout_str(j, "runner", LABSWEEP_VERSION);
    jout_str(j, "runner_sha256", own[0] ? own : NULL);
    jout_str(j, "weights_sha256", model->weights_sha256);
    jout_str(j, "weights_trainer", model->trainer);
    jout_str(j, "images_sha256", loaded->set.images_sha256);
    jout_str(j, "labels_sha256", labels);
    cpu_arch(text, sizeof text);
    jout_str(j, "arch", text);
    cpu_name(text, sizeof text);
    jout_str(j, "cpu", text);
    jout_i64(j, "cores", cpu_cores());
}

static void put_op_point(struct jout *j, const struct model *model,
                         const struct measure_plan *plan)
{
    size_t weight_bytes = 0;

    for (unsigned i = 0; i < NET_LAYERS; i++)
        weight_bytes += kernel_layer_bytes(model->kernel, &model->layer[i]);
    jout_str(j, "precision", precision_name(model->precision));
    jout_i64(j, "weight_bits", precision_bits(model->precision));
    jout_i64(j, "width", (int64_t)model->width);
    jout_i64(j, "batch", (int64_t)plan->batch);
    jout_i64(j, "threads", plan->threads);
    jout_str(j, "kernel", model->kernel->name);
    jout_i64(j, "params", (int64_t)model->params);
    jout_i64(j, "ops_image", (int64_t)(2 * model->params));
    jout_i64(j, "weight_bytes", (int64_t)weight_bytes);
}

static void put_accuracy(struct jout *j, const struct measure_plan *plan,
                         const struct measure_result *r)
{
    char hash[20];

    if (!plan->accuracy) {
        jout_null(j, "n");
        jout_null(j, "correct");
        jout_null(j, "top1_pct");
        jout_null(j, "pred_hash");
        return;
    }
    snprintf(hash, sizeof hash, "%016" PRIx64, r->pred_hash);
    jout_i64(j, "n", (int64_t)r->n);
    jout_i64(j, "correct", (int64_t)r->correct);
    jout_f64(j, "top1_pct", 100.0 * (double)r->correct / (double)r->n);
    jout_str(j, "pred_hash", hash);
    jout_f64(j, "accuracy_s", r->accuracy_s);
    if (r->predictions)
        jout_str(j, "predictions", r->predictions);
}

static int put_latency(struct jout *j, const char *key, const struct stats *s,
                       struct fail *fail)
{
    struct stats_summary sum;

    if (stats_summary(s, &sum, fail))
        return -1;
    jout_object(j, key);
    jout_f64(j, "mean", sum.mean_s);
    jout_f64(j, "min", sum.min_s);
    jout_f64(j, "p50", sum.p50_s);
    jout_f64(j, "p90", sum.p90_s);
    jout_f64(j, "p99", sum.p99_s);
    jout_f64(j, "max", sum.max_s);
    jout_f64(j, "p90_bound", sum.p90_bound_s);
    jout_f64(j, "p99_bound", sum.p99_bound_s);
    jout_end(j, '}');
    return 0;
}

static void put_pair(struct jout *j, const char *key, const double *pair)
{
    jout_object(j, key);
    jout_f64(j, "before", pair[0]);
    jout_f64(j, "after", pair[1]);
    jout_end(j, '}');
}

static void put_rates(struct jout *j, const struct model *model,
                      const struct measure_plan *plan,
                      const struct measure_result *r)
{
    double images = (double)r->sys.count * (double)plan->batch;
    double comp_s = (double)r->comp.sum_ns * 1e-9;
    double sys_s = (double)r->sys.sum_ns * 1e-9;
    double ops = 2 * (double)model->params;

    jout_f64(j, "fps_comp", images / comp_s);
    jout_f64(j, "fps_sys", images / sys_s);
    jout_f64(j, "fps_wall", images / r->elapsed_s);
    jout_f64(j, "op_rate_comp_op_s", ops * images / comp_s);
    jout_f64(j, "op_rate_sys_op_s", ops * images / sys_s);
}

static void put_window(struct jout *j, const struct measure_result *r)
{
    jout_i64(j, "batches", (int64_t)r->sys.count);
    jout_f64(j, "elapsed_s", r->elapsed_s);
    jout_f64(j, "cpu_s", r->cpu_s);
    jout_i64(j, "invol_ctx", r->invol_ctx);
    jout_i64(j, "noisy_repeats", r->repeats);
    jout_bool(j, "noisy", r->noise[0] != 0);
    jout_str(j, "noisy_reason", r->noise[0] ? r->noise : NULL);
    put_pair(j, "freq_hz", r->freq_hz);
    put_pair(j, "temp_degc", r->temp_degc);
    jout_f64(j, "throttle_events", r->throttles[1] - r->throttles[0]);
    jout_f64(j, "warmup_s", r->warmup_s);
    jout_i64(j, "t_start_unix_ns", r->start_unix_ns);
    jout_i64(j, "t_end_unix_ns", r->end_unix_ns);
    jout_i64(j, "t_start_mono_ns", r->start_mono_ns);
    jout_i64(j, "t_end_mono_ns", r->end_mono_ns);
}

static void put_samples(struct jout *j, const struct measure_result *r)
{
    const struct stats *both[] = { &r->comp, &r->sys };
    static const char *const keys[] = { "lat_comp_samples_ns",
                                        "lat_sys_samples_ns" };
    size_t step = (r->sys.kept + RUN_JSON_SAMPLES - 1) / RUN_JSON_SAMPLES;

    if (step == 0)
        step = 1;
    jout_i64(j, "lat_samples_stride", (int64_t)(step * r->sys.stride));
    for (size_t k = 0; k < 2; k++) {
        jout_array(j, keys[k]);
        for (size_t i = 0; i < both[k]->kept; i += step)
            jout_i64(j, NULL, both[k]->kept_ns[i]);
        jout_end(j, ']');
    }
}

/* The same keys whether timed or not: null where nothing was timed. */
static void put_untimed(struct jout *j)
{
    static const char *const keys[] = {
        "lat_comp_s",       "lat_sys_s",
        "fps_comp",         "fps_sys",
        "fps_wall",         "op_rate_comp_op_s",
        "op_rate_sys_op_s", "batches",
        "elapsed_s",        "cpu_s",
        "invol_ctx",        "noisy",
        "noisy_reason",     "freq_hz",
        "temp_degc",        "warmup_s",
        "throttle_events",  "noisy_repeats",
        "t_start_unix_ns",  "t_end_unix_ns",
        "t_start_mono_ns",  "t_end_mono_ns",
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        jout_null(j, keys[i]);
}

int run_json(const struct run_loaded *loaded, const struct measure_plan *plan,
             const struct measure_result *r, bool samples, struct jout *j,
             struct fail *fail)
{
    struct rusage usage;

    jout_object(j, NULL);
    put_identity(j, loaded);
    put_op_point(j, &loaded->model, plan);
    put_accuracy(j, plan, r);
    if (plan->timed) {
        if (put_latency(j, "lat_comp_s", &r->comp, fail) ||
            put_latency(j, "lat_sys_s", &r->sys, fail))
            return -1;
        put_rates(j, &loaded->model, plan, r);
        put_window(j, r);
        if (samples)
            put_samples(j, r);
    } else {
        put_untimed(j);
    }
    getrusage(RUSAGE_SELF, &usage);
    jout_i64(j, "max_rss_bytes", (int64_t)usage.ru_maxrss * 1024);
    jout_f64(j, "load_s", loaded->set.load_s + loaded->model.load_s);
    jout_bool(j, "load_reused", loaded->reused);
    jout_end(j, '}');
    return 0;
}
