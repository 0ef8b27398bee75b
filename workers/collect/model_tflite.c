/* model_tflite.c - TensorFlow Lite's flat buffers, as far as it takes to count
 *
 * Tables, fields and operators by their numbers in TensorFlow's
 * lite/schema/schema.fbs; the layout is flatbuffers' (a table's fields by a
 * table of offsets, vectors by a length).  Every step is within the bytes.
 */
#include <string.h>

#include "workers/collect/model_parts.h"

#define IDENTIFIER "TFL3"

enum {
    MODEL_CODES = 1,
    MODEL_SUBGRAPHS = 2,
    CODE_SHORT = 0, /* a byte; the operators of before */
    CODE_LONG = 3,
    GRAPH_TENSORS = 0,
    GRAPH_OPERATORS = 3,
    TENSOR_SHAPE = 0,
    OPERATOR_CODE = 0,
    OPERATOR_INPUTS = 1,
    OPERATOR_OUTPUTS = 2,
};

/* Operators that have weights, and where their outputs' number stands. */
static const struct layer {
    uint32_t code;
    size_t channels; /* dimension of the weights */
} layers[] = {
    { 3, 0 }, /* CONV_2D */
    { 4, 3 }, /* DEPTHWISE_CONV_2D */
    { 9, 0 }, /* FULLY_CONNECTED */
};

/* Operators that work in ways that are not counted: EMBEDDING_LOOKUP, LSTM,
 * RNN, SVDF, CALL, CUSTOM (compiled parts, too), sequences of LSTM and RNN,
 * DELEGATE, TRANSPOSE_CONV, IF, WHILE, BATCH_MATMUL, CONV_3D and its
 * transpose. */
static const uint32_t closed[] = { 7,  16, 24, 27,  31,  32,  35,  44, 46,
                                   51, 52, 67, 118, 119, 126, 132, 141 };

struct bytes {
    const uint8_t *data;
    size_t len;
};

static bool u16_at(const struct bytes *b, size_t at, uint32_t *ret_value)
{
    if (at > b->len || b->len - at < 2)
        return false;
    *ret_value = (uint32_t)(b->data[at] | b->data[at + 1] << 8);
    return true;
}

static bool u32_at(const struct bytes *b, size_t at, uint32_t *ret_value)
{
    uint32_t low, high;

    if (!u16_at(b, at, &low) || !u16_at(b, at + 2, &high))
        return false;
    *ret_value = low | high << 16;
    return true;
}

/* Follow the offset at 'at', which counts from there. */
static bool follow(const struct bytes *b, size_t at, size_t *ret_at)
{
    uint32_t offset;

    if (!u32_at(b, at, &offset) || offset > b->len - at)
        return false;
    *ret_at = at + offset;
    return true;
}

/* Where a field of a table lies; 0: it is not there.  False if the table is
 * none. */
static bool field_at(const struct bytes *b, size_t table, size_t field,
                     size_t *ret_at)
{
    uint32_t back, size, offset = 0;
    size_t offsets;

    if (!u32_at(b, table, &back))
        return false;
    offsets = table - (size_t)(int64_t)(int32_t)back;
    if (!u16_at(b, offsets, &size))
        return false;
    if (4 + 2 * field + 2 <= size &&
        !u16_at(b, offsets + 4 + 2 * field, &offset))
        return false;
    *ret_at = offset ? table + offset : 0;
    return true;
}

/* A vector of four bytes an element: its first element, and how many. */
static bool vector_at(const struct bytes *b, size_t table, size_t field,
                      size_t *ret_at, size_t *ret_len)
{
    uint32_t len;
    size_t at;

    *ret_at = *ret_len = 0;
    if (!field_at(b, table, field, &at))
        return false;
    if (!at)
        return true;
    if (!follow(b, at, &at) || !u32_at(b, at, &len) ||
        len > (b->len - at - 4) / 4)
        return false;
    *ret_at = at + 4;
    *ret_len = len;
    return true;
}

static bool shape_at(const struct bytes *b, size_t tensor,
                     struct model_shape *shape)
{
    size_t at, len;
    uint32_t dim;

    *shape = (struct model_shape){ .rank = 0 };
    if (!vector_at(b, tensor, TENSOR_SHAPE, &at, &len) || len > MODEL_DIMS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!u32_at(b, at + 4 * i, &dim))
            return false;
        model_shape_add(shape, (int32_t)dim < 0 ? 0 : dim);
    }
    return true;
}

/* The shape of the n-th tensor that a field of the operator names. */
static bool operand_shape(const struct bytes *b, size_t graph, size_t op,
                          size_t field, size_t n, struct model_shape *shape)
{
    size_t at, len, tensor, tensors, tensors_len;
    uint32_t index;

    if (!vector_at(b, op, field, &at, &len) || n >= len ||
        !u32_at(b, at + 4 * n, &index) ||
        !vector_at(b, graph, GRAPH_TENSORS, &tensors, &tensors_len) ||
        index >= tensors_len ||
        !follow(b, tensors + 4 * (size_t)index, &tensor))
        return false;
    return shape_at(b, tensor, shape);
}

/* The operator's number: of a byte, or of a word where that is larger. */
static bool code_of(const struct bytes *b, size_t model, size_t op,
                    uint32_t *ret_code)
{
    size_t at, codes, len, code;
    uint32_t index = 0, word = 0;

    if (!field_at(b, op, OPERATOR_CODE, &at) ||
        (at && !u32_at(b, at, &index)) ||
        !vector_at(b, model, MODEL_CODES, &codes, &len) || index >= len ||
        !follow(b, codes + 4 * (size_t)index, &code) ||
        !field_at(b, code, CODE_LONG, &at) || (at && !u32_at(b, at, &word)) ||
        !field_at(b, code, CODE_SHORT, &at) || at >= b->len)
        return false;
    *ret_code = at && b->data[at] > word ? b->data[at] : word;
    return true;
}

static bool count_layer(const struct bytes *b, size_t graph, size_t op,
                        const struct layer *layer, struct model_counts *counts)
{
    struct model_shape weights, output;
    int64_t count;

    if (!operand_shape(b, graph, op, OPERATOR_INPUTS, 1, &weights) ||
        !operand_shape(b, graph, op, OPERATOR_OUTPUTS, 0, &output) ||
        weights.rank <= layer->channels || weights.rank > MODEL_DIMS_MAX)
        return false;
    count = model_shape_elements(&weights);
    model_count_add(&counts->params, count);
    model_count_add(
        &counts->ops_image,
        model_layer_ops(&output, count, weights.dims[layer->channels]));
    return true;
}

static bool count_operator(const struct bytes *b, size_t model, size_t graph,
                           size_t op, struct model_counts *counts)
{
    uint32_t code;

    if (!code_of(b, model, op, &code))
        return false;
    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
        if (layers[i].code == code)
            return count_layer(b, graph, op, &layers[i], counts);
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if (closed[i] == code)
            *counts = (struct model_counts){ MODEL_UNKNOWN, MODEL_UNKNOWN };
    return true;
}

/* The first subgraph is the network. */
bool model_tflite_read(const void *data, size_t len,
                       struct model_counts *counts)
{
    const struct bytes b = { data, len };
    size_t model, at, graphs, graph, ops, op;

    if (len < 8 || memcmp(b.data + 4, IDENTIFIER, 4) != 0 ||
        !follow(&b, 0, &model) ||
        !vector_at(&b, model, MODEL_SUBGRAPHS, &at, &graphs) || !graphs ||
        !follow(&b, at, &graph) ||
        !vector_at(&b, graph, GRAPH_OPERATORS, &at, &ops))
        return false;
    for (size_t i = 0; i < ops; i++)
        if (!follow(&b, at + 4 * i, &op) ||
            !count_operator(&b, model, graph, op, counts))
            return false;
    return true;
}
