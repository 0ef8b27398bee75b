/* latencies.c - samples read, packed, kept */
#include "workers/latencies.h"

#include <stdlib.h>

static int add(struct collector *collector,
               const struct collect_output *outputs, size_t outputs_len,
               uint8_t channel, const char *name, struct result *result,
               struct err *err)
{
    struct sample_block block = { 0 };
    double *values = NULL;
    size_t len = 0;
    int rc = collector_samples(collector, name, outputs, outputs_len, &values,
                               &len, err);

    if (!rc && len)
        rc = samples_pack(channel, values, NULL, len, &block, err);
    if (!rc && len && !VEC_PUSH(&result->samples, block)) {
        sample_block_free(&block);
        rc = err_set(err, ERR_NOMEM, "no memory for samples");
    }
    free(values);
    return rc;
}

int latencies_add(struct collector *collector,
                  const struct collect_output *outputs, size_t len,
                  struct result *result, struct err *err)
{
    int rc =
        add(collector, outputs, len, CHANNEL_LAT_SYS, "lat_sys", result, err);

    return rc ? rc
              : add(collector, outputs, len, CHANNEL_LAT_COMP, "lat_comp",
                    result, err);
}
