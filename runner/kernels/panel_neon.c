/* panel_neon.c - INT2, INT4 and INT8 on ARMv8.0 NEON
 *
 * INT2 and INT4: fields are widened in registers and UMLAL adds products of
 * unsigned bytes into 16-bit lanes, which are emptied into 32 bits before
 * they can overflow (at most 225 a product, 2 products a group at 4 bits).
 * INT8: both sides widened to 16 bits, SMLAL into 32.  A lane is a neuron
 * and one of its four inputs; pairs are added at the end.
 */
#include <arm_neon.h>

#include "runner/kernels/arm_store.h"
#include "runner/kernels/panel.h"

kernel_pack_f bytes_neon_pack, fields_neon_pack;
kernel_layer_f bytes_neon_layer, fields_neon_layer;

#define INLINE static inline __attribute__((always_inline))
#define WIDE   4 /* registers of four neurons side by side */

/* Groups between two emptyings: 36 a lane and group at 2 bits (four fields
 * of 9), 450 at 4 bits (two of 225). */
#define STEP_INT2 1024
#define STEP_INT4 128

int bytes_neon_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_bytes(src, dst, 4, KERNEL_BLOCK);
}

int fields_neon_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_fields(src, dst, KERNEL_BLOCK);
}

/* Groups from 'from' to 'to' of sixteen neurons into 16-bit lanes. */
INLINE void fields_step(const uint8_t *w, const uint8_t *a, size_t from,
                        size_t to, unsigned bits, uint16x8_t *low,
                        uint16x8_t *high)
{
    const uint8x16_t mask = vdupq_n_u8((uint8_t)((1u << bits) - 1));
    size_t fields = 8 / bits;

    for (size_t g = from; g < to; g++)
#pragma GCC unroll 4
        for (size_t f = 0; f < fields; f++) {
            uint8x16_t q = arm_broadcast4(a + (g * fields + f) * 4);
            int8x16_t down = vdupq_n_s8((int8_t)(-(int)(f * bits)));

#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++) {
                uint8x16_t x = vld1q_u8(w + g * KERNEL_BLOCK * 4 + v * 16);

                x = vandq_u8(vshlq_u8(x, down), mask);
                low[v] = vmlal_u8(low[v], vget_low_u8(x), vget_low_u8(q));
                high[v] = vmlal_high_u8(high[v], x, q);
            }
        }
}

/* Sixteen neurons against one image; 'w' their first group. */
INLINE void fields_sums(const struct kernel_layer *layer, const uint8_t *w,
                        const uint8_t *a, int32_t offset, unsigned bits,
                        int32x4_t *sum)
{
    size_t groups = layer->kp / (32 / bits);
    size_t step = bits == 2 ? STEP_INT2 : STEP_INT4;

#pragma GCC unroll 4
    for (size_t v = 0; v < WIDE; v++)
        sum[v] = vdupq_n_s32(-offset);
    for (size_t g = 0; g < groups; g += step) {
        uint16x8_t low[WIDE], high[WIDE];
        size_t to = groups - g < step ? groups : g + step;

#pragma GCC unroll 4
        for (size_t v = 0; v < WIDE; v++)
            low[v] = high[v] = vdupq_n_u16(0);
        fields_step(w, a, g, to, bits, low, high);
#pragma GCC unroll 4
        for (size_t v = 0; v < WIDE; v++) {
            uint32x4_t four =
                vpaddq_u32(vpaddlq_u16(low[v]), vpaddlq_u16(high[v]));

            sum[v] = vaddq_s32(sum[v], vreinterpretq_s32_u32(four));
        }
    }
}

/* The same for bytes: each neuron has four 32-bit lanes of its own. */
INLINE void bytes_sums(const struct kernel_layer *layer, const uint8_t *w,
                       const uint8_t *a, int32x4_t *sum)
{
    int32x4_t acc[WIDE][4];

#pragma GCC unroll 4
    for (size_t v = 0; v < WIDE; v++)
        acc[v][0] = acc[v][1] = acc[v][2] = acc[v][3] = vdupq_n_s32(0);
    for (size_t g = 0; g < layer->kp / 4; g++) {
        int16x8_t q = vreinterpretq_s16_u16(
            vmovl_u8(vget_low_u8(arm_broadcast4(a + g * 4))));
        int16x4_t four = vget_low_s16(q);

#pragma GCC unroll 4
        for (size_t v = 0; v < WIDE; v++) {
            int8x16_t x =
                vld1q_s8((const int8_t *)(w + g * KERNEL_BLOCK * 4 + v * 16));
            int16x8_t x0 = vmovl_s8(vget_low_s8(x)), x1 = vmovl_high_s8(x);

            acc[v][0] = vmlal_s16(acc[v][0], vget_low_s16(x0), four);
            acc[v][1] = vmlal_high_s16(acc[v][1], x0, q);
            acc[v][2] = vmlal_s16(acc[v][2], vget_low_s16(x1), four);
            acc[v][3] = vmlal_high_s16(acc[v][3], x1, q);
        }
    }
#pragma GCC unroll 4
    for (size_t v = 0; v < WIDE; v++)
        sum[v] = vpaddq_s32(vpaddq_s32(acc[v][0], acc[v][1]),
                            vpaddq_s32(acc[v][2], acc[v][3]));
}

/* One image against the blocks from 'first' to 'last'; 'bits' is constant
 * where this is called. */
INLINE void row_blocks(const struct kernel_layer *layer, const uint8_t *a,
                       uint8_t *out, int32_t *raw, size_t first, size_t last,
                       unsigned bits)
{
    size_t block_bytes = KERNEL_BLOCK * layer->kp / 8 * bits;
    int32_t offset = bits < 8 ? panel_offset(layer, a) : 0;

    for (size_t b = first; b < last; b++) {
        const uint8_t *w = (const uint8_t *)layer->w + b * block_bytes;

        for (size_t h = 0; h < KERNEL_BLOCK; h += WIDE * 4) {
            int32x4_t sum[WIDE];

            if (bits == 8)
                bytes_sums(layer, w + h * 4, a, sum);
            else
                fields_sums(layer, w + h * 4, a, offset, bits, sum);
#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++)
                arm_store4(layer, sum[v], out, raw,
                           b * KERNEL_BLOCK + h + v * 4);
        }
    }
}

void fields_neon_layer(const struct kernel_layer *layer, const void *in,
                       void *out, void *raw, size_t rows, size_t first,
                       size_t last)
{
    const uint8_t *a = in;

    for (size_t b = first; b < last; b++)
        for (size_t r = 0; r < rows; r++) {
            uint8_t *to = raw ? NULL : (uint8_t *)out + r * layer->np;
            int32_t *sums = raw ? (int32_t *)raw + r * layer->np : NULL;

            if (layer->bits == 2)
                row_blocks(layer, a + r * layer->kp, to, sums, b, b + 1, 2);
            else
                row_blocks(layer, a + r * layer->kp, to, sums, b, b + 1, 4);
        }
}

void bytes_neon_layer(const struct kernel_layer *layer, const void *in,
                      void *out, void *raw, size_t rows, size_t first,
                      size_t last)
{
    const uint8_t *a = in;

    for (size_t b = first; b < last; b++)
        for (size_t r = 0; r < rows; r++) {
            uint8_t *to = raw ? NULL : (uint8_t *)out + r * layer->np;
            int32_t *sums = raw ? (int32_t *)raw + r * layer->np : NULL;

            row_blocks(layer, a + r * layer->kp, to, sums, b, b + 1, 8);
        }
}
