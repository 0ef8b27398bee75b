/* test_op_point.c - values, canonical text, ids, packed tables */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/hash.h"
#include "core/vec.h"
#include "experiments/op_point.h"
#include "experiments/op_table.h"
#include "experiments/precision.h"

static size_t fixed_axes(struct axis axes[AXES_MAX])
{
    size_t len = 0;

    for (; axis_fixed(len); len++)
        axes[len] = *axis_fixed(len);
    return len;
}

static void set(struct op_point *point, size_t axis, const char *text)
{
    assert_int_equal(
        axis_parse_value(axis_fixed(axis), text, &point->at[axis], NULL), 0);
}

static void every_fixed_axis_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < AXIS_FIXED; i++) {
        const struct axis *axis = axis_fixed(i);

        assert_non_null(axis);
        assert_true(*axis->name && *axis->help);
        assert_false(axis->declared);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(axis_fixed(k)->name, axis->name);
    }
    assert_null(axis_fixed(AXIS_FIXED));
    assert_string_equal(axis_fixed(AXIS_ID_board)->name, "board");
}

static const struct {
    double value;
    const char *text;
} numbers[] = {
    { 12.5, "12.5" },  { 100, "100" },
    { 0.1, "0.1" },    { 1.0 / 3, "0.3333333333333333" },
    { 1e30, "1e+30" }, { 5e-324, "5e-324" },
    { -2.5, "-2.5" },  { 123456789, "123456789" },
};

static void numbers_are_written_in_their_shortest_form(void **state)
{
    struct axis axis = {
        .name = "x", .unit = "", .help = "", .type = AXIS_F64, .declared = true
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct op_value value = { .there = true, .f64 = numbers[i].value };
        struct op_value back;
        struct buf out = { 0 };

        axis_put_value(&axis, &value, &out);
        assert_string_equal(buf_text(&out), numbers[i].text);
        assert_int_equal(axis_parse_value(&axis, buf_text(&out), &back, NULL),
                         0);
        assert_true(back.f64 == numbers[i].value);
        buf_free(&out);
    }
}

static const struct {
    const char *word;
    int rc, weight_bits, activation_bits;
    bool is_float;
} precisions[] = {
    { "INT2", 0, 2, 2, false },           { "INT16", 0, 16, 16, false },
    { "FP16", 0, 16, 16, true },          { "BF16", 0, 16, 16, true },
    { "FP32", 0, 32, 32, true },          { "W2A4", 0, 2, 4, false },
    { "W16A1", 0, 16, 1, false },         { "W17A1", ERR_FORMAT, 0, 0, false },
    { "W2A", ERR_FORMAT, 0, 0, false },   { "W2A4x", ERR_FORMAT, 0, 0, false },
    { "W02A4", ERR_FORMAT, 0, 0, false }, { "int8", ERR_FORMAT, 0, 0, false },
    { "", ERR_FORMAT, 0, 0, false },
};

static void precision_words_give_their_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(precisions); i++) {
        struct precision p = { 0 };
        int rc = precision_parse(precisions[i].word, &p, NULL);

        if (rc != precisions[i].rc ||
            p.weight_bits != precisions[i].weight_bits ||
            p.activation_bits != precisions[i].activation_bits ||
            p.is_float != precisions[i].is_float)
            fail_msg("'%s': rc %d, W%dA%d", precisions[i].word, rc,
                     p.weight_bits, p.activation_bits);
    }
}

static void near_misses_of_a_precision_are_named(void **state)
{
    struct precision p;
    struct err err;

    (void)state;
    assert_int_equal(precision_parse("FP61", &p, &err), ERR_FORMAT);
    assert_non_null(strstr(err.text, "did you mean 'FP16'"));
}

static void an_id_is_the_hash_of_its_canonical_text(void **state)
{
    static const char canonical[] = "batch=8\nplatform=TX2\n"
                                    "precision=FP16\n"
                                    "pruning_factor_pct=12.5\n";
    struct axis axes[AXES_MAX];
    size_t len = fixed_axes(axes);
    struct op_point point = { 0 };
    struct buf out = { 0 };

    (void)state;
    set(&point, AXIS_ID_platform, "TX2");
    set(&point, AXIS_ID_precision, "FP16");
    set(&point, AXIS_ID_pruning_factor_pct, "12.50");
    set(&point, AXIS_ID_batch, "8");
    set(&point, AXIS_ID_threads, "1"); /* the default: not part of it */
    op_point_canonical(axes, len, &point, &out);
    assert_string_equal(buf_text(&out), canonical);
    assert_true(op_point_id(axes, len, &point) ==
                hash_u64(canonical, strlen(canonical)));
    buf_clear(&out);
    op_point_label(axes, len, &point, &out);
    assert_string_equal(buf_text(&out), "TX2 FP16 12.5 % batch 8");
    buf_free(&out);
}

static void a_new_axis_keeps_old_ids(void **state)
{
    struct axis axes[AXES_MAX], more[AXES_MAX];
    size_t len = fixed_axes(axes);
    struct op_point point = { 0 }, wider = { 0 };

    (void)state;
    set(&point, AXIS_ID_platform, "NCS");
    set(&point, AXIS_ID_repeat, "3");
    for (size_t i = 0; i < len; i++) {
        more[len - i] = axes[i]; /* another order, too */
        wider.at[len - i] = point.at[i];
    }
    more[0] = (struct axis){ .name = "aclock",
                             .unit = "MHz",
                             .help = "",
                             .type = AXIS_F64,
                             .declared = true };
    assert_true(op_point_id(axes, len, &point) ==
                op_point_id(more, len + 1, &wider));
    wider.at[0] = (struct op_value){ .there = true, .f64 = 200 };
    assert_false(op_point_id(axes, len, &point) ==
                 op_point_id(more, len + 1, &wider));
}

static const struct {
    const char *hex;
    int rc;
    uint64_t id;
} ids[] = {
    { "0000000000000001", 0, 1 },
    { "ffffffffffffffff", 0, UINT64_MAX },
    { "00FF00ff00000000", 0, UINT64_C(0x00ff00ff00000000) },
    { "1", ERR_FORMAT, 0 },
    { "00000000000000001", ERR_FORMAT, 0 },
    { "000000000000000g", ERR_FORMAT, 0 },
    { "", ERR_FORMAT, 0 },
};

static void ids_go_to_hex_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        char hex[OP_POINT_ID_HEX];
        uint64_t id = 0, again;
        int rc = op_point_id_parse(ids[i].hex, &id, NULL);

        if (rc != ids[i].rc || id != ids[i].id)
            fail_msg("'%s': %d", ids[i].hex, rc);
        if (rc)
            continue;
        op_point_id_format(id, hex);
        assert_int_equal(op_point_id_parse(hex, &again, NULL), 0);
        assert_true(again == id);
    }
}

/* A table of 1000 points with open axes, many batches, two precisions. */
static struct op_table *sample_table(void)
{
    static const char *const precisions_of[] = { "INT8", "FP16" };
    struct axis axes[AXES_MAX];
    size_t len = fixed_axes(axes);
    struct op_table *table = op_table_create(axes, len);

    assert_non_null(table);
    for (size_t row = 0; row < 1000; row++) {
        uint32_t indexes[AXES_MAX];
        struct op_point point = { 0 };

        set(&point, AXIS_ID_platform, "CPU");
        if (row % 3)
            set(&point, AXIS_ID_precision, precisions_of[row % 2]);
        point.at[AXIS_ID_batch] =
            (struct op_value){ .there = true, .i64 = (int64_t)(row % 400) + 1 };
        for (size_t i = 0; i < len; i++)
            assert_int_equal(
                op_table_intern(table, i, &point.at[i], &indexes[i], NULL), 0);
        assert_int_equal(op_table_append(table, indexes, NULL), 0);
        assert_true(op_table_id(table, indexes) ==
                    op_point_id(axes, len, &point));
    }
    assert_int_equal(op_table_values(table, AXIS_ID_batch), 400);
    return table;
}

static void a_table_survives_its_bytes(void **state)
{
    struct op_table *table = sample_table(), *back = NULL;
    struct buf bytes = { 0 };
    struct cursor cur;

    (void)state;
    assert_int_equal(op_table_encode(table, &bytes, NULL), 0);
    cur = cursor_of(bytes.data, bytes.len);
    assert_int_equal(op_table_decode(&cur, &back, NULL), 0);
    assert_int_equal(cursor_left(&cur), 0);
    assert_int_equal(op_table_rows(back), 1000);
    for (size_t row = 0; row < 1000; row++) {
        struct op_point a, b;

        op_table_point(table, row, &a);
        op_table_point(back, row, &b);
        for (size_t i = 0; i < op_table_axes(table); i++)
            assert_true(
                axis_same_value(op_table_axis(table, i), &a.at[i], &b.at[i]));
    }
    op_table_destroy(table);
    op_table_destroy(back);
    buf_free(&bytes);
}

static void cut_table_bytes_are_refused(void **state)
{
    struct op_table *table = sample_table();
    struct buf bytes = { 0 };

    (void)state;
    assert_int_equal(op_table_encode(table, &bytes, NULL), 0);
    for (size_t len = 0; len < bytes.len; len += 7) {
        struct op_table *back = NULL;
        struct cursor cur = cursor_of(bytes.data, len);

        assert_int_equal(op_table_decode(&cur, &back, NULL), ERR_FORMAT);
        assert_null(back);
    }
    op_table_destroy(table);
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixed_axis_row_is_whole),
        cmocka_unit_test(numbers_are_written_in_their_shortest_form),
        cmocka_unit_test(precision_words_give_their_bits),
        cmocka_unit_test(near_misses_of_a_precision_are_named),
        cmocka_unit_test(an_id_is_the_hash_of_its_canonical_text),
        cmocka_unit_test(a_new_axis_keeps_old_ids),
        cmocka_unit_test(ids_go_to_hex_and_back),
        cmocka_unit_test(a_table_survives_its_bytes),
        cmocka_unit_test(cut_table_bytes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
