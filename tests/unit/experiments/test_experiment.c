/* test_experiment.c - experiment files: parsed, refused, expanded */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/vec.h"
#include "experiments/experiment.h"
#include "experiments/matrix.h"

/* An experiment from text, or NULL with its error. */
static struct experiment *load(const char *text, struct texts **ret_texts,
                               struct err *err)
{
    struct texts *texts = texts_create();
    struct experiment *e = NULL;

    assert_non_null(texts);
    assert_int_equal(texts_add(texts, "experiment", "e.json", "/lab", text,
                               strlen(text), NULL),
                     0);
    experiment_load(texts, NULL, &e, err);
    *ret_texts = texts;
    return e;
}

static void the_demo_has_thirty_cells_at_most(void **state)
{
    struct texts *texts = texts_create();
    struct experiment *e = NULL;
    struct matrix *m = NULL;
    struct err err;
    struct op_point first;

    (void)state;
    if (experiment_load(texts, "experiments/demo.json", &e, &err))
        fail_msg("%s", err.text);
    assert_int_equal(matrix_create(e, NULL, &m, &err), 0);
    assert_int_equal(matrix_rows(m), 30);
    matrix_point(m, 0, &first);
    assert_string_equal(
        op_point_text(e->axes, e->axes_len, &first, "precision"), "INT2");
    assert_true(e->measure.min_time_s == 0.5);
    assert_true(isnan(e->thermal_limit_degc));
    assert_non_null(experiment_topology(e, "MLP"));
    assert_non_null(dataset_file(experiment_dataset(e, "MNIST"), "images"));
    matrix_destroy(m);
    experiment_destroy(e);
    texts_destroy(texts);
}

static const struct {
    const char *text, *says;
} bad[] = {
    { "{\"experiment\": \"x\", \"matrx\": []}",
      "e.json: matrx: unknown key, did you mean 'matrix'?" },
    { "{}", "e.json: experiment: found nothing, expected a string" },
    { "{\"experiment\": \"x\", \"matrix\": [{\"platfrom\": [\"A\"]}]}",
      "e.json: matrix[0].platfrom: unknown key, did you mean 'platform'?" },
    { "{\"experiment\": \"x\", \"matrix\": [{\"repeat\": [1]}]}",
      "matrix[0].repeat: unknown key" },
    { "{\"experiment\": \"x\", \"matrix\": [{\"batch\": [1, 0]}]}",
      "matrix[0].batch[1]: found 0, expected a whole number from 1" },
    { "{\"experiment\": \"x\", \"matrix\": [{\"precision\": [\"INT88\"]}]}",
      "matrix[0].precision[0]: unknown precision 'INT88', did you mean" },
    { "{\"experiment\": \"x\", \"matrix\": [{\"pruning_factor_pct\": 101}]}",
      "matrix[0].pruning_factor_pct: found 101" },
    { "{\"experiment\": \"x\", \"topologies\": {\"MLP\": null}, "
      "\"matrix\": [{\"topology\": [\"MLB\"]}]}",
      "matrix[0].topology[0]: 'MLB' is not among the topologies, did you mean "
      "'MLP'?" },
    { "{\"experiment\": \"x\", \"na\": [{\"where\": {\"batch\": 1}}]}",
      "na[0].reason: found nothing" },
    { "{\"experiment\": \"x\", \"na\": [{\"where\": {}, \"reason\": \"r\"}]}",
      "na[0].where: expected at least one axis" },
    { "{\"experiment\": \"x\", \"declared_accuracy\": [{\"top1_pct\": 90}]}",
      "declared_accuracy[0].source: found nothing, expected a string" },
    { "{\"experiment\": \"x\", \"declared_accuracy\": [{\"top1_pct\": 101, "
      "\"source\": \"s\"}]}",
      "declared_accuracy[0].top1_pct: found 101, expected a percentage" },
    { "{\"experiment\": \"x\", \"declared_accuracy\": [{\"top1_pct\": 90, "
      "\"top5_pct\": 80, \"source\": \"s\"}]}",
      "top5_pct: found 80, expected at least top1_pct, 90" },
    { "{\"experiment\": \"x\", \"declared_accuracy\": [{\"source\": \"s\"}]}",
      "declared_accuracy[0]: expected \"top1_pct\" or \"top5_pct\"" },
    { "{\"experiment\": \"x\", \"declared_accuracy\": [{\"where\": "
      "{\"batch\": \"many\"}, \"top1_pct\": 90, \"source\": \"s\"}]}",
      "declared_accuracy[0].where.batch: found" },
    { "{\"experiment\": \"x\", \"exclude\": [{\"board\": \"b\"}]}",
      "exclude[0].board: unknown key" },
    { "{\"experiment\": \"x\", \"axes\": [{\"name\": \"batch\"}]}",
      "axes[0].name: 'batch' is an axis already" },
    { "{\"experiment\": \"x\", \"axes\": [{\"name\": \"a\", "
      "\"type\": \"integr\"}]}",
      "axes[0].type: found \"integr\", did you mean 'integer'" },
    { "{\"experiment\": \"x\", \"axes\": [{\"name\": \"a b\"}]}",
      "axes[0].name: found \"a b\"" },
    { "{\"experiment\": \"x\", \"order\": \"shufled\"}",
      "order: found \"shufled\", did you mean 'shuffled'" },
    { "{\"experiment\": \"x\", \"measure\": {\"warmup\": 3}}",
      "measure.warmup: found 3, expected a number with a unit" },
    { "{\"experiment\": \"x\", \"measure\": {\"min_time\": \"100 s\", "
      "\"max_time\": \"10 s\"}}",
      "measure: max_time 10 s is below min_time 100 s" },
    { "{\"experiment\": \"x\", \"datasets\": {\"D\": {\"files\": "
      "{\"a\": {\"file\": \"f\", \"sha256\": \"12\"}}}}}",
      "datasets.D.files.a.sha256: expected 64" },
    { "{\"experiment\": \"x\", \"capture\": [\"powr\"]}",
      "capture[0]: found \"powr\", did you mean 'power'" },
    { "[1]", "e.json: found an array, expected an object" },
    { "{\"experiment\": \"x\"", "e.json:1:" },
};

static void mistakes_name_file_place_and_near_miss(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct texts *texts;
        struct err err = { 0 };
        struct experiment *e = load(bad[i].text, &texts, &err);

        if (e || err.code != ERR_FORMAT || !strstr(err.text, bad[i].says))
            fail_msg("%s\n  gave: %s\n  want: %s", bad[i].text, err.text,
                     bad[i].says);
        texts_destroy(texts);
    }
}

/* The rows of an experiment's text, as labels with commas; na rows with a
 * '!' before them. */
static void expand(const char *text, const struct matrix_boards *boards,
                   struct buf *out, size_t counts[2])
{
    struct texts *texts;
    struct err err = { 0 };
    struct experiment *e = load(text, &texts, &err);
    struct matrix *m = NULL;

    if (!e || matrix_create(e, boards, &m, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < matrix_rows(m); i++) {
        struct op_point point;

        matrix_point(m, i, &point);
        if (i)
            buf_put_u8(out, ',');
        if (matrix_na_reason(m, i))
            buf_put_u8(out, '!');
        op_point_label(e->axes, e->axes_len, &point, out);
        assert_true(matrix_id(m, i) ==
                    op_point_id(e->axes, e->axes_len, &point));
    }
    counts[0] = matrix_merged(m);
    counts[1] = matrix_excluded(m);
    matrix_destroy(m);
    experiment_destroy(e);
    texts_destroy(texts);
}

static const struct {
    const char *what, *text, *rows;
    size_t merged, excluded;
} matrices[] = {
    { "the first axis is slowest, repeat fastest",
      "{\"experiment\": \"x\", \"repeats\": 2, \"matrix\": [{\"batch\": [1, 2],"
      "\"platform\": [\"A\", \"B\"]}]}",
      "A,A repeat 2,A batch 2,A batch 2 repeat 2,"
      "B,B repeat 2,B batch 2,B batch 2 repeat 2",
      0, 0 },
    { "duplicates are merged, also across defaults",
      "{\"experiment\": \"x\", \"matrix\": [{\"platform\": [\"A\", \"A\"]},"
      "{\"platform\": \"A\", \"threads\": 1}]}",
      "A", 2, 0 },
    { "exclude takes from blocks, include adds after it",
      "{\"experiment\": \"x\", \"matrix\": [{\"platform\": [\"A\"], "
      "\"batch\": [1, 2, 3]}], \"exclude\": [{\"batch\": [2, 3]}], "
      "\"include\": [{\"platform\": \"B\", \"batch\": 3}]}",
      "A,B batch 3", 0, 2 },
    { "na marks rows, the first reason wins",
      "{\"experiment\": \"x\", \"matrix\": [{\"platform\": [\"A\", \"B\"], "
      "\"batch\": [1, 2]}], \"na\": [{\"where\": {\"platform\": \"B\"}, "
      "\"reason\": \"no B\"}]}",
      "A,A batch 2,!B,!B batch 2", 0, 0 },
    { "an na rule that meets no row adds its own, open elsewhere",
      "{\"experiment\": \"x\", \"matrix\": [{\"platform\": [\"A\"]}], "
      "\"na\": [{\"where\": {\"platform\": [\"T\", \"U\"], \"op_mode\": "
      "\"fast\"}, \"reason\": \"too small\"}]}",
      "A,!T fast,!U fast", 0, 0 },
    { "declared axes stand before repeat",
      "{\"experiment\": \"x\", \"axes\": [{\"name\": \"clock\", \"type\": "
      "\"number\", \"unit\": \"MHz\"}, {\"name\": \"bitstream\"}], "
      "\"matrix\": [{\"platform\": [\"A\"], \"clock\": [100, 187.5], "
      "\"bitstream\": [\"x\"]}]}",
      "A clock 100 MHz bitstream x,A clock 187.5 MHz bitstream x", 0, 0 },
    { "an empty list gives no row",
      "{\"experiment\": \"x\", \"matrix\": [{\"platform\": []}]}", "", 0, 0 },
    { "no matrix gives no row", "{\"experiment\": \"x\"}", "", 0, 0 },
};

static void matrices_expand_in_one_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matrices); i++) {
        struct buf rows = { 0 };
        size_t counts[2];

        expand(matrices[i].text, NULL, &rows, counts);
        if (strcmp(buf_text(&rows), matrices[i].rows) != 0 ||
            counts[0] != matrices[i].merged ||
            counts[1] != matrices[i].excluded)
            fail_msg("%s:\n  got  %s (%zu, %zu)\n  want %s (%zu, %zu)",
                     matrices[i].what, buf_text(&rows), counts[0], counts[1],
                     matrices[i].rows, matrices[i].merged,
                     matrices[i].excluded);
        buf_free(&rows);
    }
}

static const char *two_boards(const void *ctx, const char *platform, size_t i)
{
    static const char *const names[] = { "a-1", "a-2", NULL };

    (void)ctx;
    return strcmp(platform, "A") == 0 ? names[i] : NULL;
}

static void boards_are_an_axis_where_each_runs(void **state)
{
    const struct matrix_boards boards = { .at = two_boards };
    struct buf rows = { 0 };
    size_t counts[2];

    (void)state;
    expand("{\"experiment\": \"x\", \"boards\": \"each\", \"repeats\": 2, "
           "\"matrix\": [{\"platform\": [\"A\", \"B\"]}], "
           "\"exclude\": [{\"board\": \"a-2\", \"repeat\": 1}]}",
           &boards, &rows, counts);
    assert_string_equal(buf_text(&rows),
                        "A a-1,A a-1 repeat 2,A a-2 repeat 2,B,B repeat 2");
    buf_free(&rows);
}

static void four_hundred_thousand_rows_expand(void **state)
{
    struct texts *texts;
    struct err err = { 0 };
    struct experiment *e =
        load("{\"experiment\": \"x\", \"repeats\": 100000, \"matrix\": "
             "[{\"batch\": [1, 2, 3, 4]}]}",
             &texts, &err);
    struct matrix *m = NULL;

    (void)state;
    assert_non_null(e);
    assert_int_equal(matrix_create(e, NULL, &m, &err), 0);
    assert_int_equal(matrix_rows(m), 400000);
    matrix_destroy(m);
    experiment_destroy(e);
    texts_destroy(texts);
}

static void kept_texts_give_the_same_experiment(void **state)
{
    struct texts *texts = texts_create(), *kept = NULL;
    struct experiment *a = NULL, *b = NULL;
    struct json_value *json;
    struct json_doc *doc = NULL;
    struct buf out = { 0 };
    struct json root;

    (void)state;
    assert_int_equal(experiment_load(texts, "experiments/demo.json", &a, NULL),
                     0);
    json = texts_to_json(texts);
    assert_int_equal(json_print(json, false, &out, NULL), 0);
    assert_int_equal(
        json_doc_parse(buf_text(&out), out.len, "kept", &doc, NULL), 0);
    root = json_root(doc);
    assert_int_equal(texts_from_json(&root, &kept, NULL), 0);
    assert_int_equal(experiment_load(kept, NULL, &b, NULL), 0);
    assert_string_equal(a->base_dir, b->base_dir);
    assert_string_equal(a->datasets[0].files[0].path,
                        b->datasets[0].files[0].path);
    assert_int_equal(experiment_load(kept, "experiments/other.json", &b, NULL),
                     ERR_NOT_FOUND);
    json_value_destroy(json);
    json_doc_destroy(doc);
    experiment_destroy(a);
    experiment_destroy(b);
    texts_destroy(texts);
    texts_destroy(kept);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_has_thirty_cells_at_most),
        cmocka_unit_test(mistakes_name_file_place_and_near_miss),
        cmocka_unit_test(matrices_expand_in_one_order),
        cmocka_unit_test(boards_are_an_axis_where_each_runs),
        cmocka_unit_test(four_hundred_thousand_rows_expand),
        cmocka_unit_test(kept_texts_give_the_same_experiment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
