/* model_file.c - kinds of model files, and how their layers are counted */
#include "workers/collect/model_file.h"

#include <string.h>

#include "core/vec.h"
#include "workers/collect/model_parts.h"

/* ---- counting */

void model_shape_add(struct model_shape *shape, uint64_t dim)
{
    if (shape->rank < MODEL_DIMS_MAX)
        shape->dims[shape->rank] =
            dim > (uint64_t)MODEL_COUNT_MAX ? MODEL_COUNT_MAX : (int64_t)dim;
    shape->rank++;
}

static int64_t times(int64_t count, int64_t dim)
{
    return dim && count > MODEL_COUNT_MAX / dim ? MODEL_COUNT_MAX : count * dim;
}

int64_t model_shape_elements(const struct model_shape *shape)
{
    int64_t count = 1;

    if (shape->rank > MODEL_DIMS_MAX)
        return 0;
    for (size_t i = 0; i < shape->rank; i++)
        count = times(count, shape->dims[i]);
    return count;
}

int64_t model_shape_weights(const struct model_shape *shape)
{
    size_t wide = 0;

    for (size_t i = 0; i < shape->rank && i < MODEL_DIMS_MAX; i++)
        wide += shape->dims[i] > 1;
    return wide > 1 ? model_shape_elements(shape) : 0;
}

void model_count_add(int64_t *count, int64_t more)
{
    if (*count == MODEL_UNKNOWN || more == MODEL_UNKNOWN)
        *count = MODEL_UNKNOWN;
    else
        *count =
            *count > MODEL_COUNT_MAX - more ? MODEL_COUNT_MAX : *count + more;
}

int64_t model_layer_ops(const struct model_shape *output, int64_t weights,
                        int64_t channels)
{
    int64_t macs = 1;

    if (output->rank < 2 || output->rank > MODEL_DIMS_MAX || weights < 1 ||
        channels < 1 || weights % channels)
        return MODEL_UNKNOWN;
    for (size_t i = 1; i < output->rank; i++)
        macs = times(macs, output->dims[i]);
    if (!macs) /* a dimension that is left open */
        return MODEL_UNKNOWN;
    return times(times(macs, weights / channels), 2);
}

/* ---- kinds */

static const struct kind {
    const char *tail, *what;
    bool (*read)(const void *data, size_t len, struct model_counts *counts);
} kinds[] = {
    { ".onnx", "an ONNX model", model_onnx_read },
    { ".xml", "OpenVINO's XML", model_xml_read },
    { ".tflite", "a TensorFlow Lite model", model_tflite_read },
};

static const struct kind *kind_of(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t tail = strlen(kinds[i].tail);

        if (len > tail && !strcmp(name + len - tail, kinds[i].tail))
            return &kinds[i];
    }
    return NULL;
}

bool model_file_known(const char *name)
{
    return kind_of(name) != NULL;
}

int model_file_counts(const char *name, const void *data, size_t len,
                      struct model_counts *ret_counts, struct err *err)
{
    const struct kind *kind = kind_of(name);
    struct model_counts counts = { 0, 0 };

    if (kind && !kind->read(data, len, &counts))
        return err_set(err, ERR_FORMAT, "%s is not %s", name, kind->what);
    /* a network of no weights and no work: not told */
    ret_counts->params = counts.params ? counts.params : MODEL_UNKNOWN;
    ret_counts->ops_image = counts.ops_image ? counts.ops_image : MODEL_UNKNOWN;
    return 0;
}
