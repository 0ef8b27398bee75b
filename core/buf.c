/* buf.c - growing bytes and a careful reader of them */
#include "core/buf.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *buf)
{
    if (!buf)
        return;
    free(buf->data);
    *buf = (struct buf){ 0 };
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
}

bool buf_failed(const struct buf *buf)
{
    return buf->failed;
}

bool buf_reserve(struct buf *buf, size_t more)
{
    size_t cap = buf->cap ? buf->cap : 64;
    uint8_t *data;

    if (buf->failed || more > SIZE_MAX / 4 - buf->len) {
        buf->failed = true;
        return false;
    }
    if (buf->len + more <= buf->cap)
        return true;
    while (cap < buf->len + more)
        cap *= 2;
    data = realloc(buf->data, cap);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void buf_put(struct buf *buf, const void *data, size_t len)
{
    if (!len || !buf_reserve(buf, len))
        return;
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}

static void put_le(struct buf *buf, uint64_t value, size_t bytes)
{
    uint8_t raw[8];

    for (size_t i = 0; i < bytes; i++)
        raw[i] = (uint8_t)(value >> (8 * i));
    buf_put(buf, raw, bytes);
}

void buf_put_u8(struct buf *buf, uint8_t value)
{
    put_le(buf, value, 1);
}

void buf_put_u16(struct buf *buf, uint16_t value)
{
    put_le(buf, value, 2);
}

void buf_put_u32(struct buf *buf, uint32_t value)
{
    put_le(buf, value, 4);
}

void buf_put_u64(struct buf *buf, uint64_t value)
{
    put_le(buf, value, 8);
}

void buf_put_i64(struct buf *buf, int64_t value)
{
    put_le(buf, (uint64_t)value, 8);
}

void buf_put_f64(struct buf *buf, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put_le(buf, bits, 8);
}

void buf_put_block(struct buf *buf, const void *data, size_t len)
{
    if (len > UINT32_MAX) {
        buf->failed = true;
        return;
    }
    buf_put_u32(buf, (uint32_t)len);
    buf_put(buf, data, len);
}

void buf_put_string(struct buf *buf, const char *text)
{
    buf_put_block(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len < 0 || !buf_reserve(buf, (size_t)len + 1))
        return;
    va_start(ap, fmt);
    vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, fmt, ap);
    va_end(ap);
    buf->len += (size_t)len;
}

const char *buf_text(struct buf *buf)
{
    if (!buf_reserve(buf, 1))
        return "";
    buf->data[buf->len] = 0;
    return (const char *)buf->data;
}

void buf_consume(struct buf *buf, size_t count)
{
    if (count >= buf->len) {
        buf->len = 0;
        return;
    }
    memmove(buf->data, buf->data + count, buf->len - count);
    buf->len -= count;
}

struct cursor cursor_of(const void *data, size_t len)
{
    return (struct cursor){ .data = data, .len = len };
}

size_t cursor_left(const struct cursor *cur)
{
    return cur->failed ? 0 : cur->len - cur->at;
}

const uint8_t *cursor_bytes(struct cursor *cur, size_t len)
{
    const uint8_t *at;

    if (cur->failed || len > cur->len - cur->at) {
        cur->failed = true;
        return NULL;
    }
    at = cur->data + cur->at;
    cur->at += len;
    return at;
}

static uint64_t get_le(struct cursor *cur, size_t bytes)
{
    const uint8_t *raw = cursor_bytes(cur, bytes);
    uint64_t value = 0;

    if (raw)
        memcpy(&value, raw, bytes);
    return le64toh(value);
}

uint8_t cursor_u8(struct cursor *cur)
{
    return (uint8_t)get_le(cur, 1);
}

uint16_t cursor_u16(struct cursor *cur)
{
    return (uint16_t)get_le(cur, 2);
}

uint32_t cursor_u32(struct cursor *cur)
{
    return (uint32_t)get_le(cur, 4);
}

uint64_t cursor_u64(struct cursor *cur)
{
    return get_le(cur, 8);
}

int64_t cursor_i64(struct cursor *cur)
{
    return (int64_t)get_le(cur, 8);
}

double cursor_f64(struct cursor *cur)
{
    uint64_t bits = get_le(cur, 8);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

const uint8_t *cursor_block(struct cursor *cur, size_t *ret_len)
{
    size_t len = cursor_u32(cur);
    const uint8_t *at = cursor_bytes(cur, len);

    *ret_len = at ? len : 0;
    return at;
}

size_t cursor_string(struct cursor *cur, char *text, size_t size)
{
    size_t len, part;
    const uint8_t *at = cursor_block(cur, &len);

    part = at && len < size ? len : at ? size - 1 : 0;
    if (part)
        memcpy(text, at, part);
    text[part] = 0;
    return len;
}
