/* pages.c - long arrays whose pages come at once
 *
 * Pages of 2 MB would be cheaper still where memory lies ready, but where a
 * virtual machine gave what was free back to its host each of them waits for
 * 512 faults there: a second, now and then, for what takes a tenth.
 */
#include "core/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LONG ((size_t)256 << 10) /* bytes: malloc() maps anew what is longer */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; unknown before, and no harm */
#endif

void pages_ready(void *at, size_t bytes)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)at + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)at + bytes) & ~(page - 1);

    if (bytes >= LONG) /* whole pages of it: there are some */
        (void)madvise((void *)first, end - first, MADV_POPULATE_WRITE);
}

void *pages_alloc(size_t bytes)
{
    void *at = malloc(bytes);

    if (at)
        pages_ready(at, bytes);
    return at;
}

void *pages_zeroed(size_t bytes)
{
    void *at = pages_alloc(bytes);

    return at ? memset(at, 0, bytes) : NULL;
}
