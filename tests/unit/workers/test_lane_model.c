/* test_lane_model.c - a model file of another network than planned is refused
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "core/vec.h"
#include "experiments/matrix.h"
#include "workers/lane_model.h"

#define CORPUS "tests/fuzz/corpus/fuzz_model_file/"

/* A file of 1568 parameters and 32512 operations against what is planned. */
static const struct {
    const char *what, *file, *name;
    int params, ops;
    int rc;
    const char *says;
} rows[] = {
    { "as planned", "tflite", "m.tflite", 1568, 32512, 0, "" },
    { "rounded", "tflite", "m.tflite", 1600, 30000, 0, "" },
    { "other parameters", "tflite", "m.tflite", 1400, 32512, ERR_REFUSED,
      "another network than planned: 1568 parameters, expected 1400" },
    { "other work", "tflite", "m.tflite", 1568, 25000, ERR_REFUSED,
      "another network than planned: 32512 operations an image, expected "
      "25000" },
    { "work that is not told", "onnx", "m.onnx", 334336, 77, 0, "" },
    { "a compiled one", "tflite-compiled", "m.tflite", 7, 7, 0, "" },
    { "a kind that is not known", "tflite", "m.xmodel", 7, 7, 0, "" },
    { "of another form", "tflite", "m.xml", 7, 7, ERR_FORMAT,
      "is not OpenVINO's XML" },
};

static int check(size_t i, struct attempt_row *row, struct err *err)
{
    char text[400], path[100];
    struct texts *texts = texts_create();
    struct experiment *experiment = NULL;
    struct matrix *matrix = NULL;
    struct buf data = { 0 };
    struct op_point point;
    int rc;

    snprintf(text, sizeof(text),
             "{\"experiment\": \"e\", \"topologies\": {\"N\": {\"topology\": "
             "\"N\", \"counts\": {\"100\": {\"params\": %d, \"ops_image\": "
             "%d}}}}, \"matrix\": [{\"topology\": [\"N\"], \"platform\": "
             "[\"P\"], \"precision\": [\"INT8\"]}]}",
             rows[i].params, rows[i].ops);
    assert_int_equal(
        texts_add(texts, "experiment", "e.json", "/", text, strlen(text), NULL),
        0);
    if (experiment_load(texts, NULL, &experiment, err) ||
        matrix_create(experiment, NULL, &matrix, err))
        fail_msg("%s", err->text);
    matrix_point(matrix, 0, &point);
    snprintf(path, sizeof(path), CORPUS "%s", rows[i].file);
    assert_int_equal(fs_read_file(path, 10000, &data, NULL), 0);
    snprintf(path, sizeof(path), "/tmp/labsweep-model-%s", rows[i].name);
    assert_int_equal(fs_write_atomic(path, data.data, data.len, NULL), 0);
    columns_clear(&columns_attempts, row);
    rc = lane_model_check(experiment, &point, path, row, err);
    remove(path);
    buf_free(&data);
    matrix_destroy(matrix);
    experiment_destroy(experiment);
    texts_destroy(texts);
    return rc;
}

static void another_network_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct attempt_row row;
        struct err err = { 0 };
        int rc = check(i, &row, &err);

        if (rc != rows[i].rc || !strstr(err.text, rows[i].says))
            fail_msg("%s: got %d, '%s'", rows[i].what, rc, err.text);
    }
}

static void what_was_counted_is_kept_and_else_missing(void **state)
{
    struct attempt_row row;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(check(0, &row, &err), 0);
    assert_int_equal(row.model_params, 1568);
    assert_int_equal(row.model_ops_image, 32512);
    assert_int_equal(check(4, &row, &err), 0);
    assert_int_equal(row.model_params, 334336);
    assert_int_equal(row.model_ops_image, COLUMN_I64_MISSING);
    assert_int_equal(check(5, &row, &err), 0);
    assert_int_equal(row.model_params, COLUMN_I64_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_network_is_refused),
        cmocka_unit_test(what_was_counted_is_kept_and_else_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
