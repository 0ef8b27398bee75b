/* panel_avx2.c - INT2, INT4 and INT8 on AVX2
 *
 * INT2 and INT4: VPMADDUBSW multiplies unsigned fields by activations (at
 * most 15, so both fit) and adds pairs into 16-bit lanes, which are emptied
 * into 32 bits before they can overflow.  INT8: u8 times s8 pairs do not fit
 * 16 bits, so both sides are widened and VPMADDWD adds pairs into 32 bits.
 */
#include <immintrin.h>
#include <string.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/panel.h"

kernel_pack_f bytes_avx2_pack, fields_avx2_pack;
kernel_layer_f bytes_avx2_layer, fields_avx2_layer;

#define INLINE static inline __attribute__((always_inline))
#define ROWS   4  /* of a tile */
#define PANEL  16 /* neurons that lie together */
#define GROUP  32 /* rows that pass by a panel while it is in cache */

/* Groups between two emptyings: 72 a group at most at 2 bits (four fields,
 * 2 x 3 x 3 each), 900 at 4 bits (two fields, 2 x 15 x 15). */
#define STEP_INT2 448
#define STEP_INT4 36

struct place {
    const struct kernel_layer *layer;
    const uint8_t *in;
    const uint8_t *w; /* the panel */
    uint8_t *out;
    int32_t *raw;
    size_t j;
};

int bytes_avx2_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_bytes(src, dst, 2, PANEL);
}

int fields_avx2_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_fields(src, dst, PANEL);
}

INLINE __m256i broadcast4(const void *a)
{
    int32_t four;

    memcpy(&four, a, 4);
    return _mm256_set1_epi32(four);
}

/* Eight sums from neuron 'at' of the block on, for row 'r' of the tile. */
INLINE void store8(const struct place *p, __m256i acc, size_t r, size_t at)
{
    const struct kernel_layer *l = p->layer;
    size_t j = p->j + at;
    __m256i y;
    __m128i eight;

    if (p->raw) {
        _mm256_storeu_si256((__m256i *)(void *)(p->raw + r * l->np + j), acc);
        return;
    }
    y = _mm256_mullo_epi32(
        acc, _mm256_loadu_si256((const __m256i *)(const void *)(l->mul + j)));
    y = _mm256_add_epi32(
        y, _mm256_loadu_si256((const __m256i *)(const void *)(l->add + j)));
    y = _mm256_sra_epi32(y, _mm_cvtsi32_si128((int)l->shift));
    y = _mm256_max_epi32(y, _mm256_setzero_si256());
    y = _mm256_min_epi32(y, _mm256_set1_epi32((1 << l->bits) - 1));
    eight = _mm_packus_epi32(_mm256_castsi256_si128(y),
                             _mm256_extracti128_si256(y, 1));
    _mm_storel_epi64((__m128i *)(void *)(p->out + r * l->np + j),
                     _mm_packus_epi16(eight, eight));
}

/* Add the groups from 'from' to 'to' of the panel into 16-bit lanes. */
INLINE void fields_step(const struct place *p, size_t rows, unsigned bits,
                        size_t from, size_t to, __m256i (*acc)[2])
{
    const __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1));
    size_t fields = 8 / bits, kp = p->layer->kp;

    for (size_t g = from; g < to; g++) {
        const uint8_t *w = p->w + g * PANEL * 4;
        __m256i x0 = _mm256_load_si256((const __m256i *)(const void *)w);
        __m256i x1 = _mm256_load_si256((const __m256i *)(const void *)(w + 32));

#pragma GCC unroll 4
        for (size_t f = 0; f < fields; f++) {
            __m256i y0 = _mm256_and_si256(x0, mask);
            __m256i y1 = _mm256_and_si256(x1, mask);

            x0 = _mm256_srli_epi16(x0, (int)bits);
            x1 = _mm256_srli_epi16(x1, (int)bits);
#pragma GCC unroll 4
            for (size_t r = 0; r < rows; r++) {
                __m256i a = broadcast4(p->in + r * kp + (g * fields + f) * 4);

                acc[r][0] =
                    _mm256_add_epi16(acc[r][0], _mm256_maddubs_epi16(y0, a));
                acc[r][1] =
                    _mm256_add_epi16(acc[r][1], _mm256_maddubs_epi16(y1, a));
            }
        }
    }
}

INLINE void fields_tile(const struct place *p, size_t rows, unsigned bits,
                        const int32_t *offset)
{
    size_t groups = p->layer->kp / (32 / bits);
    size_t step = bits == 2 ? STEP_INT2 : STEP_INT4;
    const __m256i one = _mm256_set1_epi16(1);
    __m256i sum[ROWS][2];

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
        sum[r][0] = sum[r][1] = _mm256_set1_epi32(-offset[r]);
    for (size_t g = 0; g < groups; g += step) {
        __m256i acc[ROWS][2];
        size_t to = groups - g < step ? groups : g + step;

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
            acc[r][0] = acc[r][1] = _mm256_setzero_si256();
        fields_step(p, rows, bits, g, to, acc);
#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (size_t v = 0; v < 2; v++)
                sum[r][v] = _mm256_add_epi32(sum[r][v],
                                             _mm256_madd_epi16(acc[r][v], one));
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++) {
        store8(p, sum[r][0], r, 0);
        store8(p, sum[r][1], r, 8);
    }
}

/* 'wide' holds the tile's rows as 16-bit values. */
INLINE void bytes_tile(const struct place *p, size_t rows, const int16_t *wide)
{
    size_t kp = p->layer->kp;
    __m256i acc[ROWS][2];

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
        acc[r][0] = acc[r][1] = _mm256_setzero_si256();
    for (size_t i = 0; i < kp; i += 2) {
        const uint8_t *w = p->w + i * PANEL;
        __m256i x0 = _mm256_cvtepi8_epi16(
            _mm_load_si128((const __m128i *)(const void *)w));
        __m256i x1 = _mm256_cvtepi8_epi16(
            _mm_load_si128((const __m128i *)(const void *)(w + 16)));

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++) {
            __m256i a = broadcast4(wide + r * kp + i);

            acc[r][0] = _mm256_add_epi32(acc[r][0], _mm256_madd_epi16(x0, a));
            acc[r][1] = _mm256_add_epi32(acc[r][1], _mm256_madd_epi16(x1, a));
        }
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++) {
        store8(p, acc[r][0], r, 0);
        store8(p, acc[r][1], r, 8);
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

/* A panel against 'rows' rows, whose offsets are known. */
INLINE void fields_rows(struct place p, size_t rows, unsigned bits,
                        const int32_t *offset)
{
    for (; rows >= ROWS; rows -= ROWS, offset += ROWS, advance(&p, ROWS))
        fields_tile(&p, ROWS, bits, offset);
    if (rows >= 2) {
        fields_tile(&p, 2, bits, offset);
        advance(&p, 2);
        offset += 2;
        rows -= 2;
    }
    if (rows)
        fields_tile(&p, 1, bits, offset);
}

static void bytes_rows(struct place p, size_t rows, const int16_t *wide)
{
    size_t kp = p.layer->kp;

    for (; rows >= ROWS; rows -= ROWS, wide += ROWS * kp, advance(&p, ROWS))
        bytes_tile(&p, ROWS, wide);
    if (rows >= 2) {
        bytes_tile(&p, 2, wide);
        advance(&p, 2);
        wide += 2 * kp;
        rows -= 2;
    }
    if (rows)
        bytes_tile(&p, 1, wide);
}

static void fields_group(struct place p, size_t rows, size_t first, size_t last)
{
    const uint8_t *weights = p.layer->w;
    int32_t offset[GROUP];

    for (size_t r = 0; r < rows; r++)
        offset[r] = panel_offset(p.layer, p.in + r * p.layer->kp);
    for (p.j = first * KERNEL_BLOCK; p.j < last * KERNEL_BLOCK; p.j += PANEL) {
        p.w = weights + p.j * p.layer->kp / 8 * p.layer->bits;
        if (p.layer->bits == 2)
            fields_rows(p, rows, 2, offset);
        else
            fields_rows(p, rows, 4, offset);
    }
}

static void bytes_group(struct place p, size_t rows, size_t first, size_t last)
{
    const uint8_t *weights = p.layer->w;
    int16_t wide[GROUP / 2 * NET_WIDTH_MAX];

    for (size_t i = 0; i < rows * p.layer->kp; i++)
        wide[i] = p.in[i];
    for (p.j = first * KERNEL_BLOCK; p.j < last * KERNEL_BLOCK; p.j += PANEL) {
        p.w = weights + p.j * p.layer->kp;
        bytes_rows(p, rows, wide);
    }
}

void fields_avx2_layer(const struct kernel_layer *layer, const void *in,
                       void *out, void *raw, size_t rows, size_t first,
                       size_t last)
{
    struct place p = { layer, in, NULL, out, raw, 0 };

    for (size_t some; rows; rows -= some, advance(&p, some)) {
        some = rows < GROUP ? rows : GROUP;
        fields_group(p, some, first, last);
    }
}

void bytes_avx2_layer(const struct kernel_layer *layer, const void *in,
                      void *out, void *raw, size_t rows, size_t first,
                      size_t last)
{
    struct place p = { layer, in, NULL, out, raw, 0 };

    for (size_t some; rows; rows -= some, advance(&p, some)) {
        some = rows < GROUP / 2 ? rows : GROUP / 2;
        bytes_group(p, some, first, last);
    }
}
