/* panel_amx.c - INT2, INT4 and INT8 on AMX */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/panel.h"
#include "runner/kernels/tiles_amx.h"

kernel_pack_f amx_pack;
kernel_layer_f amx_layer;
kernel_peak_f peak_amx;

#define TILES_NAME(x) amx_##x
#include "runner/kernels/tiles_amx.inc"

/* Four registers of sums hide the latency; 16 x 16 x 64 products each. */
double peak_amx(size_t rounds)
{
    tiles_set_rows(TILES_HEIGHT);
    for (size_t r = 0; r < rounds * 4; r++) {
        tiles_dot(0, 4, 6);
        tiles_dot(1, 4, 7);
        tiles_dot(2, 5, 6);
        tiles_dot(3, 5, 7);
    }
    tiles_release();
    return (double)rounds * 4 * 4 * 2 * 16 * 16 * 64;
}
