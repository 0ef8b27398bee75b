/* fuzz_um_frame.c - 130 bytes of a USB meter, or any others */
#include <math.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/um_frame.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    struct um_frame frame;

    if (!um_frame_parse(data, size, &frame, NULL) &&
        (!isfinite(frame.power_w) || frame.power_w < 0 || !frame.model))
        abort();
}
