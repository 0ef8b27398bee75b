/* cpu.h - what this CPU can do and how it is doing right now */
#ifndef RUNNER_CPU_H
#define RUNNER_CPU_H

#include <stddef.h>

/* Instruction sets a kernel may need, as bits. */
enum cpu_feature {
    CPU_AVX2 = 1 << 0,     /* AVX2, FMA and F16C */
    CPU_AVX512 = 1 << 1,   /* AVX-512 F, BW, DQ and VL */
    CPU_VNNI = 1 << 2,     /* AVX-512 VNNI */
    CPU_VPOPCNT = 1 << 3,  /* AVX-512 VPOPCNTDQ */
    CPU_NEON = 1 << 4,     /* Advanced SIMD of ARMv8 */
    CPU_DOTPROD = 1 << 5,  /* ARM SDOT and UDOT */
    CPU_AMX_INT8 = 1 << 6, /* tiles, and the system's leave to use them */
    CPU_I8MM = 1 << 7,     /* reported only */
    CPU_FP16 = 1 << 8,     /* half-precision arithmetic of ARMv8.2 */
};
#define CPU_FEATURES 9

/* The instruction sets this CPU and its system offer, as bits. */
unsigned cpu_features(void);

/* The name of one bit: "AVX2", "AVX-512 VNNI", ... */
const char *cpu_feature_name(unsigned feature);

/* The CPU's name as /proc/cpuinfo or the device tree gives it. */
void cpu_name(char *name, size_t size);

/* Cores this process may run on. */
unsigned cpu_cores(void);

/* What `uname -m` says, in an own buffer of 'size' bytes. */
void cpu_arch(char *arch, size_t size);

/* Clock frequency of the first core in Hz; NaN if it cannot be read. */
double cpu_freq_hz(void);

/* Temperature of the CPU in degrees Celsius: the thermal zone whose type
 * names a CPU or package, else the hottest; NaN if there is none. */
double cpu_temp_degc(void);

/* How often the first core, or the board's firmware, has throttled since
 * boot; a flag of "throttled now" counts as one.  NaN if nothing tells. */
double cpu_throttles(void);

/* The first line of a small text file without its newline, cut to 'size';
 * returns 0, or -1 and an empty string if it cannot be read. */
int cpu_read_line(const char *path, char *line, size_t size);

#endif
