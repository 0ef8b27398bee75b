/* fuzz_lease.c - leases as anybody with an account on the board writes them */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workers/lease_text.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct buf who = { 0 };
    struct lease lease;
    int64_t now;
    char boot[64];
    size_t used;

    lease_parse_now(text, size, &now, boot);
    while ((used = lease_parse(text, size, &lease)) > 0) {
        if (used > size || !memchr(lease.mode, 0, sizeof(lease.mode)))
            __builtin_trap();
        lease_describe(&lease, &who);
        text += used;
        size -= used;
    }
    buf_free(&who);
}
