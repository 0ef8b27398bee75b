/* fuzz_clock_line.c - a board that tells its time, whatever it says */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/clock_line.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    double unix_s, coarse_s;

    if (!clock_line_parse((const char *)data, size, &unix_s, &coarse_s, NULL) &&
        !(unix_s > 0 && unix_s < 9e9 && coarse_s >= 0 && coarse_s <= 0.5))
        abort();
}
