/* ptq.h - INT8 from a half-precision network, after training
 *
 * Weights: symmetric, one step a neuron, levels -127 to 127.  Activations:
 * unsigned bytes, one step a layer, its top the largest value seen on the
 * calibration images (no labels are used).  The steps are folded into mul,
 * add and shift as in any integer network.
 */
#ifndef RUNNER_PTQ_H
#define RUNNER_PTQ_H

#include "runner/kernels/kernel.h"
#include "runner/net.h"

#define PTQ_IMAGES 256 /* calibration images, at most */

/* Derive an INT8 network from 'half' (bits 16), calibrating on the first
 * PTQ_IMAGES of 'count' images.  'kernel', for INT8, only makes it quick:
 * the sums are exact, the rest is double arithmetic in a fixed order, so the
 * result is the same on every machine.
 *
 * Returns 0 and fills 'ret_net' (yours to net_clear()), or -1: FAIL_NOMEM,
 * FAIL_FORMAT (the weights do not fit 32-bit integers). */
int ptq_int8(const struct net *half, const uint8_t *pixels, size_t count,
             const struct kernel *kernel, struct net *ret_net,
             struct fail *fail);

#endif
