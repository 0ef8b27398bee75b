/* pages.c - long arrays asked for in large pages */
#include "core/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LARGE ((size_t)2 << 20) /* a large page of x86-64 and AArch64 */

void *pages_alloc(size_t bytes)
{
    size_t whole = (bytes + LARGE - 1) & ~(LARGE - 1);
    void *at;

    if (bytes < 2 * LARGE || whole < bytes)
        return malloc(bytes);
    at = aligned_alloc(LARGE, whole);
    if (at)
        (void)madvise(at, whole, MADV_HUGEPAGE); /* a wish */
    return at;
}
