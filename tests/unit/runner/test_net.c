/* test_net.c - weights and image files, whole and damaged */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/idx.h"
#include "runner/mem.h"
#include "runner/net.h"

#define SMALL "runner/models/mlp-w256-b2.mlpw"
#define HALF  "runner/models/mlp-w256-b16.mlpw"

#define LAYER NET_HEAD_BYTES /* where the first layer's head is */

struct bytes {
    uint8_t *data;
    size_t len;
};

static struct bytes slurp(const char *path)
{
    struct bytes b;

    assert_int_equal(
        mem_read_file(path, "weights", NET_FILE_MAX, &b.data, &b.len, NULL), 0);
    return b;
}

static void refused(const uint8_t *data, size_t len, const char *words)
{
    struct net net = { 0 };
    struct fail fail = { 0 };

    assert_int_equal(net_parse(data, len, "x.mlpw", &net, &fail), -1);
    assert_int_equal(fail.code, FAIL_FORMAT);
    assert_non_null(strstr(fail.text, "x.mlpw"));
    if (words && !strstr(fail.text, words))
        fail_msg("'%s' does not say '%s'", fail.text, words);
    assert_null(net.layer[0].w);
}

static void put_le(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void a_whole_file_is_read(void **state)
{
    static const struct {
        const char *path;
        unsigned bits;
    } rows[] = { { SMALL, 2 },
                 { "runner/models/mlp-w256-b4.mlpw", 4 },
                 { HALF, 16 } };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct bytes b = slurp(rows[i].path);
        struct net net;

        assert_int_equal(net_parse(b.data, b.len, "x", &net, NULL), 0);
        assert_int_equal(net.bits, rows[i].bits);
        assert_int_equal(net_params(&net), 334336);
        assert_string_equal(net.trainer, "train.py 0 seed 1 epochs 40");
        for (size_t w = 0; net.bits < 8 && w < 256 * 784; w++) {
            assert_true(net.layer[0].w[w] >= -(1 << (net.bits - 1)));
            assert_true(net.layer[0].w[w] < 1 << (net.bits - 1));
        }
        net_clear(&net);
        free(b.data);
    }
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    struct bytes b = slurp(SMALL);

    (void)state;
    for (size_t len = 0; len < b.len; len += len < 120 ? 1 : 997) {
        uint8_t *cut = malloc(len + 1); /* so that a read behind it shows */

        assert_non_null(cut);
        memcpy(cut, b.data, len);
        refused(cut, len, NULL);
        free(cut);
    }
    refused(b.data, b.len - 1, "ends inside layer 3");
    free(b.data);
}

static void a_longer_file_is_refused(void **state)
{
    struct bytes b = slurp(SMALL);
    uint8_t *more = calloc(1, b.len + 5);

    (void)state;
    assert_non_null(more);
    memcpy(more, b.data, b.len);
    refused(more, b.len + 5, "5 bytes more");
    free(more);
    free(b.data);
}

static void altered_heads_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint32_t value;
        const char *words;
    } rows[] = {
        { 0, 0x12345678, "not a weights file" },
        { 4, 1, "version 1, expected 2" },
        { 8, 3, "3-bit" },
        { 8, 8, "8-bit" },
        { 12, 5, "5 layers" },
        { 16, 0x41410a41, "byte 1 of its trainer's name is 10" },
        { NET_DIGEST_AT, 0, "its head says 00000000" },
        { LAYER, 0, "0 neurons" },
        { LAYER, 0xffffffff, "neurons" },
        { LAYER, 8193, "8193 neurons" },
        { LAYER, 512, "ends inside layer 0" },
        { LAYER, 255, NULL },
        { LAYER + 4, 785, "256 x 785, expected 256 x 784" },
        { LAYER + 8, 32, "shifts by 32" },
    };
    struct bytes b = slurp(SMALL);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t before[4];

        memcpy(before, b.data + rows[i].at, 4);
        put_le(b.data + rows[i].at, rows[i].value);
        refused(b.data,
                rows[i].at == LAYER && rows[i].value == 512 ? 60000 : b.len,
                rows[i].words);
        memcpy(b.data + rows[i].at, before, 4);
    }
    free(b.data);
}

static void numbers_that_would_overflow_are_refused(void **state)
{
    struct bytes b = slurp(SMALL);
    size_t mul = LAYER + 12 + 256 * 196;

    (void)state;
    put_le(b.data + mul, 0x7fffffff);
    refused(b.data, b.len, "can leave 32 bits");
    put_le(b.data + mul, 0x80000000);
    refused(b.data, b.len, "can leave 32 bits");
    free(b.data);
}

static void one_altered_bit_is_seen(void **state)
{
    struct bytes b = slurp(SMALL);

    (void)state;
    for (size_t at = LAYER + 12; at < b.len; at += b.len / 7) {
        b.data[at] ^= 4;
        refused(b.data, b.len, NULL);
        b.data[at] ^= 4;
    }
    b.data[LAYER + 20] ^= 1;
    refused(b.data, b.len, "is altered");
    free(b.data);
}

static void numbers_that_are_none_are_refused(void **state)
{
    struct bytes b = slurp(HALF);

    (void)state;
    b.data[LAYER + 13] = 0x7c; /* an infinite weight */
    b.data[LAYER + 12] = 0;
    refused(b.data, b.len, "not finite");
    b.data[LAYER + 13] = 0;
    put_le(b.data + LAYER + 12 + 256 * 784 * 2, 0x7fc00000);
    refused(b.data, b.len, "bias 0 is not finite");
    free(b.data);
}

static void halves_become_floats_exactly(void **state)
{
    (void)state;
    assert_true(net_half(0x0000) == 0.0f);
    assert_true(net_half(0x3c00) == 1.0f);
    assert_true(net_half(0xc000) == -2.0f);
    assert_true(net_half(0x7bff) == 65504.0f);
    assert_true(net_half(0x0001) == ldexpf(1, -24));
    assert_true(net_half(0x83ff) == -1023 * ldexpf(1, -24));
}

/* A data set of 'count' images as bytes of a file. */
static struct bytes images(uint32_t count)
{
    struct bytes b = { NULL, 16 + (size_t)count * IDX_PIXELS };

    b.data = calloc(1, b.len);
    assert_non_null(b.data);
    b.data[2] = 8;
    b.data[3] = 3;
    b.data[7] = (uint8_t)count;
    b.data[11] = b.data[15] = 28;
    return b;
}

static void image_files_are_checked(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *words;
    } rows[] = {
        { 3, 1, "magic" },         { 7, 4, "its head promises" },
        { 7, 0, "holds nothing" }, { 4, 1, "its head promises" },
        { 15, 27, "28 x 27" },
    };
    struct bytes b = images(3);
    const uint8_t *pixels;
    struct fail fail;
    size_t count;

    (void)state;
    assert_int_equal(idx_images(b.data, b.len, "i", &pixels, &count, &fail), 0);
    assert_int_equal(count, 3);
    assert_ptr_equal(pixels, b.data + 16);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t before = b.data[rows[i].at];

        b.data[rows[i].at] = rows[i].value;
        assert_int_equal(idx_images(b.data, b.len, "i", &pixels, &count, &fail),
                         -1);
        assert_int_equal(fail.code, FAIL_FORMAT);
        assert_non_null(strstr(fail.text, rows[i].words));
        b.data[rows[i].at] = before;
    }
    for (size_t len = 0; len < 16; len++)
        assert_int_equal(idx_images(b.data, len, "i", &pixels, &count, &fail),
                         -1);
    free(b.data);
}

static void labels_must_be_digits(void **state)
{
    uint8_t file[] = { 0, 0, 8, 1, 0, 0, 0, 3, 0, 9, 5 };
    const uint8_t *labels;
    struct fail fail;
    size_t count;

    (void)state;
    assert_int_equal(idx_labels(file, sizeof file, "l", &labels, &count, &fail),
                     0);
    assert_int_equal(count, 3);
    file[9] = 10;
    assert_int_equal(idx_labels(file, sizeof file, "l", &labels, &count, &fail),
                     -1);
    assert_non_null(strstr(fail.text, "label 1 is 10"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file_is_read),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_longer_file_is_refused),
        cmocka_unit_test(altered_heads_are_refused),
        cmocka_unit_test(numbers_that_would_overflow_are_refused),
        cmocka_unit_test(one_altered_bit_is_seen),
        cmocka_unit_test(numbers_that_are_none_are_refused),
        cmocka_unit_test(halves_become_floats_exactly),
        cmocka_unit_test(image_files_are_checked),
        cmocka_unit_test(labels_must_be_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
