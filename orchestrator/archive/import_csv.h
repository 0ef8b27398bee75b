/* import_csv.h - published measurements as a campaign of their own
 *
 * The normalised columns: topology, platform, mode, precision,
 * pruning_percent, batch, lat_sys_ms, lat_comp_ms, fps_system, fps_comp,
 * top1_percent, base_w, idle_w, full_w, level; names and order of columns
 * as in the header line, unknown ones refused, missing cells missing.
 */
#ifndef ORCHESTRATOR_ARCHIVE_IMPORT_CSV_H
#define ORCHESTRATOR_ARCHIVE_IMPORT_CSV_H

#include <stddef.h>

#include "core/err.h"

/* Import 'csv_path' into the new campaign folder 'dir': a plan of one cell a
 * row, one ok attempt a cell with provenance published, then published.
 * 'inventory_path' is an inventory with the platforms' facts and names, or
 * NULL.  Sets ret_rows (may be NULL).  Returns 0; ERR_NOT_FOUND;
 * ERR_FORMAT with line and column; ERR_REFUSED if 'dir' has a journal;
 * ERR_IO; ERR_NOMEM. */
int import_csv(const char *csv_path, const char *inventory_path,
               const char *dir, size_t *ret_rows, struct err *err);

#endif
