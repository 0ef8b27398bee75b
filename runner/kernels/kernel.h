/* kernel.h - what a kernel is: one layer's arithmetic on one instruction set
 *
 * Activations lie by row, one row an image, each row a multiple of 64 values
 * long and padded with zeros, in one of three forms.  Weights lie as the
 * kernel itself packs them.  Neurons come in blocks of KERNEL_BLOCK; a layer
 * is padded to whole blocks with neurons that always give zero.
 */
#ifndef RUNNER_KERNELS_KERNEL_H
#define RUNNER_KERNELS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/net.h"

#define KERNEL_BLOCK 64 /* neurons */

enum act_form {
    ACT_U8,     /* a byte a value */
    ACT_PLANES, /* 64 values: one u64 for each bit, lowest plane first */
    ACT_F32,    /* a float a value */
};

/* A layer as one kernel packed it. */
struct kernel_layer {
    size_t n, k;        /* true sizes */
    size_t np, kp;      /* padded to 64 */
    unsigned bits;      /* of weights and activations */
    unsigned shift;     /* of the integer epilogue */
    void *w;            /* packed weights */
    int32_t *mul, *add; /* [np], integer kernels */
    int32_t *fix;       /* [np], a correction of the kernel's own, or NULL */
    float *bias;        /* [np], float kernels */
};

/* Pack the weights of 'src' into dst->w (and dst->fix); sizes and epilogue
 * are set already.  Returns 0, or -1 if there is no memory. */
typedef int kernel_pack_f(const struct net_layer *src,
                          struct kernel_layer *dst);

/* Compute the blocks from 'first' up to 'last' of a layer for 'rows' images.
 *
 * 'in' has rows of act_bytes(form, kp, bits); 'out' rows of act_bytes(form,
 * np, bits).  If 'raw' is not NULL the sums (int32, or float with the bias
 * in) go there, rows of np, and 'out' is not written. */
typedef void kernel_layer_f(const struct kernel_layer *layer, const void *in,
                            void *out, void *raw, size_t rows, size_t first,
                            size_t last);

/* Run the kernel's instructions as fast as they go, 'rounds' times some
 * thousands of them, and return the operations done (a MAC is two). */
typedef double kernel_peak_f(size_t rounds);

struct kernel {
    const char *name, *help;
    enum precision precision;
    unsigned features; /* enum cpu_feature bits that it needs */
    size_t batch_min;  /* default choice from this batch on */
    enum act_form form;
    kernel_pack_f *pack;
    kernel_layer_f *layer;
    kernel_peak_f *peak;
};

/* Row 'i' of kernels.def, best first for each precision, or NULL.  Only the
 * kernels of this architecture are rows. */
const struct kernel *kernel_at(size_t i);

/* Choose the kernel of a precision: the row called 'name', or for NULL the
 * first one that 'features' can run and 'batch' is enough for.
 *
 * Returns 0, or -1: FAIL_KERNEL (not here, or the CPU lacks something). */
int kernel_choose(const char *name, enum precision precision, unsigned features,
                  size_t batch, const struct kernel **ret_kernel,
                  struct fail *fail);

/* Bytes of a row of 'values' (a multiple of 64) activations. */
size_t act_bytes(enum act_form form, size_t values, unsigned bits);

/* Write 'count' levels (0 to 2^bits - 1) into a zeroed row. */
void act_store(enum act_form form, const uint8_t *levels, size_t count,
               unsigned bits, void *row);

/* Pack a layer for a kernel.
 *
 * Returns 0 and fills 'ret_layer' (yours to kernel_layer_clear()), or -1:
 * FAIL_NOMEM. */
int kernel_layer_pack(const struct kernel *kernel, const struct net_layer *src,
                      struct kernel_layer *ret_layer, struct fail *fail);

/* Free what the layer owns and zero it; a zeroed one is fine. */
void kernel_layer_clear(struct kernel_layer *layer);

/* Bytes of packed weights and per-neuron numbers that computing reads. */
size_t kernel_layer_bytes(const struct kernel *kernel,
                          const struct kernel_layer *layer);

/* The integer epilogue of runner.md: clamp((mul * acc + add) >> shift). */
static inline int32_t kernel_level(const struct kernel_layer *layer, size_t j,
                                   int32_t acc)
{
    int32_t y = (layer->mul[j] * acc + layer->add[j]) >> layer->shift;
    int32_t top = (1 << layer->bits) - 1;

    return y < 0 ? 0 : y > top ? top : y;
}

#endif
