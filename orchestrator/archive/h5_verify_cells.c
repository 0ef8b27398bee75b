/* h5_verify_cells.c - /cells of an archive equals plan and journal */
#include <string.h>

#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/cell_rows.h"
#include "orchestrator/archive/h5_read.h"
#include "orchestrator/sched/plan.h"

static int axis_verify(const struct table *cells, const struct axis *axis,
                       const struct op_value *value, size_t row,
                       struct err *err)
{
    const struct table_column *have = table_find(cells, axis->name);
    bool same = have != NULL;

    if (have && !value->there)
        same = axis->type == AXIS_F64 || !strcmp(axis->name, "board") ||
               have->i64[row] < 0;
    else if (have && axis->type == AXIS_TEXT)
        same = !strcmp(table_text(have, row), value->text);
    else if (have && axis->type == AXIS_I64)
        same = table_i64(have, row) == value->i64;
    else if (have)
        same = !(table_f64(have, row) < value->f64) &&
               !(table_f64(have, row) > value->f64);
    if (same)
        return 0;
    return err_set(err, ERR_FORMAT, "axis '%s', cell %zu, is not of the plan",
                   axis->name, row);
}

static int axes_verify(const struct plan *plan, const struct table *cells,
                       size_t row, struct err *err)
{
    struct op_point point;
    size_t len;
    const struct axis *axes = plan_axes(plan, &len);
    int rc = 0;

    plan_cell_point(plan, row, &point);
    for (size_t i = 0; !rc && i < len; i++)
        if (strcmp(axes[i].name, "board") != 0)
            rc = axis_verify(cells, &axes[i], &point.at[i], row, err);
    return rc;
}

static int state_verify(const struct campaign *campaign,
                        const struct table *cells, size_t row, struct err *err)
{
    const struct campaign_cell *state = campaign_cell(campaign, row);
    uint64_t id = plan_cell_id(campaign_plan(campaign), row);

    if (table_i64(table_find(cells, "cell"), row) != (int64_t)row ||
        table_i64(table_find(cells, "cell_id"), row) != (int64_t)id ||
        table_i64(table_find(cells, "status"), row) != state->status ||
        table_i64(table_find(cells, "attempts"), row) != state->attempts)
        return err_set(err, ERR_FORMAT,
                       "state of cell %zu is not what the journal says", row);
    return 0;
}

/* What /cells shows of the accepted attempt; all missing if there is
 * none. */
static int accepted_verify(const struct campaign *campaign,
                           struct journal_reader *reader,
                           const struct table *cells, size_t row,
                           struct err *err)
{
    uint64_t offset = campaign_cell(campaign, row)->accepted;
    struct power_row none;
    const struct power_row *primary;
    struct result result;
    int rc = 0;

    result_init(&result);
    columns_clear(&columns_power_runs, &none);
    if (offset)
        rc = cell_result_read(campaign, reader, offset, &result, err);
    primary = cell_primary(&result);
    if (!rc && offset)
        rc = h5_row_verify(cells, row, &columns_attempts, &result.attempt,
                           &columns_cells, err);
    if (!rc)
        rc = h5_row_verify(cells, row, &columns_power_runs,
                           primary ? primary : &none, &columns_attempts, err);
    result_free(&result);
    return rc;
}

int h5_cells_verify(const struct campaign *campaign, const struct table *cells,
                    struct err *err)
{
    struct journal_reader *reader = NULL;
    int rc;

    if (cells->rows != campaign_cells(campaign))
        return err_set(err, ERR_FORMAT, "%zu cells, the plan has %zu",
                       cells->rows, campaign_cells(campaign));
    rc = journal_reader_open(campaign_dir(campaign), &reader, err);
    for (size_t i = 0; !rc && i < cells->rows; i++) {
        rc = state_verify(campaign, cells, i, err);
        if (!rc)
            rc = axes_verify(campaign_plan(campaign), cells, i, err);
        if (!rc)
            rc = accepted_verify(campaign, reader, cells, i, err);
    }
    journal_reader_close(reader);
    return rc;
}
