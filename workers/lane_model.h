/* lane_model.h - whether a model file is of the network that was planned */
#ifndef WORKERS_LANE_MODEL_H
#define WORKERS_LANE_MODEL_H

#include "core/err.h"
#include "experiments/experiment.h"
#include "experiments/op_point.h"
#include "hdf5_schema/columns.h"

#define LANE_MODEL_SLACK     0.05 /* published counts are rounded ... */
#define LANE_MODEL_OPS_SLACK 0.10 /* ... and differ in what they count */

/* Count the local file (model_file.h) into the row, where its kind can be
 * counted, and compare parameters and operations with those of the point's
 * topology at its pruning factor: another network must not be measured under
 * this one's name.
 * Returns 0 (also where they cannot be told: they stay missing);
 * ERR_REFUSED with both numbers; ERR_FORMAT if the file is not of the kind
 * that its name says; as fs_read_file(). */
int lane_model_check(const struct experiment *experiment,
                     const struct op_point *point, const char *local,
                     struct attempt_row *row, struct err *err);

#endif
