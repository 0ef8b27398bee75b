/* h5_predictions.h - the classes that networks answered, from raw output */
#ifndef ORCHESTRATOR_ARCHIVE_H5_PREDICTIONS_H
#define ORCHESTRATOR_ARCHIVE_H5_PREDICTIONS_H

#include <hdf5.h>

#include "core/err.h"
#include "hdf5_schema/dataset.h"

/* Fill dataset->predictions from /raw_output and /raw_text, each list once;
 * an archive without them has none.  Its attempts must be read before.
 * Returns 0; ERR_FORMAT, ERR_NOMEM. */
int h5_predictions_read(hid_t file, struct dataset *dataset, struct err *err);

#endif
