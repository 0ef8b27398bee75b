/* cmd_plan.c - what would run, what is na and why, how long it will take */
#include <stdio.h>

#include "core/clock.h"
#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/cmd/amendment.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/plan_forecast.h"
#include "orchestrator/sched/plan.h"
#include "workers/collect/collect.h"
#include "workers/meter/meter.h"

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

static int plan_print_json(const struct invocation *inv,
                           const struct plan *plan,
                           const struct plan_forecast *forecast,
                           struct err *err)
{
    struct json_value *value = json_new_object(), *rows = json_new_array();
    struct plan_total total;
    size_t na = 0, boardless = 0;

    for (size_t i = 0; plan_total_at(plan, i, &total); i++) {
        na += total.na_reason ? total.cells : 0;
        boardless += plan_reason_wants_board(total.na_reason) ? total.cells : 0;
        json_push(rows, total_to_json(&total));
    }
    json_set_i64(value, "cells", (int64_t)(plan_cells(plan) - na));
    json_set_i64(value, "na", (int64_t)na);
    json_set_i64(value, "boardless", (int64_t)boardless);
    json_set_f64(value, "expected_s", forecast->total_s);
    json_set_i64(value, "cells_learnt", (int64_t)forecast->learnt);
    json_set_i64(value, "boards_emulated", (int64_t)plan_boards_emulated(plan));
    json_set(value, "totals", rows);
    return command_print_json(inv, value, err);
}

static void plan_print(const struct plan *plan,
                       const struct plan_forecast *forecast)
{
    struct plan_total total;
    char text[32];
    size_t na = 0, boardless = 0;

    printf("%-24s %-10s %8s %8s  %s\n", "platform", "op mode", "cells",
           "boards", "time, or why not");
    for (size_t i = 0; plan_total_at(plan, i, &total); i++) {
        bool wanted = plan_reason_wants_board(total.na_reason);

        clock_format_duration(total.expected_s, text);
        na += total.na_reason ? total.cells : 0;
        boardless += wanted ? total.cells : 0;
        printf("%-24s %-10s %8zu %8zu  %s%s\n", total.platform, total.op_mode,
               total.cells, total.boards,
               total.na_reason && !wanted ? "na: " : "",
               total.na_reason ? total.na_reason : text);
    }
    clock_format_duration(forecast->total_s, text);
    printf("%zu cells to run in about %s, %zu na", plan_cells(plan) - na, text,
           na - boardless);
    if (boardless)
        printf(", %zu without a board", boardless);
    if (plan_merged(plan))
        printf(", %zu that stood there twice", plan_merged(plan));
    if (plan_excluded(plan))
        printf(", %zu excluded", plan_excluded(plan));
    printf("\n");
    if (forecast->learnt)
        printf("the times of %zu of them are from --history\n",
               forecast->learnt);
    if (plan_boards_emulated(plan))
        printf("%zu of %zu boards are emulated: what they yield is no "
               "measurement\n",
               plan_boards_emulated(plan), plan_boards(plan));
}

/* "ID  LABEL  na: REASON", with 'sign' before it, and the time that
 * --history says unless that is 0. */
static void cell_print(const struct plan *plan, size_t row, const char *sign,
                       double learnt_s)
{
    size_t axes_len;
    const struct axis *axes = plan_axes(plan, &axes_len);
    struct buf label = { 0 };
    char hex[OP_POINT_ID_HEX];
    struct op_point point;
    struct plan_cell cell;

    plan_cell(plan, row, &cell);
    plan_cell_point(plan, row, &point);
    op_point_label(axes, axes_len, &point, &label);
    printf("%s%s  %s%s%s", sign, op_point_id_format(cell.id, hex),
           buf_text(&label), cell.na_reason ? "  na: " : "",
           cell.na_reason ? cell.na_reason : "");
    if (learnt_s > 0 && !cell.na_reason)
        printf("  %.3g s", learnt_s);
    printf("\n");
    buf_free(&label);
}

static void plan_print_cells(const struct plan *plan,
                             const struct plan_forecast *forecast)
{
    const uint32_t *order = plan_order(plan);

    for (size_t i = 0; i < plan_cells(plan); i++)
        cell_print(plan, order[i], "", (double)forecast->expected_s[order[i]]);
}

/* How row 'i' of an amended plan differs: '+' new, '-' retired, '!' to be
 * run now, '~' na now, or a blank. */
static char diff_sign(const struct plan *before, const struct plan *after,
                      const struct plan_change *change, size_t i,
                      size_t *retired)
{
    if (i >= plan_cells(before))
        return '+';
    if (*retired < change->retired_len && change->retired[*retired] == i) {
        ++*retired;
        return '-';
    }
    if (plan_cell_na(before, i) == plan_cell_na(after, i))
        return ' ';
    return plan_cell_na(after, i) ? '~' : '!';
}

static int diff_print(const struct invocation *inv,
                      const struct campaign *campaign,
                      const struct amendment *amendment, struct err *err)
{
    const struct plan_change *change = &amendment->change;
    const struct plan *before = campaign_plan(campaign);
    bool cells = options_has(inv->options, "cells");
    struct json_value *value;
    size_t retired = 0;
    char text[160];

    if (options_has(inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", campaign_dir(campaign));
        json_set_i64(value, "kept", (int64_t)change->kept);
        json_set_i64(value, "added", (int64_t)change->added);
        json_set_i64(value, "retired", (int64_t)change->retired_len);
        json_set_i64(value, "opened", (int64_t)change->opened);
        json_set_i64(value, "closed", (int64_t)change->closed);
        return command_print_json(inv, value, err);
    }
    for (size_t i = 0; cells && i < plan_cells(amendment->plan); i++) {
        char sign[] = { diff_sign(before, amendment->plan, change, i, &retired),
                        ' ', 0 };

        if (*sign != ' ')
            cell_print(amendment->plan, i, sign, 0);
    }
    printf("%s: %s\n", campaign_dir(campaign), amendment_say(amendment, text));
    return 0;
}

static int plan_new(const struct invocation *inv, struct err *err)
{
    const char *experiment = options_arg(inv->options, 0);
    const char *inventory = options_text(inv->options, "inventory", NULL);
    struct plan_forecast forecast = { .expected_s = NULL };
    struct documents documents = { 0 };
    struct plan *plan = NULL;
    int rc;

    if (!experiment)
        return err_set(err, ERR_USAGE, "name an experiment");
    if (!inventory)
        return err_set(err, ERR_USAGE, "name the lab with -i INVENTORY");
    rc = documents_load(experiment, inventory, &documents, err);
    if (!rc)
        rc = collect_check_inventory(documents.inventory, err);
    if (!rc)
        rc = meter_check_all(documents.inventory, err);
    if (!rc)
        rc = plan_create(documents.experiment, documents.inventory, &plan, err);
    if (!rc)
        rc = plan_forecast(inv->options, &documents, plan, &forecast, err);
    if (!rc && options_has(inv->options, "json"))
        rc = plan_print_json(inv, plan, &forecast, err);
    else if (!rc && options_has(inv->options, "cells"))
        plan_print_cells(plan, &forecast);
    else if (!rc)
        plan_print(plan, &forecast);
    plan_forecast_free(&forecast);
    plan_destroy(plan);
    documents_close(&documents);
    return rc;
}

/* What `resume -e -i` would make of a campaign. */
static int plan_diff(const struct invocation *inv, const char *dir,
                     struct err *err)
{
    struct campaign *campaign = NULL;
    struct amendment amendment = { 0 };
    int rc = campaign_replay(dir, false, &campaign, err);

    if (!rc)
        rc = amendment_make(campaign, options_arg(inv->options, 0),
                            options_text(inv->options, "inventory", NULL),
                            &amendment, err);
    if (!rc)
        rc = diff_print(inv, campaign, &amendment, err);
    amendment_free(&amendment);
    campaign_destroy(campaign);
    return rc;
}

static int plan_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_text(inv->options, "diff", NULL);

    return dir ? plan_diff(inv, dir, err) : plan_new(inv, err);
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "the lab's boards and platforms" },
    { "cells", 'c', NULL, "list every cell with its id, in order" },
    { "history", 0, "ARCHIVE", "learn from it how long cells take" },
    { "diff", 'd', "CAMPAIGN", "what `resume -e -i` would change there" },
    { 0 },
};

const struct command cmd_plan = {
    .name = "plan",
    .args = "[EXPERIMENT]",
    .help = "show what would run, what is na and why, how long it will take",
    .doc = "With --diff, what is not named (EXPERIMENT or -i) stays as the "
           "campaign has it;\n--cells lists each cell that changes.",
    .args_min = 0,
    .args_max = 1,
    .options = options,
    .exec = plan_exec,
};
