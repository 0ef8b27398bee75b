/* fields_avx2.c - INT2 and INT4 on AVX2
 *
 * VPMADDUBSW multiplies unsigned fields by activations (at AVX2_ROWS 15, so both
 * fit) and adds pairs into 16-bit lanes, which are emptied into 32 bits
 * before they can overflow.  Few rows take the fields out of their bytes as
 * they come; for many rows a panel is widened to bytes once, since masks and
 * shifts would take a fifth of the adders' time.
 */
#include "runner/kernels/panel.h"
#include "runner/kernels/store_avx2.h"

kernel_pack_f fields_avx2_pack;
kernel_layer_f fields_avx2_layer;

#define GROUP 64 /* rows that pass by a panel while it is in cache */
#define MANY  12 /* rows that pay for widening a panel */

/* Steps of four inputs between two emptyings: each adds 2 x 3 x 3 to a lane
 * at 2 bits, 2 x 15 x 15 at 4 bits. */
#define STEP_INT2 1792
#define STEP_INT4 72

int fields_avx2_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_fields(src, dst, AVX2_PANEL);
}

/* Multiply fields by activations and add pairs into 'acc'.  Written out, since
 * gcc 12 puts the products of a whole tile before the sums and spills. */
AVX2_INLINE void multiply_add(__m256i *acc, __m256i y, __m256i a)
{
    __m256i pairs;

    __asm__("vpmaddubsw %3, %2, %1\n\tvpaddw %1, %0, %0"
            : "+x"(*acc), "=&x"(pairs)
            : "x"(y), "x"(a));
}

/* Meet the next four inputs of 'rows' rows with their weights. */
AVX2_INLINE void fields_add(const uint8_t *in, size_t kp, size_t rows,
                            __m256i y0, __m256i y1, __m256i (*acc)[2])
{
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++) {
        __m256i a = avx2_broadcast4(in + r * kp);

        multiply_add(&acc[r][0], y0, a);
        multiply_add(&acc[r][1], y1, a);
    }
}

/* Add the steps from 'from' to 'to' of a panel of fields. */
AVX2_INLINE void fields_step(const struct avx2_place *p, size_t rows,
                             unsigned bits, size_t from, size_t to,
                             __m256i (*acc)[2])
{
    const __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1));
    size_t fields = 8 / bits, kp = p->layer->kp;

    for (size_t s = from; s < to; s += fields) {
        const uint8_t *w = p->w + s / fields * AVX2_PANEL * 4;
        __m256i x0 = avx2_load(w), x1 = avx2_load(w + 32);

#pragma GCC unroll 4
        for (size_t f = 0; f < fields; f++) {
            fields_add(p->in + (s + f) * 4, kp, rows,
                       _mm256_and_si256(x0, mask), _mm256_and_si256(x1, mask),
                       acc);
            x0 = _mm256_srli_epi16(x0, (int)bits);
            x1 = _mm256_srli_epi16(x1, (int)bits);
        }
    }
}

/* The same of a panel of bytes. */
AVX2_INLINE void wide_step(const struct avx2_place *p, size_t rows, size_t from,
                           size_t to, __m256i (*acc)[2])
{
    for (size_t s = from; s < to; s++) {
        const uint8_t *w = p->w + s * AVX2_PANEL * 4;

        fields_add(p->in + s * 4, p->layer->kp, rows, avx2_load(w),
                   avx2_load(w + 32), acc);
    }
}

AVX2_INLINE void fields_tile(const struct avx2_place *p, size_t rows,
                             unsigned bits, bool wide, const int32_t *offset)
{
    size_t steps = p->layer->kp / 4;
    size_t step = bits == 2 ? STEP_INT2 : STEP_INT4;
    const __m256i one = _mm256_set1_epi16(1);
    __m256i sum[AVX2_ROWS][2];

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
        sum[r][0] = sum[r][1] = _mm256_set1_epi32(-offset[r]);
    for (size_t s = 0; s < steps; s += step) {
        __m256i acc[AVX2_ROWS][2];
        size_t to = steps - s < step ? steps : s + step;

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
            acc[r][0] = acc[r][1] = _mm256_setzero_si256();
        if (wide)
            wide_step(p, rows, s, to, acc);
        else
            fields_step(p, rows, bits, s, to, acc);
#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (size_t v = 0; v < 2; v++)
                sum[r][v] = _mm256_add_epi32(sum[r][v],
                                             _mm256_madd_epi16(acc[r][v], one));
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++) {
        avx2_store8(p, sum[r][0], r, 0);
        avx2_store8(p, sum[r][1], r, 8);
    }
}

/* A panel against 'rows' rows, whose offsets are known. */
AVX2_INLINE void fields_rows(struct avx2_place p, size_t rows, unsigned bits,
                             bool wide, const int32_t *offset)
{
    for (; rows >= AVX2_ROWS; rows -= AVX2_ROWS, offset += AVX2_ROWS) {
        fields_tile(&p, AVX2_ROWS, bits, wide, offset);
        avx2_advance(&p, AVX2_ROWS);
    }
    if (rows >= 2) {
        fields_tile(&p, 2, bits, wide, offset);
        avx2_advance(&p, 2);
        offset += 2;
        rows -= 2;
    }
    for (; rows; rows--, offset++, avx2_advance(&p, 1))
        fields_tile(&p, 1, bits, wide, offset);
}

/* Widen a panel: the steps' bytes one after the other. */
AVX2_INLINE void widen(const struct avx2_place *p, unsigned bits, uint8_t *to)
{
    const __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1));
    size_t bytes = p->layer->kp * AVX2_PANEL / 8 * bits;

    for (size_t i = 0; i < bytes; i += 64)
        for (int up = 0; up < 8; up += (int)bits, to += 64)
            for (size_t half = 0; half < 64; half += 32) {
                __m256i x = avx2_load(p->w + i + half);

                _mm256_storeu_si256(
                    (__m256i *)(void *)(to + half),
                    _mm256_and_si256(_mm256_srli_epi16(x, up), mask));
            }
}

AVX2_INLINE void fields_panel(struct avx2_place p, size_t rows, unsigned bits,
                              const int32_t *offset)
{
    uint8_t wide[AVX2_PANEL * NET_WIDTH_MAX];

    if (rows < MANY) {
        fields_rows(p, rows, bits, false, offset);
        return;
    }
    widen(&p, bits, wide);
    p.w = wide;
    fields_rows(p, rows, bits, true, offset);
}

static void fields_group(struct avx2_place p, size_t rows, size_t first,
                         size_t last)
{
    const uint8_t *weights = p.layer->w;
    int32_t offset[GROUP];

    for (size_t r = 0; r < rows; r++)
        offset[r] = panel_offset(p.layer, p.in + r * p.layer->kp);
    for (p.j = first * KERNEL_BLOCK; p.j < last * KERNEL_BLOCK;
         p.j += AVX2_PANEL) {
        p.w = weights + p.j * p.layer->kp / 8 * p.layer->bits;
        if (p.layer->bits == 2)
            fields_panel(p, rows, 2, offset);
        else
            fields_panel(p, rows, 4, offset);
    }
}

void fields_avx2_layer(const struct kernel_layer *layer, const void *in,
                       void *out, void *raw, size_t rows, size_t first,
                       size_t last)
{
    struct avx2_place p = { layer, in, NULL, out, raw, 0 };

    for (size_t some; rows; rows -= some, avx2_advance(&p, some)) {
        some = rows < GROUP ? rows : GROUP;
        fields_group(p, some, first, last);
    }
}
