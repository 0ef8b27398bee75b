/* h5_samples.h - all samples of one channel, end to end
 *
 * A block of whole chunks goes into HDF5 as the worker deflated it (direct
 * chunk write).  Shorter blocks are packed into a common chunk, and so is the
 * last, partial chunk of a long one unless its padding is at most a quarter
 * of the block.  A block that does not fit into the common chunk begins a
 * new one; the gap is then shorter than the block.  So gaps and padding
 * together never exceed the samples (docs/archive.md has the proof).
 */
#ifndef ORCHESTRATOR_ARCHIVE_H5_SAMPLES_H
#define ORCHESTRATOR_ARCHIVE_H5_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include <hdf5.h>

#include "core/err.h"
#include "orchestrator/wire/samples.h"

struct h5_samples;

/* Create group 'name' with the data set 'value_name' (unit, help) and, if
 * 'timed', "time_ns".  Returns 0 and a stream for h5_samples_destroy();
 * ERR_IO, ERR_NOMEM. */
int h5_samples_create(hid_t file, const char *name, const char *value_name,
                      const char *unit, const char *help, bool timed,
                      struct h5_samples **ret_samples, struct err *err);

/* Add a block; sets where it begins.  Returns 0; ERR_FORMAT if it is
 * damaged; ERR_IO; ERR_NOMEM. */
int h5_samples_add(struct h5_samples *samples, const struct sample_block *block,
                   int64_t *ret_offset, struct err *err);

/* Write what is left.  Returns 0 or ERR_IO. */
int h5_samples_finish(struct h5_samples *samples, struct err *err);

/* Elements in the file so far, padding included, and samples given. */
uint64_t h5_samples_extent(const struct h5_samples *samples);
uint64_t h5_samples_count(const struct h5_samples *samples);

/* Free it, finished or not; NULL is fine. */
void h5_samples_destroy(struct h5_samples *samples);

#endif
