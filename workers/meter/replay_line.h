/* replay_line.h - recorded samples: "seconds,watts" a line
 *
 * Pure; the bytes are not trusted.  Lines that start with '#' or a letter
 * (heads) are let go; empty watts are a missed reading.
 */
#ifndef WORKERS_METER_REPLAY_LINE_H
#define WORKERS_METER_REPLAY_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/vec.h"
#include "workers/meter/power.h"

struct replay_samples {
    VEC(struct power_reading) at; /* t_ns since the first */
};

/* Parse a recording.  Returns 0 and samples for replay_samples_free();
 * ERR_FORMAT with the line: no number, time that does not go on, none. */
int replay_samples_parse(const char *text, size_t len,
                         struct replay_samples *ret_samples, struct err *err);
void replay_samples_free(struct replay_samples *samples);

#endif
