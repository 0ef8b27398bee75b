/* predict.c - the published roofline prediction of throughput */
#include "analysis/predict.h"

#include <math.h>

#include "analysis/roofline.h"

double predict_seed(double peak_op_s, double bw_byte_s, double ops_image,
                    double params, double weight_bits)
{
    double intensity = roofline_intensity(ops_image, params, weight_bits);

    return roofline_attainable(peak_op_s, bw_byte_s, intensity) / ops_image;
}

double predict_published_ops(double ops_image)
{
    return ops_image < 1e6 ? ops_image : round(ops_image / 1e6) * 1e6;
}

double predict_seed_published(double peak_op_s, double bw_byte_s,
                              double ops_image, double params,
                              double weight_bits)
{
    double intensity = roofline_intensity(ops_image, params, weight_bits);

    return roofline_attainable(peak_op_s, bw_byte_s, intensity) /
           predict_published_ops(ops_image);
}

double predict_error_factor(double predicted, double measured)
{
    if (!(predicted > 0) || !(measured > 0))
        return (double)NAN;
    return fmax(predicted / measured, measured / predicted);
}
