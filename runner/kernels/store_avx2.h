/* store_avx2.h - a tile of AVX2's byte kernels: where it lies, its epilogue */
#ifndef RUNNER_KERNELS_STORE_AVX2_H
#define RUNNER_KERNELS_STORE_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "runner/kernels/kernel.h"

#define AVX2_INLINE static inline __attribute__((always_inline))
#define AVX2_PANEL  16 /* neurons that lie together: two registers of sums */
#define AVX2_ROWS   4  /* of a tile */

/* A panel and the rows that meet it. */
struct avx2_place {
    const struct kernel_layer *layer;
    const uint8_t *in;
    const uint8_t *w; /* the panel */
    uint8_t *out;
    int32_t *raw;
    size_t j; /* its first neuron */
};

/* Four bytes in every 32-bit lane. */
AVX2_INLINE __m256i avx2_broadcast4(const void *a)
{
    int32_t four;

    memcpy(&four, a, 4);
    return _mm256_set1_epi32(four);
}

AVX2_INLINE __m256i avx2_load(const void *from)
{
    return _mm256_loadu_si256(from);
}

/* Eight sums from neuron 'at' of the panel on, for row 'r' of the tile: to
 * 'raw', or as levels to 'out'. */
AVX2_INLINE void avx2_store8(const struct avx2_place *p, __m256i acc, size_t r,
                             size_t at)
{
    const struct kernel_layer *l = p->layer;
    size_t j = p->j + at;
    __m256i y;
    __m128i eight;

    if (p->raw) {
        _mm256_storeu_si256((__m256i *)(void *)(p->raw + r * l->np + j), acc);
        return;
    }
    y = _mm256_mullo_epi32(acc, avx2_load(l->mul + j));
    y = _mm256_add_epi32(y, avx2_load(l->add + j));
    y = _mm256_sra_epi32(y, _mm_cvtsi32_si128((int)l->shift));
    y = _mm256_max_epi32(y, _mm256_setzero_si256());
    y = _mm256_min_epi32(y, _mm256_set1_epi32((1 << l->bits) - 1));
    eight = _mm_packus_epi32(_mm256_castsi256_si128(y),
                             _mm256_extracti128_si256(y, 1));
    _mm_storel_epi64((__m128i *)(void *)(p->out + r * l->np + j),
                     _mm_packus_epi16(eight, eight));
}

/* Go on to the rows after the next 'rows'. */
AVX2_INLINE void avx2_advance(struct avx2_place *p, size_t rows)
{
    p->in += rows * p->layer->kp;
    if (p->raw)
        p->raw += rows * p->layer->np;
    else
        p->out += rows * p->layer->np;
}

#endif
