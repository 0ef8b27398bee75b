/* planes_avx512.c - INT2 and INT4 by bit planes, AVX-512 VPOPCNTDQ
 *
 * The sums of planes_portable.c with a neuron in each 64-bit lane: a word of
 * the image is broadcast, so no sum crosses lanes.  Products of equal weight
 * 2^(x+y) share an accumulator; those of the weights' top plane, the sign,
 * are subtracted.  Levels go straight back into planes: sixteen neurons are
 * a 16-bit mask for each plane.
 */
#include <immintrin.h>
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/planes.h"

kernel_pack_f planes_avx512_pack;
kernel_layer_f planes_avx512_layer;

#define INLINE static inline __attribute__((always_inline))

struct place {
    const struct kernel_layer *layer;
    const uint64_t *in; /* first row of the tile */
    uint8_t *out;
    int32_t *raw;
    size_t j; /* first of sixteen neurons */
};

int planes_avx512_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return planes_pack(src, dst);
}

INLINE void store16(const struct place *p, __m512i acc, size_t r, unsigned bits)
{
    const struct kernel_layer *l = p->layer;
    __m512i y;
    uint8_t *row;

    if (p->raw) {
        _mm512_storeu_si512(p->raw + r * l->np + p->j, acc);
        return;
    }
    y = _mm512_mullo_epi32(acc, _mm512_loadu_si512(l->mul + p->j));
    y = _mm512_add_epi32(y, _mm512_loadu_si512(l->add + p->j));
    y = _mm512_sra_epi32(y, _mm_cvtsi32_si128((int)l->shift));
    y = _mm512_max_epi32(y, _mm512_setzero_si512());
    y = _mm512_min_epi32(y, _mm512_set1_epi32((1 << bits) - 1));
    row = p->out + r * (l->np / 8 * bits) + p->j / 64 * bits * 8;
#pragma GCC unroll 4
    for (unsigned b = 0; b < bits; b++) {
        uint16_t plane =
            (uint16_t)_mm512_test_epi32_mask(y, _mm512_set1_epi32(1 << b));

        memcpy(row + b * 8 + p->j % 64 / 8, &plane, 2);
    }
}

/* The weighted sum of one lane's accumulators, as eight 32-bit sums. */
INLINE __m256i gather8(const __m512i *acc, unsigned bits)
{
    __m512i y = acc[0];

#pragma GCC unroll 7
    for (unsigned s = 1; s < 2 * bits - 1; s++)
        y = _mm512_add_epi64(y, _mm512_slli_epi64(acc[s], s));
    return _mm512_cvtepi64_epi32(y);
}

/* 'rows' images against sixteen neurons. */
INLINE void tile(const struct place *p, size_t rows, unsigned bits)
{
    size_t words = p->layer->kp / 64;
    const uint64_t *w = (const uint64_t *)p->layer->w + p->j * words * bits;
    __m512i acc[4][2][7];

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (size_t v = 0; v < 2; v++)
#pragma GCC unroll 7
            for (unsigned s = 0; s < 2 * bits - 1; s++)
                acc[r][v][s] = _mm512_setzero_si512();
    for (size_t i = 0; i < words; i++)
#pragma GCC unroll 2
        for (size_t v = 0; v < 2; v++)
#pragma GCC unroll 4
            for (unsigned x = 0; x < bits; x++) {
                __m512i lanes = _mm512_load_si512(
                    w + ((v * words + i) * bits + x) * PLANES_LANES);

#pragma GCC unroll 4
                for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
                    for (unsigned y = 0; y < bits; y++) {
                        uint64_t word = p->in[(r * words + i) * bits + y];
                        __m512i *to = &acc[r][v][x + y];
                        __m512i ones = _mm512_popcnt_epi64(_mm512_and_si512(
                            lanes, _mm512_set1_epi64((long long)word)));

                        *to = x == bits - 1 ? _mm512_sub_epi64(*to, ones)
                                            : _mm512_add_epi64(*to, ones);
                    }
            }
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
        store16(
            p,
            _mm512_inserti64x4(_mm512_castsi256_si512(gather8(acc[r][0], bits)),
                               gather8(acc[r][1], bits), 1),
            r, bits);
}

INLINE void advance(struct place *p, size_t rows, unsigned bits)
{
    p->in += rows * (p->layer->kp / 64) * bits;
    if (p->raw)
        p->raw += rows * p->layer->np;
    else
        p->out += rows * (p->layer->np / 8) * bits;
}

INLINE void sixteen(struct place p, size_t rows, unsigned bits)
{
    if (bits == 2)
        for (; rows >= 4; rows -= 4, advance(&p, 4, bits))
            tile(&p, 4, bits);
    for (; rows; rows--, advance(&p, 1, bits))
        tile(&p, 1, bits);
}

void planes_avx512_layer(const struct kernel_layer *layer, const void *in,
                         void *out, void *raw, size_t rows, size_t first,
                         size_t last)
{
    for (size_t j = first * KERNEL_BLOCK; j < last * KERNEL_BLOCK; j += 16) {
        struct place p = { layer, in, out, raw, j };

        if (layer->bits == 2)
            sixteen(p, rows, 2);
        else
            sixteen(p, rows, 4);
    }
}
