/* buf.h - growing bytes, and reading them back without trusting them
 *
 * Numbers are little endian.  A buf that ran out of memory stays 'failed':
 * later appends do nothing, and the one check is at the end (buf_failed()).
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data; /* NULL while empty */
    size_t len, cap;
    bool failed; /* an append had no memory */
};

/* Free the bytes and make 'buf' empty and usable again.  NULL is fine. */
void buf_free(struct buf *buf);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *buf);

/* True if any append since the last buf_free() had no memory. */
bool buf_failed(const struct buf *buf);

/* Make room for 'more' bytes beyond len.  False if there is no memory. */
bool buf_reserve(struct buf *buf, size_t more);

/* Append bytes as they are. */
void buf_put(struct buf *buf, const void *data, size_t len);
/* Append a number, little-endian, in as many bits as the name says. */
void buf_put_u8(struct buf *buf, uint8_t value);
void buf_put_u16(struct buf *buf, uint16_t value);
void buf_put_u32(struct buf *buf, uint32_t value);
void buf_put_u64(struct buf *buf, uint64_t value);
void buf_put_i64(struct buf *buf, int64_t value);
void buf_put_f64(struct buf *buf, double value);
/* A u32 length and the bytes of a string or block. */
void buf_put_block(struct buf *buf, const void *data, size_t len);
void buf_put_string(struct buf *buf, const char *text);
/* Text without its terminating zero, as printf() makes it. */
void buf_printf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The content as a C string, valid until the next append; "" if empty or
 * failed. */
const char *buf_text(struct buf *buf);

/* Drop the first 'count' bytes (at most len). */
void buf_consume(struct buf *buf, size_t count);

/* A place in bytes that somebody else made.  A read past the end returns
 * zero or "" and sets 'failed'; the one check is at the end. */
struct cursor {
    const uint8_t *data;
    size_t len, at;
    bool failed;
};

/* The start of borrowed bytes, and how many are left after "at". */
struct cursor cursor_of(const void *data, size_t len);
size_t cursor_left(const struct cursor *cur);
/* Take a number, little-endian; 0 and failed if too few bytes are left. */
uint8_t cursor_u8(struct cursor *cur);
uint16_t cursor_u16(struct cursor *cur);
uint32_t cursor_u32(struct cursor *cur);
uint64_t cursor_u64(struct cursor *cur);
int64_t cursor_i64(struct cursor *cur);
double cursor_f64(struct cursor *cur);
/* 'len' bytes, borrowed from the data; NULL and failed if fewer are left. */
const uint8_t *cursor_bytes(struct cursor *cur, size_t len);
/* What buf_put_block() wrote; borrowed; sets ret_len. */
const uint8_t *cursor_block(struct cursor *cur, size_t *ret_len);
/* What buf_put_string() wrote, copied into 'text' of 'size' bytes and cut
 * there.  Returns the full length. */
size_t cursor_string(struct cursor *cur, char *text, size_t size);

#endif
