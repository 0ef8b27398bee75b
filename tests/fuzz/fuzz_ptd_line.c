/* fuzz_ptd_line.c - a line of PTDaemon, whatever it is */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/ptd_line.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct ptd_sample sample;

    if (!ptd_line_parse(data, size, &sample, NULL) &&
        (!(sample.watts >= 0) || strlen(sample.time) >= sizeof(sample.time)))
        abort();
}
