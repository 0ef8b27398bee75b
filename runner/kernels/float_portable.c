/* float_portable.c - FP32 and FP16 by the compiler's vector extension */
#include "runner/kernels/kernel.h"
#include "runner/mem.h"

kernel_pack_f float_portable_pack, half_portable_pack;
kernel_layer_f float_portable_layer, half_portable_layer;

#define TILE_LANES  4
#define TILE_ACROSS 2
#define TILE_MIDDLE TILE_ACROSS
#define TILE_WIDE   TILE_ACROSS
#define TILE_PANEL  KERNEL_BLOCK

typedef float tile_vec __attribute__((vector_size(16), aligned(4)));
typedef int32_t tile_ints __attribute__((vector_size(16), aligned(4)));

static inline tile_vec load_floats(const float *w)
{
    return *(const tile_vec *)w;
}

/* Half to single without the instruction: exponent and mantissa moved into
 * place make a float 2^112 too small, subnormals included. */
static inline tile_vec load_halves(const uint16_t *w)
{
    tile_ints h = { w[0], w[1], w[2], w[3] };
    tile_vec magnitude = (tile_vec)((h & 0x7fff) << 13) * 0x1p112f;

    return (tile_vec)((tile_ints)magnitude | (h & 0x8000) << 16);
}

#define TILE_NAME(x) float_portable_##x
#define TILE_WEIGHT  float
#define TILE_STORED  net_half
#define TILE_WIDEN   load_floats
#include "runner/kernels/float_tile.inc"

#define TILE_NAME(x) half_portable_##x
#define TILE_WEIGHT  uint16_t
#define TILE_STORED
#define TILE_WIDEN load_halves
#include "runner/kernels/float_tile.inc"
