/* fake.h - the known waveform of meter "fake", for tests and first steps */
#ifndef WORKERS_METER_FAKE_H
#define WORKERS_METER_FAKE_H

#include <stdint.h>

#include "core/err.h"
#include "inventory/board.h"

struct fake_wave {
    double low_w, high_w; /* a square wave: low in the first half */
    double period_s;
};

/* The wave of a meter's "options": "low", "high" and "wave_period", 2 W, 4 W
 * and 200 ms where they are not said.  Returns 0 or ERR_FORMAT. */
int fake_wave_parse(const struct board_meter *config,
                    struct fake_wave *ret_wave, struct err *err);

/* Power at an instant (ns since 1970): the wave starts at 0. */
double fake_wave_at(const struct fake_wave *wave, int64_t unix_ns);

#endif
