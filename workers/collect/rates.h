/* rates.h - rates of operations, where a tool tells of images alone */
#ifndef WORKERS_COLLECT_RATES_H
#define WORKERS_COLLECT_RATES_H

#include "hdf5_schema/columns.h"

/* Fill op_rate_sys_op_s and op_rate_comp_op_s from throughput and operations
 * an image (0: not known), where they are missing. */
void rates_fill(struct attempt_row *row, double ops_image);

#endif
