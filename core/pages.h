/* pages.h - room for long arrays, in large pages */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include <stddef.h>

/* Like malloc(), for free(); but what is several MB long is asked of the
 * kernel in pages of 2 MB where it has them (NumPy does so too): the first
 * touch of a page costs more than a hundred rows of a column.
 * NULL without memory. */
void *pages_alloc(size_t bytes);

#endif
