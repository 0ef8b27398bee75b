/* bytes_avx2.c - INT8 on AVX2
 *
 * u8 times s8 pairs do not fit 16 bits, so both sides are widened and
 * VPMADDWD adds pairs into 32 bits.  A panel that many rows meet is widened
 * once.
 */
#include "runner/kernels/panel.h"
#include "runner/kernels/store_avx2.h"

kernel_pack_f bytes_avx2_pack;
kernel_layer_f bytes_avx2_layer;

#define WIDE ((size_t)64 * 2048) /* values of the rows that pass by a panel */
#define MANY 12                  /* rows that pay for widening one */

int bytes_avx2_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    return panel_pack_bytes(src, dst, 2, AVX2_PANEL);
}

AVX2_INLINE __m256i widen16(const uint8_t *from)
{
    return _mm256_cvtepi8_epi16(
        _mm_load_si128((const __m128i *)(const void *)from));
}

/* Multiply 16-bit values and add pairs into 'acc'; see fields_avx2.c for why
 * it is written out. */
AVX2_INLINE void multiply_add(__m256i *acc, __m256i y, __m256i a)
{
    __m256i pairs;

    __asm__("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0"
            : "+x"(*acc), "=&x"(pairs)
            : "x"(y), "x"(a));
}

/* 'wide' holds the tile's rows as 16-bit values; 'panel' the panel's, or is
 * NULL and they are widened here. */
AVX2_INLINE void bytes_tile(const struct avx2_place *p, size_t rows,
                            const int16_t *wide, const int16_t *panel)
{
    size_t kp = p->layer->kp;
    __m256i acc[AVX2_ROWS][2];

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
        acc[r][0] = acc[r][1] = _mm256_setzero_si256();
    for (size_t i = 0; i < kp; i += 2) {
        const uint8_t *w = p->w + i * AVX2_PANEL;
        const int16_t *v = panel + i * AVX2_PANEL;
        __m256i x0 = panel ? avx2_load(v) : widen16(w);
        __m256i x1 = panel ? avx2_load(v + 16) : widen16(w + 16);

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++) {
            __m256i a = avx2_broadcast4(wide + r * kp + i);

            multiply_add(&acc[r][0], x0, a);
            multiply_add(&acc[r][1], x1, a);
        }
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++) {
        avx2_store8(p, acc[r][0], r, 0);
        avx2_store8(p, acc[r][1], r, 8);
    }
}

AVX2_INLINE void bytes_rows(struct avx2_place p, size_t rows,
                            const int16_t *wide, const int16_t *panel)
{
    size_t kp = p.layer->kp;

    for (; rows >= AVX2_ROWS; rows -= AVX2_ROWS, wide += AVX2_ROWS * kp) {
        bytes_tile(&p, AVX2_ROWS, wide, panel);
        avx2_advance(&p, AVX2_ROWS);
    }
    if (rows >= 2) {
        bytes_tile(&p, 2, wide, panel);
        avx2_advance(&p, 2);
        wide += 2 * kp;
        rows -= 2;
    }
    if (rows)
        bytes_tile(&p, 1, wide, panel);
}

static void bytes_panel(struct avx2_place p, size_t rows, const int16_t *wide)
{
    int16_t panel[AVX2_PANEL * NET_WIDTH_MAX];

    if (rows < MANY) {
        bytes_rows(p, rows, wide, NULL);
        return;
    }
    for (size_t i = 0; i < p.layer->kp * AVX2_PANEL; i += 16)
        _mm256_storeu_si256((__m256i *)(void *)(panel + i), widen16(p.w + i));
    bytes_rows(p, rows, wide, panel);
}

static void bytes_group(struct avx2_place p, size_t rows, size_t first,
                        size_t last)
{
    const uint8_t *weights = p.layer->w;
    int16_t wide[WIDE];

    for (size_t i = 0; i < rows * p.layer->kp; i++)
        wide[i] = p.in[i];
    for (p.j = first * KERNEL_BLOCK; p.j < last * KERNEL_BLOCK;
         p.j += AVX2_PANEL) {
        p.w = weights + p.j * p.layer->kp;
        bytes_panel(p, rows, wide);
    }
}

void bytes_avx2_layer(const struct kernel_layer *layer, const void *in,
                      void *out, void *raw, size_t rows, size_t first,
                      size_t last)
{
    struct avx2_place p = { layer, in, NULL, out, raw, 0 };
    size_t group = WIDE / layer->kp;

    for (size_t some; rows; rows -= some, avx2_advance(&p, some)) {
        some = rows < group ? rows : group;
        bytes_group(p, some, first, last);
    }
}
