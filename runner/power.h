/* power.h - samples sensor files on absolute deadlines, as binary records
 *
 * Stream, little endian: a head of 16 bytes "LSPW", u32 version (1), u32
 * sources, u32 reserved (0); then records of i64 t_mono_ns, i64 t_unix_ns,
 * u32 flags (bit 0: late), u32 valid (bit i: source i was read), and one f64
 * a source, scaled; NaN where it was not read.
 */
#ifndef RUNNER_POWER_H
#define RUNNER_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/options.h"
#include "runner/sensors.h"

#define POWER_SOURCES_MAX 32
#define POWER_HEAD_BYTES  16
#define POWER_LATE        1u

struct power_source {
    char label[64], path[SENSORS_PATH_MAX];
    double scale; /* to W, J, V or A */
    char unit;    /* 'W', 'J', 'V' or 'A' */
};

/* The rows of `labrunner power`. */
extern const struct option power_option_table[];

/* Parse "label=L,path=P,scale=X,unit=W" and find its file; scale is 1 if
 * not said.  Returns 0, or -1: FAIL_USAGE, FAIL_SENSOR. */
int power_source_parse(const char *text, const char *sys,
                       struct power_source *ret_source, struct fail *fail);

/* Read all sources once into a record of power_record_bytes(count). */
void power_sample(const struct power_source *sources, size_t count, bool late,
                  uint8_t *ret_record);

/* Bytes of a record with 'count' sources. */
size_t power_record_bytes(size_t count);

/* Write the head and then a record every period to 'out', until 'in' ends or
 * SIGTERM or SIGINT comes; a reader too slow makes records late, never
 * wrong.  Returns 0, or -1: FAIL_OUTPUT. */
int power_stream(const struct power_source *sources, size_t count,
                 int64_t period_ns, int in, int out, struct fail *fail);

#endif
