/* roofline.c - the roofline and where points lie under it */
#include "analysis/roofline.h"

#include <math.h>

double roofline_attainable(double peak_op_s, double bw_byte_s,
                           double intensity_op_byte)
{
    double memory = bw_byte_s * intensity_op_byte;

    if (isnan(peak_op_s) || isnan(memory))
        return (double)NAN;
    return fmin(peak_op_s, memory);
}

double roofline_ridge(double peak_op_s, double bw_byte_s)
{
    return peak_op_s / bw_byte_s;
}

double roofline_intensity(double ops_image, double params, double weight_bits)
{
    return ops_image / (params * weight_bits / 8);
}

enum roofline_bound roofline_bound(double peak_op_s, double bw_byte_s,
                                   double intensity_op_byte)
{
    double ridge = roofline_ridge(peak_op_s, bw_byte_s);

    if (isnan(ridge) || isnan(intensity_op_byte))
        return ROOFLINE_UNKNOWN;
    return intensity_op_byte < ridge ? ROOFLINE_MEMORY : ROOFLINE_COMPUTE;
}

const char *roofline_bound_word(enum roofline_bound bound)
{
    switch (bound) {
    case ROOFLINE_MEMORY:
        return "memory";
    case ROOFLINE_COMPUTE:
        return "compute";
    case ROOFLINE_UNKNOWN:
        break;
    }
    return "";
}
