/* test_power_stream.c - the sampler's bytes, whole, in pieces, and hostile */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/vec.h"
#include "workers/meter/power_stream.h"

struct kept {
    struct power_record at[16];
    size_t len;
};

static void keep(void *ctx, const struct power_record *record)
{
    struct kept *kept = ctx;

    assert_true(kept->len < 16);
    kept->at[kept->len++] = *record;
}

static void put_head(struct buf *out, const char *magic, uint32_t version,
                     uint32_t sources)
{
    buf_put(out, magic, 4);
    buf_put_u32(out, version);
    buf_put_u32(out, sources);
    buf_put_u32(out, 0);
}

static void put_record(struct buf *out, int64_t mono, int64_t unix_ns,
                       uint32_t flags, uint32_t valid, double a, double b)
{
    buf_put_i64(out, mono);
    buf_put_i64(out, unix_ns);
    buf_put_u32(out, flags);
    buf_put_u32(out, valid);
    buf_put_f64(out, a);
    buf_put_f64(out, b);
}

static void records_arrive_in_pieces_of_any_size(void **state)
{
    struct buf bytes = { 0 };

    (void)state;
    put_head(&bytes, "LSPW", 1, 2);
    put_record(&bytes, 100, 1000, 0, 3, 1.5, 2.5);
    put_record(&bytes, 200, 1100, 1, 1, 1.25, 9);
    put_record(&bytes, 200, 1100, 0, 3, INFINITY, 2);
    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct power_stream stream = { .sources = 2 };
        struct kept kept = { 0 };

        for (size_t at = 0; at < bytes.len; at += piece) {
            size_t n = bytes.len - at < piece ? bytes.len - at : piece;

            assert_int_equal(power_stream_take(&stream, bytes.data + at, n,
                                               keep, &kept, NULL),
                             0);
        }
        assert_int_equal(kept.len, 3);
        assert_true(kept.at[0].values[0] == 1.5 && kept.at[0].values[1] == 2.5);
        assert_false(kept.at[0].late);
        assert_int_equal(kept.at[0].unix_ns, 1000);
        assert_true(kept.at[1].late);
        assert_true(isnan(kept.at[1].values[1])); /* was not read: no 9 W */
        assert_true(isnan(kept.at[2].values[0]));
        power_stream_free(&stream);
    }
    buf_free(&bytes);
}

static const struct {
    const char *what, *magic, *text;
    uint32_t version, sources;
    int64_t mono, unix_ns;
} broken[] = {
    { "text instead of a stream", "{\"er", "does not start with", 1, 2, 1, 1 },
    { "a later version", "LSPW", "version", 2, 2, 1, 1 },
    { "other sources", "LSPW", "another number of sources", 1, 3, 1, 1 },
    { "no sources", "LSPW", "another number of sources", 1, 0, 1, 1 },
    { "very many sources", "LSPW", "another number of sources", 1, UINT32_MAX,
      1, 1 },
    { "time before the start of time", "LSPW", "before 1970", 1, 2, 5, -1 },
    { "a negative clock", "LSPW", "backwards", 1, 2, -5, 1 },
};

static void another_form_is_refused_for_ever(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct power_stream stream = { .sources = 2 };
        struct buf bytes = { 0 };
        struct kept kept = { 0 };
        struct err err = { 0 };

        put_head(&bytes, broken[i].magic, broken[i].version, broken[i].sources);
        put_record(&bytes, broken[i].mono, broken[i].unix_ns, 0, 3, 1, 2);
        if (power_stream_take(&stream, bytes.data, bytes.len, keep, &kept,
                              &err) != ERR_FORMAT ||
            !strstr(err.text, broken[i].text))
            fail_msg("%s: got '%s'", broken[i].what, err.text);
        assert_int_equal(kept.len, 0);
        assert_int_equal(power_stream_take(&stream, bytes.data, bytes.len, keep,
                                           &kept, &err),
                         ERR_FORMAT);
        power_stream_free(&stream);
        buf_free(&bytes);
    }
}

static void time_that_runs_backwards_ends_it(void **state)
{
    struct power_stream stream = { .sources = 2 };
    struct buf bytes = { 0 };
    struct kept kept = { 0 };

    (void)state;
    put_head(&bytes, "LSPW", 1, 2);
    put_record(&bytes, 100, 1000, 0, 3, 1, 2);
    put_record(&bytes, 99, 1000, 0, 3, 1, 2);
    assert_int_equal(
        power_stream_take(&stream, bytes.data, bytes.len, keep, &kept, NULL),
        ERR_FORMAT);
    assert_int_equal(kept.len, 1);
    power_stream_free(&stream);
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_arrive_in_pieces_of_any_size),
        cmocka_unit_test(another_form_is_refused_for_ever),
        cmocka_unit_test(time_that_runs_backwards_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
