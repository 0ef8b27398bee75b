/* h5_values.h - the numbers of a one-dimensional data set into memory */
#ifndef ORCHESTRATOR_ARCHIVE_H5_VALUES_H
#define ORCHESTRATOR_ARCHIVE_H5_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include <hdf5.h>

#include "core/err.h"

enum h5_values_kind {
    H5_VALUES_F64, /* double */
    H5_VALUES_I64, /* int64_t */
};

/* Read all 'rows' (more than 0) of 'dataset', called 'name', into 'into'.
 * Numbers stored as archives store them (little-endian, in chunks, shuffled
 * and deflated) are decoded here, chunk by chunk, which spares the library's
 * copies and conversions; all others by the library.  'look': read them, but
 * decode only what the library must; 'into' then holds anything.
 * Returns 0; ERR_FORMAT, ERR_NOMEM. */
int h5_values_read(hid_t dataset, const char *name, size_t rows,
                   enum h5_values_kind kind, bool look, void *into,
                   struct err *err);

#endif
