/* panel.h - weight layouts that several integer kernels share
 *
 * Panels are blocks of 'across' neurons (a divisor of 64) side by side, so that one broadcast piece
 * of an activation row meets many neurons and no sum crosses lanes.
 */
#ifndef RUNNER_KERNELS_PANEL_H
#define RUNNER_KERNELS_PANEL_H

#include "runner/kernels/kernel.h"

/* Pack bytes as [np/across][kp/depth][across][depth]: 'depth' inputs of a neuron lie
 * together (4 for dot-product instructions, 2 for multiply-add of pairs).
 * Returns 0, -1: no memory. */
int panel_pack_bytes(const struct net_layer *src, struct kernel_layer *dst,
                     size_t depth, size_t across);

/* Pack 2- or 4-bit levels, made unsigned by adding 2^(bits - 1), as
 * [np/across][kp/(4 F)][across][4] bytes of F = 8 / bits fields: in byte c of a
 * group, field f (lowest first) is input 4 f + c of the group's 4 F.
 * Returns 0, -1: no memory. */
int panel_pack_fields(const struct net_layer *src, struct kernel_layer *dst,
                      size_t across);

/* What the offset of panel_pack_fields() adds to a sum: 2^(bits - 1) times
 * the sum of the activation row. */
int32_t panel_offset(const struct kernel_layer *layer, const uint8_t *row);

#endif
