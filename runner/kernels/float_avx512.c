/* float_avx512.c - FP32 and FP16 on AVX-512: 24 of 32 registers add up */
#include <immintrin.h>

#include "runner/kernels/kernel.h"
#include "runner/mem.h"

kernel_pack_f float_avx512_pack, half_avx512_pack;
kernel_layer_f float_avx512_layer, half_avx512_layer;

#define TILE_LANES  16
#define TILE_ACROSS 4
#define TILE_MIDDLE TILE_ACROSS
#define TILE_WIDE   TILE_ACROSS
#define TILE_PANEL  KERNEL_BLOCK
#define TILE_TALL   12

typedef float tile_vec __attribute__((vector_size(64), aligned(4)));
typedef int32_t tile_ints __attribute__((vector_size(64), aligned(4)));

static inline tile_vec load_floats(const float *w)
{
    return *(const tile_vec *)w;
}

static inline tile_vec load_halves(const uint16_t *w)
{
    return (tile_vec)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)w));
}

#define TILE_NAME(x) float_avx512_##x
#define TILE_WEIGHT  float
#define TILE_STORED  net_half
#define TILE_WIDEN   load_floats
#include "runner/kernels/float_tile.inc"

#define TILE_NAME(x) half_avx512_##x
#define TILE_WEIGHT  uint16_t
#define TILE_STORED
#define TILE_WIDEN load_halves
#include "runner/kernels/float_tile.inc"
