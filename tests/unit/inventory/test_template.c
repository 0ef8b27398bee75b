/* test_template.c - names filled in, raw and for a shell */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/scope.h"
#include "inventory/template.h"

static struct scope *sample(void)
{
    struct scope *scope = scope_create();

    assert_non_null(scope);
    assert_int_equal(scope_set(scope, "weights", "/a b/it's.bin", NULL), 0);
    assert_int_equal(scope_set(scope, "param.arch", "x86_64", NULL), 0);
    assert_int_equal(scope_set(scope, "command", "a | b", NULL), 0);
    assert_int_equal(scope_set_number(scope, "batch", 8, NULL), 0);
    assert_int_equal(scope_set_number(scope, "s", 0.5, NULL), 0);
    return scope;
}

static const struct {
    const char *text;
    enum template_quote quote;
    int rc;
    const char *out; /* or what the error says */
} cases[] = {
    { "plain", TEMPLATE_SHELL, 0, "plain" },
    { "", TEMPLATE_RAW, 0, "" },
    { "run {weights} --b {batch}", TEMPLATE_SHELL, 0,
      "run '/a b/it'\\''s.bin' --b 8" },
    { "{weights}", TEMPLATE_RAW, 0, "/a b/it's.bin" },
    { "r-{param.arch}", TEMPLATE_SHELL, 0, "r-x86_64" },
    { "{command}", TEMPLATE_SHELL, 0, "'a | b'" },
    { "{!command}", TEMPLATE_SHELL, 0, "a | b" },
    { "a {{ b }} $"
      "{{HOME}}",
      TEMPLATE_SHELL, 0, "a { b } ${HOME}" },
    { "{{batch}}", TEMPLATE_RAW, 0, "{batch}" },
    { "{wieghts}", TEMPLATE_RAW, ERR_FORMAT,
      "unknown name {wieghts}, did you mean {weights}?" },
    { "{xyzzy_plugh}", TEMPLATE_RAW, ERR_FORMAT, "unknown name" },
    { "a { b", TEMPLATE_RAW, ERR_FORMAT, "lone brace at '{ b'" },
    { "a } b", TEMPLATE_RAW, ERR_FORMAT, "lone brace at '} b'" },
    { "{}", TEMPLATE_RAW, ERR_FORMAT, "lone brace" },
    { "{!}", TEMPLATE_RAW, ERR_FORMAT, "lone brace" },
    { "{batch", TEMPLATE_RAW, ERR_FORMAT, "lone brace" },
    { "{", TEMPLATE_RAW, ERR_FORMAT, "lone brace" },
};

static void templates_fill_in_or_say_why(void **state)
{
    struct scope *scope = sample();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = { 0 };
        struct err err = { 0 };
        int rc = scope_expand(scope, cases[i].text, cases[i].quote, &out, &err);

        if (rc != cases[i].rc ||
            (rc ? !strstr(err.text, cases[i].out)
                : strcmp(buf_text(&out), cases[i].out) != 0))
            fail_msg("'%s' gave %d '%s' %s", cases[i].text, rc, buf_text(&out),
                     err.text);
        buf_free(&out);
    }
    scope_destroy(scope);
}

static void a_name_that_is_set_again_is_replaced(void **state)
{
    struct scope *scope = sample();

    (void)state;
    assert_int_equal(scope_set(scope, "batch", "x", NULL), 0);
    assert_string_equal(scope_find(scope, "batch"), "x");
    assert_null(scope_find(scope, "bat"));
    scope_destroy(scope);
}

static void requests_keep_numbers_as_numbers(void **state)
{
    static const char request[] =
        "{\"cmd\": \"run\", \"weights\": \"{weights}\", \"batch\": \"{batch}\","
        "\"label\": \"b{batch}\", \"s\": \"{s}\", \"n\": 3, \"on\": true, "
        "\"list\": [\"{batch}\", \"q\\\"\\\\\\n\"], \"none\": null}";
    struct scope *scope = sample();
    struct json_doc *doc = NULL;
    struct buf out = { 0 };
    struct json root;

    (void)state;
    assert_int_equal(json_doc_parse(request, strlen(request), "r", &doc, NULL),
                     0);
    root = json_root(doc);
    assert_int_equal(scope_request(scope, &root, &out, NULL), 0);
    assert_string_equal(buf_text(&out),
                        "{\"cmd\":\"run\",\"weights\":\"/a b/it's.bin\","
                        "\"batch\":8,\"label\":\"b8\",\"s\":0.5,\"n\":3,"
                        "\"on\":true,\"list\":[8,\"q\\\"\\\\\\u000a\"],"
                        "\"none\":null}");
    json_doc_destroy(doc);
    scope_destroy(scope);
    buf_free(&out);
}

static void a_lone_name_is_told_from_a_text(void **state)
{
    char name[64];

    (void)state;
    assert_true(template_is_name("{batch}", name));
    assert_string_equal(name, "batch");
    assert_false(template_is_name("{batch} ", name));
    assert_false(template_is_name("batch", name));
    assert_false(template_is_name("{{", name));
    assert_false(template_is_name("", name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_fill_in_or_say_why),
        cmocka_unit_test(a_name_that_is_set_again_is_replaced),
        cmocka_unit_test(requests_keep_numbers_as_numbers),
        cmocka_unit_test(a_lone_name_is_told_from_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
