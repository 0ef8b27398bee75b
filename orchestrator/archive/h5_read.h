/* h5_read.h - parts of an archive read by themselves; for h5_reader.c and
 * h5_verify.c; h5_columns.c has those of tables
 */
#ifndef ORCHESTRATOR_ARCHIVE_H5_READ_H
#define ORCHESTRATOR_ARCHIVE_H5_READ_H

#include <hdf5.h>

#include "core/err.h"
#include "hdf5_schema/dataset.h"
#include "hdf5_schema/table.h"

struct campaign;

/* Open an archive to read, without a lock.  Returns its identifier, or
 * negative with 'err' filled. */
hid_t h5_archive_open(const char *path, struct err *err);

/* Beside archive_read_flags: read everything, decode only what the library
 * must, so that the values are worth nothing.  For a child that tries out
 * whether the library survives a file. */
#define ARCHIVE_LOOK 0x100u

/* archive_read() without the child: a damaged file may hang or crash the
 * caller. */
int h5_dataset_read(const char *path, unsigned flags,
                    struct dataset **ret_dataset, struct err *err);

#define H5_ROWS_MAX (1u << 30) /* of a column, against absurd headers */

/* All columns of group 'path'; the length of 'scale' is that of all.
 * 'flags' may have ARCHIVE_LOOK.
 * Returns 0 and a table for table_destroy(); ERR_FORMAT, ERR_NOMEM. */
int h5_table_read(hid_t file, const char *path, const char *scale,
                  unsigned flags, struct table **ret_table, struct err *err);

/* An open archive and how many still read from it. */
struct h5_shared {
    hid_t file;
    unsigned users;
};
/* Read from it no more; the last one closes and frees it. */
void h5_shared_release(struct h5_shared *shared);

/* h5_table_read(), but table_find() reads a column when it is first asked
 * for: the table holds 'shared' until table_destroy(). */
int h5_table_later(struct h5_shared *shared, const char *path,
                   const char *scale, struct table **ret_table,
                   struct err *err);

/* Compare /cells with what the campaign says.  Returns 0; ERR_FORMAT with
 * the first difference; ERR_IO. */
int h5_cells_verify(const struct campaign *campaign, const struct table *cells,
                    struct err *err);

/* Compare one row of a table with a struct of 'list', column by column;
 * 'what' and 'row' name it in the error.  Columns that the list shares with
 * 'but' (may be NULL) are passed over.  Returns 0 or ERR_FORMAT. */
int h5_row_verify(const struct table *table, size_t row,
                  const struct column_table *list, const void *expected,
                  const struct column_table *but, struct err *err);

#endif
