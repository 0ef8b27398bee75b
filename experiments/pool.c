/* pool.c - blocks in a list; an allocation is never freed alone */
#include "experiments/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

/* Something of another kind, freed with the pool; lies in it. */
struct guest {
    struct guest *next;
    void *thing;
    void (*destroy)(void *thing);
};

struct pool {
    struct block *first;
    struct guest *guests;
};

struct pool *pool_create(void)
{
    return calloc(1, sizeof(struct pool));
}

void pool_destroy(struct pool *pool)
{
    if (!pool)
        return;
    for (struct guest *g = pool->guests; g; g = g->next)
        g->destroy(g->thing);
    for (struct block *b = pool->first, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(pool);
}

static struct block *block_add(struct pool *pool, size_t need)
{
    size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
    struct block *block;

    if (size > SIZE_MAX - sizeof(*block))
        return NULL;
    block = calloc(1, sizeof(*block) + size);
    if (!block)
        return NULL;
    block->size = size;
    block->next = pool->first;
    pool->first = block;
    return block;
}

void *pool_alloc(struct pool *pool, size_t count, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct block *block = pool->first;
    size_t need;
    void *found;

    if (size && count > (SIZE_MAX / 2) / size)
        return NULL;
    need = (count * size + align) / align * align;
    if (!block || block->size - block->used < need)
        block = block_add(pool, need);
    if (!block)
        return NULL;
    found = block->data + block->used;
    block->used += need;
    return found;
}

char *pool_text_len(struct pool *pool, const char *text, size_t len)
{
    char *copy = pool_alloc(pool, len + 1, 1);

    if (copy && len)
        memcpy(copy, text, len);
    return copy;
}

char *pool_text(struct pool *pool, const char *text)
{
    return pool_text_len(pool, text, strlen(text));
}

bool pool_keep(struct pool *pool, void *own_thing, void (*destroy)(void *))
{
    struct guest *guest = pool_alloc(pool, 1, sizeof(*guest));

    if (!guest)
        return false;
    *guest = (struct guest){ pool->guests, own_thing, destroy };
    pool->guests = guest;
    return true;
}
