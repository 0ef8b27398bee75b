/* h5_archive.h - an archive being written; for h5_writer.c, h5_attempts.c
 * and h5_cells.c
 */
#ifndef ORCHESTRATOR_ARCHIVE_H5_ARCHIVE_H
#define ORCHESTRATOR_ARCHIVE_H5_ARCHIVE_H

#include <stdint.h>

#include <hdf5.h>

#include "core/err.h"
#include "hdf5_schema/table.h"
#include "orchestrator/archive/campaign.h"

/* Where samples lie: missing and 0 where there are none. */
struct h5_span {
    int64_t offset, length;
};

/* What /cells shows of a cell's accepted attempt beside its columns. */
struct h5_accepted {
    int64_t attempt_row; /* COLUMN_I64_MISSING: none */
    struct h5_span lat_sys, lat_comp, power;
};

struct h5_archive {
    hid_t file;
    const struct campaign *campaign;
    struct table *labels;         /* a text column a label table */
    struct h5_accepted *accepted; /* one a cell */
};

/* Write /attempts, /power_runs, /raw_output and the samples from every
 * RESULT, and fill 'accepted'.  Returns 0, ERR_FORMAT, ERR_IO, ERR_NOMEM. */
int h5_attempts_write(struct h5_archive *archive, struct err *err);

/* Write /cells: axes, the cell's own columns, and those of its accepted
 * attempt and primary meter.  Returns as h5_attempts_write(). */
int h5_cells_write(struct h5_archive *archive, struct err *err);

#endif
