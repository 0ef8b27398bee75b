/* peaks_avx512.c - AVX-512: reads, and instruction rates from registers
 *
 * Twelve accumulators hide the latency of each instruction.
 */
#include <immintrin.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/peaks.h"

#define ACCS 12

kernel_peak_f peak_avx512_fma, peak_avx512_vnni, peak_avx512_int2,
    peak_avx512_int4;

uint64_t peaks_read_avx512(const void *from, size_t bytes)
{
    const __m512i *p = from;
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;

    for (size_t i = 0; i < bytes / sizeof *p; i += 4) {
        a = _mm512_xor_si512(a, _mm512_load_si512(p + i));
        b = _mm512_xor_si512(b, _mm512_load_si512(p + i + 1));
        c = _mm512_xor_si512(c, _mm512_load_si512(p + i + 2));
        d = _mm512_xor_si512(d, _mm512_load_si512(p + i + 3));
    }
    a = _mm512_xor_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(c, d));
    return (uint64_t)_mm512_reduce_add_epi64(a);
}

double peak_avx512_fma(size_t rounds)
{
    __m512 acc[ACCS], x = _mm512_set1_ps(1.0001f), y = _mm512_set1_ps(0.5f);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("vfmadd231ps %1,%2,%0"
                             : "+v"(acc[i])
                             : "v"(x), "v"(y));
    return (double)rounds * 32 * ACCS * 2 * 16;
}

double peak_avx512_vnni(size_t rounds)
{
    __m512i acc[ACCS], x = _mm512_set1_epi8(1), y = _mm512_set1_epi8(2);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("vpdpbusd %1,%2,%0"
                             : "+v"(acc[i])
                             : "v"(x), "v"(y));
    return (double)rounds * 32 * ACCS * 2 * 64;
}

/* And, popcount, add; 512 one-bit products, of which a product of two
 * numbers takes 'planes'. */
static double popcounts(size_t rounds, double planes)
{
    __m512i acc[ACCS], t, x = _mm512_set1_epi8(1), y = _mm512_set1_epi8(3);

#pragma GCC unroll 12
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 16; r++)
#pragma GCC unroll 12
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("vpandq %2,%3,%1\n\tvpopcntq %1,%1\n\t"
                             "vpaddq %1,%0,%0"
                             : "+v"(acc[i]), "=&v"(t)
                             : "v"(x), "v"(y));
    return (double)rounds * 16 * ACCS * 2 * 512 / planes;
}

double peak_avx512_int2(size_t rounds)
{
    return popcounts(rounds, 4);
}

double peak_avx512_int4(size_t rounds)
{
    return popcounts(rounds, 16);
}
