/* test_quote.c - the one function that quotes, against words that bite */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"
#include "core/vec.h"

static const char *const hostile[] = {
    "",
    " ",
    "'",
    "''",
    "'\\''",
    "\"",
    "\\",
    "\n",
    "$HOME",
    "$(touch /pwned)",
    "`touch /pwned`",
    "; touch /pwned",
    "&& touch /pwned",
    "| touch /pwned",
    "> /pwned",
    "x\ntouch /pwned\n",
    "'; touch /pwned; '",
    "*",
    "?",
    "[a-z]",
    "~",
    "~root",
    "{a,b}",
    "!!",
    "#",
    "-n",
    "--",
    "-e\\n",
    "%s%n",
    "a=b",
    "\t",
    "\r",
    "\x1b[2J",
    "\x7f",
    "\xc3\xa4",
    "\xff\xfe\x80",
    "&",
    "(",
    ")",
};

static const char *const shells[] = { "sh", "dash", "bash", "busybox sh" };

static bool have(const char *shell)
{
    char line[100];

    snprintf(line, sizeof(line), "%s -c true >/dev/null 2>&1", shell);
    return !system(line);
}

/* Let the shell say the word back, followed by a zero. */
static void put_word(struct buf *script, struct buf *wanted, const char *word)
{
    buf_printf(script, "printf '%%s\\0' ");
    text_quote_shell(script, word);
    buf_printf(script, "\n");
    buf_put(wanted, word, strlen(word) + 1);
}

static void put_random(struct buf *script, struct buf *wanted, uint64_t *seed)
{
    char word[24];
    size_t len;

    for (len = 0; len < sizeof(word) - 1; len++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        word[len] = (char)(*seed >> 56);
        if (!word[len])
            break;
    }
    word[len] = 0;
    put_word(script, wanted, word);
}

static void compare(const char *shell, const char *path, struct buf *wanted)
{
    char line[200], *said = malloc(wanted->len + 1);
    size_t got;
    FILE *pipe;

    assert_non_null(said);
    snprintf(line, sizeof(line), "%s %s", shell, path);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    got = fread(said, 1, wanted->len + 1, pipe);
    assert_int_equal(pclose(pipe), 0);
    if (got != wanted->len || memcmp(said, wanted->data, got) != 0)
        fail_msg("%s reads other words", shell);
    free(said);
}

static void every_shell_reads_exactly_the_word(void **state)
{
    char path[] = "/tmp/labsweep-quote-XXXXXX";
    struct buf script = { 0 }, wanted = { 0 };
    uint64_t seed = 1;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
        put_word(&script, &wanted, hostile[i]);
    for (int i = 0; i < 2000; i++)
        put_random(&script, &wanted, &seed);
    assert_int_equal(write(fd, script.data, script.len), script.len);
    close(fd);
    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        if (have(shells[i]))
            compare(shells[i], path, &wanted);
    assert_int_not_equal(access("/pwned", F_OK), 0);
    unlink(path);
    buf_free(&script);
    buf_free(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shell_reads_exactly_the_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
