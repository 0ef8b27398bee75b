/* pages.h - room for long arrays */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include <stddef.h>

/* Like malloc(), for free(), of what will be written whole: the kernel is
 * asked for all pages of a long array at once (MADV_POPULATE_WRITE), for
 * faulting in one by one takes longer than writing them does.
 * NULL without memory. */
void *pages_alloc(size_t bytes);
/* The same, zeroed. */
void *pages_zeroed(size_t bytes);

#endif
