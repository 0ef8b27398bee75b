/* cmd_meters.c - the drivers there are, and calibration of a board's meter */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inventory/documents.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/meters_calibrate.h"
#include "workers/meter/meter.h"

static int list(const struct invocation *inv, struct err *err)
{
    struct json_value *rows = json_new_array();
    bool json = options_has(inv->options, "json");

    for (size_t i = 0; meter_driver_name(i); i++) {
        const char *name = meter_driver_name(i);
        struct json_value *row = json_new_object();

        json_set_string(row, "driver", name);
        json_set_string(row, "help", meter_driver_help(i));
        json_set_bool(row, "on_board", meter_driver_on_board(name));
        json_set_f64(row, "period_s", meter_driver_period_s(name));
        json_push(rows, row);
        if (!json)
            printf("%-8s %-9s %6g s  %s\n", name,
                   meter_driver_on_board(name) ? "on board" : "by worker",
                   meter_driver_period_s(name), meter_driver_help(i));
    }
    if (json)
        return command_print_json(inv, rows, err);
    json_value_destroy(rows);
    return 0;
}

static int calibrate(const struct invocation *inv, struct err *err)
{
    const char *path = options_text(inv->options, "inventory", NULL);
    struct documents documents = { 0 };
    int rc;

    if (!path)
        return err_set(err, ERR_USAGE, "name the lab with -i INVENTORY");
    documents.texts = texts_create();
    if (!documents.texts)
        return err_set(err, ERR_NOMEM, "no memory for the inventory");
    rc = inventory_load(documents.texts, path, &documents.inventory, err);
    if (!rc)
        rc = meters_calibrate(inv, documents.inventory, err);
    documents_close(&documents);
    return rc;
}

static int meters_exec(const struct invocation *inv, struct err *err)
{
    const char *word = options_arg(inv->options, 0);

    if (!strcmp(word, "list"))
        return list(inv, err);
    if (!strcmp(word, "calibrate"))
        return calibrate(inv, err);
    return err_set(err, ERR_USAGE, "found '%s', expected 'list' or 'calibrate'",
                   word);
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "the lab's boards and platforms" },
    { "reference", 'r', "METER", "a meter of the board that is right" },
    { "load", 'l', "POWER", "a known load now on it, such as \"5 W\"" },
    { "points", 'p', "N", "loads to be set one after the other (1)" },
    { "seconds", 's', "N", "how long each is read (10)" },
    { "certificate", 'c', "TEXT", "what it is calibrated by" },
    { 0 },
};

const struct command cmd_meters = {
    .name = "meters",
    .args = "list|calibrate [BOARD METER]",
    .help = "the meters there are, and gain and offset of one",
    .doc = "calibrate reads METER of BOARD beside --reference, or under one "
           "or more known\n--load, fits gain and offset, and prints the "
           "\"calibration\" for the inventory.\nWith one load only the gain "
           "is fitted.  With --points it waits for Enter between\nloads.",
    .args_min = 1,
    .args_max = 3,
    .options = options,
    .exec = meters_exec,
};
