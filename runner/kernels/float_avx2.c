/* float_avx2.c - FP32 and FP16 on AVX2, FMA and F16C */
#include <immintrin.h>

#include "runner/kernels/kernel.h"
#include "runner/mem.h"

kernel_pack_f float_avx2_pack, half_avx2_pack;
kernel_layer_f float_avx2_layer, half_avx2_layer;

#define TILE_LANES  8
#define TILE_ACROSS 2
#define TILE_MIDDLE 4
#define TILE_WIDE   8
#define TILE_PANEL  16

typedef float tile_vec __attribute__((vector_size(32), aligned(4)));
typedef int32_t tile_ints __attribute__((vector_size(32), aligned(4)));

static inline tile_vec load_floats(const float *w)
{
    return *(const tile_vec *)w;
}

static inline tile_vec load_halves(const uint16_t *w)
{
    return (tile_vec)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)w));
}

#define TILE_NAME(x) float_avx2_##x
#define TILE_WEIGHT  float
#define TILE_STORED  net_half
#define TILE_WIDEN   load_floats
#include "runner/kernels/float_tile.inc"

#define TILE_NAME(x) half_avx2_##x
#define TILE_WEIGHT  uint16_t
#define TILE_STORED
#define TILE_WIDEN load_halves
#include "runner/kernels/float_tile.inc"
