/* peer_openblas.c - products by cblas, bias and ReLU in a plain loop */
#include <cblas.h>

#include "bench/runner/peers.h"

struct blas {
    size_t width, batch;
    float *w[NET_LAYERS], *bias[NET_LAYERS], *x[NET_LAYERS + 1];
};

static void *blas_open(const struct point *point)
{
    struct blas *b = peers_alloc(sizeof(*b));

    b->width = point->width;
    b->batch = point->batch;
    openblas_set_num_threads((int)point->threads);
    b->x[0] = peers_floats(point->batch * peers_inputs(point->width, 0));
    for (unsigned i = 0; i < NET_LAYERS; i++) {
        size_t n = peers_neurons(point->width, i);

        b->w[i] = peers_floats(n * peers_inputs(point->width, i));
        b->bias[i] = peers_floats(n);
        b->x[i + 1] = peers_floats(point->batch * n);
    }
    return b;
}

static void finish(const struct blas *b, unsigned at, size_t n)
{
    float *y = b->x[at + 1];

    for (size_t r = 0; r < b->batch; r++, y += n)
        for (size_t j = 0; j < n; j++) {
            float v = y[j] + b->bias[at][j];

            y[j] = at < NET_LAYERS - 1 && v < 0 ? 0 : v;
        }
}

static void blas_pass(void *ctx)
{
    const struct blas *b = ctx;

    for (unsigned i = 0; i < NET_LAYERS; i++) {
        int n = (int)peers_neurons(b->width, i);
        int k = (int)peers_inputs(b->width, i);

        if (b->batch == 1)
            cblas_sgemv(CblasRowMajor, CblasNoTrans, n, k, 1, b->w[i], k,
                        b->x[i], 1, 0, b->x[i + 1], 1);
        else
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)b->batch,
                        n, k, 1, b->x[i], k, b->w[i], k, 0, b->x[i + 1], n);
        finish(b, i, (size_t)n);
    }
}

const struct peer peer_openblas = {
    .name = "OpenBLAS",
    .precisions = 1 << PRECISION_FP32,
    .open = blas_open,
    .pass = blas_pass,
};
