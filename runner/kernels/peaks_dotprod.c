/* peaks_dotprod.c - ARMv8.2 dot products: rate from registers */
#include <arm_neon.h>

#include "runner/kernels/kernel.h"

#define ACCS 12

kernel_peak_f peak_dotprod;

double peak_dotprod(size_t rounds)
{
    int32x4_t acc[ACCS];
    int8x16_t x = vdupq_n_s8(1), y = vdupq_n_s8(3);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = vdupq_n_s32(0);
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("sdot %0.4s,%1.16b,%2.16b"
                             : "+w"(acc[i])
                             : "w"(x), "w"(y));
    return (double)rounds * 32 * ACCS * 2 * 16;
}
