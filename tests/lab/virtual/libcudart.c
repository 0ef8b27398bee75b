/* libcudart.c - CUDA's memory calls on a board that has no GPU */
#include <stdlib.h>
#include <string.h>

int cudaMalloc(void **at, size_t size);
int cudaMemcpy(void *to, const void *from, size_t size, int kind);

int cudaMalloc(void **at, size_t size)
{
    *at = malloc(size);
    return *at ? 0 : 2;
}

int cudaMemcpy(void *to, const void *from, size_t size, int kind)
{
    (void)kind;
    memcpy(to, from, size);
    return 0;
}
