/* sensors.c - walks sysfs for sensors, by name and label */
#include "runner/sensors.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/cpu.h"

/* A class of devices in sysfs. */
static const struct bus {
    const char *prefix, *folder; /* of a selector; below 'sys' */
    const char *device;          /* its folders begin so */
    const char *const *values;   /* what a label's channel may be read by */
} buses[] = {
    { "hwmon", "class/hwmon", "hwmon",
      (const char *const[]){ "_input", "_average", NULL } },
    { "iio", "bus/iio/devices", "iio:device",
      (const char *const[]){ "_input", "_raw", NULL } },
};
#define BUSES (sizeof buses / sizeof *buses)

/* Call 'each' for every entry of a folder, in the order of their names. */
static void each_entry(const char *folder,
                       void (*each)(const char *folder, const char *name,
                                    void *arg),
                       void *arg)
{
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.')
            each(folder, names[i]->d_name, arg);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

/* Write a path; one too long becomes the empty path, which no file has. */
__attribute__((format(printf, 2, 3))) static void
join(char to[SENSORS_PATH_MAX], const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(to, SENSORS_PATH_MAX, fmt, ap);
    va_end(ap);
    if (len < 0 || len >= SENSORS_PATH_MAX)
        to[0] = 0;
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static bool ends(const char *text, const char *with)
{
    size_t len = strlen(text), tail = strlen(with);

    return len >= tail && !strcmp(text + len - tail, with);
}

/* A line that is one number and nothing else. */
static int number_of(const char *line, double *ret_value)
{
    char *end;
    double value = strtod(line, &end);

    if (end == line || end[strspn(end, " \t\r")] || !isfinite(value))
        return -1;
    *ret_value = value;
    return 0;
}

int sensors_read(const char *path, double *ret_value)
{
    char line[64];

    return cpu_read_line(path, line, sizeof line) ? -1
                                                  : number_of(line, ret_value);
}

void sensors_let_go(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void sensors_follow(int *fd)
{
    struct stat st;

    if (*fd >= 0 && (fstat(*fd, &st) < 0 || st.st_nlink == 0))
        sensors_let_go(fd);
}

int sensors_read_kept(int *fd, const char *path, double *ret_value)
{
    char line[64];
    ssize_t len = -1;

    if (*fd < 0)
        *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd >= 0)
        len = pread(*fd, line, sizeof line - 1, 0);
    if (len <= 0) {
        sensors_let_go(fd); /* a driver that went may come back */
        return -1;
    }
    line[len] = 0;
    line[strcspn(line, "\n")] = 0;
    return number_of(line, ret_value);
}

/* The channel that a file names: "power1_label" is of "power1", the
 * "rail_name_0" of older Jetsons' INA3221 of "in_power0".  False: no label. */
static bool labelled(const char *name, char stem[64])
{
    if (begins(name, "rail_name_"))
        return snprintf(stem, 64, "in_power%s", name + strlen("rail_name_")) <
               64;
    if (!ends(name, "_label") || strlen(name) >= 64)
        return false;
    memcpy(stem, name, strlen(name) + 1);
    stem[strlen(name) - strlen("_label")] = 0;
    return true;
}

/* The last part of where a link leads; with 'up' the part before.  False if
 * there is none. */
static bool link_part(const char *link, bool up, char part[SENSORS_ADDRESS_MAX])
{
    char target[SENSORS_PATH_MAX], *slash;
    ssize_t len = readlink(link, target, sizeof target - 1);

    if (len <= 0)
        return false;
    target[len] = 0;
    slash = strrchr(target, '/');
    if (up && slash)
        *slash = 0;
    slash = strrchr(target, '/');
    return slash && slash[1] &&
           snprintf(part, SENSORS_ADDRESS_MAX, "%s", slash + 1) <
               SENSORS_ADDRESS_MAX;
}

/* Where a device sits on its bus, which no driver changes from boot to boot:
 * what its `device` link leads to, or what its own folder lies in.  "" if
 * neither says. */
static void address_of(const char *folder, const char *name,
                       char address[SENSORS_ADDRESS_MAX])
{
    char link[SENSORS_PATH_MAX];

    join(link, "%s/%s/device", folder, name);
    if (link_part(link, false, address))
        return;
    join(link, "%s/%s", folder, name);
    if (!link_part(link, true, address))
        address[0] = 0;
}

/* Looking for one device's channel. */
struct search {
    const struct bus *bus;
    const char *device, *channel; /* wanted */
    const char *address;          /* NULL: wherever it sits */
    bool by_label;
    unsigned devices, found; /* so far */
    char path[SENSORS_PATH_MAX];
};

static void match_label(const char *folder, const char *name, void *arg)
{
    struct search *s = arg;
    char path[SENSORS_PATH_MAX], label[128], stem[64];

    join(path, "%s/%s", folder, name);
    if (!labelled(name, stem) || cpu_read_line(path, label, sizeof label) ||
        strcmp(label, s->channel))
        return;
    for (const char *const *v = s->bus->values; *v; v++) {
        join(path, "%s/%s%s", folder, stem, *v);
        if (access(path, R_OK))
            continue;
        s->found++;
        join(s->path, "%s", path);
        return;
    }
}

static void match_device(const char *folder, const char *name, void *arg)
{
    struct search *s = arg;
    char path[SENSORS_PATH_MAX], device[128], address[SENSORS_ADDRESS_MAX];

    join(path, "%s/%s/name", folder, name);
    if (!begins(name, s->bus->device) ||
        cpu_read_line(path, device, sizeof device) || strcmp(device, s->device))
        return;
    address_of(folder, name, address);
    if (s->address && strcmp(address, s->address))
        return;
    s->devices++;
    if (!s->channel)
        return;
    if (s->by_label) {
        join(path, "%s/%s", folder, name);
        each_entry(path, match_label, s);
        return;
    }
    join(path, "%s/%s/%s", folder, name, s->channel);
    if (!access(path, R_OK)) {
        s->found++;
        join(s->path, "%s", path);
    }
}

static int resolve_on(const struct bus *bus, const char *sys,
                      const char *selector, char ret_path[SENSORS_PATH_MAX],
                      struct fail *fail)
{
    const char *rest = selector + strlen(bus->prefix) + 1;
    size_t len = strcspn(rest, ":/");
    char folder[SENSORS_PATH_MAX], device[128], *at;
    struct search s = { .bus = bus,
                        .device = device,
                        .channel = rest + len + 1,
                        .by_label = rest[len] == ':' };

    if (len == 0 || len >= sizeof device || !rest[len] || !rest[len + 1] ||
        strstr(rest, ".."))
        return fail_set(fail, FAIL_USAGE,
                        "sensor '%.80s' is not %s:NAME/FILE or %s:NAME:LABEL",
                        selector, bus->prefix, bus->prefix);
    memcpy(device, rest, len);
    device[len] = 0;
    at = strchr(device, '@');
    if (at) {
        *at = 0;
        s.address = at + 1;
    }
    join(folder, "%s/%s", sys, bus->folder);
    each_entry(folder, match_device, &s);
    if (s.found > 1)
        return fail_set(fail, FAIL_SENSOR,
                        "sensor '%.80s' fits %u channels of %u devices named "
                        "%.40s, say which by %.40s@ADDRESS (`labrunner info`)",
                        selector, s.found, s.devices, device, device);
    if (s.devices == 0)
        return fail_set(fail, FAIL_SENSOR,
                        "sensor '%.80s': no %s device is named %.40s%s%.60s",
                        selector, bus->prefix, device, at ? " at " : "",
                        at ? at + 1 : "");
    if (s.found == 0)
        return fail_set(
            fail, FAIL_SENSOR, "sensor '%.80s': %.40s has no readable %s %.60s",
            selector, device, s.by_label ? "channel" : "file", s.channel);
    memcpy(ret_path, s.path, SENSORS_PATH_MAX);
    return 0;
}

/* A domain of powercap: "rapl:package-0". */
static void match_rapl(const char *folder, const char *name, void *arg)
{
    struct search *s = arg;
    char path[SENSORS_PATH_MAX], label[128];

    join(path, "%s/%s/name", folder, name);
    if (!begins(name, "intel-rapl:") ||
        cpu_read_line(path, label, sizeof label) || strcmp(label, s->device))
        return;
    s->devices++;
    join(path, "%s/%s/energy_uj", folder, name);
    if (access(path, R_OK))
        return;
    s->found++;
    join(s->path, "%s", path);
}

static int resolve_rapl(const char *sys, const char *selector,
                        char ret_path[SENSORS_PATH_MAX], struct fail *fail)
{
    struct search s = { .device = selector + strlen("rapl:") };
    char folder[SENSORS_PATH_MAX];

    join(folder, "%s/class/powercap", sys);
    each_entry(folder, match_rapl, &s);
    if (s.devices == 0)
        return fail_set(fail, FAIL_SENSOR,
                        "sensor '%.80s': no powercap domain is named %.40s",
                        selector, s.device);
    if (s.found != 1)
        return fail_set(fail, FAIL_SENSOR,
                        "sensor '%.80s': %u of %u domains can be read, "
                        "expected one (they are root's on current kernels)",
                        selector, s.found, s.devices);
    memcpy(ret_path, s.path, SENSORS_PATH_MAX);
    return 0;
}

double sensors_range(const char *path)
{
    const char *slash = strrchr(path, '/');
    char sibling[SENSORS_PATH_MAX];
    double range;

    join(sibling, "%.*s/max_energy_range_uj", slash ? (int)(slash - path) : 1,
         slash ? path : ".");
    return sensors_read(sibling, &range) || !(range > 0) ? 0 : range;
}

int sensors_resolve(const char *sys, const char *selector,
                    char ret_path[SENSORS_PATH_MAX], struct fail *fail)
{
    if (begins(selector, "rapl:"))
        return resolve_rapl(sys, selector, ret_path, fail);
    for (size_t i = 0; i < BUSES; i++) {
        size_t len = strlen(buses[i].prefix);

        if (begins(selector, buses[i].prefix) && selector[len] == ':')
            return resolve_on(&buses[i], sys, selector, ret_path, fail);
    }
    if (strlen(selector) >= SENSORS_PATH_MAX)
        return fail_set(fail, FAIL_USAGE, "sensor path is too long");
    if (access(selector, R_OK))
        return fail_set_errno(fail, FAIL_SENSOR, "cannot read sensor %.300s",
                              selector);
    join(ret_path, "%s", selector);
    return 0;
}

/* Listing: the device whose channels are being gone through. */
struct listing {
    struct jout *j;
    const struct bus *bus;
    char device[128], address[SENSORS_ADDRESS_MAX];
    bool alone; /* no other has its name */
};

/* What a channel, the first 'len' bytes of 'name', is called. */
static void put_label(struct jout *j, const char *folder, const char *name,
                      size_t len)
{
    char path[SENSORS_PATH_MAX], label[128];
    bool there;

    join(path, "%s/%.*s_label", folder, (int)len, name);
    there = !cpu_read_line(path, label, sizeof label);
    if (!there && begins(name, "in_power")) {
        join(path, "%s/rail_name_%.*s", folder, (int)(len - strlen("in_power")),
             name + strlen("in_power"));
        there = !cpu_read_line(path, label, sizeof label);
    }
    jout_str(j, "label", there ? label : NULL);
}

static void list_channel(const char *folder, const char *name, void *arg)
{
    static const char *const kinds[] = { "in",     "curr", "power",
                                         "energy", "temp", "in_" };
    struct listing *l = arg;
    char path[SENSORS_PATH_MAX], selector[SENSORS_PATH_MAX];
    const char *value = NULL;
    bool kind = false;

    for (const char *const *v = l->bus->values; *v; v++)
        if (ends(name, *v))
            value = *v;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kind = kind || begins(name, kinds[i]);
    if (!value || !kind)
        return;
    jout_object(l->j, NULL);
    jout_str(l->j, "kind", l->bus->prefix);
    jout_str(l->j, "device", l->device);
    jout_str(l->j, "address", *l->address ? l->address : NULL);
    jout_str(l->j, "channel", name);
    put_label(l->j, folder, name, strlen(name) - strlen(value));
    join(path, "%s/%s", folder, name);
    jout_str(l->j, "path", path);
    join(selector, "%s:%s%s%s/%s", l->bus->prefix, l->device,
         l->alone || !*l->address ? "" : "@", l->alone ? "" : l->address, name);
    jout_str(l->j, "selector", selector);
    jout_end(l->j, '}');
}

static void list_device(const char *folder, const char *name, void *arg)
{
    struct listing *l = arg;
    struct search same = { .bus = l->bus, .device = l->device };
    char path[SENSORS_PATH_MAX];

    join(path, "%s/%s/name", folder, name);
    if (!begins(name, l->bus->device) ||
        cpu_read_line(path, l->device, sizeof l->device))
        return;
    address_of(folder, name, l->address);
    each_entry(folder, match_device, &same);
    l->alone = same.devices == 1;
    join(path, "%s/%s", folder, name);
    each_entry(path, list_channel, l);
}

static void list_rapl(const char *folder, const char *name, void *arg)
{
    struct jout *j = arg;
    char path[SENSORS_PATH_MAX], label[128];

    join(path, "%s/%s/name", folder, name);
    if (!begins(name, "intel-rapl:") ||
        cpu_read_line(path, label, sizeof label))
        return;
    jout_object(j, NULL);
    jout_str(j, "kind", "rapl");
    jout_str(j, "device", name);
    jout_str(j, "channel", "energy_uj");
    jout_str(j, "label", label);
    join(path, "%s/%s/energy_uj", folder, name);
    jout_str(j, "path", path);
    jout_bool(j, "readable", !access(path, R_OK));
    join(path, "rapl:%s", label);
    jout_str(j, "selector", path);
    jout_end(j, '}');
}

void sensors_list(const char *sys, struct jout *j)
{
    char folder[SENSORS_PATH_MAX];

    for (size_t i = 0; i < BUSES; i++) {
        struct listing l = { .j = j, .bus = &buses[i] };

        join(folder, "%s/%s", sys, buses[i].folder);
        each_entry(folder, list_device, &l);
    }
    join(folder, "%s/class/powercap", sys);
    each_entry(folder, list_rapl, j);
}
