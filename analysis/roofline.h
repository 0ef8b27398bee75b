/* roofline.h - what peak and bandwidth allow (Williams et al. 2009)
 *
 * Operations in op (one multiply-accumulate is two), rates in op/s and
 * byte/s, intensities in op/byte.
 */
#ifndef ANALYSIS_ROOFLINE_H
#define ANALYSIS_ROOFLINE_H

/* min(peak, bandwidth * intensity); NaN if one is not known. */
double roofline_attainable(double peak_op_s, double bw_byte_s,
                           double intensity_op_byte);

/* The intensity from which on the peak bounds: peak / bandwidth. */
double roofline_ridge(double peak_op_s, double bw_byte_s);

/* Operations per byte of weights, each read once an image and nothing else
 * moved (QuTiBench's assumption): ops / (params * bits / 8). */
double roofline_intensity(double ops_image, double params, double weight_bits);

enum roofline_bound {
    ROOFLINE_UNKNOWN,
    ROOFLINE_MEMORY,
    ROOFLINE_COMPUTE,
};

/* What bounds at this intensity; the ridge itself is compute. */
enum roofline_bound roofline_bound(double peak_op_s, double bw_byte_s,
                                   double intensity_op_byte);

/* "memory", "compute", "". */
const char *roofline_bound_word(enum roofline_bound bound);

#endif
