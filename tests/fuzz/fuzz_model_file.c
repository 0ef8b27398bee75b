/* fuzz_model_file.c - model files of any bytes */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "workers/collect/model_file.h"

void fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "m.onnx", "m.xml", "m.tflite" };

    for (size_t i = 0; i < 3; i++) {
        struct model_counts counts;

        if (!model_file_counts(names[i], data, size, &counts, NULL) &&
            (counts.params < MODEL_UNKNOWN || !counts.params ||
             counts.ops_image < MODEL_UNKNOWN || !counts.ops_image))
            abort();
    }
}
