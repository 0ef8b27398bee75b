/* ptd_line.h - what SPEC's PTDaemon answers, taken apart
 *
 * A sample: "Time,28-12-2020 15:21:14.682,Watts,22.950000,Volts,228.570000,Amps,..."
 * Pure; the bytes are not trusted.
 */
#ifndef WORKERS_METER_PTD_LINE_H
#define WORKERS_METER_PTD_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct ptd_sample {
    char time[32]; /* as written: the order of day and month has varied */
    double watts, volts, amps, pf; /* NaN: not told; negative watts too */
};

/* Take a line apart, with or without its end.  Returns 0; ERR_FORMAT: no
 * time or no watts in it. */
int ptd_line_parse(const uint8_t *data, size_t len,
                   struct ptd_sample *ret_sample, struct err *err);

/* Bytes of a whole answer to "RL" at the start of the data, "Last N samples"
 * and N lines (or a line that says something else); 0: more is needed. */
size_t ptd_answer_whole(const uint8_t *data, size_t len);

/* The newest sample of such an answer; without a time where it has none yet.
 * Returns 0 or ERR_FORMAT. */
int ptd_answer_parse(const uint8_t *data, size_t len,
                     struct ptd_sample *ret_sample, struct err *err);

#endif
