/* cpu.c - asks the CPU, /proc and /sys about the processor */
#include "runner/cpu.h"

#include <ctype.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define PI_THROTTLED "/sys/devices/platform/soc/soc:firmware/get_throttled"

const char *cpu_feature_name(unsigned feature)
{
    static const char *const names[CPU_FEATURES] = {
        "AVX2",
        "AVX-512",
        "AVX-512 VNNI",
        "AVX-512 VPOPCNTDQ",
        "NEON",
        "ARM dot product",
        "AMX-INT8",
        "ARM I8MM",
        "FP16 arithmetic",
    };

    for (unsigned i = 0; i < CPU_FEATURES; i++)
        if (feature == 1u << i)
            return names[i];
    return "an unknown feature";
}

#if defined(__x86_64__)
#define ARCH_REQ_XCOMP_PERM 0x1023 /* arch_prctl(2) */
#define XFEATURE_XTILEDATA  18

/* Leaf 7 names AMX; Linux wants to be asked before its first use (kernel
 * documentation, x86/xstate), and children inherit the leave. */
static unsigned amx_bit(void)
{
    unsigned a, b, c, d;

    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 0;
    if (!(d >> 24 & 1) || !(d >> 25 & 1))
        return 0;
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA)
               ? 0
               : CPU_AMX_INT8;
}

unsigned cpu_features(void)
{
    unsigned bits = amx_bit();

    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c"))
        bits |= CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        bits |= CPU_AVX512;
    if (__builtin_cpu_supports("avx512vnni"))
        bits |= CPU_VNNI;
    if (__builtin_cpu_supports("avx512vpopcntdq"))
        bits |= CPU_VPOPCNT;
    return bits;
}
#elif defined(__aarch64__)
/* Bits of the kernel's asm/hwcap.h, by number so that old headers do. */
unsigned cpu_features(void)
{
    unsigned long cap = getauxval(AT_HWCAP), cap2 = getauxval(AT_HWCAP2);
    unsigned bits = 0;

    if (cap >> 1 & 1)
        bits |= CPU_NEON;
    if (cap >> 20 & 1)
        bits |= CPU_DOTPROD;
    if (cap >> 10 & 1)
        bits |= CPU_FP16;
    if (cap2 >> 13 & 1)
        bits |= CPU_I8MM;
    return bits;
}
#else
unsigned cpu_features(void)
{
    return 0;
}
#endif

int cpu_read_line(const char *path, char *line, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got;

    line[0] = 0;
    if (fd < 0)
        return -1;
    got = read(fd, line, size - 1);
    close(fd);
    if (got <= 0) {
        line[0] = 0;
        return -1;
    }
    line[got] = 0;
    line[strcspn(line, "\n")] = 0;
    return 0;
}

/* Copy the value of a "key : value" line of /proc/cpuinfo. */
static int cpuinfo_value(const char *key, char *value, size_t size)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    char line[512];
    int rc = -1;

    if (!f)
        return -1;
    while (rc && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');

        if (strncmp(line, key, strlen(key)) || !colon)
            continue;
        for (colon++; isspace((unsigned char)*colon); colon++)
            ;
        colon[strcspn(colon, "\n")] = 0;
        snprintf(value, size, "%s", colon);
        rc = 0;
    }
    fclose(f);
    return rc;
}

void cpu_name(char *name, size_t size)
{
    char model[128], part[64];

    if (!cpuinfo_value("model name", name, size))
        return;
    if (!cpuinfo_value("CPU part", part, sizeof part)) {
        if (cpu_read_line("/proc/device-tree/model", model, sizeof model))
            model[0] = 0;
        snprintf(name, size, "ARM part %s%s%s", part, model[0] ? ", " : "",
                 model);
        return;
    }
    snprintf(name, size, "unknown");
}

unsigned cpu_cores(void)
{
    cpu_set_t set;

    if (!sched_getaffinity(0, sizeof set, &set) && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    return 1;
}

void cpu_arch(char *arch, size_t size)
{
    struct utsname u;

    snprintf(arch, size, "%s", uname(&u) < 0 ? "unknown" : u.machine);
}

static double read_scaled(const char *path, double scale)
{
    char line[64], *end;
    double value;

    if (cpu_read_line(path, line, sizeof line))
        return NAN;
    value = strtod(line, &end);
    return end == line ? NAN : value * scale;
}

double cpu_freq_hz(void)
{
    char value[64];
    double hz = read_scaled(
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", 1e3);

    if (isnan(hz) && !cpuinfo_value("cpu MHz", value, sizeof value))
        hz = strtod(value, NULL) * 1e6;
    return hz > 0 ? hz : NAN;
}

double cpu_temp_degc(void)
{
    double hottest = NAN;
    char path[96], type[64];

    for (unsigned i = 0; i < 64; i++) {
        double t;

        snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%u/type",
                 i);
        if (cpu_read_line(path, type, sizeof type))
            break;
        snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%u/temp",
                 i);
        t = read_scaled(path, 1e-3);
        if (isnan(t))
            continue;
        if (strcasestr(type, "cpu") || strcasestr(type, "pkg"))
            return t;
        if (isnan(hottest) || t > hottest)
            hottest = t;
    }
    return hottest;
}

double cpu_throttles(void)
{
    static const char *const counters[] = {
        "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count",
        "/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count",
    };
    char line[32];
    double sum = NAN;

    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        double count = read_scaled(counters[i], 1);

        if (!isnan(count))
            sum = (isnan(sum) ? 0 : sum) + count;
    }
    /* Raspberry Pi: bits 0 to 3 say what holds the clock down now */
    if (isnan(sum) && !cpu_read_line(PI_THROTTLED, line, sizeof line))
        sum = (strtoul(line, NULL, 16) & 15) != 0;
    return sum;
}
