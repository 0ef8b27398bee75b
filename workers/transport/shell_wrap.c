/* shell_wrap.c - commands for login shells of any make, and their group */
#include "workers/transport/shell_wrap.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define MARK "labsweep-group:"

/* Other shells fail to read the braces, so that nothing is said.  The fifth
 * field of stat is the process group. */
static const char probe[] =
    "x=1; g=$$; read -r a b c d g e </proc/$$/stat 2>/dev/null; "
    "command -v setsid >/dev/null 2>&1 && s=1 || s=0; "
    "echo \"labsweep-probe:${x:+posix}:$$:$g:$s:\"";

const char *shell_wrap_probe(void)
{
    return probe;
}

static const char *find(const void *text, size_t len, const char *word)
{
    return memmem(text, len, word, strlen(word));
}

struct shell_traits shell_wrap_traits(const void *out, size_t len)
{
    static const char mark[] = "labsweep-probe:posix:";
    struct shell_traits traits = { 0 };
    const char *at = find(out, len, mark);
    char line[80];

    if (!at)
        return traits;
    at += sizeof(mark) - 1;
    size_t left = len - (size_t)(at - (const char *)out);
    size_t used = left < sizeof(line) - 1 ? left : sizeof(line) - 1;
    memcpy(line, at, used);
    line[used] = '\0';
    char *end = line;
    long pid = strtol(line, &end, 10);
    if (*end != ':')
        return traits;
    long group = strtol(end + 1, &end, 10);
    if (*end != ':')
        return traits;
    traits.posix = true;
    traits.leads = pid == group;
    traits.setsid = end[1] == '1';
    return traits;
}

/* Every byte but a few as \0ooo for printf %b: nothing in it means anything
 * to any shell, within single quotes. */
static void put_octal(struct buf *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (isalnum(*c) || *c == '/' || *c == '.')
            buf_printf(out, "%c", *c);
        else
            buf_printf(out, "\\0%03o", *c);
}

void shell_wrap_command(const struct shell_traits *traits, const char *command,
                        struct buf *out)
{
    if (traits->posix && (traits->leads || !traits->setsid)) {
        buf_printf(out, "echo " MARK "$$\n%s", command);
        return;
    }
    struct buf script = { 0 };
    buf_printf(&script, "echo " MARK "$$\n%s", command);
    const char *setsid = traits->setsid && !traits->leads ? "setsid " : "";
    if (traits->posix) {
        buf_printf(out, "exec %s/bin/sh -c ", setsid);
        text_quote_shell(out, buf_text(&script));
    } else {
        buf_printf(out, "exec /bin/sh -c 'eval \"$(printf %%b \"");
        put_octal(out, buf_text(&script));
        buf_printf(out, "\")\"'");
    }
    if (buf_failed(&script))
        out->failed = true;
    buf_free(&script);
}

void shell_wrap_plain(const struct shell_traits *traits, const char *command,
                      struct buf *out)
{
    if (traits->posix)
        buf_printf(out, "%s", command);
    else
        buf_printf(out, "/bin/sh -c '%s'", command);
}

bool shell_wrap_find_group(const void *out, size_t len, int64_t *ret_group,
                           size_t *ret_from, size_t *ret_to)
{
    const char *at = find(out, len, MARK);
    char digits[24];
    size_t n = 0;

    if (!at)
        return false;
    size_t from = (size_t)(at - (const char *)out);
    const char *number = at + sizeof(MARK) - 1;
    size_t left = len - from - (sizeof(MARK) - 1);
    while (n < left && n < sizeof(digits) - 1 &&
           isdigit((unsigned char)number[n])) {
        digits[n] = number[n];
        n++;
    }
    digits[n] = '\0';
    if (!n || n >= left || number[n] != '\n')
        return false;
    *ret_group = strtoll(digits, NULL, 10);
    *ret_from = from;
    *ret_to = from + sizeof(MARK) - 1 + n + 1;
    return true;
}
