/* boards_propose.c - channels of sensors become meters */
#include "orchestrator/cmd/boards_propose.h"

#include <stdio.h>
#include <string.h>

#include "core/vec.h"

static const char *text_at(const struct json *root, const char *key)
{
    struct json at = json_get(root, key);
    const char *text = "";

    return json_kind(&at) == JSON_STRING && !json_string(&at, &text, NULL)
               ? text
               : "";
}

/* What tells power by itself, or with a channel of its number. */
enum channel {
    CHANNEL_NONE,
    CHANNEL_POWER_UW,
    CHANNEL_POWER_MW,
    CHANNEL_VOLTS, /* of an INA3221: in1_input with curr1_input */
    CHANNEL_ENERGY,
};

static enum channel channel_of(const struct json *sensor)
{
    const char *kind = text_at(sensor, "kind");
    const char *channel = text_at(sensor, "channel");
    const char *label = text_at(sensor, "label");

    if (!strcmp(kind, "rapl")) /* what lies inside a package is counted there */
        return !strncmp(label, "package", 7) || !strcmp(label, "dram")
                   ? CHANNEL_ENERGY
                   : CHANNEL_NONE;
    if (!strcmp(kind, "iio"))
        return strncmp(channel, "in_power", 8) ? CHANNEL_NONE
                                               : CHANNEL_POWER_MW;
    if (!strncmp(channel, "power", 5))
        return CHANNEL_POWER_UW;
    return !strcmp(text_at(sensor, "device"), "ina3221") &&
                   !strncmp(channel, "in", 2)
               ? CHANNEL_VOLTS
               : CHANNEL_NONE;
}

/* The entry as it grows. */
struct proposal {
    struct json sensors; /* of the info */
    struct json_value *meters;
    struct json_value *primary; /* one of them */
    size_t len;
    int rank; /* of the primary */
};

/* How many sensors a key of the same text is of. */
static size_t count(const struct proposal *p, const char *key, const char *text)
{
    size_t n = 0, i = 0;

    for (struct json s = json_first(&p->sensors); json_there(&s);
         s = json_next(&p->sensors, &s, ++i))
        n += !strcmp(text_at(&s, key), text);
    return n;
}

/* By name, unless two have it. */
static const char *place_of(const struct proposal *p, const struct json *sensor)
{
    const char *selector = text_at(sensor, "selector");

    return count(p, "selector", selector) == 1 ? selector
                                               : text_at(sensor, "path");
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

/* The current of a voltage's number: its path, false if there is none (an
 * INA3221 sums shunts as in4 to in7). */
static bool current_of(const struct proposal *p, const char *volts,
                       char amps[256])
{
    const char *in = strrchr(volts, '/');

    if (!in || strncmp(in, "/in", 3) != 0)
        return false;
    snprintf(amps, 256, "%.*s/curr%s", (int)(in - volts), volts, in + 3);
    return count(p, "selector", amps) == 1 || count(p, "path", amps) == 1;
}

/* How much of the board a meter sees, most first. */
static int rank_of(enum channel channel, const char *label)
{
    static const char *const whole[] = { "VDD_IN", "POM_5V_IN", "VIN_SYS_5V0" };

    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        if (!strcmp(label, whole[i]))
            return 3;
    return channel == CHANNEL_ENERGY && strcmp(label, "dram") != 0 ? 2 : 1;
}

static struct json_value *sources_of(const struct proposal *p,
                                     const struct json *sensor,
                                     enum channel channel)
{
    static const char *const units[] = { "", "uW", "mW", "mV", "uJ" };
    struct json_value *sources = json_new_array();
    const char *place = place_of(p, sensor), *label = text_at(sensor, "label");
    char amps[256];

    if (channel == CHANNEL_VOLTS) {
        add_source(sources, place, "voltage", units[channel], label);
        current_of(p, place, amps);
        add_source(sources, amps, "current", "mA", label);
    } else {
        add_source(sources, place,
                   channel == CHANNEL_ENERGY ? "energy" : "power",
                   units[channel], label);
    }
    return sources;
}

static void add_meter(struct proposal *p, const struct json *sensor,
                      enum channel channel)
{
    struct json_value *meter = json_new_object();
    const char *label = text_at(sensor, "label");
    int rank = rank_of(channel, label);
    char name[160];

    snprintf(name, sizeof(name), "%s-%s", text_at(sensor, "device"),
             *label ? label : text_at(sensor, "channel"));
    if (count(p, "selector", text_at(sensor, "selector")) > 1)
        snprintf(name + strlen(name), sizeof(name) - strlen(name), "-%zu",
                 p->len + 1);
    json_set_string(meter, "name", name);
    json_set_string(meter, "driver",
                    channel == CHANNEL_ENERGY ? "rapl" : "file");
    json_set_string(meter, "scope",
                    channel == CHANNEL_ENERGY ? "package"
                    : rank == 3               ? "module"
                                              : "rail");
    json_set(meter, "sources", sources_of(p, sensor, channel));
    json_push(p->meters, meter);
    if (rank > p->rank) {
        p->rank = rank;
        p->primary = meter;
    }
    p->len++;
}

static bool is_readable(const struct json *sensor)
{
    struct json at = json_get(sensor, "readable");
    bool can = true;

    json_opt_bool(&at, &can, NULL);
    return can;
}

static void add_meters(struct proposal *p)
{
    char amps[256];
    size_t i = 0;

    for (struct json s = json_first(&p->sensors); json_there(&s);
         s = json_next(&p->sensors, &s, ++i)) {
        enum channel channel = channel_of(&s);

        if (channel != CHANNEL_NONE && is_readable(&s) &&
            (channel != CHANNEL_VOLTS || current_of(p, place_of(p, &s), amps)))
            add_meter(p, &s, channel);
    }
}

static struct json_value *pins_of(const struct json *info)
{
    static const struct {
        const char *pin, *keys[2];
    } pins[] = {
        { "serial", { "board_serial", "dmi_serial" } },
        { "device_tree", { "board", NULL } },
        { "machine_id", { "machine_id", NULL } },
    };
    struct json_value *pin = json_new_object();

    for (size_t i = 0; i < ARRAY_LEN(pins); i++) {
        const char *text = text_at(info, pins[i].keys[0]);

        if (!*text && pins[i].keys[1])
            text = text_at(info, pins[i].keys[1]);
        if (*text)
            json_set_string(pin, pins[i].pin, text);
    }
    return pin;
}

struct json_value *boards_propose(const struct board *board,
                                  const struct json *info)
{
    struct json_value *entry = json_new_object();
    struct proposal p = { .sensors = json_get(info, "sensors"),
                          .meters = json_new_array() };

    json_set_string(entry, "name", board->name);
    json_set_string(entry, "platform", board->platform->name);
    json_set_string(entry, "host", board->host ? board->host : board->name);
    if (board->port)
        json_set_i64(entry, "port", board->port);
    if (board->user)
        json_set_string(entry, "user", board->user);
    if (board->key)
        json_set_string(entry, "key", board->key);
    if (board->jump)
        json_set_string(entry, "jump", board->jump);
    if (strcmp(board->transport, "ssh") != 0)
        json_set_string(entry, "transport", board->transport);
    if (strcmp(board->sysfs, "/sys") != 0)
        json_set_string(entry, "sysfs", board->sysfs);
    json_set_string(entry, "adapter", "labrunner");
    json_set(entry, "identity", pins_of(info));
    add_meters(&p);
    json_set_bool(p.primary, "primary", true);
    if (p.len)
        json_set(entry, "meters", p.meters);
    else
        json_value_destroy(p.meters);
    return entry;
}
