/* test_models.c - the shipped weights on the real test set
 *
 * The counts are those of the models' card; every kernel of this CPU must
 * reach them, and all integer kernels of a file the same predictions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/cpu.h"
#include "runner/measure.h"
#include "runner/model.h"

#define IMAGES "data/mnist/t10k-images-idx3-ubyte"
#define LABELS "data/mnist/t10k-labels-idx1-ubyte"

/* A sanitizer makes the sums many times slower: it sees every width of
 * layer at 256, and few images of the rest. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WIDEST          256
#define IMAGES_A_KERNEL 500
#else
#define WIDEST          2048
#define IMAGES_A_KERNEL 10000
#endif

static const struct row {
    unsigned width;
    enum precision precision;
    size_t correct;
} rows[] = {
    { 256, PRECISION_INT2, 9913 },  { 256, PRECISION_INT4, 9928 },
    { 256, PRECISION_INT8, 9936 },  { 256, PRECISION_FP16, 9935 },
    { 256, PRECISION_FP32, 9935 },  { 512, PRECISION_INT2, 9925 },
    { 512, PRECISION_INT4, 9927 },  { 512, PRECISION_INT8, 9933 },
    { 512, PRECISION_FP16, 9933 },  { 512, PRECISION_FP32, 9933 },
    { 1024, PRECISION_INT2, 9911 }, { 1024, PRECISION_INT4, 9928 },
    { 1024, PRECISION_INT8, 9931 }, { 1024, PRECISION_FP16, 9931 },
    { 1024, PRECISION_FP32, 9931 }, { 2048, PRECISION_INT2, 9913 },
    { 2048, PRECISION_INT4, 9939 }, { 2048, PRECISION_INT8, 9932 },
    { 2048, PRECISION_FP16, 9932 }, { 2048, PRECISION_FP32, 9932 },
};

static int load_images(void **state)
{
    struct dataset *set = calloc(1, sizeof *set);
    struct fail fail;

    if (set && dataset_load(IMAGES, LABELS, set, &fail)) {
        fprintf(stderr, "%s: run scripts/fetch-mnist first\n", fail.text);
        return -1;
    }
    *state = set;
    return set ? 0 : -1;
}

static int free_images(void **state)
{
    dataset_clear(*state);
    free(*state);
    return 0;
}

static struct measure_result classify(const struct dataset *set,
                                      const struct row *row,
                                      const struct kernel *kernel, size_t batch,
                                      unsigned threads)
{
    struct measure_plan plan = { .batch = batch,
                                 .threads = threads,
                                 .accuracy = true };
    struct measure_result result;
    struct model model;
    struct fail fail;
    char path[80];

    snprintf(path, sizeof path, "runner/models/mlp-w%u-b%u.mlpw", row->width,
             precision_file_bits(row->precision));
    if (model_load(path, NULL, kernel, set, &model, &fail) ||
        measure_run(&model, set, &plan, &result, &fail))
        fail_msg("%s", fail.text);
    assert_int_equal(result.n, set->count);
    model_clear(&model);
    return result;
}

static void every_file_has_its_accuracy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct kernel *kernel;
        struct measure_result result;

        if (rows[i].width > WIDEST)
            continue;
        assert_int_equal(kernel_choose(NULL, rows[i].precision, cpu_features(),
                                       96, &kernel, NULL),
                         0);
        result = classify(*state, &rows[i], kernel, 96, 2);
        if (result.correct != rows[i].correct)
            fail_msg("width %u, %s: %zu correct, expected %zu", rows[i].width,
                     precision_name(rows[i].precision), result.correct,
                     rows[i].correct);
    }
}

static void every_kernel_predicts_the_same(void **state)
{
    struct dataset some = *(struct dataset *)*state;
    const struct kernel *k;

    some.count = IMAGES_A_KERNEL;
    for (size_t i = 0; i < PRECISIONS; i++) {
        uint64_t hash = 0;

        for (size_t at = 0; (k = kernel_at(at)); at++) {
            struct measure_result result;

            /* half-precision sums round otherwise */
            if (k->precision != rows[i].precision ||
                k->features & (~cpu_features() | CPU_FP16))
                continue;
            result = classify(&some, &rows[i], k, 64, 1);
            if (some.count == 10000)
                assert_int_equal(result.correct, rows[i].correct);
            if (hash && result.pred_hash != hash)
                fail_msg("%s %s predicts otherwise", k->name,
                         precision_name(k->precision));
            hash = result.pred_hash;
        }
        assert_true(hash != 0);
    }
}

static void batch_and_threads_change_no_prediction(void **state)
{
    static const struct {
        size_t batch;
        unsigned threads;
    } cases[] = { { 1, 1 },   { 1, 3 },    { 7, 2 },    { 100, 2 },
                  { 333, 3 }, { 9999, 1 }, { 10000, 2 } };
    const struct row *row = &rows[0];
    const struct kernel *kernel;
    uint64_t hash = 0;

    assert_int_equal(
        kernel_choose(NULL, row->precision, cpu_features(), 1, &kernel, NULL),
        0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct measure_result result =
            classify(*state, row, kernel, cases[i].batch, cases[i].threads);

        assert_int_equal(result.correct, row->correct);
        if (hash)
            assert_true(result.pred_hash == hash);
        hash = result.pred_hash;
    }
}

/* The wide layers are shared by neurons at small batches. */
static void sharing_by_neurons_changes_no_prediction(void **state)
{
    static const struct row wide = { 1024, PRECISION_INT4, 9928 };
    struct dataset few = *(struct dataset *)*state;
    const struct kernel *kernel;
    struct measure_result one, two;

    few.count = 200;
    assert_int_equal(
        kernel_choose(NULL, wide.precision, cpu_features(), 1, &kernel, NULL),
        0);
    for (size_t batch = 1; batch < 9; batch += 7) {
        struct measure_plan plan = { .batch = batch,
                                     .threads = 1,
                                     .accuracy = true };
        struct model model;

        assert_int_equal(model_load("runner/models/mlp-w1024-b4.mlpw", NULL,
                                    kernel, &few, &model, NULL),
                         0);
        assert_int_equal(measure_run(&model, &few, &plan, &one, NULL), 0);
        plan.threads = 3;
        assert_int_equal(measure_run(&model, &few, &plan, &two, NULL), 0);
        assert_true(one.pred_hash == two.pred_hash);
        model_clear(&model);
    }
}

static void a_timed_run_adds_up(void **state)
{
    struct measure_plan plan = { .batch = 16,
                                 .threads = 1,
                                 .min_s = 0.05,
                                 .max_s = 20,
                                 .min_batches = 70,
                                 .timed = true };
    struct measure_result r;
    const struct kernel *kernel;
    struct model model;

    assert_int_equal(
        kernel_choose(NULL, PRECISION_INT2, cpu_features(), 16, &kernel, NULL),
        0);
    assert_int_equal(model_load("runner/models/mlp-w256-b2.mlpw", NULL, kernel,
                                *state, &model, NULL),
                     0);
    assert_int_equal(measure_run(&model, *state, &plan, &r, NULL), 0);
    assert_true(r.sys.count >= 70);
    assert_int_equal(r.sys.count, r.comp.count);
    assert_true(r.comp.sum_ns <= r.sys.sum_ns);
    assert_true((double)r.sys.sum_ns * 1e-9 <= r.elapsed_s);
    assert_true(r.elapsed_s >= 0.05);
    assert_true(r.end_mono_ns > r.start_mono_ns);
    measure_clear(&r);
    model_clear(&model);
}

static void the_wrong_file_is_refused(void **state)
{
    const struct kernel *kernel;
    struct model model;
    struct fail fail;

    assert_int_equal(
        kernel_choose("portable", PRECISION_INT8, 0, 1, &kernel, NULL), 0);
    assert_int_equal(model_load("runner/models/mlp-w256-b2.mlpw", NULL, kernel,
                                *state, &model, &fail),
                     -1);
    assert_int_equal(fail.code, FAIL_FORMAT);
    assert_non_null(strstr(fail.text, "INT8 needs a file of 16"));
    assert_int_equal(model_load("runner/models/mlp-w256-b16.mlpw",
                                "0123456789abcdef", kernel, *state, &model,
                                &fail),
                     -1);
    assert_non_null(strstr(fail.text, "expected 0123456789abcdef"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_has_its_accuracy),
        cmocka_unit_test(every_kernel_predicts_the_same),
        cmocka_unit_test(batch_and_threads_change_no_prediction),
        cmocka_unit_test(sharing_by_neurons_changes_no_prediction),
        cmocka_unit_test(a_timed_run_adds_up),
        cmocka_unit_test(the_wrong_file_is_refused),
    };

    return cmocka_run_group_tests(tests, load_images, free_images);
}
