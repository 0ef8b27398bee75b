/* mem.h - aligned memory for weights and activations, and whole files */
#ifndef RUNNER_MEM_H
#define RUNNER_MEM_H

#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

#define MEM_ALIGN 64 /* bytes; the widest vector register */

/* Zeroed memory aligned to MEM_ALIGN (to 2 MiB, with huge pages asked for,
 * from 1 MiB up), with MEM_ALIGN readable bytes behind it.
 *
 * Returns NULL if there is none or 'bytes' overflows; free with free(). */
void *mem_alloc(size_t bytes);

/* a * b, or SIZE_MAX if that does not fit (mem_alloc then refuses it). */
size_t mem_mul(size_t a, size_t b);

/* 'x' rounded up to a multiple of 'step', a power of two. */
static inline size_t mem_round(size_t x, size_t step)
{
    return (x + step - 1) & ~(step - 1);
}

/* Read a whole file of at most 'max' bytes.
 *
 * Returns 0 with malloc'd bytes (yours to free; never NULL), or -1: FAIL_IO,
 * FAIL_FORMAT (too big), FAIL_NOMEM.  'what' names the file's role. */
int mem_read_file(const char *path, const char *what, size_t max,
                  uint8_t **ret_data, size_t *ret_len, struct fail *fail);

#endif
