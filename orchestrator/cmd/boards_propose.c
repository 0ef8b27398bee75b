/* boards_propose.c - channels of sensors become meters */
#include "orchestrator/cmd/boards_propose.h"

#include <stdio.h>
#include <string.h>

#include "core/vec.h"

#define PLACE_MAX 600

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

/* How many channels of that kind, device and label there are. */
static size_t count_labels(const struct proposal *p, const struct json *sensor)
{
    static const char *const keys[] = { "kind", "device", "label" };
    size_t n = 0, i = 0;

    for (struct json s = json_first(&p->sensors); json_there(&s);
         s = json_next(&p->sensors, &s, ++i)) {
        bool same = true;

        for (size_t k = 0; k < ARRAY_LEN(keys); k++)
            same =
                same && !strcmp(text_at(&s, keys[k]), text_at(sensor, keys[k]));
        n += same;
    }
    return n;
}

/* By the device's name and the file; where several devices are called so, by
 * name and label, or by where the device sits; by its path where nothing tells
 * them apart (false). */
static bool place_of(const struct proposal *p, const struct json *sensor,
                     char place[PLACE_MAX])
{
    const char *selector = text_at(sensor, "selector");
    const char *label = text_at(sensor, "label");

    bool known = count(p, "selector", selector) == 1;

    if (strchr(selector, '@') || !known) {
        if (*label && count_labels(p, sensor) == 1 &&
            channel_of(sensor) != CHANNEL_VOLTS) {
            snprintf(place, PLACE_MAX, "%s:%s:%s", text_at(sensor, "kind"),
                     text_at(sensor, "device"), label);
            return true;
        }
    }
    snprintf(place, PLACE_MAX, "%s",
             known ? selector : text_at(sensor, "path"));
    return known;
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
                       char amps[PLACE_MAX])
{
    const char *in = strrchr(volts, '/');

    if (!in || strncmp(in, "/in", 3) != 0)
        return false;
    snprintf(amps, PLACE_MAX, "%.*s/curr%s", (int)(in - volts), volts, in + 3);
    return count(p, "selector", amps) == 1 || count(p, "path", amps) == 1;
}

/* How much of the board a meter sees, most first. */
static int rank_of(enum channel channel, const char *label)
{
    static const char *const whole[] = { "VDD_IN", "POM_5V_IN" };

    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        if (!strcmp(label, whole[i]))
            return 3;
    return channel == CHANNEL_ENERGY && strcmp(label, "dram") != 0 ? 2 : 1;
}

static void add_sources(const struct proposal *p, const struct json *sensor,
                        enum channel channel, struct json_value *sources)
{
    static const char *const units[] = { "", "uW", "mW", "mV", "uJ" };
    const char *label = text_at(sensor, "label");
    char place[PLACE_MAX], amps[PLACE_MAX];

    place_of(p, sensor, place);
    if (channel == CHANNEL_VOLTS) {
        add_source(sources, place, "voltage", units[channel], label);
        current_of(p, place, amps);
        add_source(sources, amps, "current", "mA", label);
    } else {
        add_source(sources, place,
                   channel == CHANNEL_ENERGY ? "energy" : "power",
                   units[channel], label);
    }
}

/* A meter of that name; the caller adds what it reads.  The first of the
 * highest rank is primary. */
static struct json_value *add_meter(struct proposal *p, const char *name,
                                    const char *driver, const char *scope,
                                    int rank)
{
    struct json_value *meter = json_new_object();

    json_set_string(meter, "name", name);
    json_set_string(meter, "driver", driver);
    json_set_string(meter, "scope", scope);
    json_push(p->meters, meter);
    if (rank > p->rank) {
        p->rank = rank;
        p->primary = meter;
    }
    p->len++;
    return meter;
}

static void add_channel(struct proposal *p, const struct json *sensor,
                        enum channel channel)
{
    struct json_value *meter, *sources = json_new_array();
    const char *label = text_at(sensor, "label");
    bool is_energy = channel == CHANNEL_ENERGY;
    int rank = rank_of(channel, label);
    char name[160], place[PLACE_MAX];

    snprintf(name, sizeof(name), "%s-%s", text_at(sensor, "device"),
             *label ? label : text_at(sensor, "channel"));
    if (!place_of(p, sensor, place))
        snprintf(name + strlen(name), sizeof(name) - strlen(name), "-%zu",
                 p->len + 1);
    else if (strchr(place, '@'))
        snprintf(name + strlen(name), sizeof(name) - strlen(name), "-%s",
                 text_at(sensor, "address"));
    meter = add_meter(p, name, is_energy ? "rapl" : "file",
                      is_energy   ? "package"
                      : rank == 3 ? "module"
                                  : "rail",
                      rank);
    add_sources(p, sensor, channel, sources);
    json_set(meter, "sources", sources);
}

static bool is_readable(const struct json *sensor)
{
    struct json at = json_get(sensor, "readable");
    bool can = true;

    json_opt_bool(&at, &can, NULL);
    return can;
}

/* Whether a sensor can be a meter of its own, or a part of one. */
static enum channel usable(const struct proposal *p, const struct json *sensor)
{
    enum channel channel = channel_of(sensor);
    char place[PLACE_MAX], amps[PLACE_MAX];

    place_of(p, sensor, place);
    return !is_readable(sensor) ||
                   (channel == CHANNEL_VOLTS && !current_of(p, place, amps))
               ? CHANNEL_NONE
               : channel;
}

static void add_channels(struct proposal *p)
{
    size_t i = 0;

    for (struct json s = json_first(&p->sensors); json_there(&s);
         s = json_next(&p->sensors, &s, ++i)) {
        enum channel channel = usable(p, &s);

        if (channel != CHANNEL_NONE)
            add_channel(p, &s, channel);
    }
}

/* Rails that together are a module's input: AGX Orin's, AGX Xavier's. */
#define RAILS_MAX 6
static const char *const modules[][RAILS_MAX + 1] = {
    { "VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0", NULL },
    { "GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V", NULL },
};

/* One meter that sums such rails, where all of them are there, once each. */
static void add_sum(struct proposal *p, const char *const *rails)
{
    struct json_value *sources = json_new_array();
    size_t wanted = 0, found = 0;

    for (; rails[wanted]; wanted++) {
        size_t i = 0;

        for (struct json s = json_first(&p->sensors); json_there(&s);
             s = json_next(&p->sensors, &s, ++i)) {
            enum channel channel = usable(p, &s);

            if (channel == CHANNEL_NONE || channel == CHANNEL_ENERGY ||
                strcmp(text_at(&s, "label"), rails[wanted]) != 0)
                continue;
            add_sources(p, &s, channel, sources);
            found++;
        }
    }
    if (found == wanted && wanted)
        json_set(add_meter(p, "module", "file", "module", 3), "sources",
                 sources);
    else
        json_value_destroy(sources);
}

static bool has_tool(const struct json *info, const char *name)
{
    struct json tools = json_get(info, "power_tools");
    const char *text;
    size_t i = 0;

    for (struct json t = json_first(&tools); json_there(&t);
         t = json_next(&tools, &t, ++i))
        if (!json_string(&t, &text, NULL) && !strcmp(text, name))
            return true;
    return false;
}

static void add_tool(struct proposal *p, const char *tool)
{
    struct json_value *options = json_new_object();

    json_set_string(options, "tool", tool);
    json_set(add_meter(p, tool, "lines", "module", 3), "options", options);
}

/* What prints power: a card's, which no file tells (a Jetson's nvidia-smi
 * knows none); a module's where no sensor file was found. */
static void add_tools(struct proposal *p, const struct json *info)
{
    bool is_jetson = has_tool(info, "tegrastats");

    if (has_tool(info, "nvidia-smi") && !is_jetson)
        add_tool(p, "nvidia-smi");
    else if (is_jetson && !p->len)
        add_tool(p, "tegrastats");
    else if (has_tool(info, "xmutil") && !p->len)
        add_tool(p, "platformstats");
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
    add_channels(&p);
    for (size_t i = 0; i < ARRAY_LEN(modules); i++)
        add_sum(&p, modules[i]);
    add_tools(&p, info);
    json_set_bool(p.primary, "primary", true);
    if (p.len)
        json_set(entry, "meters", p.meters);
    else
        json_value_destroy(p.meters);
    return entry;
}
