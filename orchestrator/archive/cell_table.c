/* cell_table.c - all cells of a campaign as a table in memory */
#include <string.h>

#include "orchestrator/archive/cell_rows.h"
#include "orchestrator/sched/plan.h"

static int columns_add(struct table *table, const struct axis *axes, size_t len,
                       struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < len; i++)
        if (!table_add(table, axes[i].name, cell_axis_type(&axes[i]),
                       cell_axis_unit(&axes[i]),
                       axes[i].help ? axes[i].help : ""))
            rc = err_set(err, ERR_NOMEM, "no memory for axis '%s'",
                         axes[i].name);
    if (!rc)
        rc = table_add_all(table, &columns_cells, err);
    if (!rc)
        rc = table_add_all(table, &columns_attempts, err);
    return rc ? rc : table_add_all(table, &columns_power_runs, err);
}

/* The axes are the table's first columns. */
static int axes_set(struct table *table, size_t row, size_t len,
                    const struct op_point *point, struct err *err)
{
    for (size_t i = 0; i < len; i++) {
        struct table_column *column = &table->columns[i];
        const struct op_value *value = &point->at[i];

        if (!value->there)
            continue;
        if (column->type == COLUMN_F64)
            column->f64[row] = value->f64;
        else if (column->type == COLUMN_I64)
            column->i64[row] = value->i64;
        else if (table_set_text(column, row, value->text))
            return err_set(err, ERR_NOMEM, "no memory for axis '%s'",
                           column->name);
    }
    return 0;
}

static int row_set(const struct campaign *campaign,
                   struct journal_reader *reader, struct table *table, size_t i,
                   struct err *err)
{
    const struct plan *plan = campaign_plan(campaign);
    const struct power_row *primary;
    struct op_point point;
    struct cell_row row;
    struct result result;
    size_t len;
    int rc = cell_row_make(campaign, reader, i, &row, &result, err);

    if (rc)
        return rc;
    plan_axes(plan, &len);
    plan_cell_point(plan, i, &point);
    rc = axes_set(table, i, len, &point, err);
    primary = cell_primary(&result);
    if (!rc && campaign_cell(campaign, i)->accepted) {
        rc = table_set_row(table, i, &columns_attempts, &result.attempt, err);
        if (!rc && primary)
            rc = table_set_row(table, i, &columns_power_runs, primary, err);
    }
    if (!rc)
        rc = table_set_row(table, i, &columns_cells, &row, err);
    result_free(&result);
    return rc;
}

int cell_table_make(const struct campaign *campaign, struct table **ret_table,
                    struct err *err)
{
    struct table *table = table_create(campaign_cells(campaign));
    struct journal_reader *reader = NULL;
    size_t len;
    const struct axis *axes = plan_axes(campaign_plan(campaign), &len);
    int rc;

    if (!table)
        return err_set(err, ERR_NOMEM, "no memory for a table of cells");
    rc = columns_add(table, axes, len, err);
    if (!rc)
        rc = journal_reader_open(campaign_dir(campaign), &reader, err);
    for (size_t i = 0; !rc && i < table->rows; i++)
        rc = row_set(campaign, reader, table, i, err);
    journal_reader_close(reader);
    if (rc)
        table_destroy(table);
    else
        *ret_table = table;
    return rc;
}
