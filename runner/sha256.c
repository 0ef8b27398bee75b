/* sha256.c - SHA-256, after the text of FIPS 180-4, sections 4 to 6 */
#include "runner/sha256.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const uint32_t start_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};
static const uint32_t round_word[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* clang-format on */

static uint32_t rotr(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t load_be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static void take_block(struct sha256 *ctx, const uint8_t *block)
{
    uint32_t w[64], s[8];

    for (unsigned t = 0; t < 16; t++)
        w[t] = load_be(block + 4 * t);
    for (unsigned t = 16; t < 64; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];

        w[t] = w[t - 16] + w[t - 7] + (rotr(a, 7) ^ rotr(a, 18) ^ (a >> 3)) +
               (rotr(b, 17) ^ rotr(b, 19) ^ (b >> 10));
    }
    memcpy(s, ctx->state, sizeof s);
    for (unsigned t = 0; t < 64; t++) {
        uint32_t sum1 = rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25);
        uint32_t sum0 = rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22);
        uint32_t ch = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t maj = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint32_t t1 = s[7] + sum1 + ch + round_word[t] + w[t];

        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t1;
        s[0] = t1 + sum0 + maj;
    }
    for (unsigned i = 0; i < 8; i++)
        ctx->state[i] += s[i];
}

void sha256_start(struct sha256 *ctx)
{
    memcpy(ctx->state, start_state, sizeof ctx->state);
    ctx->bytes = 0;
}

void sha256_update(struct sha256 *ctx, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t held = ctx->bytes % 64;

    ctx->bytes += len;
    if (held) {
        size_t take = 64 - held < len ? 64 - held : len;

        memcpy(ctx->block + held, p, take);
        p += take;
        len -= take;
        if (held + take < 64)
            return;
        take_block(ctx, ctx->block);
    }
    for (; len >= 64; p += 64, len -= 64)
        take_block(ctx, p);
    if (len)
        memcpy(ctx->block, p, len);
}

void sha256_finish(struct sha256 *ctx, char hex[SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = ctx->bytes * 8;
    size_t held = ctx->bytes % 64;
    uint8_t tail[72] = { 0x80 };
    size_t pad = (held < 56 ? 56 : 120) - held;

    for (unsigned i = 0; i < 8; i++)
        tail[pad + i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_update(ctx, tail, pad + 8);
    for (unsigned i = 0; i < 64; i++)
        hex[i] = digits[ctx->state[i / 8] >> (28 - i % 8 * 4) & 15];
    hex[64] = 0;
}

void sha256_bytes(const void *data, size_t len, char hex[SHA256_HEX])
{
    struct sha256 ctx;

    sha256_start(&ctx);
    sha256_update(&ctx, data, len);
    sha256_finish(&ctx, hex);
}

int sha256_file(const char *path, char hex[SHA256_HEX], struct fail *fail)
{
    uint8_t piece[16384];
    struct sha256 ctx;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fail_set_errno(fail, FAIL_IO, "cannot open %s", path);
    sha256_start(&ctx);
    while ((got = read(fd, piece, sizeof piece)) > 0)
        sha256_update(&ctx, piece, (size_t)got);
    if (got < 0)
        fail_set_errno(fail, FAIL_IO, "cannot read %s", path);
    close(fd);
    if (got < 0)
        return -1;
    sha256_finish(&ctx, hex);
    return 0;
}
