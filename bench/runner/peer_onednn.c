/* peer_onednn.c - inner products of oneDNN 2, weights in its own order */
#include <dnnl.h>
#include <string.h>

#include "bench/runner/peers.h"

struct onednn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t layer[NET_LAYERS];
    dnnl_exec_arg_t args[NET_LAYERS][4];
};

static void must(dnnl_status_t status, const char *what)
{
    if (status != dnnl_success)
        peers_die("oneDNN: %s failed (%d)", what, (int)status);
}

static dnnl_memory_desc_t desc(int dims, dnnl_dim_t a, dnnl_dim_t b,
                               dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    dnnl_dims_t size = { a, b };
    dnnl_memory_desc_t md;

    must(dnnl_memory_desc_init_by_tag(&md, dims, size, type, tag), "a shape");
    return md;
}

/* Memory of this form, filled with ones. */
static dnnl_memory_t memory(const struct onednn *d,
                            const dnnl_memory_desc_t *md)
{
    dnnl_memory_t m;
    void *at;

    must(dnnl_memory_create(&m, md, d->engine, DNNL_MEMORY_ALLOCATE), "memory");
    must(dnnl_memory_get_data_handle(m, &at), "memory");
    memset(at, 1, dnnl_memory_desc_get_size(md));
    return m;
}

static dnnl_memory_t reorder(const struct onednn *d,
                             const dnnl_memory_desc_t *from,
                             const dnnl_memory_desc_t *to)
{
    dnnl_memory_t src = memory(d, from), dst = memory(d, to);
    dnnl_exec_arg_t args[2] = { { DNNL_ARG_FROM, src }, { DNNL_ARG_TO, dst } };
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t p;

    must(dnnl_reorder_primitive_desc_create(&pd, from, d->engine, to, d->engine,
                                            NULL),
         "a reorder");
    must(dnnl_primitive_create(&p, pd), "a reorder");
    must(dnnl_primitive_execute(p, d->stream, 2, args), "a reorder");
    must(dnnl_stream_wait(d->stream), "a reorder");
    dnnl_memory_destroy(src);
    return dst;
}

/* ReLU after the product, and a scale a neuron for integers. */
static dnnl_primitive_attr_t attributes(bool relu, bool integer, size_t n)
{
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;

    must(dnnl_primitive_attr_create(&attr), "attributes");
    if (relu) {
        must(dnnl_post_ops_create(&ops), "post-ops");
        must(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0),
             "ReLU");
        must(dnnl_primitive_attr_set_post_ops(attr, ops), "ReLU");
    }
    if (integer) {
        float *scale = peers_floats(n);

        must(dnnl_primitive_attr_set_output_scales(attr, (dnnl_dim_t)n, 2,
                                                   scale),
             "scales");
    }
    return attr;
}

static dnnl_memory_t add_layer(struct onednn *d, const struct point *point,
                               unsigned at, dnnl_memory_t in)
{
    bool integer = point->precision == PRECISION_INT8;
    bool last = at == NET_LAYERS - 1;
    dnnl_data_type_t x = integer ? dnnl_u8 : dnnl_f32;
    dnnl_data_type_t w = integer ? dnnl_s8 : dnnl_f32;
    dnnl_dim_t n = (dnnl_dim_t)peers_neurons(point->width, at);
    dnnl_dim_t k = (dnnl_dim_t)peers_inputs(point->width, at);
    dnnl_dim_t rows = (dnnl_dim_t)point->batch;
    dnnl_memory_desc_t src = desc(2, rows, k, x, dnnl_nc);
    dnnl_memory_desc_t any = desc(2, n, k, w, dnnl_format_tag_any);
    dnnl_memory_desc_t plain = desc(2, n, k, w, dnnl_oi);
    dnnl_memory_desc_t bias = desc(1, n, 0, dnnl_f32, dnnl_x);
    dnnl_memory_desc_t dst = desc(2, rows, n, last ? dnnl_f32 : x, dnnl_nc);
    dnnl_inner_product_desc_t ip;
    dnnl_primitive_desc_t pd;
    dnnl_memory_t out;

    must(dnnl_inner_product_forward_desc_init(&ip, dnnl_forward_inference, &src,
                                              &any, &bias, &dst),
         "a layer");
    must(dnnl_primitive_desc_create(
             &pd, &ip, attributes(!last, integer, (size_t)n), d->engine, NULL),
         "a layer");
    must(dnnl_primitive_create(&d->layer[at], pd), "a layer");
    out = memory(d, &dst);
    d->args[at][0] =
        (dnnl_exec_arg_t){ DNNL_ARG_SRC, in ? in : memory(d, &src) };
    d->args[at][1] = (dnnl_exec_arg_t){
        DNNL_ARG_WEIGHTS,
        reorder(d, &plain,
                dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0))
    };
    d->args[at][2] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, memory(d, &bias) };
    d->args[at][3] = (dnnl_exec_arg_t){ DNNL_ARG_DST, out };
    return out;
}

static void *onednn_open(const struct point *point)
{
    struct onednn *d = peers_alloc(sizeof(*d));
    dnnl_memory_t at = NULL;

    must(dnnl_engine_create(&d->engine, dnnl_cpu, 0), "the engine");
    must(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags),
         "a stream");
    for (unsigned i = 0; i < NET_LAYERS; i++)
        at = add_layer(d, point, i, at);
    return d;
}

static void onednn_pass(void *ctx)
{
    struct onednn *d = ctx;

    for (unsigned i = 0; i < NET_LAYERS; i++)
        must(dnnl_primitive_execute(d->layer[i], d->stream, 4, d->args[i]),
             "a layer");
    must(dnnl_stream_wait(d->stream), "a layer");
}

const struct peer peer_onednn = {
    .name = "oneDNN",
    .precisions = 1 << PRECISION_FP32 | 1 << PRECISION_INT8,
    .open = onednn_open,
    .pass = onednn_pass,
};
