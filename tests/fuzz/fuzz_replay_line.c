/* fuzz_replay_line.c - a recording, and every check that looks at one */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/plateau.h"
#include "workers/meter/power_check.h"
#include "workers/meter/replay_line.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct power_check check = { 0.01, 0.02, 2000 };
    struct power_given given = { .period_s = 0.01, .clock_bound_s = 0.001 };
    struct replay_samples s = { 0 };
    struct power_window window, found;
    struct buf words = { 0 };

    if (replay_samples_parse((const char *)data, size, &s, NULL))
        return;
    window = (struct power_window){ 0, s.at.at[s.at.len - 1].t_ns };
    power_check_scale(s.at.at, s.at.len, &check, &words);
    power_check(s.at.at, s.at.len, &check, &words);
    if (power_plateau(s.at.at, s.at.len, &window, 1, 0.1, &found) &&
        (found.start_ns < window.start_ns || found.end_ns > window.end_ns))
        abort();
    power_summarize(s.at.at, s.at.len, &window, &given);
    buf_free(&words);
    replay_samples_free(&s);
}
