/* clean.c - carriage returns, colours and broken bytes taken out */
#include "workers/collect/clean.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"

#define ESCAPE 0x1b

/* The length of the control sequence at 'at' (ESC [ ... letter), or 0. */
static size_t sequence_len(const uint8_t *at, size_t left)
{
    size_t n = 2;

    if (left < 3 || at[0] != ESCAPE || at[1] != '[')
        return 0;
    while (n < left && n < 32 && at[n] >= 0x20 && at[n] <= 0x3f)
        n++;
    return n < left && at[n] >= 0x40 && at[n] <= 0x7e ? n + 1 : 0;
}

void collect_clean(struct buf *out, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    size_t kept = 0, skip;

    for (size_t i = 0; i < len; i += skip) {
        skip = bytes[i] == '\r' ? 1 : sequence_len(bytes + i, len - i);
        if (!skip) {
            skip = 1;
            continue;
        }
        text_clean_utf8(out, bytes + kept, i - kept);
        if (bytes[i] == '\r' && (i + 1 == len || bytes[i + 1] != '\n'))
            buf_put_u8(out, '\n');
        kept = i + skip;
    }
    if (kept < len)
        text_clean_utf8(out, bytes + kept, len - kept);
}

static void one_line(const char *text, size_t len, char *line, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < len && n + 3 < size; i++) {
        if (text[i] == '\n') {
            if (n && line[n - 1] != ' ') {
                line[n++] = ';';
                line[n++] = ' ';
            }
        } else if (text[i] != ' ' || (n && line[n - 1] != ' ')) {
            line[n++] = text[i] == '\t' ? ' ' : text[i];
        }
    }
    if (n + 3 >= size) /* may have stopped inside a character */
        while (n && (line[n - 1] & 0x80))
            n--;
    while (n && (line[n - 1] == ' ' || line[n - 1] == ';'))
        n--;
    line[n] = 0;
}

char *collect_last_words(const void *data, size_t len, char *line, size_t size)
{
    const uint8_t *bytes = data;
    struct buf clean = { 0 };
    size_t tail = len > 4 * size ? 4 * size : len, from = 0;

    line[0] = 0;
    if (!len)
        return line;
    collect_clean(&clean, bytes + len - tail, tail);
    while (clean.len && strchr(" \t\n", clean.data[clean.len - 1]))
        clean.len--;
    if (clean.len + 4 > size) {
        from = clean.len - (size - 4);
        while (from < clean.len && (clean.data[from] & 0xc0) == 0x80)
            from++;
    }
    if (!buf_failed(&clean) && clean.len)
        one_line((const char *)clean.data + from, clean.len - from, line, size);
    buf_free(&clean);
    return line;
}
