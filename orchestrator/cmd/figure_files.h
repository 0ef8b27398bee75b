/* figure_files.h - figures outside a page: specifications, data, SVG */
#ifndef ORCHESTRATOR_CMD_FIGURE_FILES_H
#define ORCHESTRATOR_CMD_FIGURE_FILES_H

#include "core/err.h"
#include "orchestrator/cmd/archives.h"

/* Write ID.vl.json and TABLE.json of every figure and table into 'dir', for
 * Altair and Vega-Lite.  'where' as select_rows(), 'flags' of
 * report_data_create().  Returns 0; ERR_USAGE, ERR_IO, ERR_NOMEM. */
int figure_files_write(const struct archives *archives, const char *where,
                       unsigned flags, const char *dir, struct err *err);

/* Draw every figure as ID.svg into 'dir' with node, which must be there; the
 * scripts are the program's own.  Blocks until they are drawn.  Returns 0;
 * ERR_NOT_FOUND (no node), ERR_IO (its failure), as above. */
int figure_files_draw(const struct archives *archives, const char *where,
                      unsigned flags, const char *dir, struct err *err);

#endif
