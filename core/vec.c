/* vec.c - the memory behind VEC() */
#include "core/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool vec_grow(void **at, size_t *cap, size_t need, size_t size)
{
    size_t more = *cap ? *cap : 8;
    void *old, *grown;

    if (need <= *cap)
        return true;
    while (more < need)
        more *= 2;
    if (more > SIZE_MAX / 2 / size)
        return false;
    memcpy(&old, at, sizeof(old));
    grown = realloc(old, more * size);
    if (!grown)
        return false;
    memcpy(at, &grown, sizeof(grown));
    *cap = more;
    return true;
}

void vec_free(void **at)
{
    void *old, *none = NULL;

    memcpy(&old, at, sizeof(old));
    free(old);
    memcpy(at, &none, sizeof(none));
}
