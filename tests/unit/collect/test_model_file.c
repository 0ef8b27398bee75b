/* test_model_file.c - parameters counted in vendors' model files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/vec.h"
#include "workers/collect/model_file.h"

/* A model (graph, field 7) of an initializer 3 x 2 with packed dimensions,
 * one of 4 x 5 x 1 with single ones, and a bias of 9. */
static const char onnx[] = "\x08\x08"                 /* version 8 */
                           "\x3a\x14"                 /* graph, 20 bytes */
                           "\x2a\x04\x0a\x02\x03\x02" /* packed 3, 2 */
                           "\x2a\x06\x08\x04\x08\x05\x08\x01" /* 4, 5, 1 */
                           "\x2a\x04\x08\x09\x10\x01" /* 9, type 1 */;

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
    int64_t params;
} rows[] = {
    { "ONNX", "a/m.onnx", onnx, sizeof(onnx) - 1, 0, 26 },
    { "cut short", "m.onnx", onnx, sizeof(onnx) - 3, ERR_FORMAT, 0 },
    { "no graph", "m.onnx", "\x08\x08", 2, ERR_FORMAT, 0 },
    { "nothing", "m.onnx", "", 0, ERR_FORMAT, 0 },
    { "a number without an end", "m.onnx", "\xff\xff\xff", 3, ERR_FORMAT, 0 },
    { "dimensions beyond all", "m.onnx",
      "\x3a\x18\x2a\x16"
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x10\x01",
      26, 0, INT64_C(1) << 48 },
    { "XML", "m.xml", xml, sizeof(xml) - 1, 0, 7840 + 48 },
    { "no network", "m.xml", "<html>", 6, ERR_FORMAT, 0 },
    { "a shape without an end", "m.xml", "<net type=\"Const\" shape=\"3,4", 29,
      0, 12 },
    { "another kind", "m.tflite", onnx, sizeof(onnx) - 1, ERR_NOT_FOUND, 0 },
    { "a tail is no name", ".onnx", onnx, sizeof(onnx) - 1, ERR_NOT_FOUND, 0 },
};

static void weights_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t params = 0;
        int rc = model_file_params(rows[i].name, rows[i].data, rows[i].len,
                                   &params, NULL);

        if (rc != rows[i].rc || params != rows[i].params)
            fail_msg("%s: got %d, %lld", rows[i].what, rc, (long long)params);
        assert_int_equal(model_file_known(rows[i].name),
                         rows[i].rc != ERR_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
