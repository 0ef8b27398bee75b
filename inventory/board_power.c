/* board_power.c - how a board's power is turned off and on */
#include <string.h>

#include "inventory/board_parts.h"

static const struct board_meter *meter_named(const struct board *board,
                                             const char *name)
{
    for (size_t i = 0; i < board->meters_len; i++)
        if (!strcmp(board->meters[i].name, name))
            return &board->meters[i];
    return NULL;
}

int board_read_power_cycle(const struct board_fold *fold, const struct json *at,
                           struct board *board, struct err *err)
{
    static const char *const keys[] = { "meter",   "off",    "boot",
                                        "per_day", "ledger", NULL };
    struct json meter = json_get(at, "meter"), off = json_get(at, "off");
    struct json boot = json_get(at, "boot"), cap = json_get(at, "per_day");
    struct json ledger = json_get(at, "ledger");
    struct board_power_cycle *p = &board->power_cycle;
    int rc;

    *p = (struct board_power_cycle){ .off_s = 5,
                                     .boot_s = 60,
                                     .per_day = 3,
                                     .ledger = "/var/tmp/labsweep-power" };
    if (!json_there(at))
        return 0;
    rc = json_check_keys(at, keys, err);
    if (!rc)
        rc = json_expect(&meter, JSON_STRING, err);
    if (!rc)
        rc = board_text(fold, &meter, &p->meter, err);
    if (!rc && !meter_named(board, p->meter))
        rc = json_fail(&meter, err, "the board has no meter '%s'", p->meter);
    if (!rc)
        rc = json_opt_quantity(&off, "s", &p->off_s, err);
    if (!rc && !(p->off_s >= 0 && p->off_s <= 600))
        rc = json_fail(&off, err, "expected from 0 s to 10 min");
    if (!rc)
        rc = json_opt_quantity(&boot, "s", &p->boot_s, err);
    if (!rc && !(p->boot_s >= 0 && p->boot_s <= 3600))
        rc = json_fail(&boot, err, "expected from 0 s to 1 h");
    if (!rc)
        rc = board_path(fold, &ledger, &p->ledger, err);
    return rc ? rc : json_opt_i64(&cap, 0, 50, &p->per_day, err);
}
