/* pages.c - long arrays whose pages come at once
 *
 * Pages of 2 MB would be cheaper still where memory lies ready, but where a
 * virtual machine gave what was free back to its host each of them waits for
 * 512 faults there: a second, now and then, for what takes a tenth.
 */
#include "core/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LONG ((size_t)256 << 10) /* bytes: malloc() maps anew what is longer */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; unknown before, and no harm */
#endif

void *pages_alloc(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (bytes + page - 1) & ~(page - 1);
    void *at;

    if (bytes < LONG || whole < bytes)
        return malloc(bytes);
    at = aligned_alloc(page, whole);
    if (at)
        (void)madvise(at, whole, MADV_POPULATE_WRITE);
    return at;
}

void *pages_zeroed(size_t bytes)
{
    void *at = pages_alloc(bytes);

    return at ? memset(at, 0, bytes) : NULL;
}
