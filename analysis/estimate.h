/* estimate.h - three predictions beside every measured point
 *
 * The published roofline, the memory-aware ceiling, and a model calibrated
 * on the corners of what was measured, which predicts the rest.
 */
#ifndef ANALYSIS_ESTIMATE_H
#define ANALYSIS_ESTIMATE_H

#include <stdbool.h>

#include "analysis/facts.h"
#include "analysis/points.h"
#include "core/err.h"

/* images/s; NaN where a model has nothing to say. */
struct estimate {
    double seed_fps, ceiling_fps, calibrated_fps;
    double overhead_s; /* a batch, as calibrated: the constant term */
    bool corner;       /* the calibrated model was fitted to this point */
};

/* The roof that theory puts over 'point' (facts_roof()); NaN for an emulated
 * one: its numbers were told to a tool, and agree with nothing. */
void estimate_roof(const struct point *point, const struct facts *facts,
                   double *ret_peak_op_s, double *ret_bw_byte_s);

/* The seed's prediction under such a roof: from exact counts, or as the facts
 * ask with the published rounding of operations (predict.h). */
double estimate_seed_fps(const struct facts *facts, double peak_op_s,
                         double bw_byte_s, double ops_image, double params,
                         double weight_bits);

/* The error band of the calibrated model, a factor either way: the 90th
 * percentile over 354 held-out rows of the published data. */
#define ESTIMATE_BAND 1.27

/* The bound of a point's throughput (ceiling.h), images/s in any scope; NaN
 * where it is not known. */
double estimate_ceiling_fps(const struct point *point,
                            const struct facts *facts);

enum estimate_model {
    ESTIMATE_SEED,
    ESTIMATE_CEILING,
    ESTIMATE_CALIBRATED,
    ESTIMATE_MODELS,
};

/* "seed", "ceiling", "calibrated". */
const char *estimate_model_word(enum estimate_model model);

/* What a model says; NaN if nothing. */
double estimate_fps(const struct estimate *estimate, enum estimate_model model);

/* Predict every point in 'scope'.  The calibrated model is fitted for each
 * platform, op mode and precision (and source of points) to the four corners
 * {most, fewest channels} x {smallest, largest batch}; where one of them
 * was not measured there is none.  It does not carry over to another
 * platform.  Points that were not measured are predicted too; emulated ones
 * get none of the three.  ret_estimates is points->len long.
 * Returns 0 or ERR_NOMEM. */
int estimate_points(const struct points *points, const struct facts *facts,
                    enum scope_kind scope, struct estimate *ret_estimates,
                    struct err *err);

#endif
