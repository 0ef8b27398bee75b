/* cmd_info.c - `labrunner info`: what board this is, one JSON line */
#include "runner/command.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runner/cpu.h"
#include "runner/jout.h"
#include "runner/kernels/kernel.h"
#include "runner/run_json.h"
#include "runner/sensors.h"

#define CPU_SYS "/sys/devices/system/cpu/cpu0/"

/* A small file's first line as a string field, null if it is not there. */
static void put_line(struct jout *j, const char *key, const char *path)
{
    char line[256];

    jout_str(j, key, cpu_read_line(path, line, sizeof line) ? NULL : line);
}

/* A file's number times 'scale', null if it is not there. */
static void put_number(struct jout *j, const char *key, const char *path,
                       double scale)
{
    double value;

    jout_f64(j, key, sensors_read(path, &value) ? (double)NAN : value * scale);
}

static void put_caches(struct jout *j)
{
    char path[128], line[64];

    jout_array(j, "caches");
    for (unsigned i = 0; i < 16; i++) {
        double level, kib;

        snprintf(path, sizeof path, CPU_SYS "cache/index%u/level", i);
        if (sensors_read(path, &level))
            break;
        jout_object(j, NULL);
        jout_f64(j, "level", level);
        snprintf(path, sizeof path, CPU_SYS "cache/index%u/type", i);
        put_line(j, "type", path);
        snprintf(path, sizeof path, CPU_SYS "cache/index%u/size", i);
        if (cpu_read_line(path, line, sizeof line) ||
            sscanf(line, "%lfK", &kib) != 1)
            kib = NAN;
        jout_f64(j, "bytes", kib * 1024);
        snprintf(path, sizeof path, CPU_SYS "cache/index%u/shared_cpu_list", i);
        put_line(j, "shared_with", path);
        jout_end(j, '}');
    }
    jout_end(j, ']');
}

static void put_cpu(struct jout *j)
{
    unsigned features = cpu_features();
    char text[160];

    cpu_arch(text, sizeof text);
    jout_str(j, "arch", text);
    cpu_name(text, sizeof text);
    jout_str(j, "cpu", text);
    jout_i64(j, "cores", cpu_cores());
    jout_i64(j, "cores_online", sysconf(_SC_NPROCESSORS_ONLN));
    jout_array(j, "features");
    for (unsigned i = 0; i < CPU_FEATURES; i++)
        if (features >> i & 1)
            jout_str(j, NULL, cpu_feature_name(1u << i));
    jout_end(j, ']');
    put_caches(j);
    put_line(j, "governor", CPU_SYS "cpufreq/scaling_governor");
    jout_f64(j, "freq_hz", cpu_freq_hz());
    put_number(j, "freq_min_hz", CPU_SYS "cpufreq/cpuinfo_min_freq", 1e3);
    put_number(j, "freq_max_hz", CPU_SYS "cpufreq/cpuinfo_max_freq", 1e3);
}

static void put_temperatures(struct jout *j)
{
    char path[96];
    double milli;

    jout_array(j, "temperatures");
    for (unsigned i = 0; i < 64; i++) {
        snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%u/temp",
                 i);
        if (access(path, F_OK))
            break;
        jout_object(j, NULL);
        jout_f64(j, "degc",
                 sensors_read(path, &milli) ? (double)NAN : milli * 1e-3);
        snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%u/type",
                 i);
        put_line(j, "type", path);
        jout_end(j, '}');
    }
    jout_end(j, ']');
}

static void put_memory(struct jout *j)
{
    static const struct {
        const char *line, *key;
    } rows[] = { { "MemTotal", "mem_total_bytes" },
                 { "MemAvailable", "mem_available_bytes" } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        FILE *f = fopen("/proc/meminfo", "re");
        double kib = NAN, value;
        char line[128];

        while (f && fgets(line, sizeof line, f))
            if (!strncmp(line, rows[i].line, strlen(rows[i].line)) &&
                sscanf(line + strlen(rows[i].line), ":%lf", &value) == 1)
                kib = value;
        if (f)
            fclose(f);
        jout_f64(j, rows[i].key, kib * 1024);
    }
}

/* Seconds since boot: the first of two numbers. */
static void put_uptime(struct jout *j)
{
    char line[64];
    double s;

    if (cpu_read_line("/proc/uptime", line, sizeof line) ||
        sscanf(line, "%lf", &s) != 1)
        s = NAN;
    jout_f64(j, "uptime_s", s);
}

static void put_system(struct jout *j)
{
    struct utsname u;
    char host[256];

    if (uname(&u) < 0)
        memset(&u, 0, sizeof u);
    jout_str(j, "kernel", u.release);
    jout_str(j, "kernel_build", u.version);
    jout_str(j, "hostname", gethostname(host, sizeof host) < 0 ? NULL : host);
    put_line(j, "board", "/proc/device-tree/model");
    put_line(j, "board_serial", "/proc/device-tree/serial-number");
    put_line(j, "dmi_vendor", "/sys/class/dmi/id/sys_vendor");
    put_line(j, "dmi_product", "/sys/class/dmi/id/product_name");
    put_line(j, "dmi_serial", "/sys/class/dmi/id/product_serial");
    put_line(j, "machine_id", "/etc/machine-id");
    put_line(j, "boot_id", "/proc/sys/kernel/random/boot_id");
    put_uptime(j);
}

/* Which vendors' tools that print power are on the board's PATH. */
static void put_power_tools(struct jout *j)
{
    static const char *const tools[] = { "nvidia-smi", "tegrastats", "xmutil" };
    const char *path = getenv("PATH");

    jout_array(j, "power_tools");
    for (size_t i = 0; path && i < sizeof tools / sizeof *tools; i++)
        for (const char *dir = path; dir; dir = strchr(dir, ':')) {
            char file[512];
            int len;

            dir += *dir == ':';
            len = (int)strcspn(dir, ":");
            snprintf(file, sizeof file, "%.*s/%s", len, dir, tools[i]);
            if (len && !access(file, X_OK)) {
                jout_str(j, NULL, tools[i]);
                break;
            }
        }
    jout_end(j, ']');
}

static void put_kernels(struct jout *j)
{
    unsigned features = cpu_features();
    const struct kernel *k;

    jout_array(j, "kernels");
    for (size_t i = 0; (k = kernel_at(i)); i++) {
        jout_object(j, NULL);
        jout_str(j, "name", k->name);
        jout_str(j, "precision", precision_name(k->precision));
        jout_bool(j, "usable", !(k->features & ~features));
        jout_end(j, '}');
    }
    jout_end(j, ']');
}

struct info_options {
    const char *sys;
    bool help;
};

/* clang-format off */
const struct option info_option_table[] = {
    { "sysfs", OPTION_TEXT, offsetof(struct info_options, sys), 0, 0, "DIR",
      "where sensors are looked up (/sys)" },
    { "help", OPTION_FLAG, offsetof(struct info_options, help), 0, 0, NULL,
      "print this" },
    { 0 },
};
/* clang-format on */

int exec_info(int argc, char **argv, struct fail *fail)
{
    struct info_options o = { .sys = "/sys" };
    struct jout j = { 0 };
    char own[SHA256_HEX];

    if (options_take(info_option_table, argc, argv, &o, NULL, fail))
        return -1;
    if (o.help) {
        command_print(command_named("info"));
        return 0;
    }
    run_json_own_sha256(own);
    jout_object(&j, NULL);
    jout_str(&j, "schema", "labrunner-info/1");
    jout_str(&j, "runner", LABSWEEP_VERSION);
    jout_str(&j, "runner_sha256", own[0] ? own : NULL);
    put_cpu(&j);
    put_temperatures(&j);
    put_memory(&j);
    put_system(&j);
    put_kernels(&j);
    put_power_tools(&j);
    jout_array(&j, "sensors");
    sensors_list(o.sys, &j);
    jout_end(&j, ']');
    jout_end(&j, '}');
    return jout_flush(&j, STDOUT_FILENO, fail);
}
