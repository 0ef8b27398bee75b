/* test_options.c - command lines are read as people write them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/vec.h"
#include "orchestrator/cmd/command.h"

static const struct option_row rows[] = {
    { "output", 'o', "DIR", "where to" },
    { "quiet", 'q', NULL, "say less" },
    { "where", 0, "RULE", "which" },
    { 0 },
};

#define WORDS_MAX 8

/* What options_parse() makes of the words, in one line. */
static void describe(const char *const *words, char *text, size_t size)
{
    struct options *options;
    char *argv[WORDS_MAX];
    size_t argc = 0, at = 0;
    struct err err;

    for (; words[argc]; argc++)
        argv[argc] = (char *)words[argc];
    if (options_parse(rows, argc, argv, &options, &err)) {
        snprintf(text, size, "error: %.200s", err.text);
        return;
    }
    at += (size_t)snprintf(text, size, "o=%s",
                           options_text(options, "output", "-"));
    at += (size_t)snprintf(
        text + at, size - at, " q=%d h=%d j=%d", options_has(options, "quiet"),
        options_has(options, "help"), options_has(options, "json"));
    for (size_t i = 0; options_each(options, "where", i); i++)
        at += (size_t)snprintf(text + at, size - at, " w=%s",
                               options_each(options, "where", i));
    for (size_t i = 0; options_arg(options, i); i++)
        at += (size_t)snprintf(text + at, size - at, " [%s]",
                               options_arg(options, i));
    options_destroy(options);
}

/* clang-format off */
static const struct { const char *words[WORDS_MAX]; const char *seen; } lines[] = {
    { { NULL }, "o=- q=0 h=0 j=0" },
    { { "a", "b" }, "o=- q=0 h=0 j=0 [a] [b]" },
    { { "--output", "d", "a" }, "o=d q=0 h=0 j=0 [a]" },
    { { "--output=d=e", "a" }, "o=d=e q=0 h=0 j=0 [a]" },
    { { "-o", "d", "-qj" }, "o=d q=1 h=0 j=1" },
    { { "-qod" }, "o=d q=1 h=0 j=0" },
    { { "a", "-q", "--", "-q", "--x" }, "o=- q=1 h=0 j=0 [a] [-q] [--x]" },
    { { "--where", "a", "--where=b" }, "o=- q=0 h=0 j=0 w=a w=b" },
    { { "-" }, "o=- q=0 h=0 j=0 [-]" },
    { { "--outptu", "d" }, "error: unknown option '--outptu', did you mean '--output'?" },
    { { "--zzzzzz" }, "error: unknown option '--zzzzzz'" },
    { { "-x" }, "error: unknown option '-x'" },
    { { "--output" }, "error: option '--output' needs DIR" },
    { { "--quiet=1" }, "error: option '--quiet' takes no value" },
};
/* clang-format on */

static void every_form_of_a_line_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        char seen[256];

        describe(lines[i].words, seen, sizeof(seen));
        if (strcmp(seen, lines[i].seen) != 0)
            fail_msg("line %zu: '%s', want '%s'", i, seen, lines[i].seen);
    }
}

static void numbers_are_checked_against_their_range(void **state)
{
    char word[] = "--output=5000", bad[] = "--output=5x";
    char *good[] = { word }, *wrong[] = { bad };
    struct options *options;
    struct err err;
    int64_t value;

    (void)state;
    assert_int_equal(options_parse(rows, 1, good, &options, NULL), 0);
    assert_int_equal(options_i64(options, "output", 1, 9999, 3, &value, NULL),
                     0);
    assert_int_equal(value, 5000);
    assert_int_equal(options_i64(options, "output", 1, 99, 3, &value, &err),
                     ERR_USAGE);
    assert_string_equal(err.text, "option '--output': found '5000', expected "
                                  "a whole number from 1 to 99");
    assert_int_equal(options_i64(options, "where", 1, 9, 3, &value, NULL), 0);
    assert_int_equal(value, 3);
    options_destroy(options);
    assert_int_equal(options_parse(rows, 1, wrong, &options, NULL), 0);
    assert_int_equal(options_i64(options, "output", 1, 99, 3, &value, NULL),
                     ERR_USAGE);
    options_destroy(options);
}

static void every_command_is_whole(void **state)
{
    const struct command *c;

    (void)state;
    for (size_t i = 0; (c = command_at(i)); i++) {
        assert_true(c->name && c->args && c->help && c->exec);
        assert_true(c->args_min <= c->args_max);
        assert_ptr_equal(command_find(c->name), c);
        /* one sentence: lower case, no full stop, the help adds it */
        assert_true(c->help[0] >= 'a' && c->help[0] <= 'z');
        assert_true(c->help[strlen(c->help) - 1] != '.');
        for (const struct option_row *o = c->options; o && o->name; o++) {
            assert_non_null(o->help);
            assert_string_not_equal(o->name, "json");
            assert_string_not_equal(o->name, "help");
            assert_true(o->letter != 'h' && o->letter != 'j');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_line_is_read),
        cmocka_unit_test(numbers_are_checked_against_their_range),
        cmocka_unit_test(every_command_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
