/* cell_rows.h - a cell as a row: what plan and journal say of it
 *
 * For /cells of an archive, for its verification, and for the table in memory
 * that a selection of cells is made from.
 */
#ifndef ORCHESTRATOR_ARCHIVE_CELL_ROWS_H
#define ORCHESTRATOR_ARCHIVE_CELL_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "experiments/axis.h"
#include "hdf5_schema/columns.h"
#include "hdf5_schema/table.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/wire/result.h"

/* Type and unit of an axis as a column ("%" and "1" as columns.def says
 * them; borrowed). */
enum column_type cell_axis_type(const struct axis *axis);
const char *cell_axis_unit(const struct axis *axis);

/* The rows, without samples and raw output, of the RESULT at 'offset' of the
 * journal; for result_free().  Returns 0; ERR_IO if it is not there any
 * more; ERR_FORMAT; ERR_NOMEM. */
int cell_result_read(const struct campaign *campaign,
                     struct journal_reader *reader, uint64_t offset,
                     struct result *ret_result, struct err *err);

/* Cell 'i': its own columns ('attempt_row' left missing), and the result that
 * is accepted, else the last one, else an empty one; for result_free().
 * Returns as cell_result_read(). */
int cell_row_make(const struct campaign *campaign,
                  struct journal_reader *reader, size_t i,
                  struct cell_row *ret_row, struct result *ret_result,
                  struct err *err);

/* The power row that a cell shows, or NULL: the one marked primary, else the
 * only one. */
const struct power_row *cell_primary(const struct result *result);

/* What /cells would hold of this campaign (offsets of samples and
 * 'attempt_row' apart), as a table in memory.  Reads every accepted
 * result of the journal.  Returns 0 and a table for table_destroy();
 * ERR_IO, ERR_FORMAT, ERR_NOMEM. */
int cell_table_make(const struct campaign *campaign, struct table **ret_table,
                    struct err *err);

#endif
