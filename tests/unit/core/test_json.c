/* test_json.c - getters name the place, hostile text is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"
#include "core/vec.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc = NULL;
    struct err err = { 0 };

    if (json_doc_parse(text, strlen(text), "f.json", &doc, &err))
        fail_msg("%s", err.text);
    return doc;
}

/* clang-format off */
static const struct {
    const char *what, *text, *error;
} broken[] = {
    { "nothing", "", "f.json:1:1: not valid JSON" },
    { "a stray comma", "{\"a\": 1,}", "f.json:1:9: not valid JSON" },
    { "an error on line 3", "{\n\"a\": 1,\n\"b\" 2}", "f.json:3:5: not valid JSON" },
    { "two values", "{} {}", "f.json:1:4: not valid JSON" },
    { "an open string", "\"abc", "not valid JSON" },
    { "a NaN", "[NaN]", "not valid JSON" },
};
/* clang-format on */

static void broken_text_is_refused_with_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct json_doc *doc;
        struct err err = { 0 };
        int rc = json_doc_parse(broken[i].text, strlen(broken[i].text),
                                "f.json", &doc, &err);

        if (rc != ERR_FORMAT || !strstr(err.text, broken[i].error))
            fail_msg("%s: %d, '%s'", broken[i].what, rc, err.text);
    }
}

static void deep_nesting_is_refused(void **state)
{
    struct buf text = { 0 };
    struct json_doc *doc;

    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_put_u8(&text, '[');
    assert_int_equal(json_doc_parse(text.data, text.len, "f.json", &doc, NULL),
                     ERR_FORMAT);
    buf_free(&text);
}

static void brackets_in_strings_do_not_nest(void **state)
{
    struct buf text = { 0 };
    struct json_doc *doc;

    (void)state;
    buf_put_u8(&text, '"');
    for (int i = 0; i < 1000; i++)
        buf_put(&text, "[\\\"{", 4);
    buf_put_u8(&text, '"');
    assert_int_equal(json_doc_parse(text.data, text.len, "f.json", &doc, NULL),
                     0);
    json_doc_destroy(doc);
    buf_free(&text);
}

static void errors_name_file_path_and_what_was_found(void **state)
{
    struct json_doc *doc =
        parse("{\"boards\": [{\"port\": 22}, {\"port\": \"x\"}]}");
    struct json root = json_root(doc), boards = json_get(&root, "boards");
    struct json first = json_first(&boards);
    struct json second = json_next(&boards, &first, 1);
    struct json port = json_get(&second, "port");
    struct err err;
    int64_t value = 0;

    (void)state;
    assert_int_equal(json_i64(&port, 1, 65535, &value, &err), ERR_FORMAT);
    assert_string_equal(err.text, "f.json: boards[1].port: found \"x\", "
                                  "expected a whole number from 1 to 65535");
    port = json_get(&first, "port");
    assert_int_equal(json_i64(&port, 1, 65535, &value, NULL), 0);
    assert_int_equal(value, 22);
    assert_int_equal(json_i64(&port, 1, 21, &value, &err), ERR_FORMAT);
    json_doc_destroy(doc);
}

static void unknown_and_double_keys_are_errors(void **state)
{
    static const char *const keys[] = { "precision", "batch", NULL };
    struct json_doc *doc = parse("{\"presicion\": 1}");
    struct json root = json_root(doc);
    struct err err;

    (void)state;
    assert_int_equal(json_check_keys(&root, keys, &err), ERR_FORMAT);
    assert_string_equal(err.text, "f.json: presicion: unknown key, did you "
                                  "mean 'precision'?");
    json_doc_destroy(doc);
    doc = parse("{\"batch\": 1, \"batch\": 2}");
    root = json_root(doc);
    assert_int_equal(json_check_keys(&root, keys, &err), ERR_FORMAT);
    assert_non_null(strstr(err.text, "twice"));
    json_doc_destroy(doc);
}

static void quantities_need_a_unit(void **state)
{
    struct json_doc *doc = parse("[\"100 ms\", 100, \"100\", \"5 W\"]");
    struct json root = json_root(doc), at = json_first(&root);
    double value;

    (void)state;
    assert_int_equal(json_quantity(&at, "s", &value, NULL), 0);
    assert_true(fabs(value - 0.1) < 1e-15);
    for (size_t i = 1; i < 4; i++) {
        at = json_next(&root, &at, i);
        assert_int_equal(json_quantity(&at, "s", &value, NULL), ERR_FORMAT);
    }
    json_doc_destroy(doc);
}

static void what_is_written_can_be_read(void **state)
{
    struct json_value *value = json_new_object(), *list = json_new_array();
    struct buf text = { 0 };

    (void)state;
    json_set_string(value, "s", "a\"b\n");
    json_set_f64(value, "third", 1.0 / 3);
    json_set_f64(value, "nan", (double)NAN);
    json_set_i64(value, "big", INT64_MAX);
    json_push_f64(list, 0.1);
    json_set(value, "list", list);
    assert_int_equal(json_print(value, false, &text, NULL), 0);
    assert_string_equal(buf_text(&text),
                        "{\"s\":\"a\\\"b\\n\",\"third\":0.33333333333333331,"
                        "\"nan\":null,\"big\":9223372036854775807,"
                        "\"list\":[0.1]}");
    json_value_destroy(value);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_text_is_refused_with_line_and_column),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(brackets_in_strings_do_not_nest),
        cmocka_unit_test(errors_name_file_path_and_what_was_found),
        cmocka_unit_test(unknown_and_double_keys_are_errors),
        cmocka_unit_test(quantities_need_a_unit),
        cmocka_unit_test(what_is_written_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
