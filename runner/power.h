/* power.h - samples sensor files on absolute deadlines, as binary records
 *
 * Stream, little endian: a head of 16 bytes "LSPW", u32 version (1), u32
 * sources, u32 reserved (0); then records of i64 t_mono_ns, i64 t_unix_ns,
 * u32 flags (bit 0: late), u32 valid (bit i: source i was read), and one f64
 * a source, scaled; NaN where it was not read.
 */
#ifndef RUNNER_POWER_H
#define RUNNER_POWER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/options.h"
#include "runner/sensors.h"

#define POWER_SOURCES_MAX 32
#define POWER_HEAD_BYTES  16
#define POWER_LATE        1u
#define POWER_FLUSH_NS    50000000 /* records wait no longer */

struct power_source {
    char label[64], path[SENSORS_PATH_MAX];
    int fd;           /* of the file, kept; -1: not open */
    bool pattern;     /* 'path' is one, of a line (lines.h) */
    double scale;     /* to W, J, V or A */
    char unit;        /* 'W', 'J', 'V' or 'A' */
    double range;     /* of a counter that wraps, unscaled; 0: it does not */
    double last, all; /* of such a counter: as read, and unwrapped */
};

/* The rows of `labrunner power`. */
extern const struct option power_option_table[];

/* Parse "label=L,scale=X,unit=W,path=P" and find its file; scale is 1 if
 * not said.  "pattern=P" instead of a path stands last and may hold commas.
 * Returns 0, or -1: FAIL_USAGE, FAIL_SENSOR. */
int power_source_parse(const char *text, const char *sys,
                       struct power_source *ret_source, struct fail *fail);

/* Read all sources once into a record of power_record_bytes(count).
 * Counters that wrap are unwrapped here: a fall is a turn of their range. */
void power_sample(struct power_source *sources, size_t count, bool late,
                  uint8_t *ret_record);

/* Bytes of a record with 'count' sources. */
size_t power_record_bytes(size_t count);

/* Write the head and then a record every period to 'out', until 'in' ends or
 * SIGTERM or SIGINT comes; a reader too slow makes records late, never
 * wrong.  Records of up to POWER_FLUSH_NS go out together, and the input is
 * looked at as often: what is sampled at 1 kHz costs the board two calls a
 * sample.  Returns 0, or -1: FAIL_OUTPUT. */
int power_stream(struct power_source *sources, size_t count, int64_t period_ns,
                 int in, int out, struct fail *fail);

/* What streams share: take signals and write the head; write a record of
 * values (NaN: not read) that are of now; wait without a limit, open to
 * signals (as poll()); whether a signal said to stop. */
int power_begin(int out, size_t count, struct fail *fail);
int power_put(int out, const double *values, size_t count, bool late,
              struct fail *fail);
int power_poll(struct pollfd *fds, size_t count);
bool power_stopped(void);

#endif
