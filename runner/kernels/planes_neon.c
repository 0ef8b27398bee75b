/* planes_neon.c - INT2 and INT4 by bit planes, ARMv8.0 NEON
 *
 * The sums of planes_portable.c with CNT: a 128-bit register holds 64 inputs
 * of two neurons, and byte counters gather up to 8 a word.  They are emptied
 * into 64 bits before they can pass 255.  Positive and negative products
 * (those of the weights' top plane) are counted apart.
 */
#include <arm_neon.h>
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/planes.h"

kernel_pack_f planes_neon_pack;
kernel_layer_f planes_neon_layer;

#define INLINE static inline __attribute__((always_inline))
#define SUMS   7 /* 2 bits - 1, at most */

int planes_neon_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return planes_pack(src, dst);
}

INLINE uint64x2_t widen(uint8x16_t bytes)
{
    return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(bytes)));
}

/* Count the words from 'from' to 'to' of two neurons into byte counters. */
INLINE void count_words(const uint64_t *w, const uint64_t *a, size_t from,
                        size_t to, unsigned bits, uint8x16_t *plus,
                        uint8x16_t *minus)
{
    for (size_t i = from; i < to; i++)
#pragma GCC unroll 4
        for (unsigned x = 0; x < bits; x++) {
            uint64x2_t lanes = vld1q_u64(w + (i * bits + x) * PLANES_LANES);

#pragma GCC unroll 4
            for (unsigned y = 0; y < bits; y++) {
                uint64x2_t both =
                    vandq_u64(lanes, vdupq_n_u64(a[i * bits + y]));
                uint8x16_t ones = vcntq_u8(vreinterpretq_u8_u64(both));

                if (x == bits - 1)
                    minus[x + y] = vaddq_u8(minus[x + y], ones);
                else
                    plus[x + y] = vaddq_u8(plus[x + y], ones);
            }
        }
}

/* Two neurons, 'w' their first word, against one image. */
INLINE void two_sums(const uint64_t *w, const uint64_t *a, size_t words,
                     unsigned bits, int32_t *acc)
{
    size_t step = 31 / bits; /* 8 x bits x step stays below 256 */
    int64x2_t sum = vdupq_n_s64(0);

    for (size_t i = 0; i < words; i += step) {
        uint8x16_t plus[SUMS], minus[SUMS];
        size_t to = words - i < step ? words : i + step;

#pragma GCC unroll 7
        for (unsigned s = 0; s < 2 * bits - 1; s++)
            plus[s] = minus[s] = vdupq_n_u8(0);
        count_words(w, a, i, to, bits, plus, minus);
#pragma GCC unroll 7
        for (unsigned s = 0; s < 2 * bits - 1; s++) {
            int64x2_t part = vreinterpretq_s64_u64(
                vsubq_u64(widen(plus[s]), widen(minus[s])));

            sum = vaddq_s64(sum, vshlq_s64(part, vdupq_n_s64((int64_t)s)));
        }
    }
    acc[0] = (int32_t)vgetq_lane_s64(sum, 0);
    acc[1] = (int32_t)vgetq_lane_s64(sum, 1);
}

INLINE void eight(const struct kernel_layer *layer, const uint64_t *a,
                  uint8_t *out, int32_t *raw, size_t j, unsigned bits)
{
    size_t words = layer->kp / 64;
    const uint64_t *w = (const uint64_t *)layer->w + j * words * bits;
    int32_t acc[PLANES_LANES];

    for (size_t v = 0; v < PLANES_LANES; v += 2)
        two_sums(w + v, a, words, bits, acc + v);
    if (raw)
        memcpy(raw + j, acc, sizeof acc);
    else
        planes_store(layer, acc, j, out);
}

void planes_neon_layer(const struct kernel_layer *layer, const void *in,
                       void *out, void *raw, size_t rows, size_t first,
                       size_t last)
{
    size_t in_words = layer->kp / 64 * layer->bits;
    size_t out_bytes = layer->np / 8 * layer->bits;
    const uint64_t *a = in;

    for (size_t j = first * KERNEL_BLOCK; j < last * KERNEL_BLOCK;
         j += PLANES_LANES)
        for (size_t r = 0; r < rows; r++) {
            uint8_t *to = raw ? NULL : (uint8_t *)out + r * out_bytes;
            int32_t *sums = raw ? (int32_t *)raw + r * layer->np : NULL;

            if (layer->bits == 2)
                eight(layer, a + r * in_words, to, sums, j, 2);
            else
                eight(layer, a + r * in_words, to, sums, j, 4);
        }
}
