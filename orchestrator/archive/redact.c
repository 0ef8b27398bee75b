/* redact.c - secrets known and found, each replaced by a word of its own */
#include "orchestrator/archive/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "orchestrator/archive/redact_forms.h"

#define BUCKETS 4096

struct secret {
    char *text;
    size_t len;
    char word[24]; /* what stands for it; "" : kept */
    uint32_t next; /* in its bucket, index + 1 */
};

struct redact {
    VEC(struct secret) secrets;
    uint32_t buckets[BUCKETS]; /* by the first two bytes */
    unsigned counts[REDACT_KINDS];
};

static const char *const kind_words[REDACT_KINDS] = {
    [REDACT_HOST] = "host",       [REDACT_USER] = "user",
    [REDACT_ADDRESS] = "address", [REDACT_PATH] = "path",
    [REDACT_KEY] = "key",         [REDACT_SERIAL] = "serial",
};

struct redact *redact_create(void)
{
    return calloc(1, sizeof(struct redact));
}

void redact_destroy(struct redact *redact)
{
    if (!redact)
        return;
    for (size_t i = 0; i < redact->secrets.len; i++)
        free(redact->secrets.at[i].text);
    VEC_FREE(&redact->secrets);
    free(redact);
}

static uint32_t *bucket_of(struct redact *redact, const char *text, size_t len)
{
    unsigned first = (unsigned char)text[0];
    unsigned second = len > 1 ? (unsigned char)text[1] : 0;

    return &redact->buckets[(first * 31 + second * 257) % BUCKETS];
}

static struct secret *secret_find(struct redact *redact, const char *text,
                                  size_t len)
{
    uint32_t at = *bucket_of(redact, text, len);

    while (at) {
        struct secret *secret = &redact->secrets.at[at - 1];

        if (secret->len == len && !memcmp(secret->text, text, len))
            return secret;
        at = secret->next;
    }
    return NULL;
}

/* The secret 'text', known or new; NULL without memory. */
static struct secret *secret_take(struct redact *redact, int kind,
                                  const char *text, size_t len)
{
    struct secret *known = secret_find(redact, text, len);
    struct secret secret = { .len = len };
    uint32_t *bucket = bucket_of(redact, text, len);

    if (known)
        return known;
    secret.text = strndup(text, len);
    secret.next = *bucket;
    if (!secret.text || !VEC_PUSH(&redact->secrets, secret)) {
        free(secret.text);
        return NULL;
    }
    *bucket = (uint32_t)redact->secrets.len;
    known = &redact->secrets.at[*bucket - 1];
    if (kind >= 0)
        snprintf(known->word, sizeof(known->word), "%s-%u", kind_words[kind],
                 ++redact->counts[kind]);
    return known;
}

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory to redact");
}

int redact_add(struct redact *redact, enum redact_kind kind, const char *text,
               struct err *err)
{
    if (!*text || secret_take(redact, (int)kind, text, strlen(text)))
        return 0;
    return no_memory(err);
}

int redact_keep(struct redact *redact, const char *text, struct err *err)
{
    if (!*text || secret_take(redact, -1, text, strlen(text)))
        return 0;
    return no_memory(err);
}

/* The longest known secret at 'at' that no word goes on behind. */
static const struct secret *known_at(struct redact *redact, const char *text,
                                     size_t len, size_t at)
{
    const struct secret *best = NULL;
    uint32_t i = len - at > 1 ? *bucket_of(redact, text + at, len - at) : 0;

    while (i) {
        const struct secret *secret = &redact->secrets.at[i - 1];
        size_t end = at + secret->len;

        if (secret->len > 1 && end <= len &&
            (!best || secret->len > best->len) &&
            !memcmp(secret->text, text + at, secret->len) &&
            (end == len || !redact_word_char(text[end]) ||
             !redact_word_char(text[end - 1])))
            best = secret;
        i = secret->next;
    }
    return best;
}

/* Replace what stands at 'at', if it is a secret.  Returns how many bytes of
 * 'text' are done with, 0 if none. */
static size_t replace_at(struct redact *redact, const char *text, size_t len,
                         size_t at, struct buf *out)
{
    const struct secret *secret = known_at(redact, text, len, at);
    struct redact_span span = { 0 };

    if (!secret && redact_form_find(text, len, at, &span)) {
        buf_put(out, text + at, span.skip);
        secret = secret_take(redact, (int)span.kind, text + at + span.skip,
                             span.len);
        if (!secret)
            out->failed = true;
    }
    if (!secret)
        return 0;
    if (*secret->word)
        buf_put(out, secret->word, strlen(secret->word));
    else
        buf_put(out, secret->text, secret->len);
    return span.skip + secret->len;
}

int redact_text(struct redact *redact, const char *text, size_t len,
                struct buf *out, struct err *err)
{
    const struct secret *whole = len ? secret_find(redact, text, len) : NULL;
    size_t at = 0;

    if (whole && *whole->word) {
        buf_put(out, whole->word, strlen(whole->word));
        return buf_failed(out) ? no_memory(err) : 0;
    }
    while (at < len && !buf_failed(out)) {
        size_t n = replace_at(redact, text, len, at, out);

        at += n;
        if (n)
            continue;
        do /* the rest of a word cannot begin a secret */
            buf_put_u8(out, (uint8_t)text[at++]);
        while (at < len && redact_word_char(text[at - 1]));
    }
    return buf_failed(out) ? no_memory(err) : 0;
}
