/* test_record.c - rows survive other versions of the column list */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/vec.h"
#include "hdf5_schema/record.h"

/* A row with every field set to something of its type. */
static void row_fill(const struct column_table *table, void *row)
{
    columns_clear(table, row);
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];

        if (column->type == COLUMN_F64)
            columns_set_f64(column, row, (double)i / 3);
        else if (column->type == COLUMN_TEXT)
            columns_set_text(column, row, column->name);
        else
            columns_set_i64(column, row, (int64_t)i);
    }
}

static void layout_of(const char *json, struct record_layout **layout)
{
    struct json_doc *doc;
    struct json root;
    struct err err = { 0 };

    assert_int_equal(json_doc_parse(json, strlen(json), "list", &doc, &err), 0);
    root = json_root(doc);
    if (record_layout_from_json(&root, &columns_attempts, layout, &err))
        fail_msg("%s", err.text);
    json_doc_destroy(doc);
}

static void a_row_is_what_was_encoded(void **state)
{
    const struct column_table *tables[] = { &columns_attempts,
                                            &columns_power_runs,
                                            &columns_cells };

    (void)state;
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        _Alignas(8) uint8_t in[sizeof(struct attempt_row)];
        _Alignas(8) uint8_t out[sizeof(struct attempt_row)];
        struct record_layout *layout;
        struct buf bytes = { 0 };

        assert_true(tables[t]->row_bytes <= sizeof(in));
        for (int empty = 0; empty < 2; empty++) {
            struct cursor cur;

            if (empty)
                columns_clear(tables[t], in);
            else
                row_fill(tables[t], in);
            buf_clear(&bytes);
            record_encode(tables[t], in, &bytes);
            assert_int_equal(record_layout_own(tables[t], &layout, NULL), 0);
            cur = cursor_of(bytes.data, bytes.len);
            assert_int_equal(record_decode(layout, &cur, out, NULL), 0);
            assert_int_equal(cursor_left(&cur), 0);
            for (size_t i = 0; i < tables[t]->count; i++) {
                const struct column *c = &tables[t]->columns[i];

                assert_int_equal(columns_missing(c, out), empty);
                if (c->type == COLUMN_TEXT)
                    assert_string_equal(columns_text(c, out),
                                        empty ? "" : c->name);
            }
            record_layout_destroy(layout);
        }
        buf_free(&bytes);
    }
}

/* What a later version wrote that we do not know is passed over; what we
 * know and an older one did not is missing. */
static void unknown_columns_are_skipped_absent_ones_missing(void **state)
{
    struct record_layout *layout;
    struct attempt_row row;
    struct buf bytes = { 0 };
    struct cursor cur;

    (void)state;
    layout_of("[{\"name\":\"future_w\",\"type\":\"f64\",\"unit\":\"W\"},"
              "{\"name\":\"cell\",\"type\":\"i64\",\"unit\":\"\"},"
              "{\"name\":\"future_name\",\"type\":\"text\",\"unit\":\"\"},"
              "{\"name\":\"board\",\"type\":\"text\",\"unit\":\"\"}]",
              &layout);
    assert_int_equal(record_layout_unknown(layout), 2);
    buf_put_u8(&bytes, 15);
    buf_put_f64(&bytes, 3.5);
    buf_put_i64(&bytes, 42);
    buf_put_u16(&bytes, 3);
    buf_put(&bytes, "xyz", 3);
    buf_put_u16(&bytes, 2);
    buf_put(&bytes, "b7", 2);
    cur = cursor_of(bytes.data, bytes.len);
    assert_int_equal(record_decode(layout, &cur, &row, NULL), 0);
    assert_int_equal(row.cell, 42);
    assert_string_equal(row.board.s, "b7");
    assert_true(isnan(row.fps_sys));
    assert_int_equal(row.attempt, COLUMN_I64_MISSING);
    record_layout_destroy(layout);
    buf_free(&bytes);
}

static void a_column_that_changed_its_type_is_refused(void **state)
{
    const char *json = "[{\"name\":\"cell\",\"type\":\"f64\",\"unit\":\"\"}]";
    struct record_layout *layout;
    struct json_doc *doc;
    struct json root;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(json_doc_parse(json, strlen(json), "list", &doc, NULL), 0);
    root = json_root(doc);
    assert_int_equal(
        record_layout_from_json(&root, &columns_attempts, &layout, &err),
        ERR_FORMAT);
    assert_non_null(strstr(err.text, "cell"));
    json_doc_destroy(doc);
}

static void a_row_cut_anywhere_is_refused(void **state)
{
    struct record_layout *layout;
    struct attempt_row in, out;
    struct buf bytes = { 0 };

    (void)state;
    row_fill(&columns_attempts, &in);
    record_encode(&columns_attempts, &in, &bytes);
    assert_int_equal(record_layout_own(&columns_attempts, &layout, NULL), 0);
    for (size_t len = 0; len < bytes.len; len++) {
        struct cursor cur = cursor_of(bytes.data, len);

        assert_int_equal(record_decode(layout, &cur, &out, NULL), ERR_FORMAT);
    }
    record_layout_destroy(layout);
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_what_was_encoded),
        cmocka_unit_test(unknown_columns_are_skipped_absent_ones_missing),
        cmocka_unit_test(a_column_that_changed_its_type_is_refused),
        cmocka_unit_test(a_row_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
