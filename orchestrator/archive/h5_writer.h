/* h5_writer.h - archive.h5 of a campaign, made from its journal
 *
 * For a process of its own (`labsweep archive publish DIR`): HDF5 was seen
 * to crash in its exit handlers when a disk is full.
 */
#ifndef ORCHESTRATOR_ARCHIVE_H5_WRITER_H
#define ORCHESTRATOR_ARCHIVE_H5_WRITER_H

#include "core/err.h"

/* Build DIR/archive.h5 from DIR/journal: a temporary name in the same
 * folder, fsync, rename, fsync of the folder, so that readers see the old
 * or the new archive, whole.  A function of the journal's bytes alone.
 * Takes no lock; reads up to the last whole record.  Returns 0;
 * ERR_NOT_FOUND, ERR_FORMAT (damaged journal), ERR_REFUSED (another process is
 * publishing), ERR_IO, ERR_NOMEM; the old archive then stands. */
int archive_publish(const char *dir, struct err *err);

/* The same into 'path', a file anywhere. */
int archive_publish_to(const char *dir, const char *path, struct err *err);

#endif
