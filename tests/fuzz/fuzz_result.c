/* fuzz_result.c - results from workers: rows, samples, raw output */
#include <stdlib.h>

#include "orchestrator/wire/result.h"
#include "tests/fuzz/fuzz.h"

static void unpack(const struct result *result)
{
    for (size_t i = 0; i < result->samples.len; i++) {
        const struct sample_block *block = &result->samples.at[i];
        double *values = malloc((block->count + 1) * sizeof(*values));
        int64_t *t_ns = malloc((block->count + 1) * sizeof(*t_ns));

        if (values && t_ns)
            samples_unpack(block, values, t_ns, NULL);
        free(values);
        free(t_ns);
    }
}

void fuzz_one(const uint8_t *data, size_t size)
{
    struct cursor cur = cursor_of(data, size);
    struct result_layouts layouts;
    struct result result;

    if (result_layouts_own(&layouts, NULL))
        abort();
    if (!result_decode(&layouts, &cur, &result, NULL)) {
        unpack(&result);
        result_free(&result);
    }
    result_layouts_free(&layouts);
}
