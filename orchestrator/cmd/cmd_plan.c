/* cmd_plan.c - what would run, what is na and why, how long it will take */
#include <stdio.h>

#include "core/clock.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/sched/plan.h"

static struct json_value *total_to_json(const struct plan_total *total)
{
    struct json_value *row = json_new_object();

    json_set_string(row, "platform", total->platform);
    json_set_string(row, "op_mode", total->op_mode);
    json_set_i64(row, "cells", (int64_t)total->cells);
    if (total->na_reason)
        json_set_string(row, "na_reason", total->na_reason);
    else
        json_set_f64(row, "expected_s", total->expected_s);
    json_set_i64(row, "boards", (int64_t)total->boards);
    return row;
}

static int plan_print_json(const struct invocation *inv, struct plan *plan,
                           struct err *err)
{
    struct json_value *value = json_new_object(), *rows = json_new_array();
    struct plan_total total;
    size_t na = 0;

    for (size_t i = 0; plan_total_at(plan, i, &total); i++) {
        na += total.na_reason ? total.cells : 0;
        json_push(rows, total_to_json(&total));
    }
    json_set_i64(value, "cells", (int64_t)(plan_cells(plan) - na));
    json_set_i64(value, "na", (int64_t)na);
    json_set_f64(value, "expected_s", plan_makespan_s(plan));
    json_set(value, "totals", rows);
    return command_print_json(inv, value, err);
}

static void plan_print(struct plan *plan)
{
    struct plan_total total;
    char text[32];
    size_t na = 0;

    printf("%-24s %-10s %8s %8s  %s\n", "platform", "op mode", "cells",
           "boards", "time, or why not");
    for (size_t i = 0; plan_total_at(plan, i, &total); i++) {
        clock_format_duration(total.expected_s, text);
        na += total.na_reason ? total.cells : 0;
        printf("%-24s %-10s %8zu %8zu  %s%s\n", total.platform, total.op_mode,
               total.cells, total.boards, total.na_reason ? "na: " : "",
               total.na_reason ? total.na_reason : text);
    }
    clock_format_duration(plan_makespan_s(plan), text);
    printf("%zu cells to run in about %s, %zu na", plan_cells(plan) - na, text,
           na);
    if (plan_merged(plan))
        printf(", %zu that stood there twice", plan_merged(plan));
    if (plan_excluded(plan))
        printf(", %zu excluded", plan_excluded(plan));
    printf("\n");
}

static void plan_print_cells(const struct plan *plan)
{
    size_t axes_len;
    const struct axis *axes = plan_axes(plan, &axes_len);
    const uint32_t *order = plan_order(plan);

    for (size_t i = 0; i < plan_cells(plan); i++) {
        struct buf label = { 0 };
        char hex[OP_POINT_ID_HEX];
        struct op_point point;
        struct plan_cell cell;

        plan_cell(plan, order[i], &cell);
        plan_cell_point(plan, order[i], &point);
        op_point_label(axes, axes_len, &point, &label);
        printf("%s  %s%s%s\n", op_point_id_format(cell.id, hex),
               buf_text(&label), cell.na_reason ? "  na: " : "",
               cell.na_reason ? cell.na_reason : "");
        buf_free(&label);
    }
}

static int plan_exec(const struct invocation *inv, struct err *err)
{
    const char *inventory = options_text(inv->options, "inventory", NULL);
    struct documents documents = { 0 };
    struct plan *plan = NULL;
    int rc;

    if (!inventory)
        return err_set(err, ERR_USAGE, "name the lab with -i INVENTORY");
    rc = documents_load(options_arg(inv->options, 0), inventory, &documents,
                        err);
    if (!rc)
        rc = plan_create(documents.experiment, documents.inventory, &plan, err);
    if (!rc && options_has(inv->options, "json"))
        rc = plan_print_json(inv, plan, err);
    else if (!rc && options_has(inv->options, "cells"))
        plan_print_cells(plan);
    else if (!rc)
        plan_print(plan);
    plan_destroy(plan);
    documents_close(&documents);
    return rc;
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "the lab's boards and platforms" },
    { "cells", 'c', NULL, "list every cell with its id, in order" },
    { 0 },
};

const struct command cmd_plan = {
    .name = "plan",
    .args = "EXPERIMENT",
    .help = "show what would run, what is na and why, how long it will take",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = plan_exec,
};
