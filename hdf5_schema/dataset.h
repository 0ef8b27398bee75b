/* dataset.h - an archive in memory: what analysis and report work on
 *
 * Filled by the archive's reader (or by a test); pure values after that.
 */
#ifndef HDF5_SCHEMA_DATASET_H
#define HDF5_SCHEMA_DATASET_H

#include <stdint.h>

#include "core/err.h"
#include "hdf5_schema/table.h"

/* Samples of all attempts of one channel, end to end; an attempt's are at
 * its offset and length columns. */
struct samples {
    size_t count;
    double *value; /* SI: s for latencies, W for power */
    double *t_s;   /* since the attempt's start; NULL if it has no time */
};

/* What one network answered: a class an image, a digit each. */
struct predictions {
    char *hash; /* as in the column prediction_hash */
    char *classes;
    size_t len;
};

struct dataset {
    char *path;  /* of the archive, for messages */
    char *title; /* of the experiment */
    char *lab;
    char *campaign; /* UUID of the campaign */
    int64_t created_unix_ns;
    /* Axes, CELL columns, and the accepted attempt's and primary meter's
     * columns; row = cell of the plan. */
    struct table *cells;
    /* ATTEMPT columns and lat_sys_offset, lat_sys_length, lat_comp_offset,
     * lat_comp_length; one row an attempt, failed ones too. */
    struct table *attempts;
    /* POWER columns and power_offset, power_length; attempt x meter. */
    struct table *power_runs;
    struct samples lat_sys, lat_comp, power;
    struct predictions *predictions; /* by hash, each once */
    size_t n_predictions;
    char **axes; /* names of the axis columns of 'cells', in order */
    size_t n_axes;
    char *documents_json; /* experiment, inventory, adapters as given */
    char *boards_json;    /* facts read from boards, measured rooflines */
};

/* The answers with a hash, borrowed; NULL if they are not held. */
const struct predictions *dataset_predictions(const struct dataset *dataset,
                                              const char *hash);

/* table_check() of all tables. */
int dataset_check(const struct dataset *dataset, struct err *err);

/* Free everything; NULL is fine. */
void dataset_destroy(struct dataset *dataset);

#endif
