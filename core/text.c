/* text.c - near misses, strict numbers, shell quoting, clean UTF-8 */
#include "core/text.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 63

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1], la = strlen(a), lb = strlen(b);

    if (la > WORD_MAX || lb > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3];
        const size_t *older = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);

            now[j] = min3(last[j] + 1, now[j - 1] + 1, change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = min3(now[j], now[j], older[j - 2] + 1);
        }
    }
    return rows[la % 3][lb];
}

const char *text_nearest(const char *word, const char *const *words)
{
    size_t limit = strlen(word) / 3 + 1, best = limit + 1;
    const char *nearest = NULL;

    for (; *words; words++) {
        size_t d = distance(word, *words);

        if (d < best) {
            best = d;
            nearest = *words;
        }
    }
    return nearest;
}

bool text_to_f64(const char *text, double *ret_value)
{
    static const char allowed[] = "0123456789+-.eE";
    locale_t c_locale;
    char *end;
    double value;

    if (!*text || text[strspn(text, allowed)])
        return false;
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale)
        return false;
    value = strtod_l(text, &end, c_locale);
    freelocale(c_locale);
    if (*end || !isfinite(value))
        return false;
    *ret_value = value;
    return true;
}

bool text_to_i64(const char *text, int64_t *ret_value)
{
    char *end;
    int64_t value;

    if (!*text || text[strspn(text, "0123456789+-")])
        return false;
    errno = 0;
    value = strtoimax(text, &end, 10);
    if (*end || errno)
        return false;
    *ret_value = value;
    return true;
}

void text_quote_shell(struct buf *out, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789_-+=:,./@%";

    if (*word && !word[strspn(word, plain)]) {
        buf_put(out, word, strlen(word));
        return;
    }
    buf_put_u8(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            buf_put(out, "'\\''", 4);
        else
            buf_put_u8(out, (uint8_t)*word);
    }
    buf_put_u8(out, '\'');
}

/* The length of the well-formed UTF-8 sequence at 'p', 0 if there is none
 * (table 3-7 of the Unicode standard). */
static size_t utf8_len(const uint8_t *p, size_t left)
{
    uint8_t low = 0x80, high = 0xbf;
    size_t len;

    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (left < len)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

void text_clean_utf8(struct buf *out, const void *data, size_t len)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < len;) {
        size_t part = utf8_len(p + i, len - i);
        bool control = part == 1 && (p[i] < 0x20 || p[i] == 0x7f) &&
                       p[i] != '\n' && p[i] != '\t';

        if (!part || control)
            buf_put(out, "\xef\xbf\xbd", 3);
        else
            buf_put(out, p + i, part);
        i += part ? part : 1;
    }
}
