/* ptq.c - post-training quantisation to INT8
 *
 * Built with -ffp-contract=off: a fused multiply-add would round otherwise
 * than its two steps, and the networks of two machines would differ.
 */
#include "runner/ptq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/idx.h"
#include "runner/mem.h"

#define BITS 8
#define TOP  255.0 /* highest activation level */

/* One quantisation at work: the images so far through the network. */
struct calibration {
    const struct kernel *kernel;
    size_t images;
    double in_step; /* value of one level going in */
    uint8_t *acts;  /* [images][kp], the kernel's form (bytes) */
    int32_t *sums;  /* [images][np] */
    double *step;   /* [n], value of one weight level, a neuron */
};

static void quantise_weights(const struct net_layer *half,
                             struct net_layer *layer, double *step)
{
    for (size_t j = 0; j < layer->n; j++) {
        const uint16_t *row = half->half + j * layer->k;
        double top = 0;

        for (size_t i = 0; i < layer->k; i++)
            top = fmax(top, fabs((double)net_half(row[i])));
        step[j] = top > 0 ? top / 127 : 1;
        for (size_t i = 0; i < layer->k; i++)
            layer->w[j * layer->k + i] =
                (int8_t)rint((double)net_half(row[i]) / step[j]);
    }
}

/* The sums of all images, by the kernel. */
static int run_sums(struct calibration *cal, const struct net_layer *layer,
                    struct fail *fail)
{
    struct kernel_layer packed;

    if (kernel_layer_pack(cal->kernel, layer, &packed, fail))
        return -1;
    free(cal->sums);
    cal->sums = mem_alloc(mem_mul(cal->images * packed.np, 4));
    if (cal->sums)
        cal->kernel->layer(&packed, cal->acts, NULL, cal->sums, cal->images, 0,
                           packed.np / KERNEL_BLOCK);
    kernel_layer_clear(&packed);
    if (!cal->sums)
        return fail_set(fail, FAIL_NOMEM, "no memory to calibrate INT8");
    return 0;
}

/* The value of one level going out: the largest one seen is the top. */
static double out_step(const struct calibration *cal,
                       const struct net_layer *layer, const float *bias)
{
    size_t np = mem_round(layer->n, KERNEL_BLOCK);
    double top = 0;

    for (size_t r = 0; r < cal->images; r++)
        for (size_t j = 0; j < layer->n; j++) {
            double scale = cal->step[j] * cal->in_step;
            double y = (double)cal->sums[r * np + j] * scale;

            top = fmax(top, y + (double)bias[j]);
        }
    return top > 0 ? top / TOP : 1;
}

/* Does every mul * acc + add stay inside 32 bits at this shift? */
static bool fits(const double *a, const double *b, const int64_t *reach,
                 size_t n, int shift)
{
    for (size_t j = 0; j < n; j++) {
        double mul = fabs(rint(ldexp(a[j], shift)));
        double add = fabs(rint(ldexp(b[j], shift)));

        if (!(mul * (double)reach[j] + add < 2147483647.0))
            return false;
    }
    return true;
}

/* Fold steps, bias and rounding into mul, add and the largest shift. */
static int fold(const struct calibration *cal, struct net_layer *layer,
                const float *bias, double step, bool last, struct fail *fail)
{
    double *a = mem_alloc(mem_mul(layer->n, sizeof *a));
    double *b = mem_alloc(mem_mul(layer->n, sizeof *b));
    int64_t *reach = mem_alloc(mem_mul(layer->n, sizeof *reach));
    int shift = 30, rc = -1;

    if (!a || !b || !reach) {
        fail_set(fail, FAIL_NOMEM, "no memory to calibrate INT8");
        goto out;
    }
    for (size_t j = 0; j < layer->n; j++) {
        a[j] = cal->step[j] * cal->in_step / step;
        b[j] = (double)bias[j] / step + (last ? 0 : 0.5);
        reach[j] = net_reach(layer, j);
    }
    while (shift >= 0 && !fits(a, b, reach, layer->n, shift))
        shift--;
    if (shift < 0) {
        fail_set(fail, FAIL_FORMAT, "weights are too large for INT8");
        goto out;
    }
    layer->shift = (unsigned)shift;
    for (size_t j = 0; j < layer->n; j++) {
        layer->mul[j] = (int32_t)rint(ldexp(a[j], shift));
        layer->add[j] = (int32_t)rint(ldexp(b[j], shift));
    }
    rc = 0;
out:
    free(a);
    free(b);
    free(reach);
    return rc;
}

/* The levels that go into the next layer. */
static int next_acts(struct calibration *cal, const struct net_layer *layer,
                     struct fail *fail)
{
    size_t np = mem_round(layer->n, KERNEL_BLOCK);
    struct kernel_layer epilogue = { .mul = layer->mul,
                                     .add = layer->add,
                                     .shift = layer->shift,
                                     .bits = BITS };
    uint8_t *acts = mem_alloc(mem_mul(cal->images, np));

    if (!acts)
        return fail_set(fail, FAIL_NOMEM, "no memory to calibrate INT8");
    for (size_t r = 0; r < cal->images; r++)
        for (size_t j = 0; j < layer->n; j++)
            acts[r * np + j] =
                (uint8_t)kernel_level(&epilogue, j, cal->sums[r * np + j]);
    free(cal->acts);
    cal->acts = acts;
    return 0;
}

static int quantise_layer(struct calibration *cal, const struct net_layer *half,
                          struct net_layer *layer, bool last, struct fail *fail)
{
    double step;
    int rc;

    layer->n = half->n;
    layer->k = half->k;
    layer->bits = BITS;
    if (net_layer_alloc(layer, fail))
        return -1;
    quantise_weights(half, layer, cal->step);
    rc = run_sums(cal, layer, fail);
    if (rc)
        return rc;
    step = last ? 1 : out_step(cal, layer, half->bias);
    rc = fold(cal, layer, half->bias, step, last, fail);
    if (!rc && !last)
        rc = next_acts(cal, layer, fail);
    cal->in_step = step;
    return rc;
}

int ptq_int8(const struct net *half, const uint8_t *pixels, size_t count,
             const struct kernel *kernel, struct net *ret_net,
             struct fail *fail)
{
    struct calibration cal = { .kernel = kernel, .in_step = 1 / TOP };
    size_t kp = mem_round(IDX_PIXELS, KERNEL_BLOCK);
    struct net net = { .bits = BITS };
    int rc = 0;

    cal.images = count < PTQ_IMAGES ? count : PTQ_IMAGES;
    cal.acts = mem_alloc(cal.images * kp);
    cal.step = mem_alloc(NET_WIDTH_MAX * sizeof *cal.step);
    if (!cal.acts || !cal.step)
        rc = fail_set(fail, FAIL_NOMEM, "no memory to calibrate INT8");
    for (size_t r = 0; !rc && r < cal.images; r++)
        act_store(kernel->form, pixels + r * IDX_PIXELS, IDX_PIXELS, BITS,
                  cal.acts + r * kp);
    for (unsigned i = 0; !rc && i < NET_LAYERS; i++)
        rc = quantise_layer(&cal, &half->layer[i], &net.layer[i],
                            i == NET_LAYERS - 1, fail);
    free(cal.acts);
    free(cal.sums);
    free(cal.step);
    if (rc)
        net_clear(&net);
    else
        *ret_net = net;
    return rc;
}
