/* kernel.c - the table of kernels, and what all of them share */
#include "runner/kernels/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "runner/cpu.h"
#include "runner/mem.h"

/* clang-format off */
#define KERNEL(name, precision, features, batch, form, prefix, loop, help) \
    kernel_pack_f prefix##_pack; kernel_layer_f prefix##_layer; \
    kernel_peak_f loop;
#include "runner/kernels/kernels.def"
#undef KERNEL

static const struct kernel kernels[] = {
#define KERNEL(name, precision, features, batch, form, prefix, loop, help) \
    { name, help, PRECISION_##precision, features, batch, form, \
      prefix##_pack, prefix##_layer, loop },
#include "runner/kernels/kernels.def"
#undef KERNEL
};
/* clang-format on */

const struct kernel *kernel_at(size_t i)
{
    return i < sizeof kernels / sizeof *kernels ? &kernels[i] : NULL;
}

static int choose_named(const char *name, enum precision precision,
                        unsigned features, const struct kernel **ret_kernel,
                        struct fail *fail)
{
    const struct kernel *k;
    unsigned lacking;

    for (size_t i = 0; (k = kernel_at(i)); i++)
        if (k->precision == precision && !strcmp(k->name, name))
            break;
    if (!k)
        return fail_set(fail, FAIL_KERNEL,
                        "this build has no kernel '%.40s' for %s", name,
                        precision_name(precision));
    lacking = k->features & ~features;
    if (lacking)
        return fail_set(fail, FAIL_KERNEL,
                        "kernel %s needs %s, which this CPU lacks", k->name,
                        cpu_feature_name(lacking & -lacking));
    *ret_kernel = k;
    return 0;
}

int kernel_choose(const char *name, enum precision precision, unsigned features,
                  size_t batch, const struct kernel **ret_kernel,
                  struct fail *fail)
{
    const struct kernel *k;

    if (name)
        return choose_named(name, precision, features, ret_kernel, fail);
    for (size_t i = 0; (k = kernel_at(i)); i++)
        if (k->precision == precision && !(k->features & ~features) &&
            batch >= k->batch_min) {
            *ret_kernel = k;
            return 0;
        }
    return fail_set(fail, FAIL_KERNEL, "this build has no kernel for %s",
                    precision_name(precision));
}

size_t act_bytes(enum act_form form, size_t values, unsigned bits)
{
    switch (form) {
    case ACT_U8:
        return values;
    case ACT_PLANES:
        return values / 8 * bits;
    case ACT_F32:
        break;
    }
    return values * sizeof(float);
}

/* 64 levels to 'bits' words: eight bytes at a time, the multiplication
 * gathers their lowest bits into its top byte. */
static void store_planes(const uint8_t *levels, size_t count, unsigned bits,
                         uint64_t *row)
{
    for (size_t at = 0; at < count; at += 8) {
        size_t some = count - at < 8 ? count - at : 8;
        uint64_t eight = 0;

        for (size_t i = 0; i < some; i++)
            eight |= (uint64_t)levels[at + i] << (8 * i);
        for (unsigned b = 0; b < bits; b++) {
            uint64_t low = eight >> b & 0x0101010101010101u;
            uint64_t byte = low * 0x0102040810204080u >> 56;

            row[at / 64 * bits + b] |= byte << (at % 64);
        }
    }
}

void act_store(enum act_form form, const uint8_t *levels, size_t count,
               unsigned bits, void *row)
{
    float *values = row;

    switch (form) {
    case ACT_U8:
        memcpy(row, levels, count);
        return;
    case ACT_PLANES:
        memset(row, 0, act_bytes(form, mem_round(count, 64), bits));
        store_planes(levels, count, bits, row);
        return;
    case ACT_F32:
        for (size_t i = 0; i < count; i++)
            values[i] = (float)levels[i] * (1 / 255.0f);
        return;
    }
}

int kernel_layer_pack(const struct kernel *kernel, const struct net_layer *src,
                      struct kernel_layer *ret_layer, struct fail *fail)
{
    struct kernel_layer l = {
        .n = src->n, .k = src->k, .bits = src->bits, .shift = src->shift
    };
    bool whole;

    l.np = mem_round(l.n, KERNEL_BLOCK);
    l.kp = mem_round(l.k, KERNEL_BLOCK);
    if (kernel->form == ACT_F32) {
        l.bias = mem_alloc(mem_mul(l.np, sizeof *l.bias));
        whole = l.bias != NULL;
        if (whole)
            memcpy(l.bias, src->bias, l.n * sizeof *l.bias);
    } else {
        l.mul = mem_alloc(mem_mul(l.np, sizeof *l.mul));
        l.add = mem_alloc(mem_mul(l.np, sizeof *l.add));
        whole = l.mul && l.add;
        if (whole) {
            memcpy(l.mul, src->mul, l.n * sizeof *l.mul);
            memcpy(l.add, src->add, l.n * sizeof *l.add);
        }
    }
    if (!whole || kernel->pack(src, &l)) {
        kernel_layer_clear(&l);
        return fail_set(fail, FAIL_NOMEM,
                        "no memory to pack a layer of %zu x %zu", src->n,
                        src->k);
    }
    *ret_layer = l;
    return 0;
}

void kernel_layer_clear(struct kernel_layer *layer)
{
    free(layer->w);
    free(layer->mul);
    free(layer->add);
    free(layer->fix);
    free(layer->bias);
    memset(layer, 0, sizeof *layer);
}

size_t kernel_layer_bytes(const struct kernel *kernel,
                          const struct kernel_layer *layer)
{
    size_t bits = precision_bits(kernel->precision);
    size_t neuron = kernel->form == ACT_F32 ? 4 : 8;

    return layer->np * layer->kp / 8 * bits + layer->np * neuron;
}
