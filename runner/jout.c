/* jout.c - writes one line of JSON into memory */
#include "runner/jout.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(struct jout *j, const char *text, size_t len)
{
    if (j->bad)
        return;
    if (j->len + len + 1 > j->room) {
        size_t room = (j->len + len + 1) * 2;
        char *bigger = realloc(j->text, room);

        if (!bigger) {
            j->bad = true;
            return;
        }
        j->text = bigger;
        j->room = room;
    }
    memcpy(j->text + j->len, text, len);
    j->len += len;
    j->text[j->len] = 0;
}

/* Bytes of the UTF-8 character at 's', 0 if it is none. */
static size_t utf8_length(const unsigned char *s)
{
    size_t len = s[0] < 0x80                   ? 1
                 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                 : (s[0] & 0xf0) == 0xe0       ? 3
                 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                               : 0;

    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

static void put_quoted(struct jout *j, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    char escape[8];

    put(j, "\"", 1);
    while (*s) {
        size_t len = utf8_length(s);

        if (*s == '"' || *s == '\\') {
            put(j, "\\", 1);
            put(j, (const char *)s, 1);
        } else if (*s < 0x20 || *s == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", *s);
            put(j, escape, 6);
        } else if (len == 0) {
            put(j, "?", 1);
        } else {
            put(j, (const char *)s, len);
        }
        s += len ? len : 1;
    }
    put(j, "\"", 1);
}

/* The comma and the key before a value. */
static void lead(struct jout *j, const char *key)
{
    char before = j->len ? j->text[j->len - 1] : '{';

    if (before != '{' && before != '[')
        put(j, ",", 1);
    if (key) {
        put_quoted(j, key);
        put(j, ":", 1);
    }
}

void jout_object(struct jout *j, const char *key)
{
    lead(j, key);
    put(j, "{", 1);
}

void jout_array(struct jout *j, const char *key)
{
    lead(j, key);
    put(j, "[", 1);
}

void jout_end(struct jout *j, char close)
{
    put(j, &close, 1);
}

void jout_str(struct jout *j, const char *key, const char *value)
{
    if (!value) {
        jout_null(j, key);
        return;
    }
    lead(j, key);
    put_quoted(j, value);
}

void jout_f64(struct jout *j, const char *key, double value)
{
    char text[40];

    if (!isfinite(value)) {
        jout_null(j, key);
        return;
    }
    lead(j, key);
    put(j, text, (size_t)snprintf(text, sizeof text, "%.9g", value));
}

void jout_i64(struct jout *j, const char *key, int64_t value)
{
    char text[24];

    lead(j, key);
    put(j, text, (size_t)snprintf(text, sizeof text, "%" PRId64, value));
}

void jout_bool(struct jout *j, const char *key, bool value)
{
    lead(j, key);
    put(j, value ? "true" : "false", value ? 4 : 5);
}

void jout_null(struct jout *j, const char *key)
{
    lead(j, key);
    put(j, "null", 4);
}

void jout_raw(struct jout *j, const char *key, const char *text, size_t len)
{
    lead(j, key);
    put(j, text, len);
}

int jout_write_all(int fd, const void *data, size_t len, struct fail *fail)
{
    const char *p = data;

    while (len) {
        ssize_t put_now = write(fd, p, len);

        if (put_now < 0 && errno == EINTR)
            continue;
        if (put_now < 0)
            return fail_set_errno(fail, FAIL_OUTPUT, "cannot write the answer");
        p += put_now;
        len -= (size_t)put_now;
    }
    return 0;
}

int jout_flush(struct jout *j, int fd, struct fail *fail)
{
    int rc;

    put(j, "\n", 1);
    if (j->bad)
        rc = fail_set(fail, FAIL_NOMEM, "no memory for the answer");
    else
        rc = jout_write_all(fd, j->text, j->len, fail);
    jout_clear(j);
    return rc;
}

void jout_clear(struct jout *j)
{
    free(j->text);
    memset(j, 0, sizeof *j);
}
