/* fuzz_scpi_reply.c - an instrument's answer, whatever it is */
#include <math.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/scpi_reply.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    for (size_t index = 0; index < 4; index++) {
        double value = 0;

        if (!scpi_reply_number(data, size, index, &value, NULL) &&
            !isfinite(value))
            abort();
    }
}
