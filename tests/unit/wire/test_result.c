/* test_result.c - results and samples survive the wire, hostile bytes do not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "orchestrator/wire/result.h"

static const size_t counts[] = { 0,    1,    2,     1000,  8191,
                                 8192, 8193, 16384, 16385, 20000 };

static void fill(double *values, int64_t *t_ns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = i % 100 == 7 ? (double)NAN : (double)i * 0.125 - 3;
        t_ns[i] = (int64_t)i * 1000003 - 5;
    }
}

static void samples_unpack_to_what_was_packed(void **state)
{
    static double in[20000], out[20000];
    static int64_t t_in[20000], t_out[20000];

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
        for (int timed = 0; timed < 2; timed++) {
            struct sample_block block, copy;
            struct buf bytes = { 0 };
            struct cursor cur;

            fill(in, t_in, counts[k]);
            assert_int_equal(samples_pack(CHANNEL_POWER, in,
                                          timed ? t_in : NULL, counts[k],
                                          &block, NULL),
                             0);
            samples_encode(&block, &bytes);
            cur = cursor_of(bytes.data, bytes.len);
            assert_int_equal(samples_decode(&cur, &copy, NULL), 0);
            assert_int_equal(cursor_left(&cur), 0);
            assert_int_equal(copy.count, counts[k]);
            memset(t_out, 0, sizeof(t_out));
            assert_int_equal(samples_unpack(&copy, out, t_out, NULL), 0);
            for (size_t i = 0; i < counts[k]; i++) {
                assert_memory_equal(&in[i], &out[i], sizeof(double));
                assert_true(t_out[i] == (timed ? t_in[i] : SAMPLES_PAD_T_NS));
            }
            sample_block_free(&block);
            sample_block_free(&copy);
            buf_free(&bytes);
        }
    }
}

/* HDF5 takes the chunks as they are: shuffled bytes of a whole chunk. */
static void chunks_of_long_blocks_are_whole(void **state)
{
    static double in[20000];
    static int64_t t_in[20000];
    static uint8_t plain[SAMPLES_CHUNK * 8];
    struct sample_block block;

    (void)state;
    fill(in, t_in, 20000);
    assert_int_equal(samples_pack(0, in, t_in, 20000, &block, NULL), 0);
    assert_true(samples_whole_chunks(&block));
    assert_int_equal(samples_chunks(&block), 3);
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *data;
        uLongf len = sizeof(plain);
        size_t packed;
        uint8_t first[8];
        double value;

        assert_int_equal(samples_chunk(&block, false, i, &data, &packed, NULL),
                         0);
        assert_int_equal(uncompress(plain, &len, data, packed), 0);
        assert_int_equal(len, sizeof(plain));
        for (size_t b = 0; b < 8; b++) /* byte b of element 0 */
            first[b] = plain[b * SAMPLES_CHUNK];
        memcpy(&value, first, 8);
        assert_memory_equal(&value, &in[i * SAMPLES_CHUNK], 8);
    }
    sample_block_free(&block);
}

static void make(struct result *result)
{
    static double in[9000];
    static int64_t t_in[9000];
    struct power_row row;
    struct sample_block block;

    fill(in, t_in, 9000);
    result_init(result);
    result->attempt.cell = 17;
    result->attempt.attempt = 2;
    result->attempt.lat_sys_s = 0.0125;
    column_text_set(&result->attempt.board, "b\xc3\xa9");
    columns_clear(&columns_power_runs, &row);
    row.power_full_w = 12.5;
    assert_true(VEC_PUSH(&result->power, row));
    assert_true(VEC_PUSH(&result->power, row));
    assert_int_equal(
        samples_pack(CHANNEL_LAT_SYS, in, NULL, 9000, &block, NULL), 0);
    assert_true(VEC_PUSH(&result->samples, block));
    assert_int_equal(
        samples_pack(CHANNEL_POWER + 1, in, t_in, 77, &block, NULL), 0);
    assert_true(VEC_PUSH(&result->samples, block));
    assert_int_equal(
        result_add_raw(result, "job", "stdout", "hello", 5, 500, NULL), 0);
    assert_int_equal(result_add_raw(result, "job", "stderr", NULL, 0, 0, NULL),
                     0);
}

static void a_result_is_what_was_encoded(void **state)
{
    struct result_layouts layouts;
    struct result in, out;
    struct buf bytes = { 0 }, again = { 0 };
    struct cursor cur;
    struct err err = { 0 };

    (void)state;
    make(&in);
    assert_int_equal(result_layouts_own(&layouts, NULL), 0);
    assert_int_equal(result_encode(&in, &bytes, &err), 0);
    cur = cursor_of(bytes.data, bytes.len);
    if (result_decode(&layouts, &cur, &out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(cursor_left(&cur), 0);
    assert_int_equal(out.attempt.cell, 17);
    assert_string_equal(out.attempt.board.s, "b\xc3\xa9");
    assert_true(isnan(out.attempt.fps_sys));
    assert_int_equal(out.power.len, 2);
    assert_string_equal(out.raw.at[0].text, "hello");
    assert_int_equal(out.raw.at[0].full_len, 500);
    assert_int_equal(result_encode(&out, &again, &err), 0);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.data, bytes.data, bytes.len);
    result_free(&in);
    result_free(&out);
    buf_free(&bytes);
    buf_free(&again);
    result_layouts_free(&layouts);
}

static void a_result_cut_anywhere_is_refused(void **state)
{
    struct result_layouts layouts;
    struct result in, out;
    struct buf bytes = { 0 };

    (void)state;
    make(&in);
    assert_int_equal(result_layouts_own(&layouts, NULL), 0);
    assert_int_equal(result_encode(&in, &bytes, NULL), 0);
    for (size_t len = 0; len < bytes.len; len++) {
        struct cursor cur = cursor_of(bytes.data, len);

        assert_int_equal(result_decode(&layouts, &cur, &out, NULL), ERR_FORMAT);
    }
    result_free(&in);
    buf_free(&bytes);
    result_layouts_free(&layouts);
}

static void channels_are_checked(void **state)
{
    static const uint8_t channels[][2] = {
        { 0, 0 }, { 2, 0 }, { 18, 0 }, { 255, 0 }
    };
    const double value = 1;

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(channels); k++) {
        struct result result;
        struct buf bytes = { 0 };

        result_init(&result);
        for (size_t i = 0; i < 2; i++) {
            struct sample_block block;

            assert_int_equal(
                samples_pack(channels[k][i], &value, NULL, 1, &block, NULL), 0);
            assert_true(VEC_PUSH(&result.samples, block));
        }
        assert_int_equal(result_encode(&result, &bytes, NULL), ERR_USAGE);
        result_free(&result);
        buf_free(&bytes);
    }
}

/* Lengths that claim more than deflate can hold in so few bytes. */
static void absurd_lengths_cost_no_memory(void **state)
{
    struct buf bytes = { 0 };
    struct sample_block block;
    struct cursor cur;

    (void)state;
    buf_put_u8(&bytes, 0);
    buf_put_u8(&bytes, SAMPLE_F64);
    buf_put_u32(&bytes, SAMPLES_MAX);
    buf_put_u32(&bytes, 12);
    buf_put_block(&bytes, "12345678", 8);
    cur = cursor_of(bytes.data, bytes.len);
    assert_int_equal(samples_decode(&cur, &block, NULL), ERR_FORMAT);
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_unpack_to_what_was_packed),
        cmocka_unit_test(chunks_of_long_blocks_are_whole),
        cmocka_unit_test(a_result_is_what_was_encoded),
        cmocka_unit_test(a_result_cut_anywhere_is_refused),
        cmocka_unit_test(channels_are_checked),
        cmocka_unit_test(absurd_lengths_cost_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
