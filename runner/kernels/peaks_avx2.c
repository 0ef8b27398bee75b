/* peaks_avx2.c - AVX2: reads, and instruction rates from registers */
#include <immintrin.h>

#include "runner/kernels/kernel.h"
#include "runner/kernels/peaks.h"

#define ACCS 10

kernel_peak_f peak_avx2_fma, peak_avx2_fields, peak_avx2_bytes;

uint64_t peaks_read_avx2(const void *from, size_t bytes)
{
    const __m256i *p = from;
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    uint64_t parts[4];

    for (size_t i = 0; i < bytes / sizeof *p; i += 4) {
        a = _mm256_xor_si256(a, _mm256_load_si256(p + i));
        b = _mm256_xor_si256(b, _mm256_load_si256(p + i + 1));
        c = _mm256_xor_si256(c, _mm256_load_si256(p + i + 2));
        d = _mm256_xor_si256(d, _mm256_load_si256(p + i + 3));
    }
    a = _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(c, d));
    _mm256_storeu_si256((__m256i *)(void *)parts, a);
    return parts[0] ^ parts[1] ^ parts[2] ^ parts[3];
}

double peak_avx2_fma(size_t rounds)
{
    __m256 acc[ACCS], x = _mm256_set1_ps(1.0001f), y = _mm256_set1_ps(0.5f);

#pragma GCC unroll 10
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 10
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("vfmadd231ps %1,%2,%0"
                             : "+x"(acc[i])
                             : "x"(x), "x"(y));
    return (double)rounds * 32 * ACCS * 2 * 8;
}

double peak_avx2_fields(size_t rounds)
{
    __m256i acc[ACCS], t, x = _mm256_set1_epi8(1), y = _mm256_set1_epi8(3);

#pragma GCC unroll 10
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 10
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("vpmaddubsw %2,%3,%1\n\tvpaddw %1,%0,%0"
                             : "+x"(acc[i]), "=&x"(t)
                             : "x"(x), "x"(y));
    return (double)rounds * 32 * ACCS * 2 * 32;
}

double peak_avx2_bytes(size_t rounds)
{
    __m256i acc[ACCS], t, x = _mm256_set1_epi8(1), y = _mm256_set1_epi8(3);

#pragma GCC unroll 10
    for (int i = 0; i < ACCS; i++)
        acc[i] = y;
    for (size_t r = 0; r < rounds * 32; r++)
#pragma GCC unroll 10
        for (int i = 0; i < ACCS; i++)
            __asm__ volatile("vpmaddwd %2,%3,%1\n\tvpaddd %1,%0,%0"
                             : "+x"(acc[i]), "=&x"(t)
                             : "x"(x), "x"(y));
    return (double)rounds * 32 * ACCS * 2 * 16;
}
