/* boards_discover.c - platform facts and sensors, as an inventory says them */
#include "orchestrator/cmd/boards_discover.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "inventory/documents.h"
#include "orchestrator/cmd/boards_check.h"
#include "workers/board_sensors.h"

/* An inventory of one board that nobody described yet. */
static int stranger(const char *host, const char *project_dir,
                    struct documents *docs, struct err *err)
{
    const char *at = strrchr(host, '@'), *name = at ? at + 1 : host;
    const char *colon = strchr(name, ':');
    struct json_value *root = json_new_object(), *board = json_new_object();
    struct json_value *boards = json_new_array();
    struct json_value *platforms = json_new_object();
    struct json_value *platform = json_new_object();
    struct buf text = { 0 }, word = { 0 };
    int64_t port = 0;
    int rc = 0;

    buf_put(&word, name, colon ? (size_t)(colon - name) : strlen(name));
    if (colon && (!text_to_i64(colon + 1, &port) || port < 1 || port > 65535))
        rc = err_set(err, ERR_USAGE, "'%s': expected HOST, USER@HOST:PORT",
                     host);
    json_set_string(board, "name", buf_text(&word));
    json_set_string(board, "host", buf_text(&word));
    json_set_string(board, "platform", "unknown");
    if (port)
        json_set_i64(board, "port", port);
    buf_clear(&word);
    buf_put(&word, host, at ? (size_t)(at - host) : 0);
    if (at)
        json_set_string(board, "user", buf_text(&word));
    buf_clear(&word);
    buf_printf(&word, "%s/inventory/adapters/command.json", project_dir);
    json_set_string(board, "adapter", buf_text(&word));
    json_push(boards, board);
    json_set_string(platform, "type", "CPU");
    json_set_string(platform, "engine", "batched");
    json_set(platforms, "unknown", platform);
    json_set_string(root, "lab", "discovered");
    json_set(root, "platforms", platforms);
    json_set(root, "boards", boards);
    if (!rc)
        rc = json_print(root, false, &text, err);
    if (!rc)
        rc = texts_add(docs->texts, "inventory", "discovered", ".",
                       buf_text(&text), text.len, err);
    if (!rc)
        rc = inventory_load(docs->texts, NULL, &docs->inventory, err);
    json_value_destroy(root);
    buf_free(&text);
    buf_free(&word);
    return rc;
}

/* ---- the proposal */

static const char *text_at(const struct json *root, const char *key)
{
    struct json at = json_get(root, key);
    const char *text = "";

    return json_kind(&at) == JSON_STRING && !json_string(&at, &text, NULL)
               ? text
               : "";
}

/* Channels that tell power by themselves, and the voltage and current pairs
 * of an INA3221 (in1_input with curr1_input). */
enum channel {
    CHANNEL_NONE,
    CHANNEL_POWER_UW,
    CHANNEL_POWER_MW,
    CHANNEL_VOLTS,
    CHANNEL_ENERGY,
};

static enum channel channel_of(const struct json *sensor)
{
    const char *kind = text_at(sensor, "kind");
    const char *channel = text_at(sensor, "channel");

    if (!strcmp(kind, "rapl"))
        return !strncmp(text_at(sensor, "label"), "package", 7) ||
                       !strcmp(text_at(sensor, "label"), "dram")
                   ? CHANNEL_ENERGY
                   : CHANNEL_NONE;
    if (!strcmp(kind, "iio") && !strncmp(channel, "in_power", 8))
        return CHANNEL_POWER_MW;
    if (strcmp(kind, "hwmon") != 0)
        return CHANNEL_NONE;
    if (!strncmp(channel, "power", 5))
        return CHANNEL_POWER_UW;
    return !strcmp(text_at(sensor, "device"), "ina3221") &&
                   !strncmp(channel, "in", 2)
               ? CHANNEL_VOLTS
               : CHANNEL_NONE;
}

static void add_source(struct json_value *sources, const char *path,
                       const char *quantity, const char *unit,
                       const char *label)
{
    struct json_value *source = json_new_object();

    json_set_string(source, "path", path);
    json_set_string(source, "quantity", quantity);
    json_set_string(source, "unit", unit);
    if (*label)
        json_set_string(source, "label", label);
    json_push(sources, source);
}

/* The currents of a voltage's number. */
static void add_pair(struct json_value *sources, const struct json *sensor)
{
    const char *path = text_at(sensor, "selector");
    const char *in = strstr(path, "/in");
    char current[256];

    if (!in)
        return;
    snprintf(current, sizeof(current), "%.*s/curr%s", (int)(in - path), path,
             in + 3);
    add_source(sources, path, "voltage", "mV", text_at(sensor, "label"));
    add_source(sources, current, "current", "mA", text_at(sensor, "label"));
}

static void add_meter(struct json_value *meters, const struct json *sensor,
                      enum channel channel)
{
    static const char *const units[] = { "", "uW", "mW", "", "uJ" };
    struct json_value *meter = json_new_object(), *sources = json_new_array();
    const char *label = text_at(sensor, "label");
    bool whole = !strcmp(label, "VDD_IN") || !strcmp(label, "POM_5V_IN");
    char name[160];

    snprintf(name, sizeof(name), "%s-%s", text_at(sensor, "device"),
             *label ? label : text_at(sensor, "channel"));
    json_set_string(meter, "name", name);
    json_set_string(meter, "driver",
                    channel == CHANNEL_ENERGY ? "rapl" : "file");
    json_set_string(meter, "scope",
                    channel == CHANNEL_ENERGY ? "package"
                    : whole                   ? "module"
                                              : "rail");
    if (channel == CHANNEL_VOLTS)
        add_pair(sources, sensor);
    else
        add_source(sources, text_at(sensor, "selector"),
                   channel == CHANNEL_ENERGY ? "energy" : "power",
                   units[channel], label);
    json_set(meter, "sources", sources);
    json_push(meters, meter);
}

/* One primary: the whole module's if there is one, else the first. */
static struct json_value *meters_of(const struct json *info, size_t *ret_count)
{
    struct json sensors = json_get(info, "sensors");
    struct json_value *meters = json_new_array();
    size_t i = 0;

    *ret_count = 0;
    for (struct json s = json_first(&sensors); json_there(&s);
         s = json_next(&sensors, &s, ++i)) {
        enum channel channel = channel_of(&s);
        struct json readable = json_get(&s, "readable");
        bool can = true;

        json_opt_bool(&readable, &can, NULL);
        if (channel == CHANNEL_NONE || !can)
            continue;
        add_meter(meters, &s, channel);
        ++*ret_count;
    }
    return meters;
}

static struct json_value *propose(const struct board *board,
                                  const struct json *info)
{
    static const struct {
        const char *pin, *keys[2];
    } pins[] = {
        { "serial", { "board_serial", "dmi_serial" } },
        { "device_tree", { "board", NULL } },
        { "machine_id", { "machine_id", NULL } },
    };
    struct json_value *entry = json_new_object(), *pin = json_new_object();
    struct json_value *meters;
    size_t count;

    json_set_string(entry, "name", board->name);
    json_set_string(entry, "platform", board->platform->name);
    json_set_string(entry, "host", board->host ? board->host : board->name);
    if (board->port)
        json_set_i64(entry, "port", board->port);
    if (board->user)
        json_set_string(entry, "user", board->user);
    json_set_string(entry, "adapter", "labrunner");
    for (size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++) {
        const char *text = text_at(info, pins[i].keys[0]);

        if (!*text && pins[i].keys[1])
            text = text_at(info, pins[i].keys[1]);
        if (*text)
            json_set_string(pin, pins[i].pin, text);
    }
    json_set(entry, "identity", pin);
    meters = meters_of(info, &count);
    if (count)
        json_set(entry, "meters", meters);
    else
        json_value_destroy(meters);
    return entry;
}

/* ---- the visits */

static int discover(const struct invocation *inv,
                    const struct inventory *inventory,
                    const struct board *board, struct json_value *rows,
                    struct err *err)
{
    struct texts *texts = texts_create();
    struct experiment *experiment = NULL;
    struct lane_setup setup = { .inventory = inventory,
                                .board = board,
                                .bin_dir = inv->bin_dir,
                                .project_dir = inv->project_dir,
                                .worker_name = "discover",
                                .restore_mode = "" };
    struct json_doc *info = NULL;
    struct json_value *row;
    struct json root;
    int rc = boards_experiment(texts, &experiment, err);

    setup.experiment = experiment;
    if (!rc)
        rc = board_sensors_discover(&setup, &info, err);
    if (!rc) {
        root = json_root(info);
        row = json_new_object();
        json_set(row, "entry", propose(board, &root));
        json_set(row, "info", json_copy(&root));
        json_push(rows, row);
    }
    json_doc_destroy(info);
    experiment_destroy(experiment);
    texts_destroy(texts);
    return rc;
}

static int visit(const struct invocation *inv,
                 const struct inventory *inventory, const char *word,
                 struct json_value *rows, struct err *err)
{
    const struct board *board =
        inventory ? inventory_board(inventory, word) : NULL;
    struct documents docs = { 0 };
    int rc = 0;

    if (board)
        return discover(inv, inventory, board, rows, err);
    docs.texts = texts_create();
    if (!docs.texts)
        return err_set(err, ERR_NOMEM, "no memory for an inventory");
    rc = stranger(word, inv->project_dir, &docs, err);
    if (!rc)
        rc = discover(inv, docs.inventory, &docs.inventory->boards[0], rows,
                      err);
    documents_close(&docs);
    return rc;
}

/* The entries alone, ready to be pasted into "boards". */
static int print_entries(const struct json_value *rows, struct err *err)
{
    struct json_doc *doc = NULL;
    struct buf text = { 0 };
    struct json root;
    size_t i = 0;
    int rc = json_print(rows, false, &text, err);

    if (!rc)
        rc = json_doc_parse(text.data, text.len, "entries", &doc, err);
    buf_clear(&text);
    if (!rc)
        root = json_root(doc);
    for (struct json r = rc ? (struct json){ 0 } : json_first(&root);
         !rc && json_there(&r); r = json_next(&root, &r, ++i)) {
        struct json at = json_get(&r, "entry");
        struct json_value *entry = json_copy(&at);

        buf_clear(&text);
        rc = json_print(entry, true, &text, err);
        printf("%s\n", buf_text(&text));
        json_value_destroy(entry);
    }
    json_doc_destroy(doc);
    buf_free(&text);
    return rc;
}

int boards_discover(const struct invocation *inv,
                    const struct inventory *inventory, struct err *err)
{
    struct json_value *rows = json_new_array();
    int rc = 0;

    if (options_count(inv->options) < 2)
        rc = err_set(err, ERR_USAGE, "name a board or a host to discover");
    for (size_t i = 1; !rc && options_arg(inv->options, i); i++)
        rc = visit(inv, inventory, options_arg(inv->options, i), rows, err);
    if (!rc && options_has(inv->options, "json"))
        return command_print_json(inv, rows, err);
    if (!rc)
        rc = print_entries(rows, err);
    json_value_destroy(rows);
    return rc;
}
