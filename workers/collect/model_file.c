/* model_file.c - ONNX's protocol buffers and OpenVINO's XML, as far as it
 * takes to count weights */
#include "workers/collect/model_file.h"

#include <string.h>

#include "core/vec.h"

#define PARAMS_MAX (INT64_C(1) << 48)
#define DIMS_MAX   16

/* ---- counting */

/* Shape of one tensor while it is read. */
struct shape {
    int64_t dims[DIMS_MAX];
    size_t rank;
};

static void shape_add(struct shape *shape, uint64_t dim)
{
    if (shape->rank < DIMS_MAX)
        shape->dims[shape->rank] =
            dim > (uint64_t)PARAMS_MAX ? PARAMS_MAX : (int64_t)dim;
    shape->rank++;
}

/* Elements of a weight; 0 for vectors and numbers, and for [1, n] and the
 * like, which are vectors that were given a shape. */
static int64_t shape_weights(const struct shape *shape)
{
    int64_t count = 1;
    size_t wide = 0;

    if (shape->rank > DIMS_MAX)
        return 0;
    for (size_t i = 0; i < shape->rank; i++) {
        int64_t dim = shape->dims[i];

        wide += dim > 1;
        if (!dim)
            return 0;
        count = count > PARAMS_MAX / dim ? PARAMS_MAX : count * dim;
    }
    return wide > 1 ? count : 0;
}

static void add(int64_t *params, int64_t more)
{
    *params = *params > PARAMS_MAX - more ? PARAMS_MAX : *params + more;
}

/* ---- protocol buffers */

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

enum {
    MODEL_GRAPH = 7,       /* ModelProto */
    GRAPH_INITIALIZER = 5, /* GraphProto */
    TENSOR_DIMS = 1,       /* TensorProto: numbers, or packed */
};

static bool read_tensor(struct bytes in, int64_t *params)
{
    struct shape shape = { 0 };
    struct field field;
    uint64_t dim;

    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number != TENSOR_DIMS)
            continue;
        if (!field.has_bytes)
            shape_add(&shape, field.value);
        while (field.has_bytes && field.bytes.len) {
            if (!take_varint(&field.bytes, &dim))
                return false;
            shape_add(&shape, dim);
        }
    }
    add(params, shape_weights(&shape));
    return true;
}

static bool read_graph(struct bytes in, int64_t *params)
{
    struct field field;

    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number == GRAPH_INITIALIZER && field.has_bytes &&
            !read_tensor(field.bytes, params))
            return false;
    }
    return true;
}

static bool read_onnx(const void *data, size_t len, int64_t *params)
{
    struct bytes in = { data, len };
    struct field field;
    bool graph = false;

    while (in.len) {
        if (!take_field(&in, &field))
            return false;
        if (field.number != MODEL_GRAPH || !field.has_bytes)
            continue;
        graph = true;
        if (!read_graph(field.bytes, params))
            return false;
    }
    return graph;
}

/* ---- XML */

static const char *find(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) < len ? NULL
                                    : memmem(at, (size_t)(end - at), word, len);
}

/* Dimensions of a shape attribute, such as "2048, 784". */
static void read_shape(const char *at, const char *end, int64_t *params)
{
    struct shape shape = { 0 };

    while (at < end && *at != '"') {
        uint64_t dim = 0;
        bool digits = false;

        for (; at < end && *at >= '0' && *at <= '9'; at++) {
            dim = dim > (uint64_t)PARAMS_MAX ? dim
                                             : 10 * dim + (uint64_t)(*at - '0');
            digits = true;
        }
        if (digits)
            shape_add(&shape, dim);
        else
            at++;
    }
    add(params, shape_weights(&shape));
}

static bool read_xml(const void *data, size_t len, int64_t *params)
{
    static const char constant[] = "type=\"Const\"", shape[] = " shape=\"";
    const char *at = data, *end = at + len;

    if (!find(at, end, "<net"))
        return false;
    while ((at = find(at, end, constant))) {
        const char *stop = find(at, end, "</layer>");
        const char *dims = find(at, stop ? stop : end, shape);

        if (dims)
            read_shape(dims + sizeof(shape) - 1, stop ? stop : end, params);
        at += sizeof(constant) - 1;
    }
    return true;
}

/* ---- kinds */

static const struct kind {
    const char *tail, *what;
    bool (*read)(const void *data, size_t len, int64_t *params);
} kinds[] = {
    { ".onnx", "an ONNX model", read_onnx },
    { ".xml", "OpenVINO's XML", read_xml },
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

int model_file_params(const char *name, const void *data, size_t len,
                      int64_t *ret_params, struct err *err)
{
    const struct kind *kind = kind_of(name);
    int64_t params = 0;

    if (!kind)
        return err_set(err, ERR_NOT_FOUND, "%s: not a kind that is counted",
                       name);
    if (!kind->read(data, len, &params))
        return err_set(err, ERR_FORMAT, "%s is not %s", name, kind->what);
    *ret_params = params;
    return 0;
}
