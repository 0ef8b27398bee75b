/* samples.h - the samples of one attempt and one channel, compressed
 *
 * The worker shuffles and deflates (level 1) in chunks of SAMPLES_CHUNK
 * elements; the bytes go over the wire, into the journal and, where a trace
 * fills at least one chunk, as they are into HDF5 (byte shuffle and deflate
 * are HDF5's own filters, the last chunk is padded).  A shorter trace is one
 * chunk of its own length, which the publisher packs with others.
 */
#ifndef ORCHESTRATOR_WIRE_SAMPLES_H
#define ORCHESTRATOR_WIRE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define SAMPLES_CHUNK    8192u      /* elements */
#define SAMPLES_MAX      (1u << 24) /* elements a block */
#define SAMPLES_PAD_T_NS INT64_MIN  /* times that pad the last chunk */

/* What was sampled; a power channel is CHANNEL_POWER plus the index of its
 * meter among the power rows of the result. */
enum sample_channel {
    CHANNEL_LAT_SYS = 0,  /* s */
    CHANNEL_LAT_COMP = 1, /* s */
    CHANNEL_POWER = 16,   /* W */
    CHANNEL_MAX = 255,
};

/* What one element is; the archive's data sets are of these types. */
enum sample_kind {
    SAMPLE_F64 = 1,       /* double */
    SAMPLE_F64_TIMED = 2, /* double, and int64 ns since attempt start */
};

/* 'data' holds the chunks of the values and, if timed, those of the times
 * after them; each as u32 length and bytes. */
struct sample_block {
    uint8_t channel;
    uint8_t kind; /* enum sample_kind */
    uint32_t count;
    uint8_t *data; /* owned, see sample_block_free() */
    size_t len;
};

/* Compress 'count' values (SI) and, unless 't_ns' is NULL, their times in
 * ns since the attempt's start.  NaN is a missing reading and stays one.
 * Returns 0; ERR_USAGE beyond SAMPLES_MAX, ERR_NOMEM. */
int samples_pack(uint8_t channel, const double *values, const int64_t *t_ns,
                 size_t count, struct sample_block *ret_block, struct err *err);

/* Restore the values into 'values' (block->count elements) and the times
 * into 't_ns' (the same; may be NULL; SAMPLES_PAD_T_NS if it has none).
 * Returns 0; ERR_FORMAT if the bytes are damaged, ERR_NOMEM. */
int samples_unpack(const struct sample_block *block, double *values,
                   int64_t *t_ns, struct err *err);

/* True if the block's chunks are whole, for HDF5's direct chunk write. */
bool samples_whole_chunks(const struct sample_block *block);

/* Chunks of one array of the block. */
size_t samples_chunks(const struct sample_block *block);

/* The deflated bytes of chunk 'i' of the values, or of the times; borrowed.
 * Returns 0; ERR_FORMAT if there is none. */
int samples_chunk(const struct sample_block *block, bool times, size_t i,
                  const uint8_t **ret_data, size_t *ret_len, struct err *err);

/* Append the block to 'out'. */
void samples_encode(const struct sample_block *block, struct buf *out);

/* Read a block back (copied).  Returns 0 and a block for
 * sample_block_free(); ERR_FORMAT, ERR_NOMEM. */
int samples_decode(struct cursor *cur, struct sample_block *ret_block,
                   struct err *err);

/* Free the bytes and leave the block empty. */
void sample_block_free(struct sample_block *block);

#endif
