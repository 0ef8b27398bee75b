/* rates.c - images a second times operations an image */
#include "workers/collect/rates.h"

#include <math.h>

void rates_fill(struct attempt_row *row, double ops_image)
{
    if (!(ops_image > 0))
        return;
    if (isnan(row->op_rate_sys_op_s) && !isnan(row->fps_sys))
        row->op_rate_sys_op_s = row->fps_sys * ops_image;
    if (isnan(row->op_rate_comp_op_s) && !isnan(row->fps_comp))
        row->op_rate_comp_op_s = row->fps_comp * ops_image;
}
