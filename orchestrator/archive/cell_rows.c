/* cell_rows.c - cells as rows, from plan and journal */
#include "orchestrator/archive/cell_rows.h"

#include <string.h>

#include "orchestrator/sched/plan.h"

enum column_type cell_axis_type(const struct axis *axis)
{
    switch (axis->type) {
    case AXIS_TEXT:
        return COLUMN_TEXT;
    case AXIS_F64:
        return COLUMN_F64;
    case AXIS_I64:
        break;
    }
    return COLUMN_I64;
}

const char *cell_axis_unit(const struct axis *axis)
{
    const char *unit = axis->unit ? axis->unit : "";

    if (!strcmp(unit, "%"))
        return "percent";
    return strcmp(unit, "1") != 0 ? unit : "";
}

int cell_result_read(const struct campaign *campaign,
                     struct journal_reader *reader, uint64_t offset,
                     struct result *ret_result, struct err *err)
{
    struct journal_record record;
    struct cursor cur;
    int rc = journal_reader_at(reader, offset, &record, err);

    if (rc != 1)
        return rc ? rc
                  : err_set(err, ERR_IO, "no record at offset %llu any more",
                            (unsigned long long)offset);
    rc = journal_reader_load(reader, &record, err);
    if (rc)
        return rc;
    cur = cursor_of(record.payload, record.len);
    return result_decode_rows(campaign_layouts(campaign, offset), &cur,
                              ret_result, err);
}

static void plan_columns(const struct plan_cell *planned, struct cell_row *row)
{
    row->cell_id = (int64_t)planned->id;
    if (planned->weight_bits)
        row->weight_bits = planned->weight_bits;
    if (planned->activation_bits)
        row->activation_bits = planned->activation_bits;
    if (planned->ops_image >= 0)
        row->ops_image = (double)planned->ops_image;
    if (planned->params >= 0)
        row->params = (double)planned->params;
}

/* Why a cell is not ok: of the plan, of the withdrawal, of its last
 * attempt. */
static void reason_set(const struct campaign *campaign,
                       const struct campaign_cell *state,
                       const struct plan_cell *planned,
                       const struct result *last, struct cell_row *row)
{
    bool by_plan =
        state->status == STATUS_NA || state->status == STATUS_RETIRED;

    if (state->status == STATUS_INVALIDATED)
        column_text_set(&row->reason,
                        campaign_text(campaign, state->withdrawn));
    else if (by_plan && planned->na_reason)
        column_text_set(&row->reason, planned->na_reason);
    else if (!state->accepted)
        row->reason = last->attempt.reason;
}

int cell_row_make(const struct campaign *campaign,
                  struct journal_reader *reader, size_t i,
                  struct cell_row *ret_row, struct result *ret_result,
                  struct err *err)
{
    const struct campaign_cell *state = campaign_cell(campaign, i);
    uint64_t shown = state->accepted ? state->accepted : state->last;
    struct plan_cell planned;
    struct result result;
    int rc = 0;

    result_init(&result);
    columns_clear(&columns_cells, ret_row);
    plan_cell(campaign_plan(campaign), i, &planned);
    plan_columns(&planned, ret_row);
    if (shown)
        rc = cell_result_read(campaign, reader, shown, &result, err);
    if (rc)
        return rc;
    ret_row->cell = (int64_t)i;
    ret_row->status = state->status;
    ret_row->attempts = state->attempts;
    ret_row->provenance = result.attempt.provenance;
    reason_set(campaign, state, &planned, &result, ret_row);
    *ret_result = result;
    return 0;
}

const struct power_row *cell_primary(const struct result *result)
{
    for (size_t i = 0; i < result->power.len; i++)
        if (result->power.at[i].primary == 1)
            return &result->power.at[i];
    return result->power.len == 1 ? result->power.at : NULL;
}
