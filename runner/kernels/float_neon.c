/* float_neon.c - FP32 and FP16 on the Advanced SIMD of ARMv8.0 */
#include <arm_neon.h>

#include "runner/kernels/kernel.h"
#include "runner/mem.h"

kernel_pack_f float_neon_pack, half_neon_pack;
kernel_layer_f float_neon_layer, half_neon_layer;

#define TILE_LANES  4
#define TILE_ACROSS 4
#define TILE_MIDDLE TILE_ACROSS
#define TILE_WIDE   TILE_ACROSS
#define TILE_PANEL  KERNEL_BLOCK

typedef float tile_vec __attribute__((vector_size(16), aligned(4)));
typedef int32_t tile_ints __attribute__((vector_size(16), aligned(4)));

static inline tile_vec load_floats(const float *w)
{
    return *(const tile_vec *)w;
}

static inline tile_vec load_halves(const uint16_t *w)
{
    return (tile_vec)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(w)));
}

#define TILE_NAME(x) float_neon_##x
#define TILE_WEIGHT  float
#define TILE_STORED  net_half
#define TILE_WIDEN   load_floats
#include "runner/kernels/float_tile.inc"

#define TILE_NAME(x) half_neon_##x
#define TILE_WEIGHT  uint16_t
#define TILE_STORED
#define TILE_WIDEN load_halves
#include "runner/kernels/float_tile.inc"
