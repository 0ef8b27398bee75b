/* test_model_file.c - parameters counted in vendors' model files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/vec.h"
#include "workers/collect/model_file.h"

/* A model (graph, field 7) of an initializer 3 x 2 with packed dimensions,
 * one of 4 x 5 x 1 with single ones, and a bias of 9. */
static const char onnx[] = "\x08\x08"                 /* version 8 */
                           "\x3a\x14"                 /* graph, 20 bytes */
                           "\x2a\x04\x0a\x02\x03\x02" /* packed 3, 2 */
                           "\x2a\x06\x08\x04\x08\x05\x08\x01" /* 4, 5, 1 */
                           "\x2a\x04\x08\x09\x10\x01" /* 9, type 1 */;

/* A convolution of 3 x 3 from 3 to 8 channels onto 4 x 4, a grouped one, and
 * a product by 10 x 784. */
/* clang-format off */
static const char work[] =
    "<net name=\"m\"><layers>"
    "<layer id=\"0\" type=\"Const\"><data shape=\"8,3,3,3\"/></layer>"
    "<layer id=\"1\" type=\"Convolution\"><input>"
    "<port id=\"0\"><dim>1</dim><dim>3</dim><dim>6</dim><dim>6</dim></port>"
    "<port id=\"1\"><dim>8</dim><dim>3</dim><dim>3</dim><dim>3</dim></port>"
    "</input><output>"
    "<port id=\"2\"><dim>1</dim><dim>8</dim><dim>4</dim><dim>4</dim></port>"
    "</output></layer>"
    "<layer id=\"2\" type=\"GroupConvolution\"><input>"
    "<port id=\"0\"><dim>1</dim><dim>8</dim><dim>4</dim><dim>4</dim></port>"
    "<port id=\"1\"><dim>8</dim><dim>1</dim><dim>1</dim><dim>3</dim>"
    "<dim>3</dim></port></input><output>"
    "<port id=\"2\"><dim>1</dim><dim>8</dim><dim>2</dim><dim>2</dim></port>"
    "</output></layer>"
    "<layer id=\"3\" type=\"MatMul\"><input>"
    "<port id=\"0\"><dim>1</dim><dim>784</dim></port>"
    "<port id=\"1\"><dim>10</dim><dim>784</dim></port></input><output>"
    "<port id=\"2\"><dim>1</dim><dim>10</dim></port></output></layer>"
    "</layers></net>";
/* clang-format on */

static const char xml[] =
    "<net name=\"m\"><layers>"
    "<layer id=\"0\" type=\"Parameter\"><data shape=\"1, 784\"/></layer>"
    "<layer id=\"1\" type=\"Const\"><data element_type=\"f16\" "
    "shape=\"10, 784\" offset=\"0\"/></layer>"
    "<layer id=\"2\" type=\"Const\"><data shape=\"1, 10\"/></layer>"
    "<layer id=\"3\" type=\"Const\"><data shape=\"4,3,2,2\"/></layer>"
    "</layers></net>";

static const struct {
    const char *what, *name, *data;
    size_t len;
    int rc;
    int64_t params, ops; /* -1: unknown */
} rows[] = {
    { "ONNX", "a/m.onnx", onnx, sizeof(onnx) - 1, 0, 26, -1 },
    { "cut short", "m.onnx", onnx, sizeof(onnx) - 3, ERR_FORMAT, 0, 0 },
    { "no graph", "m.onnx", "\x08\x08", 2, ERR_FORMAT, 0, 0 },
    { "nothing", "m.onnx", "", 0, ERR_FORMAT, 0, 0 },
    { "a number without an end", "m.onnx", "\xff\xff\xff", 3, ERR_FORMAT, 0,
      0 },
    { "dimensions beyond all", "m.onnx",
      "\x3a\x18\x2a\x16"
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x10\x01",
      26, 0, INT64_C(1) << 48, -1 },
    { "XML", "m.xml", xml, sizeof(xml) - 1, 0, 7840 + 48, -1 },
    { "XML with layers", "m.xml", work, sizeof(work) - 1, 0, 216,
      2 * (8 * 16 * 27 + 8 * 4 * 9 + 7840) },
    { "no network", "m.xml", "<html>", 6, ERR_FORMAT, 0, 0 },
    { "a shape without an end", "m.xml",
      "<net <layer type=\"Const\"> shape=\"3,4", 36, 0, 12, -1 },
    { "no flat buffer", "m.tflite", "\x08\x00\x00\x00TFL4", 8, ERR_FORMAT, 0,
      0 },
    { "another kind", "m.xmodel", onnx, sizeof(onnx) - 1, 0, -1, -1 },
    { "a tail is no name", ".onnx", onnx, sizeof(onnx) - 1, 0, -1, -1 },
};

static void check(const char *what, const char *name, const void *data,
                  size_t len, int want, int64_t params, int64_t ops)
{
    struct model_counts counts = { 0, 0 };
    int rc = model_file_counts(name, data, len, &counts, NULL);

    if (rc != want || counts.params != params || counts.ops_image != ops)
        fail_msg("%s: got %d, %lld and %lld", what, rc,
                 (long long)counts.params, (long long)counts.ops_image);
}

static void weights_and_work_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check(rows[i].what, rows[i].name, rows[i].data, rows[i].len, rows[i].rc,
              rows[i].params, rows[i].ops);
    assert_true(model_file_known("a/m.tflite"));
    assert_false(model_file_known("m.xmodel"));
}

/* Made by the libraries of their formats: a convolution of 3 x 3 (TFLite:
 * onto 8 x 8, then a depthwise one onto 4 x 4; ONNX: onto 4 x 4) from 3 to 8
 * channels, and a product by 10 x 128. */
static const struct {
    const char *file, *name;
    int64_t params, ops;
} files[] = {
    { "tflite", "m.tflite", 216 + 72 + 1280,
      2 * (8 * 64 * 27 + 8 * 16 * 9 + 1280) },
    { "tflite-compiled", "m.tflite", -1, -1 }, /* one operator of its own */
    { "onnx-conv", "m.onnx", 216 + 1280, 2 * (8 * 16 * 27 + 1280) },
};

static void files_of_the_libraries_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct model_counts counts;
        struct buf data = { 0 };
        char path[200];

        snprintf(path, sizeof(path), "tests/fuzz/corpus/fuzz_model_file/%s",
                 files[i].file);
        assert_int_equal(fs_read_file(path, 10000, &data, NULL), 0);
        check(files[i].file, files[i].name, data.data, data.len, 0,
              files[i].params, files[i].ops);
        for (size_t k = 0; k < data.len; k++) /* cut anywhere: no crash */
            model_file_counts(files[i].name, data.data, k, &counts, NULL);
        buf_free(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_and_work_are_counted),
        cmocka_unit_test(files_of_the_libraries_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
