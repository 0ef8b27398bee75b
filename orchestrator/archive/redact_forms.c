/* redact_forms.c - paths, addresses, identities by their form
 *
 * Rather too much than too little: a version of four numbers looks like an
 * address and goes too.
 */
#include "orchestrator/archive/redact_forms.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What is left of a text at a place. */
struct rest {
    const char *at;
    size_t len;
    char before; /* the character before, a blank at the start */
};

bool redact_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* Length of the run of alphanumerics and the characters of 'more'. */
static size_t run_of(struct rest rest, const char *more)
{
    size_t n = 0;

    while (n < rest.len &&
           (isalnum((unsigned char)rest.at[n]) || is_one_of(rest.at[n], more)))
        n++;
    return n;
}

static struct rest behind(struct rest rest, size_t n)
{
    return (struct rest){ rest.at + n, rest.len - n, rest.at[n - 1] };
}

static bool starts(struct rest rest, const char *word)
{
    size_t len = strlen(word);

    return rest.len >= len && !strncasecmp(rest.at, word, len);
}

/* A length without the end of a sentence, or of a folder's name. */
static size_t trimmed(struct rest rest, size_t n)
{
    while (n && is_one_of(rest.at[n - 1], "./"))
        n--;
    return n;
}

/* ---- forms; each returns the length of the secret, and may skip */

/* Of every Linux, so nobody's. */
static const char *const common_paths[] = {
    "/proc/", "/sys/", "/usr/", "/bin/", "/dev/null", "/dev/zero", "/dev/std",
};

static size_t path_find(struct rest rest, size_t *skip)
{
    struct rest tail = rest;
    size_t n, home = starts(rest, "~/") ? 1 : 0;

    (void)skip;
    if (home)
        tail = behind(rest, 1);
    if (!starts(tail, "/") || is_one_of(tail.before, "<#") ||
        (tail.before == ':' && starts(tail, "//")))
        return 0;
    for (size_t i = 0; i < sizeof(common_paths) / sizeof(common_paths[0]); i++)
        if (starts(tail, common_paths[i]))
            return 0;
    n = trimmed(tail, run_of(tail, "/._-~+@%="));
    return n < 3 ? 0 : home + n;
}

static size_t url_find(struct rest rest, size_t *skip)
{
    size_t n = run_of(rest, "+.-");

    (void)skip;
    if (n == 0 || n + 3 >= rest.len || memcmp(rest.at + n, "://", 3) != 0 ||
        starts(rest, "https://doi.org/"))
        return 0;
    return trimmed(rest,
                   n + 3 + run_of(behind(rest, n + 3), ":/._-~+@%=?&#[]"));
}

static size_t ipv4_find(struct rest rest, size_t *skip)
{
    size_t n = run_of(rest, "."), dots = 0, digits = 0;

    (void)skip;
    for (size_t i = 0; i < n; i++) {
        if (rest.at[i] == '.') {
            if (!digits)
                return 0;
            if (dots == 3) /* the end of a sentence */
                return i + 1 == n ? i : 0;
            dots++;
            digits = 0;
        } else if (!isdigit((unsigned char)rest.at[i]) || ++digits > 3) {
            return 0;
        }
    }
    return dots == 3 && digits ? n : 0;
}

/* Groups of hex digits: an IPv6 address, or six pairs of a MAC. */
static size_t hex_groups(struct rest rest, char between)
{
    const char more[] = { between, 0 };
    size_t n = run_of(rest, more), groups = 1, pairs = 0, run = 0;
    bool doubled = false;

    for (size_t i = 0; i <= n; i++) {
        if (i < n && rest.at[i] != between) {
            if (!isxdigit((unsigned char)rest.at[i]) || ++run > 4)
                return 0;
            continue;
        }
        pairs += run == 2;
        groups += i < n;
        doubled |= i < n && i > 0 && !run;
        run = 0;
    }
    if (groups == 6 && pairs == 6)
        return n;
    return between == ':' && n > 3 && (groups == 8 || doubled) ? n : 0;
}

static size_t ipv6_or_mac_find(struct rest rest, size_t *skip)
{
    size_t n = hex_groups(rest, ':');

    (void)skip;
    return n ? n : hex_groups(rest, '-');
}

static size_t user_at_host_find(struct rest rest, size_t *skip)
{
    size_t n = run_of(rest, "._-+"), host;

    (void)skip;
    if (!n || n + 1 >= rest.len || rest.at[n] != '@')
        return 0;
    host = trimmed(behind(rest, n + 1), run_of(behind(rest, n + 1), ".-"));
    return host ? n + 1 + host : 0;
}

static size_t private_host_find(struct rest rest, size_t *skip)
{
    static const char *const ends[] = { ".local",    ".lan",  ".home",
                                        ".internal", ".corp", ".localdomain",
                                        ".intranet" };
    size_t n = trimmed(rest, run_of(rest, ".-"));

    (void)skip;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(ends[i]);

        if (n > len && !strncasecmp(rest.at + n - len, ends[i], len))
            return n;
    }
    return 0;
}

static size_t uuid_find(struct rest rest, size_t *skip)
{
    static const size_t groups[] = { 8, 4, 4, 4, 12 };
    size_t at = 0;

    (void)skip;
    if (run_of(rest, "-") != 36)
        return 0;
    for (size_t g = 0; g < 5; g++, at++) {
        for (size_t i = 0; i < groups[g]; i++, at++)
            if (!isxdigit((unsigned char)rest.at[at]))
                return 0;
        if (g < 4 && rest.at[at] != '-')
            return 0;
    }
    return 36;
}

/* "Linux NODE 5.10.0-...", as uname -a prints. */
static size_t uname_find(struct rest rest, size_t *skip)
{
    size_t n;

    if (!starts(rest, "Linux "))
        return 0;
    n = run_of(behind(rest, 6), "._-");
    if (!n || 6 + n + 1 >= rest.len || rest.at[6 + n] != ' ' ||
        !isdigit((unsigned char)rest.at[6 + n + 1]))
        return 0;
    *skip = 6;
    return n;
}

/* "Serial number: X", "serial=X": X has a digit. */
static size_t serial_find(struct rest rest, size_t *skip)
{
    size_t at = 6, n, digits = 0;

    if (!starts(rest, "serial"))
        return 0;
    while (at < rest.len && is_one_of(rest.at[at], " _-"))
        at++;
    if (starts(behind(rest, at), "number"))
        at += 6;
    else if (starts(behind(rest, at), "no"))
        at += 2;
    n = at;
    while (at < rest.len && is_one_of(rest.at[at], ".:=\"' \t"))
        at++;
    if (at == n && rest.at[at - 1] != ' ')
        return 0;
    n = run_of(behind(rest, at), "-_");
    for (size_t i = 0; i < n; i++)
        digits += isdigit((unsigned char)rest.at[at + i]) != 0;
    *skip = at;
    return n >= 4 && digits ? n : 0;
}

static const struct form {
    enum redact_kind kind;
    size_t (*find)(struct rest rest, size_t *skip);
} forms[] = {
    { REDACT_PATH, path_find },         { REDACT_ADDRESS, url_find },
    { REDACT_ADDRESS, ipv4_find },      { REDACT_ADDRESS, ipv6_or_mac_find },
    { REDACT_USER, user_at_host_find }, { REDACT_HOST, private_host_find },
    { REDACT_SERIAL, uuid_find },       { REDACT_HOST, uname_find },
    { REDACT_SERIAL, serial_find },
};

bool redact_form_find(const char *text, size_t len, size_t at,
                      struct redact_span *ret_span)
{
    struct rest rest = { text + at, len - at, at ? text[at - 1] : ' ' };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t skip = 0, n = forms[i].find(rest, &skip);

        if (!n)
            continue;
        *ret_span = (struct redact_span){ skip, n, forms[i].kind };
        return true;
    }
    return false;
}
