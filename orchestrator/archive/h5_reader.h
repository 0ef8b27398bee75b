/* h5_reader.h - an archive from HDF5 into memory */
#ifndef ORCHESTRATOR_ARCHIVE_H5_READER_H
#define ORCHESTRATOR_ARCHIVE_H5_READER_H

#include <stdbool.h>

#include "core/err.h"
#include "hdf5_schema/dataset.h"

enum archive_read_flags {
    ARCHIVE_SAMPLES = 1,     /* samples too; else their counts are 0 */
    ARCHIVE_PREDICTIONS = 2, /* and what networks answered, where it is kept */
    ARCHIVE_LATER = 4,       /* columns when they are first asked for: the file
                              * stays open, and dataset_check() tells whether
                              * all came */
};

/* Read 'path', an archive or a campaign folder with archive.h5 in it.
 * Returns 0 and a data set for dataset_destroy(); ERR_NOT_FOUND; ERR_FORMAT
 * if it is no archive, or of another major version; ERR_NOMEM.  A damaged
 * HDF5 file may hang the library, so one without a journal beside it is
 * tried by archive_check() first. */
int archive_read(const char *path, unsigned flags, struct dataset **ret_dataset,
                 struct err *err);

/* False if 'path' is a campaign folder whose journal has grown since its
 * archive.h5 was made, so that the archive lacks results; else true.  Opens
 * the archive, but reads no column. */
bool archive_current(const char *path);

/* Try 'path' in a child process that is killed after 'limit_s', so that a
 * damaged or hostile file can neither hang nor crash the caller: the child
 * asks of the library all that a reader would, but does not decode plain
 * numbers, which is done outside the library.  Returns 0 if it reads; else as archive_read(), ERR_TIMEOUT, ERR_FORMAT if the
 * child crashed. */
int archive_check(const char *path, double limit_s, struct err *err);

/* Compare DIR/archive.h5 with DIR/journal, value by value, samples too.
 * Returns 0 if they are equal; ERR_FORMAT with the first difference; as
 * archive_read() and campaign_replay(). */
int archive_verify(const char *dir, struct err *err);

#endif
