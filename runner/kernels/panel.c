/* panel.c - packs weights into panels of neurons */
#include "runner/kernels/panel.h"

#include "runner/mem.h"

int panel_pack_bytes(const struct net_layer *src, struct kernel_layer *dst,
                     size_t depth, size_t across)
{
    int8_t *w = mem_alloc(mem_mul(dst->np, dst->kp));

    if (!w)
        return -1;
    for (size_t j = 0; j < src->n; j++)
        for (size_t i = 0; i < src->k; i++) {
            size_t group = j / across * (dst->kp / depth) + i / depth;

            w[(group * across + j % across) * depth + i % depth] =
                src->w[j * src->k + i];
        }
    dst->w = w;
    return 0;
}

int panel_pack_fields(const struct net_layer *src, struct kernel_layer *dst,
                      size_t across)
{
    size_t fields = 8 / dst->bits, inputs = 4 * fields;
    int offset = 1 << (dst->bits - 1);
    uint8_t *w = mem_alloc(mem_mul(dst->np, dst->kp / fields));

    if (!w)
        return -1;
    for (size_t j = 0; j < dst->np; j++)
        for (size_t i = 0; i < dst->kp; i++) {
            bool there = j < src->n && i < src->k;
            int level = there ? src->w[j * src->k + i] : 0;
            size_t group = j / across * (dst->kp / inputs) + i / inputs;
            size_t at = (group * across + j % across) * 4 + i % 4;
            unsigned up = (unsigned)(i / 4 % fields) * dst->bits;

            w[at] = (uint8_t)(w[at] | (unsigned)(level + offset) << up);
        }
    dst->w = w;
    return 0;
}

int32_t panel_offset(const struct kernel_layer *layer, const uint8_t *row)
{
    int32_t sum = 0;

    for (size_t i = 0; i < layer->kp; i++)
        sum += row[i];
    return sum << (layer->bits - 1);
}
