/* peaks_portable.c - plain C: reads, and operation rates from L1
 *
 * Compiled C keeps no promise about registers, so these rates come from the
 * kernels' own inner loops on data that fits the first-level cache.
 */
#include <string.h>

#include "runner/cpu.h"
#include "runner/kernels/kernel.h"
#include "runner/kernels/peaks.h"

#define DEPTH 1024

kernel_peak_f peak_portable_dot, peak_portable_float, peak_portable_int2,
    peak_portable_int4;

peaks_read_f *peaks_read_best(unsigned features)
{
#if defined(__x86_64__)
    if (features & CPU_AVX512)
        return peaks_read_avx512;
    if (features & CPU_AVX2)
        return peaks_read_avx2;
#endif
    (void)features;
    return peaks_read_portable;
}

typedef uint64_t words __attribute__((vector_size(16)));

uint64_t peaks_read_portable(const void *from, size_t bytes)
{
    const words *p = from;
    words a = { 0 }, b = a, c = a, d = a;

    for (size_t i = 0; i < bytes / sizeof *p; i += 4) {
        a ^= p[i];
        b ^= p[i + 1];
        c ^= p[i + 2];
        d ^= p[i + 3];
    }
    a ^= b ^ c ^ d;
    return a[0] ^ a[1];
}

/* Keep the compiler from knowing what lies at 'p'. */
static inline void forget(void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

double peak_portable_dot(size_t rounds)
{
    int8_t w[DEPTH];
    int16_t a[DEPTH];
    int32_t sum = 0;

    memset(w, 1, sizeof w);
    memset(a, 1, sizeof a);
    for (size_t r = 0; r < rounds; r++) {
        forget(w);
        forget(a);
        for (size_t i = 0; i < DEPTH; i++)
            sum += (int16_t)w[i] * a[i];
        forget(&sum);
        sum = 0;
    }
    return (double)rounds * 2 * DEPTH;
}

typedef float floats __attribute__((vector_size(16)));

double peak_portable_float(size_t rounds)
{
    floats acc[8] = { { 0 } }, x = { 1, 2, 3, 4 };

    for (size_t r = 0; r < rounds; r++) {
        forget(&x);
        for (int k = 0; k < 32; k++)
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++)
                acc[i] += 0.5f * x;
        forget(acc);
    }
    return (double)rounds * 32 * 8 * 8;
}

/* One-bit products a second, over the 'planes' that a product takes. */
static double popcounts(size_t rounds, double planes)
{
    uint64_t w[DEPTH / 8], a[DEPTH / 8];
    int sum = 0;

    memset(w, 0x55, sizeof w);
    memset(a, 0x33, sizeof a);
    for (size_t r = 0; r < rounds; r++) {
        forget(w);
        forget(a);
        for (size_t i = 0; i < DEPTH / 8; i++)
            sum += __builtin_popcountll(w[i] & a[i]);
        forget(&sum);
        sum = 0;
    }
    return (double)rounds * 2 * 64 * (DEPTH / 8) / planes;
}

double peak_portable_int2(size_t rounds)
{
    return popcounts(rounds, 4);
}

double peak_portable_int4(size_t rounds)
{
    return popcounts(rounds, 16);
}
