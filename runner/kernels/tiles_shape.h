/* tiles_shape.h - how the registers of a tile unit are shaped */
#ifndef RUNNER_KERNELS_TILES_SHAPE_H
#define RUNNER_KERNELS_TILES_SHAPE_H

#include <stdint.h>

#define TILES        8  /* registers */
#define TILES_ROWS   16 /* of a register, at most */
#define TILES_ROW    64 /* bytes of a row, at most */
#define TILES_SUMS   16 /* sums of a row */
#define TILES_HEIGHT 32 /* images a pass: two registers */

/* As TILELDCFG reads it, palette 1. */
struct tiles_shape {
    uint8_t palette, start, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

#endif
