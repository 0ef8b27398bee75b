/* test_text.c - requests read, answers written, options taken */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/jin.h"
#include "runner/jout.h"
#include "runner/options.h"

static void a_request_is_taken_apart(void **state)
{
    char line[] = " {\"cmd\": \"run\", \"batch\":8 ,\"min_s\":-1.5e-3,"
                  "\"accuracy\":true,\"x\":null,\"no\":false,"
                  "\"argv\":[\"a\",\"b c\"],\"text\":\"q\\\"\\u00e9\\ud83d"
                  "\\ude00\\n\", \"last\":7}\r\n";
    struct jin jin;

    (void)state;
    assert_int_equal(jin_parse(line, &jin, NULL), 0);
    assert_int_equal(jin.pairs, 9);
    assert_string_equal(jin_find(&jin, "cmd")->text, "run");
    assert_string_equal(jin_find(&jin, "batch")->text, "8");
    assert_string_equal(jin_find(&jin, "min_s")->text, "-1.5e-3");
    assert_int_equal(jin_find(&jin, "accuracy")->kind, JIN_TRUE);
    assert_int_equal(jin_find(&jin, "x")->kind, JIN_NULL);
    assert_int_equal(jin_find(&jin, "no")->kind, JIN_FALSE);
    assert_int_equal(jin_find(&jin, "argv")->items, 2);
    assert_string_equal(jin.at[1], "b c");
    assert_string_equal(jin_find(&jin, "text")->text,
                        "q\"\xc3\xa9\xf0\x9f\x98\x80\n");
    assert_string_equal(jin_find(&jin, "last")->text, "7");
    assert_null(jin_find(&jin, "nosuch"));
}

static void a_broken_request_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\":1}{",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":+1}",
        "{\"a\":nul}",
        "{\"a\":\"b}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ude00\"}",
        "{\"a\":[1]}",
        "{\"a\":[\"b\"}",
        "{\"a\":{}}",
        "{a:1}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *line = strdup(lines[i]);
        struct jin jin;
        struct fail fail;

        if (!jin_parse(line, &jin, &fail))
            fail_msg("'%s' was taken", lines[i]);
        assert_int_equal(fail.code, FAIL_USAGE);
        free(line);
    }
}

static void an_answer_is_json(void **state)
{
    struct jout j = { 0 };

    (void)state;
    jout_object(&j, NULL);
    jout_str(&j, "s", "a\"b\\c\n\x01 \xc3\xa9 \xff");
    jout_str(&j, "none", NULL);
    jout_f64(&j, "f", 0.1);
    jout_f64(&j, "nan", (double)NAN);
    jout_f64(&j, "inf", (double)INFINITY);
    jout_i64(&j, "i", INT64_MIN);
    jout_bool(&j, "t", true);
    jout_array(&j, "a");
    jout_i64(&j, NULL, 1);
    jout_object(&j, NULL);
    jout_end(&j, '}');
    jout_end(&j, ']');
    jout_end(&j, '}');
    assert_string_equal(
        j.text, "{\"s\":\"a\\\"b\\\\c\\u000a\\u0001 \xc3\xa9 ?\",\"none\":"
                "null,\"f\":0.1,\"nan\":null,\"inf\":null,"
                "\"i\":-9223372036854775808,\"t\":true,\"a\":[1,{}]}");
    jout_clear(&j);
}

static void an_answer_nobody_can_take_is_a_failure(void **state)
{
    struct jout j = { 0 };
    struct fail fail;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    jout_object(&j, NULL);
    jout_end(&j, '}');
    assert_int_equal(jout_flush(&j, ends[0], &fail), -1);
    assert_int_equal(fail.code, FAIL_OUTPUT);
    assert_null(j.text);
    close(ends[0]);
}

struct into {
    bool flag;
    const char *text;
    uint64_t count;
    double span;
    struct option_list list;
};

static const struct option table[] = {
    { "flag", OPTION_FLAG, offsetof(struct into, flag), 0, 0, NULL, "" },
    { "text", OPTION_TEXT, offsetof(struct into, text), 0, 0, "T", "" },
    { "count", OPTION_COUNT, offsetof(struct into, count), 1, 9, "N", "" },
    { "span-s", OPTION_SPAN, offsetof(struct into, span), 0, 9, "S", "" },
    { "list", OPTION_LIST, offsetof(struct into, list), 0, 0, "L", "" },
    { 0 },
};

static void options_set_their_fields(void **state)
{
    char *argv[] = { "--flag", "--text",   "a=b",       "--count=7",
                     "word",   "--span-s", "0.5",       "--list",
                     "x",      "--list=y", "--text=-z", "w2" };
    struct into into = { 0 };
    struct option_list words = { 0 };

    (void)state;
    assert_int_equal(options_take(table, 12, argv, &into, &words, NULL), 0);
    assert_true(into.flag);
    assert_string_equal(into.text, "-z");
    assert_int_equal(into.count, 7);
    assert_true(into.span == 0.5);
    assert_int_equal(into.list.len, 2);
    assert_string_equal(into.list.at[1], "y");
    assert_int_equal(words.len, 2);
    assert_string_equal(words.at[1], "w2");
}

static void options_that_make_no_sense_are_refused(void **state)
{
    static char *const bad[] = {
        "--nosuch",     "--fla",      "--flag=1",      "--text",
        "--count=0",    "--count=10", "--count=1.5",   "--count=x",
        "--span-s=nan", "--span-s=",  "--span-s=-0.1", "word",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct into into = { 0 };
        struct fail fail;
        char *argv[] = { bad[i] };

        if (!options_take(table, 1, argv, &into, NULL, &fail))
            fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(fail.code, FAIL_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(a_broken_request_is_refused),
        cmocka_unit_test(an_answer_is_json),
        cmocka_unit_test(an_answer_nobody_can_take_is_a_failure),
        cmocka_unit_test(options_set_their_fields),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
