/* test_wire.c - frames and payloads come back as they went, or not at all */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/vec.h"
#include "orchestrator/wire/wire.h"

/* clang-format off */
static const struct {
    const char *what; uint8_t bytes[WIRE_HEAD]; size_t len; int rc;
} heads[] = {
    { "a whole head",     { 'L', 'S', WIRE_VERSION, WIRE_BEAT }, WIRE_HEAD, 0 },
    { "one byte short",   { 'L', 'S', WIRE_VERSION, WIRE_BEAT }, WIRE_HEAD - 1, ERR_FORMAT },
    { "nothing",          { 0 }, 0, ERR_FORMAT },
    { "another magic",    { 'X', 'S', WIRE_VERSION, WIRE_BEAT }, WIRE_HEAD, ERR_FORMAT },
    { "a later version",  { 'L', 'S', WIRE_VERSION + 1, WIRE_BEAT }, WIRE_HEAD, ERR_FORMAT },
    { "type 0",           { 'L', 'S', WIRE_VERSION, 0 }, WIRE_HEAD, ERR_FORMAT },
    { "an unknown type",  { 'L', 'S', WIRE_VERSION, WIRE_LANE + 1 }, WIRE_HEAD, ERR_FORMAT },
    { "4 GB of payload",  { 'L', 'S', WIRE_VERSION, WIRE_LANE, 255, 255, 255, 255 }, WIRE_HEAD, ERR_FORMAT },
};
/* clang-format on */

static void a_head_decodes_only_its_own_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct wire_head head;
        int rc = wire_head_decode(heads[i].bytes, heads[i].len, &head, NULL);

        if (rc != heads[i].rc)
            fail_msg("%s: got %d, want %d", heads[i].what, rc, heads[i].rc);
    }
}

static void a_frame_carries_type_sequence_and_length(void **state)
{
    struct buf frame = { 0 };
    struct wire_head head;

    (void)state;
    wire_frame(WIRE_RUN, 1234567890123, "abc", 3, &frame);
    assert_int_equal(frame.len, WIRE_HEAD + 3);
    assert_int_equal(wire_head_decode(frame.data, frame.len, &head, NULL), 0);
    assert_int_equal(head.type, WIRE_RUN);
    assert_int_equal(head.sequence, 1234567890123);
    assert_int_equal(head.len, 3);
    assert_memory_equal(frame.data + WIRE_HEAD, "abc", 3);
    buf_free(&frame);
}

static struct wire_run sample_run(void)
{
    struct wire_run run = { .board = 7, .attempt = 3, .cell = 99, .axes = 3 };

    strcpy(run.fingerprint, "0123456789abcdef");
    run.point.at[0] = (struct op_value){ .there = true, .text = "MLP" };
    run.point.at[2] = (struct op_value){ .there = true, .f64 = 12.5 };
    return run;
}

static void a_run_comes_back_as_it_went(void **state)
{
    struct wire_run run = sample_run(), back;
    struct buf bytes = { 0 };

    (void)state;
    wire_run_encode(&run, &bytes);
    assert_int_equal(wire_run_decode(bytes.data, bytes.len, &back, NULL), 0);
    assert_int_equal(back.board, 7);
    assert_int_equal(back.attempt, 3);
    assert_int_equal(back.cell, 99);
    assert_int_equal(back.axes, 3);
    assert_string_equal(back.fingerprint, run.fingerprint);
    assert_string_equal(back.point.at[0].text, "MLP");
    assert_false(back.point.at[1].there);
    assert_true(back.point.at[2].there && back.point.at[2].f64 > 12.4);
    buf_free(&bytes);
}

static void a_report_comes_back_as_it_went(void **state)
{
    struct wire_lane lane = { .board = 2,
                              .kind = 2,
                              .status = 3,
                              .transport_failed = true,
                              .attempt = 4,
                              .cell = 5,
                              .duration_s = 1.5,
                              .text = "cable pulled",
                              .mode = "maxn",
                              .payload = (const uint8_t *)"\0\1\2",
                              .payload_len = 3 };
    struct wire_lane back;
    struct buf bytes = { 0 };

    (void)state;
    wire_lane_encode(&lane, &bytes);
    assert_int_equal(wire_lane_decode(bytes.data, bytes.len, &back, NULL), 0);
    assert_true(back.transport_failed);
    assert_int_equal(back.cell, 5);
    assert_string_equal(back.text, "cable pulled");
    assert_string_equal(back.mode, "maxn");
    assert_int_equal(back.payload_len, 3);
    assert_memory_equal(back.payload, "\0\1\2", 3);
    buf_free(&bytes);
}

static void payloads_cut_anywhere_are_refused(void **state)
{
    struct wire_run run = sample_run();
    struct wire_lane lane = { .text = "x", .mode = "y" };
    struct wire_hello hello = { "host/1", "0.1.0", "lab-a" };
    struct buf a = { 0 }, b = { 0 }, c = { 0 };

    (void)state;
    wire_run_encode(&run, &a);
    wire_lane_encode(&lane, &b);
    wire_hello_encode(&hello, &c);
    for (size_t i = 0; i < a.len; i++)
        assert_int_equal(wire_run_decode(a.data, i, &run, NULL), ERR_FORMAT);
    for (size_t i = 0; i < b.len; i++)
        assert_int_equal(wire_lane_decode(b.data, i, &lane, NULL), ERR_FORMAT);
    for (size_t i = 0; i < c.len; i++)
        assert_int_equal(wire_hello_decode(c.data, i, &hello, NULL),
                         ERR_FORMAT);
    buf_put_u8(&a, 0);
    assert_int_equal(wire_run_decode(a.data, a.len, &run, NULL), ERR_FORMAT);
    buf_free(&a);
    buf_free(&b);
    buf_free(&c);
}

static void more_axes_than_there_can_be_are_refused(void **state)
{
    struct wire_run run = sample_run();
    struct buf bytes = { 0 };
    struct err err;

    (void)state;
    run.axes = 0;
    wire_run_encode(&run, &bytes);
    bytes.data[bytes.len - 4] = AXES_MAX + 1;
    assert_int_equal(wire_run_decode(bytes.data, bytes.len, &run, &err),
                     ERR_FORMAT);
    assert_non_null(strstr(err.text, "axes"));
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_decodes_only_its_own_form),
        cmocka_unit_test(a_frame_carries_type_sequence_and_length),
        cmocka_unit_test(a_run_comes_back_as_it_went),
        cmocka_unit_test(a_report_comes_back_as_it_went),
        cmocka_unit_test(payloads_cut_anywhere_are_refused),
        cmocka_unit_test(more_axes_than_there_can_be_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
