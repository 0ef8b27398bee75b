/* ceiling.c - the memory-aware bound, and the terms it is made of */
#include "analysis/ceiling.h"

#include <math.h>

static double weight_bytes(const struct network *network,
                           const struct number_format *format)
{
    return network->params * format->storage_bits / 8;
}

static double io_bytes(const struct network *network,
                       const struct number_format *format)
{
    double input_bits = format->is_float ? format->bits : 8;

    return network->inputs * input_bits / 8 + network->outputs * 4;
}

static bool resident(const struct platform_facts *platform,
                     const struct network *network,
                     const struct number_format *format)
{
    return platform->pinned &&
           weight_bytes(network, format) <= platform->on_chip_bytes;
}

/* Bytes that cross the pins for a batch (ceiling.h). */
static double ceiling_bytes(const struct platform_facts *platform,
                            const struct network *network,
                            const struct number_format *format, double batch)
{
    double weights =
        resident(platform, network, format) ? 0 : weight_bytes(network, format);
    double io = io_bytes(network, format), spill = 0;

    if (platform->engine == ENGINE_PER_IMAGE)
        return batch * (io + weights);
    if (batch * network->widest * format->bits / 8 > platform->on_chip_bytes)
        spill = 2 * batch * network->hidden * format->bits / 8;
    return batch * io + spill + weights;
}

static double dataflow_seconds(const struct platform_facts *platform,
                               const struct network *network,
                               const struct number_format *format, double batch)
{
    double interval = network->ops_image / platform->peak_op_s;

    if (!resident(platform, network, format))
        return (double)NAN;
    if (!isnan(platform->on_chip_bw_byte_s))
        interval = fmax(interval, weight_bytes(network, format) /
                                      platform->on_chip_bw_byte_s);
    if (!isnan(platform->bw_byte_s))
        interval =
            fmax(interval, io_bytes(network, format) / platform->bw_byte_s);
    return (batch + network->layers - 1) * interval;
}

double ceiling_seconds(const struct platform_facts *platform,
                       const struct network *network,
                       const struct number_format *format, double batch)
{
    double compute = batch * network->ops_image / platform->peak_op_s;
    double memory;

    if (platform->engine == ENGINE_DATAFLOW)
        return dataflow_seconds(platform, network, format, batch);
    memory =
        ceiling_bytes(platform, network, format, batch) / platform->bw_byte_s;
    if (isnan(compute) || isnan(memory))
        return (double)NAN;
    return fmax(compute, memory);
}

bool ceiling_terms(const struct platform_facts *platform,
                   const struct network *network,
                   const struct number_format *format, double batch,
                   double ret_terms[4])
{
    ret_terms[0] = 1;
    ret_terms[1] = batch;
    if (platform->engine == ENGINE_DATAFLOW) {
        ret_terms[2] = (batch + network->layers - 1) *
                       weight_bytes(network, format) /
                       platform->on_chip_bw_byte_s;
        ret_terms[3] = 0;
    } else {
        ret_terms[2] = ceiling_bytes(platform, network, format, batch) /
                       platform->bw_byte_s;
        ret_terms[3] = batch * network->ops_image / platform->peak_op_s;
    }
    return isfinite(ret_terms[2]) && isfinite(ret_terms[3]);
}
