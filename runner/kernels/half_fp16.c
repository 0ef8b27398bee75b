/* half_fp16.c - FP16 in half-precision arithmetic, ARMv8.2
 *
 * FMLA on eight halves does twice the products of one on four floats, and
 * no weight has to be widened.  Halves have eleven bits: sums run in them
 * over DEPTH inputs only and are then added to floats.  Its predictions are
 * therefore close to those of the other kernels, not the same.
 */
#include <arm_neon.h>

#include "runner/kernels/kernel.h"
#include "runner/mem.h"

kernel_pack_f half_fp16_pack;
kernel_layer_f half_fp16_layer;
kernel_peak_f peak_fp16;

#define INLINE static inline __attribute__((always_inline))
#define ROWS   4  /* of a tile */
#define GROUP  16 /* rows made half at once */
#define DEPTH  16 /* inputs whose products are added in halves */
#define ACROSS 16 /* neurons of a tile */

/* A tile's place: rows of halves against neurons from 'j' on. */
struct place {
    const struct kernel_layer *layer;
    const float16_t *in, *w;
    float *out;
    size_t j;
    bool relu;
};

int half_fp16_pack(const struct net_layer *src, struct kernel_layer *dst)
{
    uint16_t *w = mem_alloc(mem_mul(dst->np * sizeof *w, dst->k));

    if (!w)
        return -1;
    for (size_t j = 0; j < src->n; j++)
        for (size_t i = 0; i < src->k; i++)
            w[(j / ACROSS * src->k + i) * ACROSS + j % ACROSS] =
                src->half[j * src->k + i];
    dst->w = w;
    return 0;
}

/* The products of inputs 'from' to 'to', in halves. */
INLINE void products(const struct place *p, size_t rows, size_t from, size_t to,
                     float16x8_t (*acc)[2])
{
    for (size_t i = from; i < to; i++) {
        float16x8_t x0 = vld1q_f16(p->w + i * ACROSS);
        float16x8_t x1 = vld1q_f16(p->w + i * ACROSS + 8);

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++) {
            float16_t a = p->in[r * p->layer->kp + i];

            acc[r][0] = vfmaq_n_f16(acc[r][0], x0, a);
            acc[r][1] = vfmaq_n_f16(acc[r][1], x1, a);
        }
    }
}

INLINE void tile(const struct place *p, size_t rows)
{
    float32x4_t sum[ROWS][4];

#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            sum[r][v] = vld1q_f32(p->layer->bias + p->j + 4 * v);
    for (size_t i = 0; i < p->layer->k; i += DEPTH) {
        size_t to = i + DEPTH < p->layer->k ? i + DEPTH : p->layer->k;
        float16x8_t acc[ROWS][2];

#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
            acc[r][0] = acc[r][1] = vdupq_n_f16(0);
        products(p, rows, i, to, acc);
#pragma GCC unroll 4
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (size_t v = 0; v < 4; v++)
                sum[r][v] = vaddq_f32(
                    sum[r][v],
                    vcvt_f32_f16(v % 2 ? vget_high_f16(acc[r][v / 2])
                                       : vget_low_f16(acc[r][v / 2])));
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++)
            vst1q_f32(p->out + r * p->layer->np + p->j + 4 * v,
                      p->relu ? vmaxq_f32(sum[r][v], vdupq_n_f32(0))
                              : sum[r][v]);
}

INLINE void advance(struct place *p, size_t rows)
{
    p->in += rows * p->layer->kp;
    p->out += rows * p->layer->np;
}

static void panel(struct place p, size_t rows)
{
    for (; rows >= ROWS; rows -= ROWS, advance(&p, ROWS))
        tile(&p, ROWS);
    for (; rows; rows--, advance(&p, 1))
        tile(&p, 1);
}

void half_fp16_layer(const struct kernel_layer *layer, const void *in,
                     void *out, void *raw, size_t rows, size_t first,
                     size_t last)
{
    float16_t halves[GROUP * NET_WIDTH_MAX];
    const float *from = in;
    float *to = raw ? raw : out;

    for (size_t some; rows; rows -= some) {
        struct place p = { layer, halves, NULL, to, 0, !raw };

        some = rows < GROUP ? rows : GROUP;
        for (size_t i = 0; i < some * layer->kp; i++)
            halves[i] = (float16_t)from[i];
        for (size_t j = first * KERNEL_BLOCK; j < last * KERNEL_BLOCK;
             j += ACROSS) {
            p.j = j;
            p.w = (const float16_t *)layer->w + j * layer->k;
            panel(p, some);
        }
        from += some * layer->kp;
        to += some * layer->np;
    }
}

/* Sixteen sums hide the latency; eight products each. */
double peak_fp16(size_t rounds)
{
    float16x8_t acc[16], x = vdupq_n_f16(1), y = vdupq_n_f16(0);

#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++)
            __asm__ volatile("fmla %0.8h,%1.8h,%2.8h"
                             : "+w"(acc[i])
                             : "w"(x), "w"(y));
    return (double)rounds * 32 * 16 * 2 * 8;
}
