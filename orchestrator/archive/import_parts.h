/* import_parts.h - the pieces that import_csv.c is put together from
 *
 * For import_*.c only.
 */
#ifndef ORCHESTRATOR_ARCHIVE_IMPORT_PARTS_H
#define ORCHESTRATOR_ARCHIVE_IMPORT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/experiment.h"
#include "inventory/documents.h"
#include "orchestrator/archive/csv.h"
#include "orchestrator/archive/import_columns.h"
#include "orchestrator/archive/import_csv.h"
#include "orchestrator/sched/plan.h"

#define IMPORT_AGAIN "observation" /* axis of points that stand there twice */

/* A published file on its way into a campaign. */
struct import {
    const struct import_settings *settings;
    struct csv *csv;
    const struct import_column **columns; /* one a field */
    struct texts *texts;
    struct inventory *inventory;
    struct experiment *experiment;
    struct plan *plan;
    size_t *cells;     /* of each row */
    uint32_t *repeats; /* how often its op point stood there, up to it */
};

/* Know every column of the file at 'path'.  Returns 0; ERR_FORMAT for an
 * unknown one, or one that stands there twice; ERR_NOMEM. */
int import_columns_find(struct import *in, const char *path, struct err *err);

/* The field of one of our axes in a row, borrowed, and its column; "" if the
 * file has none. */
const char *import_axis_field(const struct import *in, size_t row,
                              const char *axis, size_t *ret_column);

/* A number, perhaps with a percent sign.  False if it is none. */
bool import_number(const char *field, bool percent, double *ret_value);

/* A row's op point as a member of an experiment's "include", for
 * json_value_destroy().  Returns 0 or ERR_FORMAT. */
int import_point_make(const struct import *in, size_t row,
                      struct json_value **ret_point, struct err *err);

/* Count how often each op point stood there before; fills in->repeats.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int import_repeats_count(struct import *in, struct err *err);

/* Set a member, if there is a text. */
void import_said_put(struct json_value *object, const char *key,
                     const char *text);

/* The experiment whose cells are the rows; fills in->experiment.  Returns 0,
 * ERR_FORMAT, ERR_NOMEM, ERR_NOT_FOUND (the file of a topology). */
int import_experiment_make(struct import *in, struct err *err);

/* The cell of each row in in->plan; fills in->cells.  Returns 0, ERR_FORMAT,
 * ERR_NOMEM. */
int import_cells_find(struct import *in, struct err *err);

#endif
