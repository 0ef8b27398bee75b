/* topology.c - layers read, shapes followed, operations counted */
#include "experiments/topology.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "core/vec.h"

#define SIZE_LIMIT   (INT64_C(1) << 24) /* of a layer, an image, a kernel */
#define LAYERS_LIMIT 4096

enum layer_kind {
    LAYER_DENSE,
    LAYER_CONV,
    LAYER_POOL,
};

static const char *const kind_words[] = { "dense", "conv", "pool", NULL };

struct layer {
    enum layer_kind kind;
    int64_t out; /* unpruned outputs or channels; pool: unused */
    int64_t kernel, stride, padding, groups;
    bool pruned;
};

/* Counts that a file declares where it lists no layers. */
struct declared {
    double pruning_factor_pct;
    struct topology_counts counts;
};

struct topology {
    char *file;
    int64_t channels, width, height; /* of an image */
    VEC(struct layer) layers;
    VEC(struct declared) declared;
};

void topology_destroy(struct topology *topology)
{
    if (!topology)
        return;
    VEC_FREE(&topology->layers);
    VEC_FREE(&topology->declared);
    free(topology->file);
    free(topology);
}

static int parse_size(const struct json *at, const char *key, int64_t low,
                      int64_t *value, struct err *err)
{
    struct json member = json_get(at, key);

    return json_opt_i64(&member, low, SIZE_LIMIT, value, err);
}

static int parse_kind(const struct json *at, struct layer *layer,
                      struct err *err)
{
    int kinds = 0;

    for (size_t k = 0; kind_words[k]; k++) {
        struct json member = json_get(at, kind_words[k]);

        if (!json_there(&member))
            continue;
        kinds++;
        layer->kind = (enum layer_kind)k;
        if (layer->kind == LAYER_POOL)
            layer->stride = 0; /* its kernel, unless said */
        if (json_i64(&member, 1, SIZE_LIMIT,
                     layer->kind == LAYER_POOL ? &layer->kernel : &layer->out,
                     err))
            return ERR_FORMAT;
    }
    if (kinds != 1)
        return json_fail(at, err,
                         "found %d layer kinds, expected one of 'dense', "
                         "'conv' and 'pool'",
                         kinds);
    return 0;
}

static int parse_layer(const struct json *at, struct layer *ret_layer,
                       struct err *err)
{
    static const char *const keys[] = { "dense",  "conv",    "pool",   "kernel",
                                        "stride", "padding", "groups", "pruned",
                                        "help",   NULL };
    struct layer layer = { .kernel = 1, .stride = 1, .groups = 1 };
    struct json pruned = json_get(at, "pruned");
    int rc = json_check_keys(at, keys, err);

    if (!rc)
        rc = parse_kind(at, &layer, err);
    if (!rc)
        rc = parse_size(at, "kernel", 1, &layer.kernel, err);
    if (!rc)
        rc = parse_size(at, "stride", 1, &layer.stride, err);
    if (!rc)
        rc = parse_size(at, "padding", 0, &layer.padding, err);
    if (!rc)
        rc = parse_size(at, "groups", 1, &layer.groups, err);
    if (!rc)
        rc = json_opt_bool(&pruned, &layer.pruned, err);
    if (rc)
        return rc;
    if (!layer.stride)
        layer.stride = layer.kernel;
    *ret_layer = layer;
    return 0;
}

/* "input": 784, or [channels, height, width]. */
static int parse_input(const struct json *at, struct topology *topology,
                       struct err *err)
{
    int64_t *sizes[] = { &topology->channels, &topology->height,
                         &topology->width };
    size_t i = 0;

    topology->width = topology->height = 1;
    if (json_kind(at) != JSON_ARRAY)
        return json_i64(at, 1, SIZE_LIMIT, &topology->channels, err);
    if (json_len(at) != 3)
        return json_fail(at, err,
                         "found %zu numbers, expected [channels, height, "
                         "width]",
                         json_len(at));
    for (struct json e = json_first(at); json_there(&e);
         e = json_next(at, &e, ++i))
        if (json_i64(&e, 1, SIZE_LIMIT, sizes[i], err))
            return ERR_FORMAT;
    return 0;
}

static int parse_layers(const struct json *root, struct topology *topology,
                        struct err *err)
{
    struct json input = json_get(root, "input");
    struct json layers = json_get(root, "layers");
    size_t i = 0;
    int rc = parse_input(&input, topology, err);

    if (!rc && json_len(&layers) > LAYERS_LIMIT)
        rc = json_fail(&layers, err, "found %zu layers, expected at most %d",
                       json_len(&layers), LAYERS_LIMIT);
    for (struct json e = json_first(&layers); !rc && json_there(&e);
         e = json_next(&layers, &e, ++i)) {
        struct layer layer;

        rc = parse_layer(&e, &layer, err);
        if (!rc && !VEC_PUSH(&topology->layers, layer))
            rc = err_set(err, ERR_NOMEM, "no memory for layers");
    }
    return rc;
}

static int parse_counts(const struct json *at, struct topology *topology,
                        struct err *err)
{
    static const char *const keys[] = { "ops_image", "params", NULL };
    size_t i = 0;
    int rc = json_expect(at, JSON_OBJECT, err);

    for (struct json e = json_first(at); !rc && json_there(&e);
         e = json_next(at, &e, ++i)) {
        struct json ops = json_get(&e, "ops_image");
        struct json params = json_get(&e, "params");
        struct declared row = { 0 };

        if (!text_to_f64(json_key(&e), &row.pruning_factor_pct))
            rc = json_fail(&e, err,
                           "expected a pruning factor in percent as "
                           "key, such as \"100\"");
        if (!rc)
            rc = json_check_keys(&e, keys, err);
        if (!rc)
            rc = json_i64(&ops, 1, INT64_MAX, &row.counts.ops_image, err);
        if (!rc)
            rc = json_i64(&params, 0, INT64_MAX, &row.counts.params, err);
        if (!rc && !VEC_PUSH(&topology->declared, row))
            rc = err_set(err, ERR_NOMEM, "no memory for counts");
    }
    return rc;
}

static int parse_root(const struct json *root, struct topology *topology,
                      struct err *err)
{
    static const char *const keys[] = { "topology", "input",   "classes",
                                        "layers",   "counts",  "help",
                                        "source",   "$schema", NULL };
    struct json layers = json_get(root, "layers");
    struct json counts = json_get(root, "counts");
    int rc = json_check_keys(root, keys, err);
    struct topology_counts checked;

    if (rc)
        return rc;
    if (json_there(&layers) == json_there(&counts))
        return json_fail(root, err,
                         "expected either 'layers' (with 'input') or 'counts'");
    if (json_there(&counts))
        return parse_counts(&counts, topology, err);
    rc = json_expect(&layers, JSON_ARRAY, err);
    if (!rc)
        rc = parse_layers(root, topology, err);
    return rc ? rc : topology_count(topology, 100, &checked, err);
}

int topology_parse(const char *text, size_t len, const char *file,
                   struct topology **ret_topology, struct err *err)
{
    struct topology *topology = calloc(1, sizeof(*topology));
    struct json_doc *doc = NULL;
    int rc = 0;

    if (topology)
        topology->file = strdup(file);
    if (!topology || !topology->file)
        rc = err_set(err, ERR_NOMEM, "no memory for '%s'", file);
    if (!rc)
        rc = json_doc_parse(text, len, file, &doc, err);
    if (!rc) {
        struct json root = json_root(doc);

        rc = parse_root(&root, topology, err);
    }
    json_doc_destroy(doc);
    if (rc)
        topology_destroy(topology);
    else
        *ret_topology = topology;
    return rc;
}

/* The image on its way through the layers. */
struct shape {
    int64_t channels, width, height;
};

static bool window(int64_t size, const struct layer *layer, int64_t *ret_out)
{
    int64_t room = size + 2 * layer->padding - layer->kernel;

    if (room < 0)
        return false;
    *ret_out = room / layer->stride + 1;
    return true;
}

/* a * b * c; false if that is no int64. */
static bool product(int64_t a, int64_t b, int64_t c, int64_t *ret_product)
{
    return !__builtin_mul_overflow(a, b, ret_product) &&
           !__builtin_mul_overflow(*ret_product, c, ret_product);
}

static int too_large(const struct topology *topology, size_t i, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: layers[%zu]: too large to count",
                   topology->file, i);
}

static int follow_conv(const struct topology *topology, size_t i,
                       const struct layer *layer, int64_t out,
                       struct topology_layer *row, struct err *err)
{
    if (!window(row->in_width, layer, &row->out_width) ||
        !window(row->in_height, layer, &row->out_height))
        return err_set(err, ERR_FORMAT,
                       "%s: layers[%zu]: its kernel is larger than its image",
                       topology->file, i);
    if (layer->kind == LAYER_POOL)
        return 0;
    if (row->in_channels % layer->groups || out % layer->groups)
        return err_set(err, ERR_FORMAT,
                       "%s: layers[%zu]: %lld to %lld channels cannot be "
                       "split into %lld groups",
                       topology->file, i, (long long)row->in_channels,
                       (long long)out, (long long)layer->groups);
    if (!product(row->in_channels / layer->groups, layer->kernel, layer->kernel,
                 &row->params) ||
        !product(row->params, out, 1, &row->params) ||
        !product(row->params, row->out_width, row->out_height, &row->macs))
        return too_large(topology, i, err);
    return 0;
}

static int follow(const struct topology *topology, size_t i, double factor_pct,
                  struct shape *shape, struct topology_layer *row,
                  struct err *err)
{
    const struct layer *layer = &topology->layers.at[i];
    double kept = (double)layer->out * (layer->pruned ? factor_pct : 100) / 100;
    int64_t out = (int64_t)kept;

    if (layer->kind == LAYER_POOL)
        out = shape->channels;
    else if (kept != floor(kept) || out < 1)
        return err_set(err, ERR_FORMAT,
                       "%s: layers[%zu]: %g %% of %lld channels is no whole "
                       "number",
                       topology->file, i, factor_pct, (long long)layer->out);
    *row = (struct topology_layer){
        .kind = kind_words[layer->kind],
        .in_channels = shape->channels,
        .out_channels = out,
        .in_width = shape->width,
        .in_height = shape->height,
        .out_width = 1,
        .out_height = 1,
        .kernel = layer->kernel,
        .stride = layer->stride,
        .groups = layer->groups,
    };
    if (layer->kind == LAYER_DENSE) {
        if (!product(shape->channels, shape->width, shape->height,
                     &row->in_channels) ||
            !product(row->in_channels, out, 1, &row->params))
            return too_large(topology, i, err);
        row->in_width = row->in_height = 1;
        row->macs = row->params;
    } else if (follow_conv(topology, i, layer, out, row, err)) {
        return ERR_FORMAT;
    }
    *shape = (struct shape){ out, row->out_width, row->out_height };
    return 0;
}

static int count_declared(const struct topology *topology, double factor_pct,
                          struct topology_counts *ret_counts, struct err *err)
{
    for (size_t i = 0; i < topology->declared.len; i++) {
        if (topology->declared.at[i].pruning_factor_pct == factor_pct) {
            *ret_counts = topology->declared.at[i].counts;
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND,
                   "%s: counts: nothing is declared for a pruning factor of "
                   "%g %%",
                   topology->file, factor_pct);
}

int topology_count(const struct topology *topology, double pruning_factor_pct,
                   struct topology_counts *ret_counts, struct err *err)
{
    struct shape shape = { topology->channels, topology->width,
                           topology->height };
    int64_t macs = 0, params = 0;

    if (topology->declared.len || !topology->layers.len)
        return count_declared(topology, pruning_factor_pct, ret_counts, err);
    for (size_t i = 0; i < topology->layers.len; i++) {
        struct topology_layer row;

        if (follow(topology, i, pruning_factor_pct, &shape, &row, err))
            return ERR_FORMAT;
        if (__builtin_add_overflow(macs, row.macs, &macs) ||
            __builtin_add_overflow(params, row.params, &params) ||
            macs > INT64_MAX / 2)
            return err_set(err, ERR_FORMAT, "%s: too large to count",
                           topology->file);
    }
    ret_counts->ops_image = 2 * macs;
    ret_counts->params = params;
    return 0;
}

int topology_layer_at(const struct topology *topology, size_t i,
                      double pruning_factor_pct,
                      struct topology_layer *ret_layer, struct err *err)
{
    struct shape shape = { topology->channels, topology->width,
                           topology->height };
    struct topology_layer row;

    if (i >= topology->layers.len)
        return err_set(err, ERR_NOT_FOUND, "%s: has no layer %zu",
                       topology->file, i);
    for (size_t k = 0; k <= i; k++)
        if (follow(topology, k, pruning_factor_pct, &shape, &row, err))
            return ERR_FORMAT;
    *ret_layer = row;
    return 0;
}
