/* fuzz_mlpw.c - weights files, whatever is in them */
#include "runner/kernels/kernel.h"
#include "runner/net.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(const uint8_t *data, size_t size)
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
