/* dot_portable.c - INT2, INT4 and INT8 in plain C: byte times byte
 *
 * Weights lie as [np][kp] bytes, one level each.  A row of activations is
 * widened to 16 bits once, so that compilers find their pair-multiply-add
 * (SSE2 PMADDWD, NEON SMLAL).  Sums are exact: the loader has checked that
 * none leaves 32 bits, and partial sums of 16-bit products cannot either.
 */
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/mem.h"

kernel_pack_f dot_portable_pack;
kernel_layer_f dot_portable_layer;

int dot_portable_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    int8_t *w = mem_alloc(mem_mul(dst->np, dst->kp));

    if (!w)
        return -1;
    for (size_t j = 0; j < dst->n; j++)
        memcpy(w + j * dst->kp, src->w + j * src->k, src->k);
    dst->w = w;
    return 0;
}

static int32_t dot(const int8_t *w, const int16_t *a, size_t k)
{
    int32_t sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += (int16_t)w[i] * a[i];
    return sum;
}

void dot_portable_layer(const struct kernel_layer *layer, const void *in,
                        void *out, void *raw, size_t rows, size_t first,
                        size_t last)
{
    const uint8_t *a = in;
    const int8_t *w = layer->w;
    int16_t wide[NET_WIDTH_MAX];
    int32_t *sums = raw;
    uint8_t *levels = out;

    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < layer->kp; i++)
            wide[i] = a[r * layer->kp + i];
        for (size_t j = first * KERNEL_BLOCK; j < last * KERNEL_BLOCK; j++) {
            int32_t acc = dot(w + j * layer->kp, wide, layer->kp);

            if (sums)
                sums[r * layer->np + j] = acc;
            else
                levels[r * layer->np + j] =
                    (uint8_t)kernel_level(layer, j, acc);
        }
    }
}
