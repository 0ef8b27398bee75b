/* sha256.h - SHA-256 (FIPS 180-4), needing nothing but this */
#ifndef RUNNER_SHA256_H
#define RUNNER_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

#define SHA256_HEX 65 /* 64 hex digits and a zero */

struct sha256 {
    uint32_t state[8];
    uint64_t bytes; /* taken in so far */
    uint8_t block[64];
};

/* Begin a new digest. */
void sha256_start(struct sha256 *ctx);

/* Take in 'len' bytes. */
void sha256_update(struct sha256 *ctx, const void *data, size_t len);

/* End the digest and write it as lower-case hex; 'ctx' is then spent. */
void sha256_finish(struct sha256 *ctx, char hex[SHA256_HEX]);

/* SHA-256 of 'len' bytes as lower-case hex. */
void sha256_bytes(const void *data, size_t len, char hex[SHA256_HEX]);

/* SHA-256 of a file's content, read in pieces.  Returns 0, or -1: FAIL_IO. */
int sha256_file(const char *path, char hex[SHA256_HEX], struct fail *fail);

#endif
