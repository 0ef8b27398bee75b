/* panel_dotprod.c - INT2, INT4 and INT8 on ARMv8.2 dot products
 *
 * SDOT and UDOT multiply four bytes by four bytes of the same kind and add
 * them to a 32-bit lane: a lane is a neuron.  INT2 and INT4 use UDOT on
 * fields made unsigned by an offset.  INT8 activations are unsigned while
 * weights are signed, so 128 is taken off the activations (the top bit
 * flipped) and 128 times the sum of a neuron's weights put back.
 */
#include <arm_neon.h>

#include "runner/kernels/arm_store.h"
#include "runner/kernels/panel.h"
#include "runner/mem.h"

kernel_pack_f bytes_dotprod_pack, fields_dotprod_pack;
kernel_layer_f bytes_dotprod_layer, fields_dotprod_layer;

#define INLINE static inline __attribute__((always_inline))
#define WIDE   4 /* registers of four neurons side by side */
#define ROWS   4 /* of a tile */

struct place {
    const struct kernel_layer *layer;
    const uint8_t *in, *w;
    uint8_t *out;
    int32_t *raw;
    size_t j;
};

int fields_dotprod_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_fields(src, dst, KERNEL_BLOCK);
}

int bytes_dotprod_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    dst->fix = mem_alloc(mem_mul(dst->np, sizeof *dst->fix));
    if (!dst->fix)
        return -1;
    for (size_t j = 0; j < src->n; j++)
        for (size_t i = 0; i < src->k; i++)
            dst->fix[j] += 128 * src->w[j * src->k + i];
    return panel_pack_bytes(src, dst, 4, KERNEL_BLOCK);
}

INLINE void store(const struct place *p, size_t rows, size_t h,
                  int32x4_t (*acc)[WIDE])
{
    size_t np = p->layer->np;

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t v = 0; v < WIDE; v++)
            arm_store4(p->layer, acc[r][v], p->raw ? NULL : p->out + r * np,
                       p->raw ? p->raw + r * np : NULL, p->j + h + v * 4);
}

INLINE void bytes_tile(const struct place *p, size_t rows)
{
    size_t kp = p->layer->kp;

    for (size_t h = 0; h < KERNEL_BLOCK; h += WIDE * 4) {
        int32x4_t acc[ROWS][WIDE];

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++)
                acc[r][v] = vld1q_s32(p->layer->fix + p->j + h + v * 4);
        for (size_t g = 0; g < kp / 4; g++) {
            const int8_t *w = (const int8_t *)p->w + (g * 64 + h) * 4;
            int8x16_t x[WIDE];

#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++)
                x[v] = vld1q_s8(w + v * 16);
#pragma GCC unroll 4
            for (size_t r = 0; r < rows; r++) {
                uint8x16_t a = arm_broadcast4(p->in + r * kp + g * 4);
                int8x16_t s =
                    vreinterpretq_s8_u8(veorq_u8(a, vdupq_n_u8(0x80)));

#pragma GCC unroll 4
                for (size_t v = 0; v < WIDE; v++)
                    acc[r][v] = vdotq_s32(acc[r][v], x[v], s);
            }
        }
        store(p, rows, h, acc);
    }
}

/* One group of 'fields' fields of sixteen neurons against 'rows' rows. */
INLINE void fields_group(const struct place *p, size_t rows, size_t h, size_t g,
                         unsigned bits, uint32x4_t (*acc)[WIDE])
{
    const uint8x16_t mask = vdupq_n_u8((uint8_t)((1u << bits) - 1));
    size_t fields = 8 / bits, kp = p->layer->kp;
    uint8x16_t x[WIDE], y[WIDE];

#pragma GCC unroll 4
    for (size_t v = 0; v < WIDE; v++)
        x[v] = vld1q_u8(p->w + (g * KERNEL_BLOCK + h) * 4 + v * 16);
#pragma GCC unroll 4
    for (size_t f = 0; f < fields; f++) {
        int8x16_t down = vdupq_n_s8((int8_t)(-(int)(f * bits)));

#pragma GCC unroll 4
        for (size_t v = 0; v < WIDE; v++)
            y[v] = vandq_u8(vshlq_u8(x[v], down), mask);
#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++) {
            uint8x16_t a =
                arm_broadcast4(p->in + r * kp + (g * fields + f) * 4);

#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++)
                acc[r][v] = vdotq_u32(acc[r][v], y[v], a);
        }
    }
}

INLINE void fields_tile(const struct place *p, size_t rows, unsigned bits,
                        const int32_t *offset)
{
    size_t groups = p->layer->kp / (32 / bits);

    for (size_t h = 0; h < KERNEL_BLOCK; h += WIDE * 4) {
        uint32x4_t acc[ROWS][WIDE];
        int32x4_t sum[ROWS][WIDE];

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++)
                acc[r][v] = vdupq_n_u32(0);
        for (size_t g = 0; g < groups; g++)
            fields_group(p, rows, h, g, bits, acc);
#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < WIDE; v++)
                sum[r][v] = vsubq_s32(vreinterpretq_s32_u32(acc[r][v]),
                                      vdupq_n_s32(offset[r]));
        store(p, rows, h, sum);
    }
}

INLINE void advance(struct place *p, size_t rows)
{
    p->in += rows * p->layer->kp;
    if (p->raw)
        p->raw += rows * p->layer->np;
    else
        p->out += rows * p->layer->np;
}

INLINE void block(struct place p, size_t rows, unsigned bits)
{
    while (rows) {
        size_t some = rows >= ROWS ? ROWS : 1;
        int32_t offset[ROWS];

        if (bits < 8)
            for (size_t r = 0; r < some; r++)
                offset[r] = panel_offset(p.layer, p.in + r * p.layer->kp);
        if (bits == 8 && some == ROWS)
            bytes_tile(&p, ROWS);
        else if (bits == 8)
            bytes_tile(&p, 1);
        else if (some == ROWS)
            fields_tile(&p, ROWS, bits, offset);
        else
            fields_tile(&p, 1, bits, offset);
        advance(&p, some);
        rows -= some;
    }
}

void bytes_dotprod_layer(const struct kernel_layer *layer, const void *in,
                         void *out, void *raw, size_t rows, size_t first,
                         size_t last)
{
    for (size_t b = first; b < last; b++) {
        struct place p = { layer, in, NULL, out, raw, b * KERNEL_BLOCK };

        p.w = (const uint8_t *)layer->w + b * KERNEL_BLOCK * layer->kp;
        block(p, rows, 8);
    }
}

void fields_dotprod_layer(const struct kernel_layer *layer, const void *in,
                          void *out, void *raw, size_t rows, size_t first,
                          size_t last)
{
    size_t block_bytes = KERNEL_BLOCK * layer->kp / 8 * layer->bits;

    for (size_t b = first; b < last; b++) {
        struct place p = { layer, in, NULL, out, raw, b * KERNEL_BLOCK };

        p.w = (const uint8_t *)layer->w + b * block_bytes;
        if (layer->bits == 2)
            block(p, rows, 2);
        else
            block(p, rows, 4);
    }
}
