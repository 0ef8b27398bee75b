/* boards_leases.c - a row a lease */
#include "orchestrator/cmd/boards_leases.h"

#include <stdio.h>
#include <string.h>

#include "orchestrator/cmd/boards_trust.h"
#include "workers/lane_lease.h"
#include "workers/lease_show.h"

static void show(const struct invocation *inv, const char *place,
                 const struct lease_list *list, const struct lease *lease,
                 struct json_value *rows)
{
    struct json_value *row = json_new_object();
    int64_t left = lease_left_s(list, lease);
    struct buf who = { 0 };

    json_set_string(row, "place", place);
    json_set_string(row, "board", lease->board);
    json_set_bool(row, "held", left > 0);
    json_set_i64(row, "left_s", left);
    json_set_string(row, "owner", lease->owner);
    json_set_string(row, "host", lease->host);
    json_set_string(row, "campaign", lease->campaign);
    json_set_string(row, "reason", lease->reason);
    json_set_i64(row, "group", lease->group);
    json_set_bool(row, "mode_changed", lease->mode_changed);
    json_set_string(row, "mode_before", lease->mode);
    json_push(rows, row);
    lease_describe(lease, &who);
    if (!options_has(inv->options, "json"))
        printf("%-20s %-20s %-8s %6lld s  %s%s%s%s\n", place, lease->board,
               left > 0 ? "held" : "EXPIRED", (long long)(left > 0 ? left : 0),
               buf_text(&who), lease->mode_changed ? "; op mode was '" : "",
               lease->mode, lease->mode_changed ? "'" : "");
    buf_free(&who);
}

static int show_place(const struct invocation *inv, const char *place,
                      const char *driver, const struct transport_target *target,
                      const char *dir, struct json_value *rows)
{
    struct transport *transport;
    struct lease_list list = { 0 };
    struct lease lease;
    struct err why;
    int rc = transport_open(driver, target, &transport, &why);

    if (!rc) {
        rc = lease_show(transport, dir, &list, &why);
        transport_close(transport);
    }
    if (rc)
        fprintf(stderr, "labsweep boards: %s: %s\n", place, why.text);
    while (!rc && lease_list_next(&list, &lease))
        show(inv, place, &list, &lease, rows);
    buf_free(&list.text);
    return rc ? 1 : 0;
}

static int show_board(const struct invocation *inv, const struct board *board,
                      struct json_value *rows)
{
    const struct transport_target target = lane_target(board, 0);

    return show_place(inv, board->name, board->transport, &target,
                      board->lease_dir, rows);
}

int boards_leases(const struct invocation *inv,
                  const struct inventory *inventory, struct err *err)
{
    const struct transport_target nobody = { 0 };
    struct json_value *rows = json_new_array();
    int worst = 0, rc;

    for (size_t i = 0; i < inventory->boards_len; i++) {
        const struct board *board = &inventory->boards[i];

        if ((!strcmp(board->transport, "ssh") ||
             !strcmp(board->transport, "local")) &&
            boards_chosen(inv, board))
            worst |= show_board(inv, board, rows);
    }
    if (options_count(inv->options) < 2 && inventory->lease_host)
        worst |= show_board(inv, inventory->lease_host, rows);
    else if (options_count(inv->options) < 2)
        worst |= show_place(inv, "this machine", "local", &nobody,
                            lane_lease_host_dir(), rows);
    if (!options_has(inv->options, "json")) {
        json_value_destroy(rows);
        return worst;
    }
    rc = command_print_json(inv, rows, err);
    return rc ? rc : worst;
}
