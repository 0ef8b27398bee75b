/* ceiling.h - a bound on throughput that knows where weights live (M1)
 *
 * A roofline with levels: bytes that must cross the memory's pins for a
 * batch, by kind of engine, against operations at peak.  No constant is
 * fitted.  Where a machine's own levels were measured, the bandwidth is that
 * of the level that holds the weights.  Bytes, op, op/s, byte/s, seconds.
 */
#ifndef ANALYSIS_CEILING_H
#define ANALYSIS_CEILING_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/facts.h"

/* A network at one pruning factor, as far as time models need it. */
struct network {
    double ops_image, params;
    double inputs, outputs; /* elements of an image, and of its answer */
    double hidden;          /* elements of all layers' outputs but the last */
    double widest;          /* most elements into and out of one layer */
    double layers;
};

/* A number format where it is computed with, and where weights are kept. */
struct number_format {
    double bits, storage_bits;
    bool is_float;
};

/* Bytes that cross the pins for a batch:
 *   batched:   b io + spill + W;  per image: b (io + W)
 * with io input bytes (8 bit integers, or floats as they are) and 4 bytes an
 * output; W the weights, unless they are pinned and fit on the chip; spill,
 * written and read once, when a layer's input and output of the batch do not
 * fit on the chip.
 *
 * Least seconds for a batch.  NaN if a number is not known, and for a
 * dataflow engine whose weights do not fit: such a design cannot be built.
 *   batched, per image: max(b ops / peak, bytes / bandwidth)
 *   dataflow: (b + layers - 1) max(ops / peak, W / on-chip bandwidth,
 *             io / bandwidth) */
double ceiling_seconds(const struct platform_facts *platform,
                       const struct network *network,
                       const struct number_format *format, double batch);

/* The terms of the calibrated model (calibrate.h) for one cell:
 *   1, b, bytes / bandwidth, b ops / peak;  dataflow: 1, b,
 *   (b + layers - 1) W / on-chip bandwidth, 0.
 * False if a number is not known. */
bool ceiling_terms(const struct platform_facts *platform,
                   const struct network *network,
                   const struct number_format *format, double batch,
                   double ret_terms[4]);

#endif
