/* fuzz_mlpw.c - weights files, whatever is in them */
#include <stdlib.h>
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/net.h"
#include "runner/sha256.h"
#include "tests/fuzz/fuzz.h"

/* Write the right hash into the head, or no altered file would be taken. */
static void stamp(uint8_t *data, size_t size)
{
    char hex[SHA256_HEX];

    if (size < NET_HEAD_BYTES)
        return;
    sha256_bytes(data + NET_HEAD_BYTES, size - NET_HEAD_BYTES, hex);
    for (size_t i = 0; i < 32; i++) {
        char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 };

        data[NET_DIGEST_AT + i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

static void parse_and_pack(const uint8_t *data, size_t size)
{
    struct net net;
    struct fail fail;

    if (net_parse(data, size, "fuzz", &net, &fail))
        return;
    /* what was taken must also pack: sizes and levels were believed */
    for (unsigned i = 0; i < NET_LAYERS; i++) {
        enum precision p = net.bits == 2   ? PRECISION_INT2
                           : net.bits == 4 ? PRECISION_INT4
                                           : PRECISION_FP32;
        const struct kernel *kernel;
        struct kernel_layer packed;

        if (!kernel_choose("portable", p, 0, 1, &kernel, NULL) &&
            !kernel_layer_pack(kernel, &net.layer[i], &packed, NULL))
            kernel_layer_clear(&packed);
    }
    net_clear(&net);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    parse_and_pack(data, size);
    if (copy) {
        memcpy(copy, data, size);
        stamp(copy, size);
        parse_and_pack(copy, size);
    }
    free(copy);
}
