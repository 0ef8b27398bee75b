/* model_onnx.c - ONNX's protocol buffers, as far as it takes to count
 *
 * Messages and fields by their numbers in onnx/onnx.proto.
 */
#include <string.h>

#include "core/vec.h"
#include "workers/collect/model_parts.h"

#define TENSORS_MAX 8192 /* looked through for every layer */

enum {
    MODEL_GRAPH = 7,
    GRAPH_NODE = 1,
    GRAPH_INITIALIZER = 5,
    GRAPH_OUTPUT = 12,
    GRAPH_VALUE_INFO = 13,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_OP_TYPE = 4,
    TENSOR_DIMS = 1, /* numbers, or packed */
    TENSOR_NAME = 8,
    INFO_NAME = 1,
    INFO_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_TYPE_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_VALUE = 1,
};

struct bytes {
    const uint8_t *at;
    size_t len;
};

/* One field: a number, or bytes. */
struct field {
    uint64_t number, value;
    struct bytes bytes; /* of a field with a length */
    bool has_bytes;
};

struct tensor {
    struct bytes name;
    struct model_shape shape;
    bool weights; /* an initializer, not what a layer yields */
};

struct graph {
    VEC(struct tensor) tensors;
    bool too_many;
};

/* ---- protocol buffers */

static bool take_varint(struct bytes *in, uint64_t *ret_value)
{
    *ret_value = 0;
    for (unsigned shift = 0; in->len && shift < 64; shift += 7) {
        uint8_t byte = *in->at;

        in->at++;
        in->len--;
        *ret_value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool skip(struct bytes *in, uint64_t len)
{
    if (len > in->len)
        return false;
    in->at += len;
    in->len -= (size_t)len;
    return true;
}

static bool take_field(struct bytes *in, struct field *ret_field)
{
    uint64_t key, len;

    if (!take_varint(in, &key))
        return false;
    *ret_field = (struct field){ .number = key >> 3 };
    switch (key & 7) {
    case 0:
        return take_varint(in, &ret_field->value);
    case 1:
        return skip(in, 8);
    case 5:
        return skip(in, 4);
    case 2:
        if (!take_varint(in, &len) || len > in->len)
            return false;
        ret_field->has_bytes = true;
        ret_field->bytes = (struct bytes){ in->at, (size_t)len };
        return skip(in, len);
    default:
        return false;
    }
}

/* The first field of that number with bytes; empty if there is none.  False
 * if what stands before it is of no form. */
static bool find_bytes(struct bytes in, uint64_t number,
                       struct bytes *ret_bytes)
{
    struct field field;

    *ret_bytes = (struct bytes){ NULL, 0 };
    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number == number && field.has_bytes) {
            *ret_bytes = field.bytes;
            return true;
        }
    }
    return true;
}

/* ---- tensors */

static bool read_initializer(struct bytes in, struct tensor *tensor)
{
    struct field field;
    uint64_t dim;

    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number == TENSOR_NAME)
            tensor->name = field.bytes;
        if (field.number != TENSOR_DIMS)
            continue;
        if (!field.has_bytes)
            model_shape_add(&tensor->shape, field.value);
        while (field.has_bytes && field.bytes.len) {
            if (!take_varint(&field.bytes, &dim))
                return false;
            model_shape_add(&tensor->shape, dim);
        }
    }
    tensor->weights = true;
    return true;
}

/* A dimension by name is left open: 0. */
static bool read_dim(struct bytes in, struct model_shape *shape)
{
    struct field field;
    uint64_t value = 0;

    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number == DIM_VALUE && !field.has_bytes)
            value = field.value;
    }
    model_shape_add(shape, value);
    return true;
}

static bool read_info(struct bytes in, struct tensor *tensor)
{
    struct bytes type, of_tensor, shape;
    struct field field;

    if (!find_bytes(in, INFO_NAME, &tensor->name) ||
        !find_bytes(in, INFO_TYPE, &type) ||
        !find_bytes(type, TYPE_TENSOR, &of_tensor) ||
        !find_bytes(of_tensor, TENSOR_TYPE_SHAPE, &shape))
        return false;
    while (shape.len) {
        if (!take_field(&shape, &field))
            return false;
        if (field.number == SHAPE_DIM && field.has_bytes &&
            !read_dim(field.bytes, &tensor->shape))
            return false;
    }
    return true;
}

static bool read_tensors(struct bytes in, struct graph *graph,
                         struct model_counts *counts)
{
    struct field field;

    while (in.len) {
        struct tensor tensor = { .weights = false };
        bool info;

        if (!take_field(&in, &field))
            return false;
        info = field.number == GRAPH_VALUE_INFO || field.number == GRAPH_OUTPUT;
        if (!field.has_bytes || !(info || field.number == GRAPH_INITIALIZER))
            continue;
        if (!(info ? read_info(field.bytes, &tensor)
                   : read_initializer(field.bytes, &tensor)))
            return false;
        if (tensor.weights)
            model_count_add(&counts->params,
                            model_shape_weights(&tensor.shape));
        if (graph->tensors.len >= TENSORS_MAX ||
            !VEC_PUSH(&graph->tensors, tensor))
            graph->too_many = true;
    }
    return true;
}

static const struct tensor *find_tensor(const struct graph *graph,
                                        struct bytes name)
{
    for (size_t i = 0; name.len && i < graph->tensors.len; i++) {
        const struct bytes *other = &graph->tensors.at[i].name;

        if (other->len == name.len && !memcmp(other->at, name.at, name.len))
            return &graph->tensors.at[i];
    }
    return NULL;
}

/* ---- layers */

struct node {
    struct bytes type, weights, output;
};

static bool read_node(struct bytes in, struct node *node)
{
    struct field field;
    size_t inputs = 0;

    *node = (struct node){ .type = { NULL, 0 } };
    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number == NODE_INPUT && field.has_bytes && inputs++ == 1)
            node->weights = field.bytes;
        if (field.number == NODE_OUTPUT && !node->output.len)
            node->output = field.bytes;
        if (field.number == NODE_OP_TYPE)
            node->type = field.bytes;
    }
    return true;
}

static bool is_type(const struct node *node, const char *type)
{
    return node->type.len == strlen(type) &&
           !memcmp(node->type.at, type, node->type.len);
}

/* Operations of a layer by weights that the file holds; a product of a vector
 * by a matrix tells its work without the shape of its output. */
static int64_t ops_of(const struct graph *graph, const struct node *node,
                      bool conv)
{
    const struct tensor *weights = find_tensor(graph, node->weights);
    const struct tensor *output = find_tensor(graph, node->output);
    struct model_shape vector = { .dims = { 1, 1 }, .rank = 2 };
    int64_t count =
        weights && weights->weights ? model_shape_elements(&weights->shape) : 0;

    if (!count)
        return MODEL_UNKNOWN;
    if (conv)
        return output ? model_layer_ops(&output->shape, count,
                                        weights->shape.dims[0])
                      : MODEL_UNKNOWN;
    if (!output || output->shape.rank <= 2)
        return model_layer_ops(&vector, count, 1);
    if (output->shape.rank > MODEL_DIMS_MAX)
        return MODEL_UNKNOWN;
    return model_layer_ops(&output->shape, count,
                           output->shape.dims[output->shape.rank - 1]);
}

static void count_node(const struct graph *graph, const struct node *node,
                       struct model_counts *counts)
{
    static const char *const closed[] = { "ConvTranspose", "QLinearConv",
                                          "QLinearMatMul", "ConvInteger",
                                          "MatMulInteger", "LSTM",
                                          "GRU",           "RNN",
                                          "Einsum",        "Loop" };
    bool conv = is_type(node, "Conv");

    if (conv || is_type(node, "Gemm") || is_type(node, "MatMul"))
        model_count_add(&counts->ops_image, ops_of(graph, node, conv));
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        if (is_type(node, closed[i]))
            counts->ops_image = MODEL_UNKNOWN;
}

static bool read_nodes(struct bytes in, const struct graph *graph,
                       struct model_counts *counts)
{
    struct field field;
    struct node node;

    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number != GRAPH_NODE || !field.has_bytes)
            continue;
        if (!read_node(field.bytes, &node))
            return false;
        if (counts->ops_image != MODEL_UNKNOWN)
            count_node(graph, &node, counts);
    }
    return true;
}

bool model_onnx_read(const void *data, size_t len, struct model_counts *counts)
{
    struct bytes in = { data, len };
    struct graph graph = { .too_many = false };
    struct field field;
    bool found = false, fits = true;

    while (fits && in.len) {
        fits = take_field(&in, &field);
        if (!fits || field.number != MODEL_GRAPH || !field.has_bytes)
            continue;
        found = true;
        fits = read_tensors(field.bytes, &graph, counts);
        if (graph.too_many)
            counts->ops_image = MODEL_UNKNOWN;
        if (fits)
            fits = read_nodes(field.bytes, &graph, counts);
    }
    VEC_FREE(&graph.tensors);
    return found && fits;
}
