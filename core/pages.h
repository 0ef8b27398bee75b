/* pages.h - room for long arrays */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include <stddef.h>

/* 'bytes' at 'at' are about to be written whole: of a long array the kernel is
 * asked for all pages at once (MADV_POPULATE_WRITE), for faulting in one by
 * one takes longer than writing them does. */
void pages_ready(void *at, size_t bytes);

/* Like malloc(), for free(), made ready.  NULL without memory. */
void *pages_alloc(size_t bytes);
/* The same, zeroed. */
void *pages_zeroed(size_t bytes);

#endif
