/* model_xml.c - OpenVINO's intermediate representation, as far as it takes to
 * count
 *
 * Constants tell their shape in an attribute, layers those of their inputs
 * and outputs as <port> elements of <dim> elements.
 */
#include <string.h>

#include "workers/collect/model_parts.h"

struct span {
    const char *at, *end;
};

/* Where 'word' stands in a span; NULL: nowhere. */
static const char *find(struct span in, const char *word)
{
    size_t len = strlen(word);

    return in.at >= in.end || (size_t)(in.end - in.at) < len
               ? NULL
               : memmem(in.at, (size_t)(in.end - in.at), word, len);
}

/* The dimensions at the start of a span, up to 'stop': digits between anything
 * else. */
static void read_dims(struct span in, const char *stop,
                      struct model_shape *shape)
{
    const char *end = find(in, stop);

    *shape = (struct model_shape){ .rank = 0 };
    in.end = end ? end : in.end;
    while (in.at < in.end) {
        uint64_t dim = 0;
        bool digits = false;

        for (; in.at < in.end && *in.at >= '0' && *in.at <= '9'; in.at++) {
            dim = dim > (uint64_t)MODEL_COUNT_MAX
                      ? dim
                      : 10 * dim + (uint64_t)(*in.at - '0');
            digits = true;
        }
        if (digits)
            model_shape_add(shape, dim);
        else
            in.at++;
    }
}

/* The dimensions of the n-th port behind 'word' in a layer.  False if there
 * is none. */
static bool port_shape(struct span layer, const char *word, size_t n,
                       struct model_shape *shape)
{
    const char *at = find(layer, word), *tag;

    for (size_t i = 0; at && i <= n; i++) {
        layer.at = at + 1;
        at = find(layer, "<port");
    }
    tag = at ? find((struct span){ at, layer.end }, ">") : NULL;
    if (!tag)
        return false;
    read_dims((struct span){ tag, layer.end }, "</port>", shape);
    return true;
}

static void count_constant(struct span layer, struct model_counts *counts)
{
    static const char attribute[] = " shape=\"";
    const char *at = find(layer, attribute);
    struct model_shape shape;

    if (!at)
        return;
    layer.at = at + sizeof(attribute) - 1;
    read_dims(layer, "\"", &shape);
    model_count_add(&counts->params, model_shape_weights(&shape));
}

/* The output channels of a layer, by the shape of its weights. */
static int64_t channels_of(const struct model_shape *weights,
                           const struct model_shape *output, size_t kind)
{
    switch (kind) {
    case 0: /* Convolution: O, I, ... */
        return weights->rank ? weights->dims[0] : 0;
    case 1: /* GroupConvolution: G, O / G, I / G, ... */
        return weights->rank > 1 ? weights->dims[0] * weights->dims[1] : 0;
    default: /* MatMul, either way round */
        return output->rank && output->rank <= MODEL_DIMS_MAX
                   ? output->dims[output->rank - 1]
                   : 0;
    }
}

static void count_work(struct span layer, size_t kind,
                       struct model_counts *counts)
{
    struct model_shape weights, output;
    int64_t ops = MODEL_UNKNOWN;

    if (port_shape(layer, "<input", 1, &weights) &&
        port_shape(layer, "<output", 0, &output) &&
        (kind != 1 || (weights.rank > 1 && weights.dims[0] < INT32_MAX &&
                       weights.dims[1] < INT32_MAX)))
        ops = model_layer_ops(&output, model_shape_elements(&weights),
                              channels_of(&weights, &output, kind));
    model_count_add(&counts->ops_image, ops);
}

static void count_layer(struct span layer, struct model_counts *counts)
{
    static const char *const working[] = { "type=\"Convolution\"",
                                           "type=\"GroupConvolution\"",
                                           "type=\"MatMul\"" };
    static const char *const closed[] = {
        "type=\"LSTMSequence\"", "type=\"GRUSequence\"", "type=\"RNNSequence\"",
        "type=\"ConvolutionBackpropData\"", "type=\"TensorIterator\""
    };
    const char *tag = find(layer, ">");
    struct span head = { layer.at, tag ? tag : layer.end };

    if (find(head, "type=\"Const\""))
        count_constant(layer, counts);
    for (size_t i = 0; i < sizeof(working) / sizeof(working[0]); i++)
        if (find(head, working[i]))
            count_work(layer, i, counts);
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if (find(head, closed[i]))
            counts->ops_image = MODEL_UNKNOWN;
}

bool model_xml_read(const void *data, size_t len, struct model_counts *counts)
{
    struct span in = { data, (const char *)data + len };

    if (!len || !find(in, "<net"))
        return false;
    while ((in.at = find(in, "<layer "))) {
        const char *stop = find(in, "</layer>");
        struct span layer = { in.at, stop ? stop : in.end };

        count_layer(layer, counts);
        in.at = layer.end;
    }
    return true;
}
