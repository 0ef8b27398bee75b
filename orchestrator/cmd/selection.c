/* selection.c - conditions on the table that /cells would be */
#include "orchestrator/cmd/selection.h"

#include <stdlib.h>

#include "analysis/select.h"
#include "orchestrator/archive/cell_rows.h"

int selection_of_ok(const struct campaign *campaign, const char *where,
                    struct selection *ret_selection, struct err *err)
{
    struct selection selection = { 0 };
    struct table *table = NULL;
    struct rows rows = { 0 };
    int rc = cell_table_make(campaign, &table, err);

    if (!rc)
        rc = select_rows(table, where, &rows, err);
    if (!rc) {
        selection.cells = malloc((rows.len + 1) * sizeof(*selection.cells));
        if (!selection.cells)
            rc = err_set(err, ERR_NOMEM, "no memory for a selection");
    }
    for (size_t i = 0; !rc && i < rows.len; i++)
        if (campaign_cell(campaign, rows.at[i])->accepted)
            selection.cells[selection.len++] = rows.at[i];
    select_free(&rows);
    table_destroy(table);
    if (!rc)
        *ret_selection = selection;
    return rc;
}
