/* h5_cells.c - a row a cell of the plan, pending ones included */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/archive/cell_rows.h"
#include "orchestrator/archive/h5_archive.h"
#include "orchestrator/archive/h5_table.h"
#include "orchestrator/sched/plan.h"

/* The table and where its columns stand. */
struct cells {
    struct h5_archive *archive;
    const struct plan *plan;
    struct journal_reader *reader;
    struct h5_table *table;
    const struct axis *axes;
    size_t axes_len;
    size_t axis_at[AXES_MAX];
    struct h5_map cell_map, attempt_map, power_map;
    size_t sys_offset, sys_length, comp_offset, comp_length;
    size_t power_offset, power_length;
};

static int axes_add(struct cells *cells, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < cells->axes_len; i++) {
        const struct axis *axis = &cells->axes[i];

        rc = h5_table_add(cells->table, axis->name, cell_axis_type(axis),
                          cell_axis_unit(axis), axis->help ? axis->help : "",
                          &cells->axis_at[i], err);
    }
    return rc;
}

static int spans_add(struct cells *cells, struct err *err)
{
    const struct {
        const char *name, *help;
        size_t *at;
    } spans[] = {
        { "lat_sys_offset", "first sample in /latency_sys, counted from 0",
          &cells->sys_offset },
        { "lat_sys_length", "samples in /latency_sys", &cells->sys_length },
        { "lat_comp_offset", "first sample in /latency_comp, counted from 0",
          &cells->comp_offset },
        { "lat_comp_length", "samples in /latency_comp", &cells->comp_length },
        { "power_offset",
          "first sample of the primary meter in /power, counted from 0",
          &cells->power_offset },
        { "power_length", "samples of the primary meter in /power",
          &cells->power_length },
    };
    int rc = 0;

    for (size_t i = 0; !rc && i < sizeof(spans) / sizeof(spans[0]); i++)
        rc = h5_table_add(cells->table, spans[i].name, COLUMN_I64, "",
                          spans[i].help, spans[i].at, err);
    return rc;
}

/* The scale first, then the axes, so that they are what a reader sees. */
static int cells_open(struct cells *cells, struct err *err)
{
    struct h5_archive *archive = cells->archive;
    const struct column *cell = columns_find(&columns_cells, "cell");
    int rc = h5_table_create(archive->file, "cells",
                             campaign_cells(archive->campaign), archive->labels,
                             &cells->table, err);

    if (!rc)
        rc = h5_table_add(cells->table, cell->name, cell->type, cell->unit,
                          cell->help, NULL, err);
    if (!rc)
        rc = axes_add(cells, err);
    if (!rc)
        rc = h5_table_add_all(cells->table, &columns_cells, true,
                              &cells->cell_map, err);
    /* an axis "board" and the attempt's board share a column */
    if (!rc)
        rc = h5_table_add_all(cells->table, &columns_attempts, false,
                              &cells->attempt_map, err);
    if (!rc)
        rc = h5_table_add_all(cells->table, &columns_power_runs, false,
                              &cells->power_map, err);
    if (!rc)
        rc = spans_add(cells, err);
    return rc ? rc
              : journal_reader_open(campaign_dir(archive->campaign),
                                    &cells->reader, err);
}

static int axes_set(struct cells *cells, size_t row, struct err *err)
{
    struct op_point point;
    int rc = 0;

    plan_cell_point(cells->plan, row, &point);
    for (size_t i = 0; !rc && i < cells->axes_len; i++) {
        const struct op_value *value = &point.at[i];
        size_t at = cells->axis_at[i];

        if (!value->there)
            continue;
        if (cells->axes[i].type == AXIS_TEXT)
            rc = h5_table_set_text(cells->table, at, value->text, err);
        else if (cells->axes[i].type == AXIS_F64)
            h5_table_set_f64(cells->table, at, value->f64);
        else
            h5_table_set_i64(cells->table, at, value->i64);
    }
    return rc;
}

static int accepted_set(struct cells *cells, const struct result *result,
                        struct err *err)
{
    const struct power_row *primary = cell_primary(result);
    int rc = h5_table_set_row(cells->table, &cells->attempt_map,
                              &result->attempt, err);
    const struct column *board = columns_find(&columns_attempts, "board");
    size_t at;

    if (!rc)
        rc = h5_table_add(cells->table, "board", COLUMN_TEXT, "", "", &at, err);
    if (!rc)
        rc = h5_table_set_text(cells->table, at,
                               columns_text(board, &result->attempt), err);
    if (!rc && primary)
        rc = h5_table_set_row(cells->table, &cells->power_map, primary, err);
    return rc;
}

static void spans_set(struct cells *cells, size_t row)
{
    const struct h5_accepted *at = &cells->archive->accepted[row];

    h5_table_set_i64(cells->table, cells->sys_offset, at->lat_sys.offset);
    h5_table_set_i64(cells->table, cells->sys_length, at->lat_sys.length);
    h5_table_set_i64(cells->table, cells->comp_offset, at->lat_comp.offset);
    h5_table_set_i64(cells->table, cells->comp_length, at->lat_comp.length);
    h5_table_set_i64(cells->table, cells->power_offset, at->power.offset);
    h5_table_set_i64(cells->table, cells->power_length, at->power.length);
}

static int cell_write(struct cells *cells, size_t i, struct err *err)
{
    const struct campaign *campaign = cells->archive->campaign;
    struct result result;
    struct cell_row row;
    int rc = cell_row_make(campaign, cells->reader, i, &row, &result, err);

    if (rc)
        return rc;
    row.attempt_row = cells->archive->accepted[i].attempt_row;
    rc = axes_set(cells, i, err);
    if (!rc && campaign_cell(campaign, i)->accepted)
        rc = accepted_set(cells, &result, err);
    if (!rc)
        rc = h5_table_set_row(cells->table, &cells->cell_map, &row, err);
    if (!rc) {
        spans_set(cells, i);
        rc = h5_table_next(cells->table, err);
    }
    result_free(&result);
    return rc;
}

int h5_cells_write(struct h5_archive *archive, struct err *err)
{
    struct cells cells = { .archive = archive,
                           .plan = campaign_plan(archive->campaign) };
    int rc;

    cells.axes = plan_axes(cells.plan, &cells.axes_len);
    rc = cells_open(&cells, err);
    for (size_t i = 0; !rc && i < campaign_cells(archive->campaign); i++)
        rc = cell_write(&cells, i, err);
    if (!rc)
        rc = h5_table_finish(cells.table, "cell", err);
    h5_table_destroy(cells.table);
    journal_reader_close(cells.reader);
    return rc;
}
