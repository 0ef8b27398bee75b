/* net.c - parses a weights file, trusting nothing in it */
#include "runner/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/idx.h"
#include "runner/mem.h"
#include "runner/sha256.h"

#define FILE_VERSION     2
#define TRAINER_AT       16
#define LAYER_HEAD_BYTES 12

static const struct {
    const char *name;
    unsigned bits, file_bits;
} precisions[PRECISIONS] = {
    [PRECISION_INT2] = { "INT2", 2, 2 },
    [PRECISION_INT4] = { "INT4", 4, 4 },
    [PRECISION_INT8] = { "INT8", 8, 16 },
    [PRECISION_FP16] = { "FP16", 16, 16 },
    [PRECISION_FP32] = { "FP32", 32, 16 },
};

/* What is left of the file while it is parsed. */
struct cursor {
    const uint8_t *at;
    size_t left;
    const char *name;
};

const char *precision_name(enum precision precision)
{
    return precisions[precision].name;
}

unsigned precision_bits(enum precision precision)
{
    return precisions[precision].bits;
}

unsigned precision_file_bits(enum precision precision)
{
    return precisions[precision].file_bits;
}

int net_precision_parse(const char *name, enum precision *ret_precision,
                        struct fail *fail)
{
    for (unsigned i = 0; i < PRECISIONS; i++)
        if (!strcmp(name, precisions[i].name)) {
            *ret_precision = (enum precision)i;
            return 0;
        }
    return fail_set(fail, FAIL_USAGE,
                    "precision '%.20s' is unknown, expected INT2, INT4, INT8, "
                    "FP16 or FP32",
                    name);
}

static uint32_t load_le(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

float net_half(uint16_t half)
{
    int mantissa = half & 0x3ff, exponent = half >> 10 & 31;
    float value = exponent ? ldexpf((float)(mantissa + 1024), exponent - 25)
                           : ldexpf((float)mantissa, -24);

    return half & 0x8000 ? -value : value;
}

/* Take 'bytes' from the cursor; NULL if the file ends before. */
static const uint8_t *take(struct cursor *cur, size_t bytes)
{
    const uint8_t *p = cur->at;

    if (bytes > cur->left)
        return NULL;
    cur->at += bytes;
    cur->left -= bytes;
    return p;
}

int net_layer_alloc(struct net_layer *layer, struct fail *fail)
{
    size_t weights = mem_mul(layer->n, layer->k);

    if (layer->bits <= 8) {
        layer->w = mem_alloc(weights);
        layer->mul = mem_alloc(mem_mul(layer->n, sizeof *layer->mul));
        layer->add = mem_alloc(mem_mul(layer->n, sizeof *layer->add));
        if (layer->w && layer->mul && layer->add)
            return 0;
    } else {
        layer->half = mem_alloc(mem_mul(weights, sizeof *layer->half));
        layer->bias = mem_alloc(mem_mul(layer->n, sizeof *layer->bias));
        if (layer->half && layer->bias)
            return 0;
    }
    return fail_set(fail, FAIL_NOMEM, "no memory for a layer of %zu x %zu",
                    layer->n, layer->k);
}

int64_t net_reach(const struct net_layer *layer, size_t j)
{
    int64_t level = ((int64_t)1 << layer->bits) - 1, up = 0, down = 0;

    for (size_t i = 0; i < layer->k; i++) {
        int w = layer->w[j * layer->k + i];

        if (w > 0)
            up += w;
        else
            down -= w;
    }
    return level * (up > down ? up : down);
}

static int check_reach(const struct net_layer *layer, unsigned at,
                       const char *name, struct fail *fail)
{
    for (size_t j = 0; j < layer->n; j++) {
        int64_t mul = llabs((long long)layer->mul[j]);
        int64_t add = llabs((long long)layer->add[j]);

        if (net_reach(layer, j) * mul + add > INT32_MAX)
            return fail_set(fail, FAIL_FORMAT,
                            "%s: layer %u, neuron %zu can leave 32 bits "
                            "(mul %d, add %d)",
                            name, at, j, layer->mul[j], layer->add[j]);
    }
    return 0;
}

static int parse_integers(struct cursor *cur, struct net_layer *layer,
                          unsigned at, struct fail *fail)
{
    unsigned bits = layer->bits, fields = 8 / bits;
    size_t row = (layer->k + fields - 1) / fields;
    const uint8_t *w = take(cur, layer->n * row);
    const uint8_t *mul = take(cur, layer->n * 4),
                  *add = take(cur, layer->n * 4);

    if (!w || !mul || !add)
        return fail_set(fail, FAIL_FORMAT, "%s ends inside layer %u", cur->name,
                        at);
    if (net_layer_alloc(layer, fail))
        return -1;
    for (size_t j = 0; j < layer->n; j++) {
        for (size_t i = 0; i < layer->k; i++) {
            unsigned up = 8 - bits - (unsigned)(i % fields) * bits;
            uint8_t top = (uint8_t)(w[j * row + i / fields] << up);

            layer->w[j * layer->k + i] = (int8_t)((int8_t)top >> (8 - bits));
        }
        layer->mul[j] = (int32_t)load_le(mul + 4 * j);
        layer->add[j] = (int32_t)load_le(add + 4 * j);
    }
    return check_reach(layer, at, cur->name, fail);
}

static int parse_halves(struct cursor *cur, struct net_layer *layer,
                        unsigned at, struct fail *fail)
{
    const uint8_t *w = take(cur, layer->n * layer->k * 2);
    const uint8_t *bias = take(cur, layer->n * 4);

    if (!w || !bias)
        return fail_set(fail, FAIL_FORMAT, "%s ends inside layer %u", cur->name,
                        at);
    if (net_layer_alloc(layer, fail))
        return -1;
    for (size_t i = 0; i < layer->n * layer->k; i++) {
        layer->half[i] = (uint16_t)(w[2 * i] | w[2 * i + 1] << 8);
        if ((layer->half[i] & 0x7c00) == 0x7c00)
            return fail_set(fail, FAIL_FORMAT,
                            "%s: layer %u, weight %zu is not finite", cur->name,
                            at, i);
    }
    for (size_t j = 0; j < layer->n; j++) {
        uint32_t word = load_le(bias + 4 * j);

        memcpy(layer->bias + j, &word, 4);
        if (!isfinite(layer->bias[j]))
            return fail_set(fail, FAIL_FORMAT,
                            "%s: layer %u, bias %zu is not finite", cur->name,
                            at, j);
    }
    return 0;
}

/* The shapes must chain: 784, W, W, W, 10. */
static int check_shape(const struct net *net, unsigned at, const char *name,
                       struct fail *fail)
{
    const struct net_layer *layer = &net->layer[at];
    size_t k = at ? net->layer[at - 1].n : IDX_PIXELS;
    size_t n = at == 0                ? layer->n
               : at == NET_LAYERS - 1 ? NET_CLASSES
                                      : net->layer[0].n;

    if (layer->n == 0 || layer->n > NET_WIDTH_MAX)
        return fail_set(fail, FAIL_FORMAT,
                        "%s: layer %u has %zu neurons, expected 1 to %d", name,
                        at, layer->n, NET_WIDTH_MAX);
    if (layer->n != n || layer->k != k)
        return fail_set(fail, FAIL_FORMAT,
                        "%s: layer %u is %zu x %zu, expected %zu x %zu", name,
                        at, layer->n, layer->k, n, k);
    if (layer->shift > 31)
        return fail_set(fail, FAIL_FORMAT,
                        "%s: layer %u shifts by %u, expected 0 to 31", name, at,
                        layer->shift);
    return 0;
}

static int parse_layer(struct cursor *cur, struct net *net, unsigned at,
                       struct fail *fail)
{
    struct net_layer *layer = &net->layer[at];
    const uint8_t *head = take(cur, LAYER_HEAD_BYTES);

    if (!head)
        return fail_set(fail, FAIL_FORMAT, "%s ends before layer %u", cur->name,
                        at);
    layer->n = load_le(head);
    layer->k = load_le(head + 4);
    layer->shift = load_le(head + 8);
    layer->bits = net->bits;
    if (check_shape(net, at, cur->name, fail))
        return -1;
    if (net->bits == 16)
        return parse_halves(cur, layer, at, fail);
    return parse_integers(cur, layer, at, fail);
}

/* Letters, digits and blanks; it is printed with results. */
static int parse_trainer(const struct cursor *cur, const uint8_t *at,
                         struct net *net, struct fail *fail)
{
    for (size_t i = 0; i < NET_TRAINER_SIZE - 1 && at[i]; i++) {
        if (at[i] < ' ' || at[i] > '~' || at[i] == '"' || at[i] == '\\')
            return fail_set(fail, FAIL_FORMAT,
                            "%s: byte %zu of its trainer's name is %u, "
                            "expected plain text",
                            cur->name, i, at[i]);
        net->trainer[i] = (char)at[i];
    }
    return 0;
}

static int parse_head(struct cursor *cur, struct net *net, struct fail *fail)
{
    const uint8_t *head = take(cur, NET_HEAD_BYTES);

    if (!head)
        return fail_set(fail, FAIL_FORMAT,
                        "%s has %zu bytes, a weights head needs %d", cur->name,
                        cur->left, NET_HEAD_BYTES);
    if (memcmp(head, "MLPW", 4))
        return fail_set(fail, FAIL_FORMAT,
                        "%s does not begin with MLPW: not a weights file",
                        cur->name);
    if (load_le(head + 4) != FILE_VERSION)
        return fail_set(fail, FAIL_FORMAT, "%s has version %u, expected %d",
                        cur->name, load_le(head + 4), FILE_VERSION);
    net->bits = load_le(head + 8);
    if (net->bits != 2 && net->bits != 4 && net->bits != 16)
        return fail_set(fail, FAIL_FORMAT,
                        "%s has %u-bit weights, expected 2, 4 or 16", cur->name,
                        net->bits);
    if (load_le(head + 12) != NET_LAYERS)
        return fail_set(fail, FAIL_FORMAT, "%s has %u layers, expected %d",
                        cur->name, load_le(head + 12), NET_LAYERS);
    return parse_trainer(cur, head + TRAINER_AT, net, fail);
}

/* The bytes behind the head must be those that the trainer hashed. */
static int check_digest(const uint8_t *data, size_t len, const char *name,
                        struct fail *fail)
{
    char said[SHA256_HEX], is[SHA256_HEX];

    for (size_t i = 0; i < (SHA256_HEX - 1) / 2; i++)
        snprintf(said + 2 * i, 3, "%02x", data[NET_DIGEST_AT + i]);
    sha256_bytes(data + NET_HEAD_BYTES, len - NET_HEAD_BYTES, is);
    if (!strcmp(is, said))
        return 0;
    return fail_set(fail, FAIL_FORMAT,
                    "%s is altered: its layers have SHA-256 %.16s..., its head "
                    "says %.16s...",
                    name, is, said);
}

int net_parse(const uint8_t *data, size_t len, const char *name,
              struct net *ret_net, struct fail *fail)
{
    struct cursor cur = { data, len, name };
    struct net net = { 0 };
    int rc = parse_head(&cur, &net, fail);

    for (unsigned at = 0; !rc && at < NET_LAYERS; at++)
        rc = parse_layer(&cur, &net, at, fail);
    if (!rc && cur.left)
        rc = fail_set(fail, FAIL_FORMAT,
                      "%s has %zu bytes more than its shapes need", name,
                      cur.left);
    if (!rc)
        rc = check_digest(data, len, name, fail);
    if (rc)
        net_clear(&net);
    else
        *ret_net = net;
    return rc;
}

void net_clear(struct net *net)
{
    for (unsigned i = 0; i < NET_LAYERS; i++) {
        struct net_layer *layer = &net->layer[i];

        free(layer->w);
        free(layer->mul);
        free(layer->add);
        free(layer->half);
        free(layer->bias);
    }
    memset(net, 0, sizeof *net);
}

size_t net_params(const struct net *net)
{
    size_t sum = 0;

    for (unsigned i = 0; i < NET_LAYERS; i++)
        sum += net->layer[i].n * net->layer[i].k;
    return sum;
}
