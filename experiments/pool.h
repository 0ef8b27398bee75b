/* pool.h - memory of a parsed structure, freed all at once */
#ifndef EXPERIMENTS_POOL_H
#define EXPERIMENTS_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Returns an empty pool for pool_destroy(), or NULL without memory. */
struct pool *pool_create(void);
void pool_destroy(struct pool *pool); /* NULL is fine */

/* 'count' zeroed elements of 'size' bytes, aligned for any type, valid as
 * long as the pool.  Returns NULL without memory; a valid pointer for a
 * count of 0. */
void *pool_alloc(struct pool *pool, size_t count, size_t size);

/* A copy of 'len' bytes and a zero.  Returns NULL without memory. */
char *pool_text_len(struct pool *pool, const char *text, size_t len);
char *pool_text(struct pool *pool, const char *text);

/* Call destroy(own_thing) when the pool is destroyed.  Returns false without
 * memory; then it is still the caller's. */
bool pool_keep(struct pool *pool, void *own_thing, void (*destroy)(void *));

#endif
