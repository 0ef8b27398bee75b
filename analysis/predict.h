/* predict.h - throughput before measuring, as the published figures had it
 *
 * Peaks in op/s, bandwidths in byte/s, throughput in images/s.
 */
#ifndef ANALYSIS_PREDICT_H
#define ANALYSIS_PREDICT_H

/* model=seed (QuTiBench): min(peak, bandwidth * intensity) / ops, weights
 * read once an image; NaN if a number is missing. */
double predict_seed(double peak_op_s, double bw_byte_s, double ops_image,
                    double params, double weight_bits);

/* Operations as the published heatmap rounded them: to whole millions from
 * one million on, exact below.  To reproduce it, and for nothing else. */
double predict_published_ops(double ops_image);

/* The seed's model with published rounding: intensity from exact counts (it
 * is 16 / bits for every pruning factor), images from rounded operations. */
double predict_seed_published(double peak_op_s, double bw_byte_s,
                              double ops_image, double params,
                              double weight_bits);

/* How far off: max(predicted / measured, measured / predicted); 1 is exact,
 * NaN unless both are positive. */
double predict_error_factor(double predicted, double measured);

#endif
