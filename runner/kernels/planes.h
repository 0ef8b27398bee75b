/* planes.h - what the bit-serial kernels share: layout and epilogue */
#ifndef RUNNER_KERNELS_PLANES_H
#define RUNNER_KERNELS_PLANES_H

#include "runner/kernels/kernel.h"

#define PLANES_LANES 8 /* neurons side by side */

/* Pack weights as [np/8][kp/64][bits][8] words.  Returns 0, -1: no memory. */
int planes_pack(const struct net_layer *src, struct kernel_layer *dst);

/* Write the levels of eight neurons from 'j' on into a row of planes, whose
 * bytes lie little endian (as every machine we run on). */
void planes_store(const struct kernel_layer *layer, const int32_t *acc,
                  size_t j, uint8_t *row);

#endif
