/* boards_power.c - power-cycle by hand */
#include "orchestrator/cmd/boards_power.h"

#include <stdio.h>

#include "orchestrator/cmd/boards_check.h"
#include "workers/board_sensors.h"
#include "workers/power_cycle.h"

static void tell(const struct invocation *inv, const struct board *board,
                 int rc, const struct err *why, struct json_value *rows)
{
    struct json_value *row = json_new_object();
    int count = power_cycle_count(board);

    json_set_string(row, "board", board->name);
    json_set_bool(row, "cycled", !rc);
    json_set_i64(row, "cycles_in_24_h", count);
    if (rc)
        json_set_string(row, "reason", why->text);
    json_push(rows, row);
    if (options_has(inv->options, "json"))
        return;
    if (rc)
        printf("%-20s not cycled: %s\n", board->name, why->text);
    else
        printf("%-20s cycled, %d in 24 hours, %.3g s to start\n", board->name,
               count, board->power_cycle.boot_s);
}

/* What other machines did stands on the board, if it answers. */
static void learn_of_others(const struct invocation *inv,
                            const struct inventory *inventory,
                            const struct board *board)
{
    struct texts *texts = texts_create();
    struct experiment *experiment = NULL;
    struct lane_setup setup =
        boards_visit(inv, NULL, inventory, board, "power-cycle");

    if (board->power_cycle.meter &&
        !boards_experiment(texts, &experiment, NULL)) {
        setup.experiment = experiment;
        board_sensors_share_cycles(&setup);
    }
    experiment_destroy(experiment);
    texts_destroy(texts);
}

int boards_power_cycle(const struct invocation *inv,
                       const struct inventory *inventory, struct err *err)
{
    struct json_value *rows = json_new_array();
    int worst = 0;

    for (size_t i = 1; options_arg(inv->options, i); i++) {
        const char *name = options_arg(inv->options, i);
        const struct board *board = inventory_board(inventory, name);
        struct err why = { 0 };
        int rc;

        if (!board) {
            json_value_destroy(rows);
            return err_set(err, ERR_USAGE, "the inventory has no board '%s'",
                           name);
        }
        learn_of_others(inv, inventory, board);
        rc = power_cycle(board, options_has(inv->options, "yes"), &why);
        tell(inv, board, rc, &why, rows);
        worst = rc ? 1 : worst;
    }
    if (options_count(inv->options) < 2) {
        json_value_destroy(rows);
        return err_set(err, ERR_USAGE, "name the boards to power-cycle");
    }
    if (options_has(inv->options, "json"))
        return command_print_json(inv, rows, err) ? ERR_NOMEM : worst;
    json_value_destroy(rows);
    return worst;
}
