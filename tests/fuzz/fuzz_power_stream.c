/* fuzz_power_stream.c - a sampler's stream in two pieces, whatever it is */
#include <math.h>
#include <stdlib.h>

#include "core/vec.h"
#include "tests/fuzz/fuzz.h"
#include "workers/meter/power.h"
#include "workers/meter/power_stream.h"

struct trace {
    VEC(struct power_reading) at;
};

static void keep(void *ctx, const struct power_record *record)
{
    struct trace *trace = ctx;
    struct power_reading reading = { record->unix_ns, record->values[0],
                                     record->late };

    if (record->unix_ns < 0 || isinf(record->values[0]))
        abort();
    if (!VEC_PUSH(&trace->at, reading))
        abort();
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct power_stream stream = { .sources = 1 };
    struct trace trace = { 0 };
    struct power_window window;
    size_t half = size / 2;

    if (!power_stream_take(&stream, data, half, keep, &trace, NULL))
        power_stream_take(&stream, data + half, size - half, keep, &trace,
                          NULL);
    if (trace.at.len) {
        window.start_ns = trace.at.at[0].t_ns;
        window.end_ns = trace.at.at[trace.at.len - 1].t_ns;
        power_summarize(
            trace.at.at, trace.at.len, &window,
            &(struct power_given){ .period_s = 0.01, .clock_bound_s = 0.001 });
    }
    power_stream_free(&stream);
    VEC_FREE(&trace.at);
}
