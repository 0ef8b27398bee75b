/* peaks.h - loops that show what an instruction set can do at most */
#ifndef RUNNER_KERNELS_PEAKS_H
#define RUNNER_KERNELS_PEAKS_H

#include <stddef.h>
#include <stdint.h>

/* Read 'bytes' (a multiple of 512, aligned to 64) and return something made
 * of all of them, so that no read can be left out. */
typedef uint64_t peaks_read_f(const void *from, size_t bytes);

/* The widest loads of the CPU with these features. */
peaks_read_f *peaks_read_best(unsigned features);

/* The readers behind it, one an instruction set. */
peaks_read_f peaks_read_portable;
peaks_read_f peaks_read_avx2;
peaks_read_f peaks_read_avx512;

#endif
