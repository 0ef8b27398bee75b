/* peaks_neon.c - ARMv8.0 NEON: instruction rates from registers */
#include <arm_neon.h>

#include "runner/kernels/kernel.h"

#define ACCS 12

kernel_peak_f peak_neon_fma, peak_neon_fields, peak_neon_bytes, peak_neon_int2,
    peak_neon_int4;

double peak_neon_fma(size_t rounds)
{
    float32x4_t acc[ACCS], x = vdupq_n_f32(1.0001f), y = vdupq_n_f32(0.5f);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("fmla %0.4s,%1.4s,%2.4s"
                             : "+w"(acc[i])
                             : "w"(x), "w"(y));
    return (double)rounds * 32 * ACCS * 2 * 4;
}

double peak_neon_fields(size_t rounds)
{
    uint16x8_t acc[ACCS];
    uint8x16_t x = vdupq_n_u8(1), y = vdupq_n_u8(3);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = vdupq_n_u16(0);
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("umlal %0.8h,%1.8b,%2.8b"
                             : "+w"(acc[i])
                             : "w"(x), "w"(y));
    return (double)rounds * 32 * ACCS * 2 * 8;
}

double peak_neon_bytes(size_t rounds)
{
    int32x4_t acc[ACCS];
    int16x8_t x = vdupq_n_s16(1), y = vdupq_n_s16(3);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = vdupq_n_s32(0);
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("smlal %0.4s,%1.4h,%2.4h"
                             : "+w"(acc[i])
                             : "w"(x), "w"(y));
    return (double)rounds * 32 * ACCS * 2 * 4;
}

static double popcounts(size_t rounds, double planes)
{
    uint8x16_t acc[ACCS], t, x = vdupq_n_u8(1), y = vdupq_n_u8(3);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 16; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("and %1.16b,%2.16b,%3.16b\n\tcnt %1.16b,%1.16b"
                             "\n\tadd %0.16b,%0.16b,%1.16b"
                             : "+w"(acc[i]), "=&w"(t)
                             : "w"(x), "w"(y));
    return (double)rounds * 16 * ACCS * 2 * 128 / planes;
}

double peak_neon_int2(size_t rounds)
{
    return popcounts(rounds, 4);
}

double peak_neon_int4(size_t rounds)
{
    return popcounts(rounds, 16);
}
