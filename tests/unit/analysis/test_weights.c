/* test_weights.c - no front mixes weights of different training */
#include "tests/unit/analysis/published.h"

#include "analysis/points.h"
#include "analysis/weights.h"

#define ROWS_MAX 6

/* What ran: where, which network, with which weights, and how well. */
struct run {
    const char *platform, *precision, *digest;
    double fps, top1_pct;
    size_t set;          /* of weights, expected */
    bool front;          /* expected */
    const char *answers; /* prediction_hash; NULL: none */
};

static struct dataset *runs_dataset(const struct run *runs, size_t n)
{
    struct dataset *d = dataset_make(n);

    for (size_t i = 0; i < n; i++) {
        put_text(d, "topology", i, "MLP");
        put_text(d, "platform", i, runs[i].platform);
        put_text(d, "precision", i, runs[i].precision);
        put_text(d, "model_digest", i, runs[i].digest);
        put_text(d, "dataset", i, "MNIST");
        put_text(d, "prediction_hash", i,
                 runs[i].answers ? runs[i].answers : "");
        put(d, "batch", i, (double)i + 1);
        put(d, "repeat", i, 1);
        put(d, "status", i, STATUS_OK);
        put(d, "fps_comp", i, runs[i].fps);
        put(d, "top1_pct", i, runs[i].top1_pct);
    }
    return d;
}

static const struct {
    const char *what;
    struct run runs[ROWS_MAX];
    size_t n;
} cases[] = {
    { "one training: digests differ by network only",
      { { "a", "INT8", "x8", 10, 97, 0, false, NULL },
        { "a", "FP16", "x16", 5, 98, 0, false, NULL },
        { "b", "INT8", "x8", 20, 98, 0, true, NULL } },
      3 },
    { "two trainings of one network",
      { { "a", "INT8", "x8", 10, 97, 0, true, NULL },
        { "b", "INT8", "y8", 20, 98, 1, true, NULL } },
      2 },
    { "a platform's weights go together, whatever agrees elsewhere",
      { { "a", "INT8", "x8", 10, 97, 0, true, NULL },
        { "a", "FP16", "x16", 5, 98, 0, true, NULL },
        { "b", "INT8", "y8", 20, 99, 1, true, NULL },
        { "b", "FP16", "x16", 30, 98, 1, true, NULL } },
      4 },
    { "no digest differs from none",
      { { "a", "INT8", "x8", 10, 97, 0, false, NULL },
        { "b", "INT8", "", 20, 98, 0, true, NULL } },
      2 },
    { "retrained on one platform: the later weights are apart",
      { { "a", "INT8", "x8", 10, 97, 0, true, NULL },
        { "a", "INT8", "y8", 20, 98, 1, true, NULL } },
      2 },
    { "two files of the same weights answer the same",
      { { "a", "INT8", "x8", 10, 97, 0, false, "p" },
        { "b", "INT8", "y8", 20, 98, 0, true, "p" },
        { "c", "INT8", "z8", 30, 97, 1, true, "q" } },
      3 },
    { "a third platform joins the first that it agrees with",
      { { "a", "INT8", "x8", 10, 97, 0, true, NULL },
        { "b", "INT8", "y8", 20, 99, 1, false, NULL },
        { "c", "INT8", "y8", 30, 99, 1, true, NULL },
        { "d", "FP16", "z16", 9, 90, 0, false, NULL } },
      4 },
};

static void check(const char *what, const struct run *runs,
                  const struct points *points, const size_t *sets)
{
    size_t *best, len;
    bool front[ROWS_MAX], any[ROWS_MAX];
    double fastest = 0;

    assert_int_equal(points_best(points, SCOPE_KIND_COMP, &best, &len, NULL),
                     0);
    assert_int_equal(
        points_front(points, best, len, SCOPE_KIND_COMP, sets, front, NULL), 0);
    assert_int_equal(
        points_front(points, best, len, SCOPE_KIND_COMP, NULL, any, NULL), 0);
    for (size_t i = 0; i < points->len; i++)
        fastest = fmax(fastest, runs[i].fps);
    for (size_t i = 0; i < len; i++) {
        if (front[i] != runs[best[i]].front)
            fail_msg("%s: place %zu", what, best[i]);
        if (runs[best[i]].fps == fastest && !any[i])
            fail_msg("%s: the fastest is not on the front of all", what);
        assert_true(front[i] || !any[i]); /* apart, nobody loses a place */
    }
    free(best);
}

static void fronts_are_apart_by_training(void **state)
{
    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        const struct run *runs = cases[c].runs;
        struct dataset *d = runs_dataset(runs, cases[c].n);
        struct points points;
        size_t sets[ROWS_MAX], count, most = 0;

        assert_int_equal(points_create(d, NULL, &points, NULL), 0);
        assert_int_equal(points.len, cases[c].n);
        assert_int_equal(weights_sets(&points, sets, &count, NULL), 0);
        for (size_t i = 0; i < points.len; i++) {
            if (sets[i] != runs[i].set)
                fail_msg("%s: point %zu is in set %zu", cases[c].what, i,
                         sets[i]);
            most = sets[i] > most ? sets[i] : most;
        }
        assert_int_equal(count, most + 1);
        check(cases[c].what, runs, &points, sets);
        points_free(&points);
        dataset_destroy(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fronts_are_apart_by_training),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
