/* peer_ort.c - ONNX Runtime through its C function table
 *
 * The library comes from npm's onnxruntime-node (ORT_LIB names it), which
 * brings no header: the entries used here are declared by their place in
 * OrtApi of onnxruntime_c_api.h, an order that the project keeps
 * (https://onnxruntime.ai/docs/api/c/struct_ort_api.html).  Models are those of
 * models.py, in the folder BENCH_MODELS.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/runner/peers.h"

#define API_VERSION 13
#define LEVEL_ERROR 3
#define TYPE_FLOAT  1
#define TYPE_UINT8  2
#define OPTIMISE    99 /* ORT_ENABLE_ALL */

/* Places in the table. */
enum ort_entry {
    ORT_ERROR_MESSAGE = 2,
    ORT_CREATE_ENV = 3,
    ORT_CREATE_SESSION = 7,
    ORT_RUN = 9,
    ORT_CREATE_OPTIONS = 10,
    ORT_SET_OPTIMISATION = 23,
    ORT_SET_INTRA_THREADS = 24,
    ORT_SET_INTER_THREADS = 25,
    ORT_TENSOR_OF_DATA = 49,
    ORT_CPU_MEMORY = 69,
};

struct ort_base {
    const void *const *(*get_api)(uint32_t version);
    const char *(*version)(void);
};

struct ort {
    const void *const *api;
    void *session, *in, *out;
};

/* The entry as a function that returns a status (NULL is fine). */
#define ORT_CALL(ort, entry, ...)                                              \
    ort_check((ort), ((void *(*)())(ort)->api[entry])(__VA_ARGS__))

static void ort_check(const struct ort *ort, void *status)
{
    const char *(*message)(const void *);

    if (!status)
        return;
    *(const void **)&message = ort->api[ORT_ERROR_MESSAGE];
    peers_die("ONNX Runtime: %s", message(status));
}

static const void *const *api_of(const char *library)
{
    void *handle = dlopen(library, RTLD_NOW);
    const struct ort_base *(*base)(void);
    const void *const *api;

    if (!handle)
        peers_die("ONNX Runtime: %s", dlerror());
    *(void **)&base = dlsym(handle, "OrtGetApiBase");
    api = base ? base()->get_api(API_VERSION) : NULL;
    if (!api)
        peers_die("ONNX Runtime: %s has no API %d", library, API_VERSION);
    return api;
}

static void make_tensors(struct ort *ort, const struct point *point)
{
    bool integer = point->precision == PRECISION_INT8;
    size_t in = point->batch * peers_inputs(point->width, 0);
    size_t out = point->batch * NET_CLASSES;
    int64_t in_shape[2] = { (int64_t)point->batch, 784 };
    int64_t out_shape[2] = { (int64_t)point->batch, NET_CLASSES };
    void *memory;

    ORT_CALL(ort, ORT_CPU_MEMORY, 0, 0, &memory);
    ORT_CALL(ort, ORT_TENSOR_OF_DATA, memory, peers_floats(in),
             integer ? in : in * sizeof(float), in_shape, (size_t)2,
             integer ? TYPE_UINT8 : TYPE_FLOAT, &ort->in);
    ORT_CALL(ort, ORT_TENSOR_OF_DATA, memory, peers_floats(out),
             integer ? out : out * sizeof(float), out_shape, (size_t)2,
             integer ? TYPE_UINT8 : TYPE_FLOAT, &ort->out);
}

static void *ort_open(const struct point *point)
{
    const char *library = getenv("ORT_LIB"), *models = getenv("BENCH_MODELS");
    struct ort *ort = peers_alloc(sizeof(*ort));
    void *env, *options;
    char path[512];

    if (!library || !models) {
        fprintf(stderr, "ONNX Runtime: ORT_LIB or BENCH_MODELS is not set\n");
        return NULL;
    }
    ort->api = api_of(library);
    snprintf(path, sizeof(path), "%s/mlp-w%zu-%s.onnx", models, point->width,
             point->precision == PRECISION_INT8 ? "int8" : "fp32");
    ORT_CALL(ort, ORT_CREATE_ENV, LEVEL_ERROR, "bench", &env);
    ORT_CALL(ort, ORT_CREATE_OPTIONS, &options);
    ORT_CALL(ort, ORT_SET_INTRA_THREADS, options, (int)point->threads);
    ORT_CALL(ort, ORT_SET_INTER_THREADS, options, 1);
    ORT_CALL(ort, ORT_SET_OPTIMISATION, options, OPTIMISE);
    ORT_CALL(ort, ORT_CREATE_SESSION, env, path, options, &ort->session);
    make_tensors(ort, point);
    return ort;
}

static void ort_pass(void *ctx)
{
    static const char *const in[] = { "image" }, *const out[] = { "scores" };
    struct ort *ort = ctx;

    ORT_CALL(ort, ORT_RUN, ort->session, NULL, in, &ort->in, (size_t)1, out,
             (size_t)1, &ort->out);
}

const struct peer peer_ort = {
    .name = "ONNX Runtime",
    .precisions = 1 << PRECISION_FP32 | 1 << PRECISION_INT8,
    .open = ort_open,
    .pass = ort_pass,
};
