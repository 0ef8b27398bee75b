/* engine.c - takes a batch through the layers, on one thread or several
 *
 * Layers run on chunks of CHUNK_ROWS images, so that the activations between
 * them stay in cache however large the batch.  Threads share a batch by rows,
 * or, when it is too small for that and the weights are worth it, by blocks
 * of neurons with a barrier after each layer.
 */
#include "runner/engine.h"

#include <stdlib.h>
#include <string.h>

#include "runner/idx.h"
#include "runner/mem.h"
#include "runner/team.h"

#define CHUNK_ROWS    96
#define ROWS_A_THREAD 8            /* fewer are shared by neurons */
#define NEURONS_WORTH (256 * 1024) /* bytes of a layer, to share by neurons */

struct engine {
    const struct model *model;
    const struct kernel *kernel;
    size_t batch, rows; /* most, and of this batch */
    size_t chunk;       /* rows between layers, a thread */
    unsigned threads;
    struct team *team;
    size_t in_bytes, mid_bytes; /* of a row */
    uint8_t *in;                /* [batch][in_bytes] */
    uint8_t *mid[2];            /* [threads][chunk][mid_bytes] */
    int32_t *raw;               /* [batch][KERNEL_BLOCK]; or floats */
    uint8_t levels[256];        /* of each pixel value */
    unsigned at;                /* layer being shared by neurons */
};

static void set_levels(struct engine *e)
{
    unsigned bits = precision_bits(e->model->precision);
    unsigned top = bits < 8 ? (1u << bits) - 1 : 255;

    for (unsigned p = 0; p < 256; p++)
        e->levels[p] = (uint8_t)((p * top + 127) / 255);
}

int engine_create(const struct model *model, size_t batch, unsigned threads,
                  struct engine **ret_engine, struct fail *fail)
{
    struct engine *e = calloc(1, sizeof *e);
    unsigned bits = precision_bits(model->precision);
    size_t mid_rows;
    int rc = -1;

    if (!e)
        return fail_set(fail, FAIL_NOMEM, "no memory for a batch");
    e->model = model;
    e->kernel = model->kernel;
    e->batch = batch;
    e->threads = threads;
    e->chunk = batch < CHUNK_ROWS ? batch : CHUNK_ROWS;
    mid_rows = e->chunk * threads;
    e->in_bytes = act_bytes(e->kernel->form, model->layer[0].kp, bits);
    e->mid_bytes = act_bytes(e->kernel->form, model->layer[0].np, bits);
    set_levels(e);
    e->in = mem_alloc(mem_mul(batch, e->in_bytes));
    e->mid[0] = mem_alloc(mem_mul(mid_rows, e->mid_bytes));
    e->mid[1] = mem_alloc(mem_mul(mid_rows, e->mid_bytes));
    e->raw = mem_alloc(mem_mul(batch, KERNEL_BLOCK * sizeof *e->raw));
    if (e->in && e->mid[0] && e->mid[1] && e->raw)
        rc = team_create(threads, &e->team, fail);
    else
        fail_set(fail, FAIL_NOMEM, "no memory for a batch of %zu images",
                 batch);
    if (rc)
        engine_destroy(e);
    else
        *ret_engine = e;
    return rc;
}

void engine_input(struct engine *e, const uint8_t *pixels, size_t rows)
{
    unsigned bits = precision_bits(e->model->precision);
    uint8_t levels[IDX_PIXELS];

    e->rows = rows;
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *image = pixels + r * IDX_PIXELS;

        if (bits < 8) {
            for (size_t i = 0; i < IDX_PIXELS; i++)
                levels[i] = e->levels[image[i]];
            image = levels;
        }
        act_store(e->kernel->form, image, IDX_PIXELS, bits,
                  e->in + r * e->in_bytes);
    }
}

/* One layer of one chunk: 'from' is its first row in the batch. */
static void run_layer(struct engine *e, unsigned at, size_t from, size_t rows,
                      size_t seat, size_t first, size_t last)
{
    const struct kernel_layer *layer = &e->model->layer[at];
    size_t own = seat * e->chunk * e->mid_bytes;
    const void *in =
        at ? e->mid[(at - 1) % 2] + own : e->in + from * e->in_bytes;
    void *raw = at == NET_LAYERS - 1 ? e->raw + from * KERNEL_BLOCK : NULL;

    e->kernel->layer(layer, in, e->mid[at % 2] + own, raw, rows, first, last);
}

static void run_rows(struct engine *e, size_t from, size_t to, size_t seat)
{
    for (; from < to; from += e->chunk) {
        size_t rows = to - from < e->chunk ? to - from : e->chunk;

        for (unsigned at = 0; at < NET_LAYERS; at++)
            run_layer(e, at, from, rows, seat, 0,
                      e->model->layer[at].np / KERNEL_BLOCK);
    }
}

static void share_rows(void *arg, unsigned at, unsigned threads)
{
    struct engine *e = arg;

    run_rows(e, e->rows * at / threads, e->rows * (at + 1) / threads, at);
}

static void share_neurons(void *arg, unsigned at, unsigned threads)
{
    struct engine *e = arg;
    size_t blocks = e->model->layer[e->at].np / KERNEL_BLOCK;

    run_layer(e, e->at, 0, e->rows, 0, blocks * at / threads,
              blocks * (at + 1) / threads);
}

static void compute_by_neurons(struct engine *e)
{
    for (e->at = 0; e->at < NET_LAYERS; e->at++) {
        const struct kernel_layer *layer = &e->model->layer[e->at];

        if (kernel_layer_bytes(e->kernel, layer) >= NEURONS_WORTH)
            team_run(e->team, share_neurons, e);
        else
            run_layer(e, e->at, 0, e->rows, 0, 0, layer->np / KERNEL_BLOCK);
    }
}

void engine_compute(struct engine *e)
{
    if (e->threads == 1)
        run_rows(e, 0, e->rows, 0);
    else if (e->rows >= (size_t)e->threads * ROWS_A_THREAD ||
             e->rows > e->chunk)
        team_run(e->team, share_rows, e);
    else
        compute_by_neurons(e);
}

static uint8_t best_int(const struct kernel_layer *layer, const int32_t *acc)
{
    int32_t best = layer->mul[0] * acc[0] + layer->add[0];
    uint8_t at = 0;

    for (uint8_t j = 1; j < NET_CLASSES; j++) {
        int32_t y = layer->mul[j] * acc[j] + layer->add[j];

        if (y > best) {
            best = y;
            at = j;
        }
    }
    return at;
}

static uint8_t best_float(const float *y)
{
    uint8_t at = 0;

    for (uint8_t j = 1; j < NET_CLASSES; j++)
        if (y[j] > y[at])
            at = j;
    return at;
}

void engine_classes(struct engine *e, uint8_t *ret_classes)
{
    const struct kernel_layer *last = &e->model->layer[NET_LAYERS - 1];

    for (size_t r = 0; r < e->rows; r++) {
        const int32_t *row = e->raw + r * KERNEL_BLOCK;

        if (e->kernel->form == ACT_F32)
            ret_classes[r] = best_float((const float *)(const void *)row);
        else
            ret_classes[r] = best_int(last, row);
    }
}

void engine_destroy(struct engine *e)
{
    if (!e)
        return;
    team_destroy(e->team);
    free(e->in);
    free(e->mid[0]);
    free(e->mid[1]);
    free(e->raw);
    free(e);
}
