/* test_shell_wrap.c - any login shell, and the group's line */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/vec.h"
#include "workers/transport/shell_wrap.h"

static const struct {
    const char *what, *out;
    bool posix, leads, setsid;
} probes[] = {
    { "bash by sshd", "labsweep-probe:posix:12:12:1:\n", true, true, true },
    { "after noise", "Welcome!\nlabsweep-probe:posix:12:12:0:\n", true, true,
      false },
    { "dropbear", "labsweep-probe:posix:12:7:1:\n", true, false, true },
    { "silence", "", false, false, false },
    { "not a POSIX shell", "labsweep-probe::12:12:1:\n", false, false, false },
    { "cut off", "labsweep-probe:posix:12", false, false, false },
    { "no numbers", "labsweep-probe:posix:::1:\n", true, true, true },
};

static void traits_are_read_from_the_probe(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        struct shell_traits traits =
            shell_wrap_traits(probes[i].out, strlen(probes[i].out));
        if (traits.posix != probes[i].posix ||
            traits.leads != probes[i].leads ||
            traits.setsid != probes[i].setsid)
            fail_msg("%s: posix %d, leads %d, setsid %d", probes[i].what,
                     traits.posix, traits.leads, traits.setsid);
    }
}

static const struct {
    const char *what, *out;
    bool found;
    int64_t group;
    size_t from, to;
} lines[] = {
    { "at once", "labsweep-group:7\nrest", true, 7, 0, 17 },
    { "after noise", "hi\nlabsweep-group:123\n", true, 123, 3, 22 },
    { "not whole yet", "labsweep-group:12", false, 0, 0, 0 },
    { "no number", "labsweep-group:\n", false, 0, 0, 0 },
    { "not a number", "labsweep-group:1x\n", false, 0, 0, 0 },
    { "too long", "labsweep-group:111111111111111111111111111\n", false, 0, 0,
      0 },
    { "nothing", "", false, 0, 0, 0 },
};

static void the_groups_line_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        int64_t group = 0;
        size_t from = 0, to = 0;
        bool found = shell_wrap_find_group(lines[i].out, strlen(lines[i].out),
                                           &group, &from, &to);
        if (found != lines[i].found || group != lines[i].group ||
            from != lines[i].from || to != lines[i].to)
            fail_msg("%s: %d, group %lld from %zu to %zu", lines[i].what, found,
                     (long long)group, from, to);
    }
}

static const char *const hostile[] = {
    "printf %s 'it'\\''s' \"$HOME\"",
    "echo `echo $(echo '!!' \\\\ \"\\\"\")` # end",
    "printf '%s|' a\\ b 'c\nd' \"e\tf\" \xc3\xa4 \x80",
    "cat <<'END'\n$x `y` \\ ! %d \\101\nEND\ntrue",
};

/* Run a text by /bin/sh as a login shell would; ret is its output. */
static void run(const char *text, char *ret, size_t size)
{
    struct buf line = { 0 };

    buf_printf(&line, "/bin/sh -c ");
    text_quote_shell(&line, text);
    FILE *pipe = popen(buf_text(&line), "r");
    assert_non_null(pipe);
    size_t len = fread(ret, 1, size - 1, pipe);
    ret[len] = '\0';
    assert_int_equal(0, pclose(pipe));
    buf_free(&line);
}

static void every_wrapping_runs_the_same_command(void **state)
{
    static const struct shell_traits kinds[] = {
        { false, false, false },
        { true, true, true },
        { true, false, true },
        { true, false, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        char plain[500], wrapped[500];
        run(hostile[i], plain, sizeof(plain));
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            struct buf text = { 0 };
            int64_t group;
            size_t from, to;
            shell_wrap_command(&kinds[k], hostile[i], &text);
            run(buf_text(&text), wrapped, sizeof(wrapped));
            assert_true(shell_wrap_find_group(wrapped, strlen(wrapped), &group,
                                              &from, &to));
            assert_int_equal(0, from);
            assert_string_equal(plain, wrapped + to);
            buf_free(&text);
        }
    }
}

/* Outside of its one pair of single quotes nothing is left that csh, fish
 * or another shell would read in a way of its own; inside, no quote. */
static void the_careful_wrapping_is_plain(void **state)
{
    static const struct shell_traits unknown = { false, false, false };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct buf text = { 0 };
        shell_wrap_command(&unknown, hostile[i], &text);
        const char *open = strchr(buf_text(&text), '\'');
        const char *close = strrchr(buf_text(&text), '\'');
        assert_non_null(open);
        assert_ptr_equal(close, strchr(open + 1, '\''));
        assert_string_equal("'", close);
        for (const char *c = open + 1; c < close; c++)
            assert_null(strchr("!\n\t", *c));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traits_are_read_from_the_probe),
        cmocka_unit_test(the_groups_line_is_found),
        cmocka_unit_test(every_wrapping_runs_the_same_command),
        cmocka_unit_test(the_careful_wrapping_is_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
