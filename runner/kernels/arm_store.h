/* arm_store.h - the integer epilogue on NEON, for the byte kernels */
#ifndef RUNNER_KERNELS_ARM_STORE_H
#define RUNNER_KERNELS_ARM_STORE_H

#include <arm_neon.h>
#include <string.h>

#include "runner/kernels/kernel.h"

/* Store four sums of neurons from 'j' on: to 'raw', or as levels to 'out'
 * (rows already chosen). */
static inline __attribute__((always_inline)) void
arm_store4(const struct kernel_layer *layer, int32x4_t acc, uint8_t *out,
           int32_t *raw, size_t j)
{
    int32x4_t y;
    uint16x4_t half;
    uint32_t four;

    if (raw) {
        vst1q_s32(raw + j, acc);
        return;
    }
    y = vmlaq_s32(vld1q_s32(layer->add + j), acc, vld1q_s32(layer->mul + j));
    y = vshlq_s32(y, vdupq_n_s32(-(int32_t)layer->shift));
    y = vmaxq_s32(y, vdupq_n_s32(0));
    y = vminq_s32(y, vdupq_n_s32((1 << layer->bits) - 1));
    half = vmovn_u32(vreinterpretq_u32_s32(y));
    four = vget_lane_u32(
        vreinterpret_u32_u8(vmovn_u16(vcombine_u16(half, half))), 0);
    memcpy(out + j, &four, 4);
}

/* Four activations in every 32-bit lane. */
static inline __attribute__((always_inline)) uint8x16_t
arm_broadcast4(const uint8_t *a)
{
    uint32_t four;

    memcpy(&four, a, 4);
    return vreinterpretq_u8_u32(vdupq_n_u32(four));
}

#endif
