/* lane_thermal.c - temperature before a cell */
#include "workers/lane_thermal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/lane_run.h"

#define LOOK_S 2.0 /* between looks */

/* Processors and boards; not disks and the like, which hwmon has too. */
static const char command[] =
    "cat /sys/class/thermal/thermal_zone*/temp 2>/dev/null; true";

double lane_thermal_parse(const void *output, size_t len)
{
    const char *text = output;
    double highest = (double)NAN;

    while (len) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        char word[24];
        double value;

        if (n < sizeof(word)) {
            memcpy(word, text, n);
            word[n] = 0;
            if (text_to_f64(word, &value) && value > -60e3 && value < 200e3)
                highest = fmax(highest, value / 1000);
        }
        n += end != NULL;
        text += n;
        len -= n;
    }
    return highest;
}

double lane_thermal_limit(const struct lane_board *b)
{
    return fmin(b->setup->experiment->thermal_limit_degc,
                b->setup->board->temperature_limit_degc); /* NaN loses */
}

int lane_thermal_wait(struct lane_board *b, double limit_degc, double cap_s,
                      double *ret_degc, struct err *err)
{
    int64_t until = clock_mono_ns() + S_TO_NS(cap_s);
    int rc;

    for (;;) {
        struct buf out = { 0 };

        rc = lane_command(b, "reading the temperature", command, LANE_SHORT_S,
                          &out, err);
        *ret_degc = rc ? (double)NAN : lane_thermal_parse(out.data, out.len);
        buf_free(&out);
        if (rc || !(*ret_degc > limit_degc) || clock_mono_ns() >= until)
            return rc;
        rc = lane_idle(b, LOOK_S, NULL, err);
        if (rc)
            return rc;
    }
}
