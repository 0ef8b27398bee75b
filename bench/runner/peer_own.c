/* peer_own.c - labrunner's own kernels, over the committed weights */
#include <stdio.h>
#include <stdlib.h>

#include "bench/runner/peers.h"
#include "runner/cpu.h"
#include "runner/engine.h"

#define IMAGES "data/mnist/t10k-images-idx3-ubyte"

static void *own_open(const struct point *point)
{
    static struct dataset set;
    static struct model model;
    const struct kernel *kernel;
    struct engine *engine = NULL;
    struct fail fail;
    char path[80];

    snprintf(path, sizeof(path), "runner/models/mlp-w%zu-b%u.mlpw",
             point->width, precision_file_bits(point->precision));
    if (dataset_load(IMAGES, NULL, &set, &fail) ||
        kernel_choose(getenv("BENCH_KERNEL"), point->precision, cpu_features(),
                      point->batch, &kernel, &fail) ||
        model_load(path, NULL, kernel, &set, &model, &fail) ||
        engine_create(&model, point->batch, point->threads, &engine, &fail)) {
        fprintf(stderr, "own: %s\n", fail.text);
        return NULL;
    }
    engine_input(engine, set.pixels, point->batch);
    return engine;
}

static void own_pass(void *ctx)
{
    engine_compute(ctx);
}

const struct peer peer_own = {
    .name = "labrunner",
    .precisions = 1 << PRECISION_INT2 | 1 << PRECISION_INT4 |
                  1 << PRECISION_INT8 | 1 << PRECISION_FP16 |
                  1 << PRECISION_FP32,
    .open = own_open,
    .pass = own_pass,
};
