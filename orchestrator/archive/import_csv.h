/* import_csv.h - published measurements as a campaign of their own
 *
 * Reads the normalised columns (topology, platform, mode, precision,
 * pruning_percent, batch, lat_sys_ms, ..., level) and the published QuTiBench
 * ones (NN_Topology, HWType, "Op mode", Datatype, "lat-sys", ...); a table in
 * import_columns.c says which is what, and in which unit.
 */
#ifndef ORCHESTRATOR_ARCHIVE_IMPORT_CSV_H
#define ORCHESTRATOR_ARCHIVE_IMPORT_CSV_H

#include <stddef.h>

#include "core/err.h"

/* What the file itself does not say.  Texts are borrowed. */
struct import_settings {
    const char *inventory; /* path: the platforms' facts, names, boards */
    const char *topology;  /* path of the topology file, NULL: no counts */
    const char *dataset;   /* the data set that was inferred, "MNIST" */
    const char *title, *source, *licence; /* NULL: not said */
};

/* Import 'csv_path' into the new campaign folder 'dir': a plan of one cell a
 * row, one ok attempt a cell with provenance published, a power row where a
 * power is published; archive.h5 is not made yet.  What is not in the file is
 * missing.  Sets ret_rows (may be NULL).  Returns 0; ERR_NOT_FOUND;
 * ERR_FORMAT with line and column; ERR_REFUSED if 'dir' has a journal;
 * ERR_IO; ERR_NOMEM. */
int import_csv(const char *csv_path, const struct import_settings *settings,
               const char *dir, size_t *ret_rows, struct err *err);

#endif
