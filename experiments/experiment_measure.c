/* experiment_measure.c - how a cell is measured: limits, order, capture */
#include "experiments/experiment_parts.h"

#include <math.h>
#include <string.h>

static const char *const boards_words[] = { "any", "each", NULL };
static const char *const order_words[] = { "planned", "shuffled", "grouped",
                                           "longest", NULL };

const char *experiment_boards_word(enum experiment_boards boards)
{
    return boards_words[boards];
}

const char *experiment_order_word(enum experiment_order order)
{
    return order_words[order];
}

/* A duration that must be above 'low' (or at it, for 0). */
static int parse_duration(const struct json *at, const char *key, double low,
                          double *value, struct err *err)
{
    struct json member = json_get(at, key);
    double found = *value;
    int rc = json_opt_quantity(&member, "s", &found, err);

    if (!rc && !(found >= low && found <= 1e7))
        rc = json_fail(&member, err, "found %g s, expected from %g s to 1e7 s",
                       found, low);
    if (!rc)
        *value = found;
    return rc;
}

int experiment_read_measure(const struct json *at, struct measure *measure,
                            struct err *err)
{
    static const char *const keys[] = {
        "warmup",        "min_time",    "min_batches",
        "max_time",      "total_limit", "silence_limit",
        "connect_limit", "attempts",    NULL
    };
    struct json batches = json_get(at, "min_batches");
    struct json attempts = json_get(at, "attempts");
    int rc = 0;

    *measure = (struct measure){ .warmup_s = 0.2,
                                 .min_time_s = 1,
                                 .max_time_s = 60,
                                 .min_batches = 16,
                                 .total_limit_s = 600,
                                 .silence_limit_s = 120,
                                 .connect_limit_s = 10,
                                 .attempts = 2 };
    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, keys, err);
    if (!rc)
        rc = parse_duration(at, "warmup", 0, &measure->warmup_s, err);
    if (!rc)
        rc = parse_duration(at, "min_time", 0, &measure->min_time_s, err);
    if (!rc)
        rc = parse_duration(at, "max_time", 0.001, &measure->max_time_s, err);
    if (!rc)
        rc = parse_duration(at, "total_limit", 0.1, &measure->total_limit_s,
                            err);
    if (!rc)
        rc = parse_duration(at, "silence_limit", 0.1, &measure->silence_limit_s,
                            err);
    if (!rc)
        rc = parse_duration(at, "connect_limit", 0.1, &measure->connect_limit_s,
                            err);
    if (!rc)
        rc = json_opt_i64(&batches, 1, 1000000000, &measure->min_batches, err);
    if (!rc)
        rc = json_opt_i64(&attempts, 1, 100, &measure->attempts, err);
    if (!rc && measure->max_time_s < measure->min_time_s)
        rc = json_fail(at, err, "max_time %g s is below min_time %g s",
                       measure->max_time_s, measure->min_time_s);
    if (!rc && measure->total_limit_s < measure->max_time_s)
        rc = json_fail(at, err, "total_limit %g s is below max_time %g s",
                       measure->total_limit_s, measure->max_time_s);
    return rc;
}

static int parse_capture(const struct json *at, struct experiment *e,
                         struct err *err)
{
    static const char *const words[] = { "power", "latencies", "raw_output",
                                         NULL };
    bool *const flags[] = { &e->capture_power, &e->capture_latencies,
                            &e->capture_raw_output };
    size_t i = 0;
    int rc = 0;

    if (!json_there(at)) {
        for (size_t k = 0; words[k]; k++)
            *flags[k] = true;
        return 0;
    }
    rc = json_expect(at, JSON_ARRAY, err);
    for (struct json word = json_first(at); !rc && json_there(&word);
         word = json_next(at, &word, ++i)) {
        size_t k = 0;

        rc = json_opt_word(&word, words, &k, err);
        if (!rc)
            *flags[k] = true;
    }
    return rc;
}

int experiment_read_rules(const struct json *root, struct experiment *e,
                          struct err *err)
{
    struct json boards = json_get(root, "boards");
    struct json order = json_get(root, "order");
    struct json repeats = json_get(root, "repeats");
    struct json seed = json_get(root, "seed");
    struct json thermal = json_get(root, "thermal_limit");
    struct json measure = json_get(root, "measure");
    struct json capture = json_get(root, "capture");
    size_t boards_at = EXPERIMENT_BOARDS_ANY;
    size_t order_at = EXPERIMENT_ORDER_PLANNED;
    int64_t seed_value = 1;
    int rc;

    e->repeats = 1;
    e->thermal_limit_degc = NAN;
    rc = json_opt_word(&boards, boards_words, &boards_at, err);
    if (!rc)
        rc = json_opt_word(&order, order_words, &order_at, err);
    if (!rc)
        rc = json_opt_i64(&repeats, 1, 100000, &e->repeats, err);
    if (!rc)
        rc =
            json_opt_i64(&seed, 0, INT64_C(9007199254740992), &seed_value, err);
    if (!rc)
        rc = json_opt_quantity(&thermal, "degC", &e->thermal_limit_degc, err);
    if (!rc)
        rc = experiment_read_measure(&measure, &e->measure, err);
    if (!rc)
        rc = parse_capture(&capture, e, err);
    e->boards = (enum experiment_boards)boards_at;
    e->order = (enum experiment_order)order_at;
    e->seed = (uint64_t)seed_value;
    return rc;
}
