/* fuzz_redact.c - what boards print, redacted: nothing known is left */
#include <string.h>

#include "orchestrator/archive/redact.h"
#include "orchestrator/archive/redact_forms.h"
#include "tests/fuzz/fuzz.h"

/* Where "tx2-1" stands by itself. */
static bool is_left(struct buf *out)
{
    const char *text = buf_text(out), *at = text;

    while ((at = strstr(at, "tx2-1"))) {
        if ((at == text || !redact_word_char(at[-1])) &&
            !redact_word_char(at[5]))
            return true;
        at++;
    }
    return false;
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct redact *redact = redact_create();
    struct buf out = { 0 };

    redact_add(redact, REDACT_HOST, "tx2-1", NULL);
    redact_text(redact, (const char *)data, size, &out, NULL);
    if (!memchr(data, 0, size) && is_left(&out))
        __builtin_trap();
    buf_free(&out);
    redact_destroy(redact);
}
