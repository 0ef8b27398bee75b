/* efficiency.c - ratios of measured to possible */
#include "analysis/efficiency.h"

#include <math.h>

double efficiency_pct(double measured_fps, double predicted_fps)
{
    if (!(measured_fps > 0) || !(predicted_fps > 0))
        return (double)NAN;
    return 100 * measured_fps / predicted_fps;
}

double efficiency_peak_fps(double peak_op_s, double ops_image)
{
    return peak_op_s / ops_image;
}

double efficiency_energy_image_j(double power_w, double fps)
{
    return fps > 0 ? power_w / fps : (double)NAN;
}
