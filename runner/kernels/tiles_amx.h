/* tiles_amx.h - the tile unit of AMX, by its instructions
 *
 * Eight registers of up to 16 rows of 64 bytes, numbered by constants; Intel
 * SDM volume 1, chapter 18.  The kernel in tiles_amx.inc uses these names only,
 * so that the tests can put an emulation of the unit in their place.
 */
#ifndef RUNNER_KERNELS_TILES_AMX_H
#define RUNNER_KERNELS_TILES_AMX_H

#include <immintrin.h>

#include "runner/kernels/tiles_shape.h"

/* Set the shape of all registers, and zero them. */
static inline void tiles_configure(const struct tiles_shape *shape)
{
    /* gcc 12 believes that eight bytes are read: keep all stores before it */
    __asm__ volatile("" : : "r"(shape) : "memory");
    _tile_loadconfig(shape);
}

#define tiles_release()                    _tile_release()
#define tiles_zero(t)                      _tile_zero(t)
#define tiles_load(t, from, stride)        _tile_loadd(t, from, stride)
#define tiles_store(t, to, stride)         _tile_stored(t, to, stride)
#define tiles_dot(sum, unsigned_, signed_) _tile_dpbusd(sum, unsigned_, signed_)

#endif
