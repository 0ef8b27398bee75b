/* net.h - a network 784-W-W-W-10 as it lies in a weights file
 *
 * File layout, little endian: "MLPW", u32 version (2), u32 bits (2, 4 or 16),
 * u32 layers (4), char trainer[48] (its version, seed and epochs, padded with
 * NUL), the SHA-256 of all that follows; then for each layer u32 n, k, shift
 * and
 *   bits 2, 4: rows of k two's complement fields, lowest field first, each
 *              row padded to a byte; i32 mul[n]; i32 add[n]
 *   bits 16:   k x n IEEE half-precision weights by row; f32 bias[n]
 * docs/runner.md has the integer semantics.
 */
#ifndef RUNNER_NET_H
#define RUNNER_NET_H

#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

#define NET_LAYERS       4
#define NET_CLASSES      10
#define NET_TRAINER_SIZE 49                /* bytes, with its NUL */
#define NET_HEAD_BYTES   96                /* before the first layer */
#define NET_DIGEST_AT    64                /* where the head has the SHA-256 */
#define NET_WIDTH_MAX    8192              /* neurons of a layer */
#define NET_FILE_MAX     ((size_t)1 << 30) /* bytes of a weights file, at most */

enum precision {
    PRECISION_INT2,
    PRECISION_INT4,
    PRECISION_INT8,
    PRECISION_FP16, /* half-precision weights, single-precision arithmetic */
    PRECISION_FP32,
};
#define PRECISIONS 5

/* One layer; integer ones have w, mul and add, the others half and bias. */
struct net_layer {
    size_t n, k;    /* neurons, inputs of each */
    unsigned bits;  /* of weights and activations; 16 if not integer */
    unsigned shift; /* 0 to 31 */
    int8_t *w;      /* [n][k] levels */
    int32_t *mul, *add;
    uint16_t *half; /* [n][k] */
    float *bias;
};

struct net {
    unsigned bits;                  /* 2, 4, 8 (derived) or 16 */
    char trainer[NET_TRAINER_SIZE]; /* printable; "" if derived */
    struct net_layer layer[NET_LAYERS];
};

/* "INT2", ... as the program prints it. */
const char *precision_name(enum precision precision);

/* Find a precision by its name.  Returns 0, or -1: FAIL_USAGE. */
int net_precision_parse(const char *name, enum precision *ret_precision,
                        struct fail *fail);

/* Bits of a weight in the kernels of this precision: 2, 4, 8, 16, 32. */
unsigned precision_bits(enum precision precision);

/* Bits the weights file must have: 2, 4, or 16 (INT8, FP16 and FP32). */
unsigned precision_file_bits(enum precision precision);

/* Parse the bytes of a weights file; 'name' is for the sentence.
 *
 * Checks sizes, shapes, that every number is finite, that no reachable
 * mul * acc + add leaves int32 and that the bytes are those the trainer
 * wrote (the SHA-256 in the head).  Returns 0 and fills 'ret_net' (yours to
 * net_clear()), or -1: FAIL_FORMAT, FAIL_NOMEM. */
int net_parse(const uint8_t *data, size_t len, const char *name,
              struct net *ret_net, struct fail *fail);

/* Allocate the arrays of an integer layer (bits up to 8) or a half-precision
 * one (bits 16) whose n, k and bits are set.  Returns 0, or -1: FAIL_NOMEM;
 * net_clear() frees in both cases. */
int net_layer_alloc(struct net_layer *layer, struct fail *fail);

/* The largest |acc| that neuron 'j' of an integer layer can reach. */
int64_t net_reach(const struct net_layer *layer, size_t j);

/* Free what the network owns and zero it; a zeroed one is fine. */
void net_clear(struct net *net);

/* IEEE half precision to single; exact.  'half' must be finite. */
float net_half(uint16_t half);

/* Weights of the network, biases not counted. */
size_t net_params(const struct net *net);

#endif
