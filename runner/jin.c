/* jin.c - a strict parser for flat JSON objects, in place */
#include "runner/jin.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct reader {
    char *start, *at;
    struct fail *fail;
};

static int bad(struct reader *r, const char *expected)
{
    return fail_set(r->fail, FAIL_USAGE, "request, column %td: expected %s",
                    r->at - r->start + 1, expected);
}

static void skip_space(struct reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool next_is(struct reader *r, char c)
{
    skip_space(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static int hex4(const char *s, uint32_t *ret_value)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)s[i];

        if (!isxdigit(c))
            return -1;
        value = value * 16 +
                (uint32_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
    }
    *ret_value = value;
    return 0;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 63));
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    }
    return to;
}

/* The escape at r->at, behind its backslash. */
static int unescape(struct reader *r, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    const char *known = *r->at ? strchr(from, *r->at) : NULL;
    uint32_t c, low;

    if (known) {
        *(*to)++ = into[known - from];
        r->at++;
        return 0;
    }
    if (*r->at != 'u' || hex4(r->at + 1, &c) || c == 0)
        return bad(r, "an escape");
    r->at += 5;
    if (c >= 0xd800 && c < 0xdc00) {
        if (r->at[0] != '\\' || r->at[1] != 'u' || hex4(r->at + 2, &low) ||
            low < 0xdc00 || low > 0xdfff)
            return bad(r, "the second half of a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    } else if (c >= 0xdc00 && c < 0xe000) {
        return bad(r, "a character, not half of one");
    }
    *to = put_utf8(*to, c);
    return 0;
}

static int string(struct reader *r, char **ret_text)
{
    char *to;

    if (!next_is(r, '"'))
        return bad(r, "a string");
    *ret_text = to = r->at;
    while (*r->at != '"') {
        if ((unsigned char)*r->at < 0x20)
            return bad(r, "the end of a string");
        if (*r->at != '\\') {
            *to++ = *r->at++;
            continue;
        }
        r->at++;
        if (unescape(r, &to))
            return -1;
    }
    r->at++;
    *to = 0;
    return 0;
}

/* A number; its end is found here and cut off by the caller. */
static int number(struct reader *r)
{
    const char *digits = "0123456789";
    size_t some;

    r->at += *r->at == '-';
    some = strspn(r->at, digits);
    if (!some || (some > 1 && *r->at == '0'))
        return bad(r, "a value");
    r->at += some;
    if (*r->at == '.') {
        some = strspn(++r->at, digits);
        if (!some)
            return bad(r, "digits");
        r->at += some;
    }
    if (*r->at == 'e' || *r->at == 'E') {
        r->at++;
        r->at += *r->at == '+' || *r->at == '-';
        some = strspn(r->at, digits);
        if (!some)
            return bad(r, "digits");
        r->at += some;
    }
    return 0;
}

static int array(struct reader *r, struct jin *jin, struct jin_pair *pair)
{
    pair->kind = JIN_ARRAY;
    pair->first = jin->items;
    if (next_is(r, ']'))
        return 0;
    do {
        if (jin->items == JIN_ITEMS_MAX)
            return bad(r, "fewer strings");
        if (string(r, &jin->at[jin->items]))
            return -1;
        jin->items++;
        pair->items++;
    } while (next_is(r, ','));
    return next_is(r, ']') ? 0 : bad(r, "',' or ']'");
}

/* A word or a number.  The character that ended a number is returned, as its
 * place becomes the zero behind the number's text. */
static int scalar(struct reader *r, struct jin_pair *pair, char *ret_end)
{
    static const struct {
        const char *word;
        enum jin_kind kind;
    } words[] = { { "true", JIN_TRUE },
                  { "false", JIN_FALSE },
                  { "null", JIN_NULL } };
    char *start = r->at;

    *ret_end = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i].word);

        if (!strncmp(r->at, words[i].word, len)) {
            pair->kind = words[i].kind;
            r->at += len;
            return 0;
        }
    }
    if (number(r))
        return -1;
    pair->kind = JIN_NUMBER;
    pair->text = start;
    skip_space(r);
    *ret_end = *r->at;
    if (*ret_end != ',' && *ret_end != '}')
        return bad(r, "',' or '}'");
    start[strspn(start, "0123456789+-.eE")] = 0;
    *r->at++ = 0;
    return 0;
}

/* One pair; *ret_end is the ',' or '}' behind it. */
static int pair_read(struct reader *r, struct jin *jin, char *ret_end)
{
    struct jin_pair *pair = &jin->pair[jin->pairs];
    char *text;
    int rc;

    memset(pair, 0, sizeof *pair);
    *ret_end = 0;
    if (string(r, &text))
        return -1;
    pair->key = text;
    if (!next_is(r, ':'))
        return bad(r, "':'");
    skip_space(r);
    if (*r->at == '"') {
        rc = string(r, &text);
        pair->kind = JIN_STRING;
        pair->text = text;
    } else if (*r->at == '[') {
        r->at++;
        rc = array(r, jin, pair);
    } else {
        rc = scalar(r, pair, ret_end);
    }
    if (rc)
        return rc;
    jin->pairs++;
    if (*ret_end)
        return 0;
    *ret_end = next_is(r, ',') ? ',' : next_is(r, '}') ? '}' : 0;
    return *ret_end ? 0 : bad(r, "',' or '}'");
}

int jin_parse(char *line, struct jin *ret_jin, struct fail *fail)
{
    struct reader r = { line, line, fail };
    char end = ',';

    memset(ret_jin, 0, sizeof *ret_jin);
    if (!next_is(&r, '{'))
        return bad(&r, "'{'");
    if (!next_is(&r, '}'))
        while (end == ',') {
            if (ret_jin->pairs == JIN_PAIRS_MAX)
                return bad(&r, "fewer keys");
            if (pair_read(&r, ret_jin, &end))
                return -1;
        }
    skip_space(&r);
    return *r.at ? bad(&r, "the end of the line") : 0;
}

const struct jin_pair *jin_find(const struct jin *jin, const char *key)
{
    for (size_t i = 0; i < jin->pairs; i++)
        if (!strcmp(jin->pair[i].key, key))
            return &jin->pair[i];
    return NULL;
}
