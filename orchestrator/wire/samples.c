/* samples.c - shuffled and deflated samples, in HDF5's own filter forms */
#include "orchestrator/wire/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define ELEMENT      8                         /* bytes of either kind */
#define CHUNK_BYTES  (SAMPLES_CHUNK * ELEMENT) /* a whole one */
#define DEFLATE_MOST 1040 /* deflate never shrinks further than 1032 : 1 */

/* HDF5's shuffle: the first bytes of all elements, then the second, ... */
static void shuffle(const uint8_t *in, size_t count, uint8_t *out)
{
    for (size_t b = 0; b < ELEMENT; b++)
        for (size_t i = 0; i < count; i++)
            *out++ = in[i * ELEMENT + b];
}

static void unshuffle(const uint8_t *in, size_t count, uint8_t *out)
{
    for (size_t b = 0; b < ELEMENT; b++)
        for (size_t i = 0; i < count; i++)
            out[i * ELEMENT + b] = *in++;
}

static size_t chunks_of(size_t count)
{
    return (count + SAMPLES_CHUNK - 1) / SAMPLES_CHUNK;
}

/* Elements that chunk 'i' holds, padding included. */
static size_t chunk_elements(size_t count)
{
    return count >= SAMPLES_CHUNK ? SAMPLES_CHUNK : count;
}

/* Little endian, whatever the machine. */
static void element_put(uint8_t *out, uint64_t bits)
{
    for (size_t b = 0; b < ELEMENT; b++)
        out[b] = (uint8_t)(bits >> (8 * b));
}

static uint64_t element_get(const uint8_t *in)
{
    uint64_t bits = 0;

    for (size_t b = 0; b < ELEMENT; b++)
        bits |= (uint64_t)in[b] << (8 * b);
    return bits;
}

static uint64_t value_bits(const double *values, const int64_t *t_ns, size_t i)
{
    uint64_t bits;

    if (t_ns)
        return (uint64_t)t_ns[i];
    memcpy(&bits, &values[i], sizeof(bits));
    return bits;
}

static uint64_t padding_bits(const int64_t *t_ns)
{
    double pad = (double)NAN;

    return value_bits(&pad, t_ns ? &(int64_t){ SAMPLES_PAD_T_NS } : NULL, 0);
}

/* Deflate one array, values or (if not NULL) times, chunk by chunk. */
static int array_pack(const double *values, const int64_t *t_ns, size_t count,
                      struct buf *out, struct err *err)
{
    size_t elements = chunk_elements(count);
    uLong bound = compressBound((uLong)(elements * ELEMENT));
    uint8_t *plain = malloc(2 * elements * ELEMENT + bound + 1);
    uint8_t *mixed = plain + elements * ELEMENT;
    uint8_t *packed = mixed + elements * ELEMENT;
    int rc = 0;

    if (!plain)
        return err_set(err, ERR_NOMEM, "no memory to pack samples");
    for (size_t c = 0; !rc && c < chunks_of(count); c++) {
        uLongf len = bound;

        for (size_t k = 0; k < elements; k++) {
            size_t i = c * SAMPLES_CHUNK + k;

            element_put(plain + k * ELEMENT, i < count
                                                 ? value_bits(values, t_ns, i)
                                                 : padding_bits(t_ns));
        }
        shuffle(plain, elements, mixed);
        if (compress2(packed, &len, mixed, (uLong)(elements * ELEMENT), 1))
            rc = err_set(err, ERR_NOMEM, "no memory to deflate samples");
        else
            buf_put_block(out, packed, len);
    }
    free(plain);
    if (!rc && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory to pack samples");
    return rc;
}

int samples_pack(uint8_t channel, const double *values, const int64_t *t_ns,
                 size_t count, struct sample_block *ret_block, struct err *err)
{
    struct buf out = { 0 };
    int rc;

    if (count > SAMPLES_MAX)
        return err_set(err, ERR_USAGE, "%zu samples, at most %u", count,
                       SAMPLES_MAX);
    rc = array_pack(values, NULL, count, &out, err);
    if (!rc && t_ns)
        rc = array_pack(values, t_ns, count, &out, err);
    if (rc) {
        buf_free(&out);
        return rc;
    }
    *ret_block =
        (struct sample_block){ .channel = channel,
                               .kind = t_ns ? SAMPLE_F64_TIMED : SAMPLE_F64,
                               .count = (uint32_t)count,
                               .data = out.data,
                               .len = out.len };
    return 0;
}

bool samples_whole_chunks(const struct sample_block *block)
{
    return block->count >= SAMPLES_CHUNK;
}

size_t samples_chunks(const struct sample_block *block)
{
    return chunks_of(block->count);
}

/* The next chunk at the cursor, if its length can be true. */
static const uint8_t *chunk_next(struct cursor *cur, size_t elements,
                                 size_t *ret_len)
{
    const uint8_t *at = cursor_block(cur, ret_len);

    if (!at || *ret_len * DEFLATE_MOST < elements * ELEMENT ||
        *ret_len > compressBound((uLong)(elements * ELEMENT)))
        return NULL;
    return at;
}

static int block_fail(const struct sample_block *block, struct err *err)
{
    return err_set(err, ERR_FORMAT, "samples of channel %u are damaged",
                   block->channel);
}

int samples_chunk(const struct sample_block *block, bool times, size_t i,
                  const uint8_t **ret_data, size_t *ret_len, struct err *err)
{
    struct cursor cur = cursor_of(block->data, block->len);
    size_t skip = i + (times ? samples_chunks(block) : 0), len = 0;
    const uint8_t *at = NULL;

    if (i >= samples_chunks(block) || (times && block->kind == SAMPLE_F64))
        return err_set(err, ERR_FORMAT, "no such chunk of samples");
    for (size_t c = 0; c <= skip; c++)
        at = chunk_next(&cur, chunk_elements(block->count), &len);
    if (!at)
        return block_fail(block, err);
    *ret_data = at;
    *ret_len = len;
    return 0;
}

static void bits_store(uint64_t bits, double *values, int64_t *t_ns, size_t i)
{
    if (t_ns)
        t_ns[i] = (int64_t)bits;
    else
        memcpy(&values[i], &bits, sizeof(bits));
}

/* Read one array at the cursor into 'values' or (if not NULL) 't_ns'. */
static int array_unpack(const struct sample_block *block, struct cursor *cur,
                        double *values, int64_t *t_ns, struct err *err)
{
    size_t elements = chunk_elements(block->count);
    uint8_t *mixed = malloc(2 * elements * ELEMENT + 1);
    uint8_t *plain = mixed + elements * ELEMENT;
    int rc = 0;

    if (!mixed)
        return err_set(err, ERR_NOMEM, "no memory to unpack samples");
    for (size_t c = 0; !rc && c < samples_chunks(block); c++) {
        uLongf got = (uLongf)(elements * ELEMENT);
        size_t len, first = c * SAMPLES_CHUNK;
        const uint8_t *at = chunk_next(cur, elements, &len);

        if (!at || uncompress(mixed, &got, at, (uLong)len) ||
            got != elements * ELEMENT) {
            rc = block_fail(block, err);
            break;
        }
        unshuffle(mixed, elements, plain);
        for (size_t k = 0; k < elements && first + k < block->count; k++)
            bits_store(element_get(plain + k * ELEMENT), values, t_ns,
                       first + k);
    }
    free(mixed);
    return rc;
}

int samples_unpack(const struct sample_block *block, double *values,
                   int64_t *t_ns, struct err *err)
{
    struct cursor cur = cursor_of(block->data, block->len);
    int rc = array_unpack(block, &cur, values, NULL, err);

    if (rc || !t_ns)
        return rc;
    if (block->kind == SAMPLE_F64_TIMED)
        return array_unpack(block, &cur, values, t_ns, err);
    for (size_t i = 0; i < block->count; i++)
        t_ns[i] = SAMPLES_PAD_T_NS;
    return 0;
}

void samples_encode(const struct sample_block *block, struct buf *out)
{
    buf_put_u8(out, block->channel);
    buf_put_u8(out, block->kind);
    buf_put_u32(out, block->count);
    buf_put_block(out, block->data, block->len);
}

/* True if the chunks are all there, of lengths that can be true, and
 * nothing else is. */
static bool block_plausible(const struct sample_block *block)
{
    struct cursor cur = cursor_of(block->data, block->len);
    size_t arrays = block->kind == SAMPLE_F64_TIMED ? 2 : 1, len;

    for (size_t c = 0; c < arrays * samples_chunks(block); c++)
        if (!chunk_next(&cur, chunk_elements(block->count), &len))
            return false;
    return cursor_left(&cur) == 0;
}

int samples_decode(struct cursor *cur, struct sample_block *ret_block,
                   struct err *err)
{
    struct sample_block block = { .channel = cursor_u8(cur),
                                  .kind = cursor_u8(cur),
                                  .count = cursor_u32(cur) };
    const uint8_t *at = cursor_block(cur, &block.len);
    uint8_t *copy;

    if (cur->failed || block.kind < SAMPLE_F64 ||
        block.kind > SAMPLE_F64_TIMED || block.count > SAMPLES_MAX)
        return err_set(err, ERR_FORMAT,
                       "a block of samples is not of its form");
    copy = malloc(block.len ? block.len : 1);
    if (!copy)
        return err_set(err, ERR_NOMEM, "no memory for samples");
    if (block.len)
        memcpy(copy, at, block.len);
    block.data = copy;
    if (!block_plausible(&block)) {
        free(copy);
        return block_fail(&block, err);
    }
    *ret_block = block;
    return 0;
}

void sample_block_free(struct sample_block *block)
{
    free(block->data);
    *block = (struct sample_block){ 0 };
}
