/* fronts.h - a Pareto front over any two or three columns of the points */
#ifndef REPORT_FRONTS_H
#define REPORT_FRONTS_H

#include <stdbool.h>

#include "report/report_data.h"

/* The points that no other point of the same archive, provenance, topology,
 * data set and set of weights (unless data->any_weights) beats ('across': of
 * any archive, provenance and weights) in 'metrics',
 * columns of the table of points: "fps_comp,top1_pct,-energy_image_j", where
 * '-' means that less is better; with power or energy among them only points
 * whose meters see the same compete, in any case.  Ties are all listed.  Returns 0 and a sheet
 * for sheet_destroy(); ERR_USAGE (no such column, not 2 or 3), ERR_NOMEM. */
int report_front(const struct report_data *data, const char *metrics,
                 bool across, struct sheet **ret_sheet, struct err *err);

#endif
