/* panel_vnni.c - INT2, INT4 and INT8 on AVX-512 VNNI
 *
 * VPDPBUSD multiplies four unsigned by four signed bytes and adds the four
 * products to a 32-bit lane: a lane is a neuron, the four bytes four inputs.
 * INT8: activations are the unsigned side, weights the signed one.  INT2 and
 * INT4: weights are the unsigned side, as fields widened in registers and
 * made unsigned by an offset that is taken off at the end; activations, at
 * most 15, are the signed side.  For one image fields are masked but not
 * shifted: each field has its own sums, whose factor is undone at the end.
 *
 * The instruction is written as assembly because gcc 12 copies the
 * accumulator around its intrinsic.
 */
#include <immintrin.h>
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/panel.h"

kernel_pack_f bytes_vnni_pack, fields_vnni_pack;
kernel_layer_f bytes_vnni_layer, fields_vnni_layer;

#define INLINE      static inline __attribute__((always_inline))
#define GROUP_BYTES (KERNEL_BLOCK * 4)

/* A tile's place: rows of activations against a block of neurons. */
struct place {
    const struct kernel_layer *layer;
    const uint8_t *in; /* first row of the tile */
    const uint8_t *w;  /* the block's panel */
    uint8_t *out;      /* first row, NULL if raw */
    int32_t *raw;
    size_t j; /* first neuron of the block */
};

int bytes_vnni_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_bytes(src, dst, 4, KERNEL_BLOCK);
}

int fields_vnni_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_fields(src, dst, KERNEL_BLOCK);
}

INLINE __m512i dot4(__m512i acc, __m512i u, __m512i s)
{
    __asm__("vpdpbusd %2,%1,%0" : "+v"(acc) : "v"(u), "v"(s));
    return acc;
}

INLINE __m512i broadcast4(const uint8_t *a)
{
    int32_t four;

    memcpy(&four, a, 4);
    return _mm512_set1_epi32(four);
}

/* Sixteen sums from neuron 'at' of the block on, for row 'r' of the tile. */
INLINE void store16(const struct place *p, __m512i acc, size_t r, size_t at)
{
    const struct kernel_layer *l = p->layer;
    size_t j = p->j + at;
    __m512i y;

    if (p->raw) {
        _mm512_storeu_si512(p->raw + r * l->np + j, acc);
        return;
    }
    y = _mm512_mullo_epi32(acc, _mm512_loadu_si512(l->mul + j));
    y = _mm512_add_epi32(y, _mm512_loadu_si512(l->add + j));
    y = _mm512_sra_epi32(y, _mm_cvtsi32_si128((int)l->shift));
    y = _mm512_max_epi32(y, _mm512_setzero_si512());
    y = _mm512_min_epi32(y, _mm512_set1_epi32((1 << l->bits) - 1));
    _mm_storeu_si128((__m128i *)(void *)(p->out + r * l->np + j),
                     _mm512_cvtepi32_epi8(y));
}

/* 'rows' rows against 16 x 'across' neurons at a time, bytes. */
INLINE void bytes_tile(const struct place *p, size_t rows, size_t across)
{
    size_t kp = p->layer->kp;

    for (size_t h = 0; h < 4; h += across) {
        __m512i acc[12][4];

#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < across; v++)
                acc[r][v] = _mm512_setzero_si512();
        for (size_t g = 0; g < kp / 4; g++) {
            const uint8_t *w = p->w + g * GROUP_BYTES + h * 64;
            __m512i x[4];

#pragma GCC unroll 4
            for (size_t v = 0; v < across; v++)
                x[v] = _mm512_load_si512(w + v * 64);
#pragma GCC unroll 12
            for (size_t r = 0; r < rows; r++) {
                __m512i a = broadcast4(p->in + r * kp + g * 4);

#pragma GCC unroll 4
                for (size_t v = 0; v < across; v++)
                    acc[r][v] = dot4(acc[r][v], a, x[v]);
            }
        }
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < across; v++)
                store16(p, acc[r][v], r, (h + v) * 16);
    }
}

/* 2^(bits - 1) times the sum of row 'r'. */
INLINE __m512i row_offset(const struct place *p, size_t r, unsigned bits)
{
    const uint8_t *a = p->in + r * p->layer->kp;
    __m512i sum = _mm512_setzero_si512();

    for (size_t i = 0; i < p->layer->kp; i += 64)
        sum = dot4(sum, _mm512_loadu_si512(a + i), _mm512_set1_epi8(1));
    return _mm512_set1_epi32(_mm512_reduce_add_epi32(sum) << (bits - 1));
}

/* 'rows' rows against the block, fields of 'bits'. */
INLINE void fields_tile(const struct place *p, size_t rows, unsigned bits)
{
    const __m512i mask = _mm512_set1_epi8((char)((1u << bits) - 1));
    size_t fields = 8 / bits, kp = p->layer->kp, groups = kp / (4 * fields);
    __m512i acc[6][4];

#pragma GCC unroll 6
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            acc[r][v] = _mm512_setzero_si512();
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *w = p->w + g * GROUP_BYTES;
        __m512i x[4], y[4];

#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            x[v] = _mm512_load_si512(w + v * 64);
#pragma GCC unroll 4
        for (size_t f = 0; f < fields; f++) {
#pragma GCC unroll 4
            for (size_t v = 0; v < 4; v++)
                y[v] = _mm512_and_si512(
                    _mm512_srli_epi16(x[v], (int)(f * bits)), mask);
#pragma GCC unroll 6
            for (size_t r = 0; r < rows; r++) {
                __m512i a = broadcast4(p->in + r * kp + (g * fields + f) * 4);

#pragma GCC unroll 4
                for (size_t v = 0; v < 4; v++)
                    acc[r][v] = dot4(acc[r][v], y[v], a);
            }
        }
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < rows; r++) {
        __m512i off = row_offset(p, r, bits);

#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            store16(p, _mm512_sub_epi32(acc[r][v], off), r, v * 16);
    }
}

/* One row: masked fields with sums of their own, no shifts, and the next
 * groups asked for early, as the weights come straight from memory. */
INLINE void fields_one(const struct place *p, unsigned bits)
{
    size_t fields = 8 / bits, groups = p->layer->kp / (4 * fields);
    __m512i acc[4][4], mask[4], off = row_offset(p, 0, bits);

#pragma GCC unroll 4
    for (size_t f = 0; f < fields; f++) {
        mask[f] = _mm512_set1_epi8((char)(((1 << bits) - 1) << (f * bits)));
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            acc[f][v] = _mm512_setzero_si512();
    }
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *w = p->w + g * GROUP_BYTES;
        __m512i a[4];

#pragma GCC unroll 4
        for (size_t f = 0; f < fields; f++)
            a[f] = broadcast4(p->in + (g * fields + f) * 4);
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++) {
            __m512i x = _mm512_load_si512(w + v * 64);

            _mm_prefetch((const char *)(w + 2048 + v * 64), _MM_HINT_T0);
#pragma GCC unroll 4
            for (size_t f = 0; f < fields; f++)
                acc[f][v] = dot4(acc[f][v], _mm512_and_si512(x, mask[f]), a[f]);
        }
    }
#pragma GCC unroll 4
    for (size_t v = 0; v < 4; v++) {
        __m512i y = acc[0][v];

#pragma GCC unroll 4
        for (size_t f = 1; f < fields; f++)
            y = _mm512_add_epi32(
                y, _mm512_srai_epi32(acc[f][v], (unsigned)(f * bits)));
        store16(p, _mm512_sub_epi32(y, off), 0, v * 16);
    }
}

/* Move the tile's place down by 'rows'. */
INLINE void advance(struct place *p, size_t rows)
{
    p->in += rows * p->layer->kp;
    if (p->raw)
        p->raw += rows * p->layer->np;
    else
        p->out += rows * p->layer->np;
}

static void bytes_block(struct place p, size_t rows)
{
    for (; rows >= 12; rows -= 12, advance(&p, 12))
        bytes_tile(&p, 12, 2);
    for (; rows >= 6; rows -= 6, advance(&p, 6))
        bytes_tile(&p, 6, 4);
    for (; rows >= 4; rows -= 4, advance(&p, 4))
        bytes_tile(&p, 4, 4);
    for (; rows >= 2; rows -= 2, advance(&p, 2))
        bytes_tile(&p, 2, 4);
    if (rows)
        bytes_tile(&p, 1, 4);
}

INLINE void fields_block(struct place p, size_t rows, unsigned bits)
{
    if (rows == 1) {
        fields_one(&p, bits);
        return;
    }
    for (; rows >= 6; rows -= 6, advance(&p, 6))
        fields_tile(&p, 6, bits);
    for (; rows >= 4; rows -= 4, advance(&p, 4))
        fields_tile(&p, 4, bits);
    for (; rows >= 2; rows -= 2, advance(&p, 2))
        fields_tile(&p, 2, bits);
    if (rows)
        fields_tile(&p, 1, bits);
}

void bytes_vnni_layer(const struct kernel_layer *layer, const void *in,
                      void *out, void *raw, size_t rows, size_t first,
                      size_t last)
{
    for (size_t b = first; b < last; b++) {
        struct place p = { layer, in, NULL, out, raw, b * KERNEL_BLOCK };

        p.w = (const uint8_t *)layer->w + b * KERNEL_BLOCK * layer->kp;
        bytes_block(p, rows);
    }
}

void fields_vnni_layer(const struct kernel_layer *layer, const void *in,
                       void *out, void *raw, size_t rows, size_t first,
                       size_t last)
{
    size_t block_bytes = KERNEL_BLOCK * layer->kp / 8 * layer->bits;

    for (size_t b = first; b < last; b++) {
        struct place p = { layer, in, NULL, out, raw, b * KERNEL_BLOCK };

        p.w = (const uint8_t *)layer->w + b * block_bytes;
        if (layer->bits == 2)
            fields_block(p, rows, 2);
        else
            fields_block(p, rows, 4);
    }
}
