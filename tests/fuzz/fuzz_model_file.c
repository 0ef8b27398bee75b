/* fuzz_model_file.c - model files of any bytes */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/collect/model_file.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "m.onnx", "m.xml" };

    for (size_t i = 0; i < 2; i++) {
        int64_t params = 0;

        if (!model_file_params(names[i], data, size, &params, NULL) &&
            params < 0)
            abort();
    }
}
