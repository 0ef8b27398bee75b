/* fuzz_json_power.c - a plug's answer, whatever it is */
#include <math.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/meter/json_power.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const paths[] = { "apower", "meters[0].power",
                                         "StatusSNS.ENERGY.Power", "value" };
    double value = 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (!json_power_read((const char *)data, size, paths[i], &value,
                             NULL) &&
            !isfinite(value))
            abort();
}
