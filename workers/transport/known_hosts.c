/* known_hosts.c - what known_hosts files say about a server's key */
#include "workers/transport/known_hosts.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"

#define LINE_MAX_BYTES 65536 /* longer lines are no keys */
#define NAME_MAX_BYTES 512

/* A piece of the text. */
struct word {
    const char *at;
    size_t len;
};

void known_hosts_name(const char *host, int port, char *name, size_t size)
{
    if (port == 22)
        snprintf(name, size, "%s", host);
    else
        snprintf(name, size, "[%s]:%d", host, port);
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Take the next word off 'line'; empty at the end. */
static struct word next_word(struct word *line)
{
    struct word word;

    while (line->len && blank(*line->at)) {
        line->at++;
        line->len--;
    }
    word.at = line->at;
    word.len = 0;
    while (line->len && !blank(*line->at)) {
        line->at++;
        line->len--;
        word.len++;
    }
    return word;
}

static bool is_word(struct word word, const char *text)
{
    return word.len == strlen(text) && !memcmp(word.at, text, word.len);
}

/* Decode strict base64 of at most 'size' bytes.  Returns the length, or 0
 * if it is none. */
static size_t decode_base64(struct word word, uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t n_bits = 0, len = 0;

    while (word.len && word.at[word.len - 1] == '=')
        word.len--;
    for (size_t i = 0; i < word.len; i++) {
        const char *digit = word.at[i] ? strchr(digits, word.at[i]) : NULL;
        if (!digit || len >= size)
            return 0;
        bits = bits << 6 | (uint32_t)(digit - digits);
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            bytes[len++] = (uint8_t)(bits >> n_bits);
        }
    }
    return len;
}

/* |1|SALT|MAC: the name is hidden as HMAC-SHA1 with the salt as key. */
static bool hashed_name_fits(struct word pattern, const char *name)
{
    uint8_t salt[64], mac[64], ours[HASH_SHA1_BYTES];
    struct word rest = { pattern.at + 3, pattern.len - 3 };
    const char *bar = memchr(rest.at, '|', rest.len);

    if (!bar)
        return false;
    struct word first = { rest.at, (size_t)(bar - rest.at) };
    struct word second = { bar + 1, rest.len - first.len - 1 };
    size_t salt_len = decode_base64(first, salt, sizeof(salt));
    if (!salt_len || decode_base64(second, mac, sizeof(mac)) != sizeof(ours))
        return false;
    hash_hmac_sha1(salt, salt_len, name, strlen(name), ours);
    return !memcmp(mac, ours, sizeof(ours));
}

/* Does 'name' fit a pattern with * and ?, in either case of letters?  Goes
 * back to the last star only, so that time is bounded by the product. */
static bool pattern_fits(struct word pattern, const char *name)
{
    size_t p = 0, star = SIZE_MAX;
    const char *n = name, *after_star = name;

    while (*n) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            after_star = n;
        } else if (p < pattern.len &&
                   (pattern.at[p] == '?' ||
                    tolower((unsigned char)pattern.at[p]) == *n)) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++after_star;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

/* Does the first field of a line (a,b,!c or a hashed name) mean 'name'? */
static bool names_fit(struct word names, const char *name)
{
    bool fits = false;

    if (names.len > 3 && !memcmp(names.at, "|1|", 3))
        return hashed_name_fits(names, name);
    while (names.len) {
        const char *comma = memchr(names.at, ',', names.len);
        size_t len = comma ? (size_t)(comma - names.at) : names.len;
        struct word one = { names.at, len };
        bool negated = one.len && one.at[0] == '!';

        if (negated) {
            one.at++;
            one.len--;
        }
        if (one.len && one.len < NAME_MAX_BYTES && pattern_fits(one, name)) {
            if (negated)
                return false;
            fits = true;
        }
        names.at += comma ? len + 1 : len;
        names.len -= comma ? len + 1 : len;
    }
    return fits;
}

static void search_line(struct word line, const char *name, const char *type,
                        const char *base64, struct known_hosts_finding *finding)
{
    struct word first = next_word(&line);
    bool revoked = is_word(first, "@revoked");

    if (!first.len || first.at[0] == '#')
        return;
    if (first.at[0] == '@') {
        if (!revoked)
            return;
        first = next_word(&line);
    }
    struct word its_type = next_word(&line), its_key = next_word(&line);
    if (!its_type.len || !its_key.len || !names_fit(first, name))
        return;
    if (finding->types && !revoked)
        buf_printf(finding->types, "%s%.*s", finding->types->len ? "," : "",
                   (int)(its_type.len < 64 ? its_type.len : 64), its_type.at);
    if (!is_word(its_type, type))
        return;
    bool same = is_word(its_key, base64);
    if (revoked)
        finding->revoked = finding->revoked || same;
    else if (same)
        finding->listed = true;
    else
        finding->other = true;
}

void known_hosts_search(const char *text, size_t len, const char *name,
                        const char *type, const char *base64,
                        struct known_hosts_finding *finding)
{
    while (len) {
        const char *newline = memchr(text, '\n', len);
        size_t used = newline ? (size_t)(newline - text) : len;

        if (used < LINE_MAX_BYTES)
            search_line((struct word){ text, used }, name, type, base64,
                        finding);
        used += newline != NULL;
        text += used;
        len -= used;
    }
}

enum known_hosts_verdict
known_hosts_verdict(const struct known_hosts_finding *finding)
{
    if (finding->revoked)
        return KNOWN_HOSTS_REVOKED;
    if (finding->listed)
        return KNOWN_HOSTS_OK;
    return finding->other ? KNOWN_HOSTS_CHANGED : KNOWN_HOSTS_UNKNOWN;
}
