/* test_form.c - Python dictionaries, JSON lines and tables as JSON; ranks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "core/vec.h"
#include "workers/collect/expr_rank.h"
#include "workers/collect/form.h"
#include "workers/collect/literal.h"

#define PYTHON ADAPTER_FORM_PYTHON
#define LINES  ADAPTER_FORM_LINES
#define TABLE  ADAPTER_FORM_TABLE

static const struct {
    const char *what;
    enum adapter_form form;
    bool array;
    const char *text, *json; /* NULL: refused */
    const char *words;
} cases[] = {
    { "a dictionary", PYTHON, false, "{'a': 1, \"b\": 'x'}\n",
      "{\"a\":1,\"b\":\"x\"}", NULL },
    { "the last of two", PYTHON, false, "{'a': 1}\nlog\n{'a': 2}\n",
      "{\"a\":2}", NULL },
    { "all of them", PYTHON, true, "{'a': 1}\nlog\n  {'a': 2}",
      "[{\"a\":1},{\"a\":2}]", NULL },
    { "over several lines, with a last comma", PYTHON, false,
      "{'a': [1,\n   2,],\n 'b': (3, 4),\n}\n", "{\"a\":[1,2],\"b\":[3,4]}",
      NULL },
    { "NumPy's scalars and arrays", PYTHON, false,
      "{'a': np.float64(1.5), 'b': array([1, 2], dtype=float32)}",
      "{\"a\":1.5,\"b\":[1,2]}", NULL },
    { "True, False, None", PYTHON, false, "{'a': True, 'b': False, 'c': None}",
      "{\"a\":true,\"b\":false,\"c\":null}", NULL },
    { "nan and inf are no readings", PYTHON, false,
      "{'a': nan, 'b': -inf, 'c': np.float64(nan)}",
      "{\"a\":null,\"b\":null,\"c\":null}", NULL },
    { "numbers as Python writes them", PYTHON, false,
      "{'a': 1., 'b': .5, 'c': 1e-05, 'd': 1_000, 'e': -3, 'f': +2}",
      "{\"a\":1,\"b\":0.5,\"c\":1e-05,\"d\":1000,\"e\":-3,\"f\":2}", NULL },
    { "numbers as keys", PYTHON, false, "{1: 2, 3.5: 4}", "{\"1\":2,\"3.5\":4}",
      NULL },
    { "quotes and escapes", PYTHON, false, "{'a\"b': 'c\\'d\\n'}",
      "{\"a\\\"b\":\"c'd\\n\"}", NULL },
    { "an empty one", PYTHON, false, "{}", "{}", NULL },
    { "cut off", PYTHON, false, "{'a': 1, 'b'", NULL, "line 1" },
    { "cut off after a whole one", PYTHON, true, "{'a': 1}\n{'a': ", NULL,
      "line 2" },
    { "a string without an end", PYTHON, false, "{'a': 'b}\n", NULL,
      "without an end" },
    { "a word that is no value", PYTHON, false, "{'a': foo}", NULL,
      "found no value" },
    { "a set is no dictionary", PYTHON, false, "{'a', 'b'}", NULL,
      "expected ':'" },
    { "a number that is none", PYTHON, false, "{'a': 1.2.3}", NULL,
      "found no number" },
    { "no dictionary", PYTHON, false, "nothing\n", NULL,
      "found no Python dictionary" },
    { "lines of JSON", LINES, true, "x\n{\"a\": 1}\ny\n{\"a\": 2}\n",
      "[{\"a\":1},{\"a\":2}]", NULL },
    { "the last line of JSON", LINES, false, "{\"a\": 1}\n{\"a\": 2}\n",
      "{\"a\":2}", NULL },
    { "a line of JSON that was cut off", LINES, true, "{\"a\": 1}\n{\"a\"",
      NULL, "JSON" },
    { "no line of JSON", LINES, true, "", NULL, "found no line of JSON" },
    { "a table among other lines", TABLE, true,
      "hello\na, b%, \n1, 2.5, \nbye\n3, 4, \n",
      "[{\"a\":\"1\",\"b%\":\"2.5\"},{\"a\":\"3\",\"b%\":\"4\"}]", NULL },
    { "its header twice", TABLE, true, "a,b\n1,2\na,b\n3,4\n",
      "[{\"a\":\"1\",\"b\":\"2\"},{\"a\":\"3\",\"b\":\"4\"}]", NULL },
    { "words in cells", TABLE, true, "model,seconds\nMLP,0.5\n",
      "[{\"model\":\"MLP\",\"seconds\":\"0.5\"}]", NULL },
    { "a row cut short", TABLE, true, "a,b,c\n1,2,3\n4,5\n", NULL,
      "a row of the table has 2 cells, its header 3" },
    { "a row too long", TABLE, true, "a,b\n1,2,3\n", NULL,
      "a row of the table has 3 cells, its header 2" },
    { "a header alone", TABLE, true, "a,b\n", NULL, "no row" },
    { "one name twice is no header", TABLE, true, "a,a\n1,2\n", NULL,
      "found no table" },
    { "numbers alone", TABLE, true, "1,2\n3,4\n", NULL, "found no table" },
};

static void forms_become_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct json_doc *doc = NULL;
        struct err err = { 0 };
        struct buf text = { 0 };
        struct json root;
        int rc = form_read(cases[i].form, cases[i].text, strlen(cases[i].text),
                           cases[i].array, &doc, &err);

        if (!cases[i].json) {
            if (!rc || !strstr(err.text, cases[i].words))
                fail_msg("%s: found '%s', expected '%s'", cases[i].what,
                         rc ? err.text : "a value", cases[i].words);
            continue;
        }
        if (rc)
            fail_msg("%s: %s", cases[i].what, err.text);
        root = json_root(doc);
        assert_int_equal(json_print_at(&root, &text, NULL), 0);
        if (strcmp(buf_text(&text), cases[i].json) != 0)
            fail_msg("%s: found %s, expected %s", cases[i].what,
                     buf_text(&text), cases[i].json);
        buf_free(&text);
        json_doc_destroy(doc);
    }
}

static void deep_nesting_is_refused(void **state)
{
    struct json_doc *doc = NULL;
    struct buf text = { 0 };
    struct err err = { 0 };

    (void)state;
    buf_printf(&text, "{'a': ");
    for (int i = 0; i < 100000; i++)
        buf_put_u8(&text, '[');
    assert_int_equal(
        form_read(PYTHON, buf_text(&text), text.len, false, &doc, &err),
        ERR_FORMAT);
    assert_non_null(strstr(err.text, "nested too deeply"));
    buf_free(&text);
}

static void a_failed_literal_leaves_its_buffer_as_it_was(void **state)
{
    struct buf out = { 0 };
    size_t end = 7;

    (void)state;
    buf_printf(&out, "before");
    assert_int_equal(literal_to_json("[1, 2", 5, 0, &out, &end, NULL),
                     ERR_FORMAT);
    assert_string_equal(buf_text(&out), "before");
    assert_int_equal(end, 7);
    buf_free(&out);
}

static void ranks_need_enough_numbers(void **state)
{
    double values[100];

    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = (i * 37) % 100 + 1;
    assert_float_equal(expr_rank(values, 100, 50), 50.5, 0);
    assert_float_equal(expr_rank(values, 100, 90), 90, 0);
    assert_float_equal(expr_rank(values, 100, 99), 99, 0);
    assert_true(isnan(expr_rank(values, 99, 99)));
    assert_float_equal(expr_rank(values, 10, 90), 9, 0);
    assert_true(isnan(expr_rank(values, 9, 90)));
    assert_float_equal(expr_rank(values, 3, 50), 2, 0);
    assert_true(isnan(expr_rank(values, 0, 50)));
    values[1] = NAN;
    assert_true(isnan(expr_rank(values, 3, 50)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_become_json),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_failed_literal_leaves_its_buffer_as_it_was),
        cmocka_unit_test(ranks_need_enough_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
