/* fuzz_ptd_line.c - what PTDaemon answers, whatever it is */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/ptd_line.h"

static void expect_sample(const struct ptd_sample *sample)
{
    if (!(sample->watts >= 0) || strlen(sample->time) >= sizeof(sample->time))
        abort();
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct ptd_sample sample;
    size_t whole = ptd_answer_whole(data, size);

    if (whole > size || (whole && data[whole - 1] != '\n'))
        abort();
    if (!ptd_line_parse(data, size, &sample, NULL))
        expect_sample(&sample);
    if (whole && !ptd_answer_parse(data, whole, &sample, NULL) &&
        sample.time[0])
        expect_sample(&sample);
}
