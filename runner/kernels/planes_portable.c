/* planes_portable.c - INT2 and INT4 in plain C: bit planes
 *
 * With weights w = sum_x s_x 2^x w_x (the top plane negative: two's
 * complement) and activations a = sum_y 2^y a_y, both in planes of one bit,
 * w . a = sum_xy s_x 2^(x+y) popcount(w_x & a_y)  (Umuroglu and Jahre,
 * "Streamlined deployment for quantized neural networks", 2017).
 * Weights lie as [np/8][kp/64][bits][8] words of 64 depths, eight neurons
 * side by side.
 */
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/planes.h"
#include "runner/mem.h"

kernel_pack_f planes_portable_pack;
kernel_layer_f planes_portable_layer;

int planes_portable_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return planes_pack(src, dst);
}

int planes_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    size_t words = dst->kp / 64;
    uint64_t *w = mem_alloc(mem_mul(dst->np * dst->bits, words * 8));

    if (!w)
        return -1;
    for (size_t j = 0; j < src->n; j++)
        for (size_t i = 0; i < src->k; i++)
            for (unsigned b = 0; b < dst->bits; b++) {
                unsigned level = (uint8_t)src->w[j * src->k + i];
                size_t group = j / PLANES_LANES * words + i / 64;
                size_t at = (group * dst->bits + b) * PLANES_LANES;

                w[at + j % PLANES_LANES] |= (uint64_t)(level >> b & 1)
                                            << (i % 64);
            }
    dst->w = w;
    return 0;
}

void planes_store(const struct kernel_layer *layer, const int32_t *acc,
                  size_t j, uint8_t *row)
{
    for (unsigned b = 0; b < layer->bits; b++)
        row[(j / 64 * layer->bits + b) * 8 + j % 64 / 8] = 0;
    for (size_t v = 0; v < PLANES_LANES; v++) {
        unsigned level = (unsigned)kernel_level(layer, j + v, acc[v]);

        for (unsigned b = 0; b < layer->bits; b++)
            row[(j / 64 * layer->bits + b) * 8 + j % 64 / 8] |=
                (uint8_t)((level >> b & 1) << v);
    }
}

/* Eight neurons against one image; 'w' their planes, 'a' the image's. */
static void eight_sums(const uint64_t *w, const uint64_t *a, size_t words,
                       unsigned bits, int32_t *acc)
{
    memset(acc, 0, PLANES_LANES * sizeof *acc);
    for (size_t i = 0; i < words; i++)
        for (unsigned x = 0; x < bits; x++)
            for (unsigned y = 0; y < bits; y++) {
                const uint64_t *lanes = w + (i * bits + x) * PLANES_LANES;
                int32_t weight = 1 << (x + y);

                if (x == bits - 1)
                    weight = -weight;
                for (size_t v = 0; v < PLANES_LANES; v++)
                    acc[v] += weight *
                              __builtin_popcountll(lanes[v] & a[i * bits + y]);
            }
}

void planes_portable_layer(const struct kernel_layer *layer, const void *in,
                           void *out, void *raw, size_t rows, size_t first,
                           size_t last)
{
    size_t words = layer->kp / 64,
           row = act_bytes(ACT_PLANES, layer->np, layer->bits);
    const uint64_t *a = in, *w = layer->w;
    int32_t *sums = raw, acc[PLANES_LANES];
    uint8_t *levels = out;

    for (size_t j = first * KERNEL_BLOCK; j < last * KERNEL_BLOCK;
         j += PLANES_LANES)
        for (size_t r = 0; r < rows; r++) {
            eight_sums(w + j * words * layer->bits, a + r * words * layer->bits,
                       words, layer->bits, acc);
            if (sums)
                memcpy(sums + r * layer->np + j, acc, sizeof acc);
            else
                planes_store(layer, acc, j, levels + r * row);
        }
}
