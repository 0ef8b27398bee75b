/* test_ground.c - bytes, words, units, digests and files of the ground */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/pages.h"
#include "core/text.h"
#include "core/units.h"
#include "core/vec.h"

static void numbers_come_back_little_endian(void **state)
{
    static const uint8_t form[] = { 0x34, 0x12 };
    struct buf buf = { 0 };
    struct cursor cur;
    char text[4];

    (void)state;
    buf_put_u16(&buf, 0x1234);
    assert_memory_equal(buf.data, form, 2);
    buf_put_i64(&buf, INT64_MIN);
    buf_put_f64(&buf, -0.25);
    buf_put_string(&buf, "abcdef");
    cur = cursor_of(buf.data, buf.len);
    assert_int_equal(cursor_u16(&cur), 0x1234);
    assert_true(cursor_i64(&cur) == INT64_MIN);
    assert_true(cursor_f64(&cur) == -0.25);
    assert_int_equal(cursor_string(&cur, text, sizeof(text)), 6);
    assert_string_equal(text, "abc");
    assert_false(cur.failed);
    assert_int_equal(cursor_left(&cur), 0);
    assert_int_equal(cursor_u32(&cur), 0);
    assert_true(cur.failed);
    buf_free(&buf);
}

static void a_block_longer_than_its_data_is_refused(void **state)
{
    static const uint8_t lie[] = { 255, 255, 255, 255, 1, 2 };
    struct cursor cur = cursor_of(lie, sizeof(lie));
    size_t len = 9;

    (void)state;
    assert_null(cursor_block(&cur, &len));
    assert_int_equal(len, 0);
    assert_true(cur.failed);
}

static void vectors_grow_and_keep(void **state)
{
    VEC(int) vec = { 0 };

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_true(VEC_PUSH(&vec, i));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(vec.at[i], i);
    VEC_FREE(&vec);
    assert_int_equal(vec.len, 0);
}

/* clang-format off */
static const struct { const char *text; bool ok; double value; } numbers[] = {
    { "12.5", true, 12.5 }, { "-1e3", true, -1000 }, { "1,5", false, 0 },
    { "", false, 0 }, { " 1", false, 0 }, { "0x10", false, 0 },
    { "nan", false, 0 }, { "inf", false, 0 }, { "1e999", false, 0 },
    { "1.2.3", false, 0 }, { "e", false, 0 },
};

static const struct { const char *word, *near; } misses[] = {
    { "presicion", "precision" }, { "bacth", "batch" }, { "Batch", "batch" },
    { "zzzz", NULL }, { "", NULL },
};

static const struct { const char *text, *base; int rc; double value; } quantities[] = {
    { "100 ms", "s", 0, 0.1 }, { "1.33 TOP/s", "op/s", 0, 1.33e12 },
    { "2h", "s", 0, 7200 }, { "512 KiB", "byte", 0, 524288 },
    { "5 W", "s", ERR_FORMAT, 0 }, { "5", "s", ERR_FORMAT, 0 },
    { "ms", "s", ERR_FORMAT, 0 }, { "5 parsec", "s", ERR_FORMAT, 0 },
};

static const struct { const char *word, *quoted; } quotes[] = {
    { "plain-1.0/x", "plain-1.0/x" }, { "", "''" }, { "a b", "'a b'" },
    { "it's", "'it'\\''s'" }, { "$(rm -rf /)", "'$(rm -rf /)'" },
    { "`x`;&|<>\n*?~#", "'`x`;&|<>\n*?~#'" },
};

static const struct { const char *what, *in; size_t len; const char *out; } utf8[] = {
    { "text", "caf\xc3\xa9\n", 6, "caf\xc3\xa9\n" },
    { "a lone byte", "\xff" "a", 2, "\xef\xbf\xbd" "a" },
    { "a cut character", "\xe2\x82", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
    { "an escape", "\x1b[2J", 4, "\xef\xbf\xbd[2J" },
    { "a surrogate", "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "an overlong slash", "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
    { "a zero", "a\0b", 3, "a\xef\xbf\xbd" "b" },
};
/* clang-format on */

static void long_arrays_are_as_others(void **state)
{
    static const size_t sizes[] = { 0, 1, 4095, 5u << 20, (9u << 20) + 1 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *at = pages_alloc(sizes[i]);

        assert_true(at || !sizes[i]);
        if (sizes[i])
            at[0] = at[sizes[i] - 1] = 'x';
        free(at);
    }
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        double value = 0;

        if (text_to_f64(numbers[i].text, &value) != numbers[i].ok ||
            (numbers[i].ok && value != numbers[i].value))
            fail_msg("'%s' is read as %g", numbers[i].text, value);
    }
}

static void near_misses_are_found(void **state)
{
    static const char *const words[] = { "precision", "batch", "topology",
                                         NULL };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(misses); i++) {
        const char *near = text_nearest(misses[i].word, words);

        if (near != misses[i].near &&
            (!near || !misses[i].near || strcmp(near, misses[i].near) != 0))
            fail_msg("'%s': '%s'", misses[i].word, near ? near : "none");
    }
}

static void quantities_become_si(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(quantities); i++) {
        double value = 0;
        int rc =
            units_parse(quantities[i].text, quantities[i].base, &value, NULL);

        if (rc != quantities[i].rc ||
            fabs(value - quantities[i].value) > 1e-9 * fabs(value))
            fail_msg("'%s': %d, %g", quantities[i].text, rc, value);
    }
}

/* What sh makes of a quoted word is the word. */
static void a_shell_reads_back_what_was_quoted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        struct buf line = { 0 };
        char back[64] = "";
        FILE *pipe;
        size_t len;

        text_quote_shell(&line, quotes[i].word);
        assert_string_equal(buf_text(&line), quotes[i].quoted);
        buf_clear(&line);
        buf_put(&line, "printf %s ", 10);
        text_quote_shell(&line, quotes[i].word);
        pipe = popen(buf_text(&line), "r");
        assert_non_null(pipe);
        len = fread(back, 1, sizeof(back) - 1, pipe);
        back[len] = 0;
        assert_int_equal(pclose(pipe), 0);
        assert_string_equal(back, quotes[i].word);
        buf_free(&line);
    }
}

static void foreign_text_becomes_clean_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(utf8); i++) {
        struct buf out = { 0 };

        text_clean_utf8(&out, utf8[i].in, utf8[i].len);
        if (strcmp(buf_text(&out), utf8[i].out) != 0)
            fail_msg("%s: '%s'", utf8[i].what, buf_text(&out));
        buf_free(&out);
    }
}

static void digests_are_sha_256(void **state)
{
    char hex[HASH_HEX], path[] = "/tmp/labsweep-test-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    /* FIPS 180-4, example of one block */
    hash_bytes("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
                             "b410ff61f20015ad");
    assert_true(hash_u64("abc", 3) == 0xba7816bf8f01cfeau);
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    assert_int_equal(hash_file(path, hex, NULL), 0);
    assert_string_equal(hex + 56, "f20015ad");
    unlink(path);
    assert_int_equal(hash_file(path, hex, NULL), ERR_NOT_FOUND);
}

static void files_are_replaced_whole(void **state)
{
    char dir[] = "/tmp/labsweep-test-XXXXXX", path[FS_PATH_MAX];
    struct buf text = { 0 };

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/a/b", dir);
    assert_int_equal(fs_make_dirs(path, NULL), 0);
    assert_int_equal(fs_make_dirs(path, NULL), 0);
    snprintf(path, sizeof(path), "%s/a/b/f", dir);
    assert_int_equal(fs_write_atomic(path, "old", 3, NULL), 0);
    assert_int_equal(fs_write_atomic(path, "newer", 5, NULL), 0);
    assert_int_equal(fs_read_file(path, 100, &text, NULL), 0);
    assert_string_equal(buf_text(&text), "newer");
    assert_int_equal(fs_read_file(path, 4, &text, NULL), ERR_FORMAT);
    assert_int_equal(text.len, 5);
    assert_int_equal(fs_write_atomic("/proc/none/f", "x", 1, NULL), ERR_IO);
    buf_free(&text);
    unlink(path);
    for (int up = 0; up < 3; up++) {
        *strrchr(path, '/') = 0;
        rmdir(path);
    }
}

static void durations_are_for_people(void **state)
{
    char text[32];

    (void)state;
    assert_string_equal(clock_format_duration(0.345678, text), "0.346 s");
    assert_string_equal(clock_format_duration(61, text), "61 s");
    assert_string_equal(clock_format_duration(605, text), "10 min 05 s");
    assert_string_equal(clock_format_duration(7265, text), "2 h 01 min");
    assert_string_equal(clock_format_duration((double)NAN, text), "?");
    assert_string_equal(clock_format_utc(0, text), "1970-01-01T00:00:00Z");
}

static void failures_keep_code_and_sentence(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(err_set(&err, ERR_FORMAT, "x is %d", 3), ERR_FORMAT);
    assert_int_equal(err_prefix(&err, "board %s", "b1"), ERR_FORMAT);
    assert_string_equal(err.text, "board b1: x is 3");
    assert_int_equal(err_set(NULL, ERR_IO, "nobody hears"), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back_little_endian),
        cmocka_unit_test(a_block_longer_than_its_data_is_refused),
        cmocka_unit_test(vectors_grow_and_keep),
        cmocka_unit_test(long_arrays_are_as_others),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(near_misses_are_found),
        cmocka_unit_test(quantities_become_si),
        cmocka_unit_test(a_shell_reads_back_what_was_quoted),
        cmocka_unit_test(foreign_text_becomes_clean_utf8),
        cmocka_unit_test(digests_are_sha_256),
        cmocka_unit_test(files_are_replaced_whole),
        cmocka_unit_test(durations_are_for_people),
        cmocka_unit_test(failures_keep_code_and_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
