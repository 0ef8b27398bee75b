/* experiment.h - what is to be measured, parsed and checked
 *
 * A value: read-only, all its texts live as long as it.  Every error names
 * the file and the place in it.
 */
#ifndef EXPERIMENTS_EXPERIMENT_H
#define EXPERIMENTS_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/axis.h"
#include "experiments/texts.h"
#include "experiments/topology.h"

enum experiment_boards {
    EXPERIMENT_BOARDS_ANY,  /* a cell runs on any board of its platform */
    EXPERIMENT_BOARDS_EACH, /* board is an axis: every board runs it */
};

enum experiment_order {
    EXPERIMENT_ORDER_PLANNED,
    EXPERIMENT_ORDER_SHUFFLED,
    EXPERIMENT_ORDER_GROUPED, /* by platform and op mode */
    EXPERIMENT_ORDER_LONGEST, /* those expected to take longest first */
};

/* Cells that boards run again and again, for drift; 'where' is not there
 * unless sentinels are declared. */
struct experiment_sentinels {
    struct json where; /* axes and values, checked */
    double every_s;    /* 0: not by time */
    bool mode, reboot; /* also after these */
};

/* What a cell's measurement must be; durations in seconds. */
struct measure {
    double warmup_s, min_time_s, max_time_s;
    int64_t min_batches;
    double total_limit_s;   /* a job is killed after this */
    double silence_limit_s; /* or after this long without a byte */
    double connect_limit_s;
    int64_t attempts; /* tries at a cell, all in all */
};

/* A file of a data set: what it is called in templates ({dataset.NAME}). */
struct dataset_file {
    const char *name;
    const char *path;   /* absolute, or relative to the working folder */
    const char *sha256; /* 64 hex digits, or NULL: not pinned */
};

struct data_set {
    const char *name, *help;
    const struct dataset_file *files;
    size_t files_len;
};

struct named_topology {
    const char *name;
    const struct topology *topology;
};

struct experiment {
    const char *name, *title, *lab, *licence, *help; /* "" if not said */
    const char *const *authors;
    size_t authors_len;
    const char *file;           /* as it was opened */
    const char *base_dir;       /* absolute folder of it */
    struct axis axes[AXES_MAX]; /* fixed, declared, board, repeat */
    size_t axes_len;
    const struct named_topology *topologies;
    size_t topologies_len;
    const struct data_set *datasets;
    size_t datasets_len;
    int64_t repeats;
    enum experiment_boards boards;
    enum experiment_order order;
    uint64_t seed; /* of the shuffled order */
    struct measure measure;
    double thermal_limit_degc; /* NaN: none */
    struct experiment_sentinels sentinels;
    bool capture_power, capture_latencies, capture_raw_output;
    /* for matrix.c: the lists of points, checked for form and keys */
    struct json matrix, include, exclude, na;
    struct json accuracy; /* declared ones, checked (declared.h) */
    struct pool *pool;
    struct json_doc *doc;
};

/* Open and parse 'path' and the topology files it names, all through
 * 'texts', which keeps them; if 'path' is NULL the kept experiment.
 * Returns 0 and an experiment for experiment_destroy(); ERR_NOT_FOUND,
 * ERR_IO, ERR_FORMAT, ERR_NOMEM. */
int experiment_load(struct texts *texts, const char *path,
                    struct experiment **ret_experiment, struct err *err);
void experiment_destroy(struct experiment *experiment); /* NULL is fine */

/* The topology or data set of that name, borrowed; NULL if unknown. */
const struct topology *experiment_topology(const struct experiment *experiment,
                                           const char *name);
const struct data_set *experiment_dataset(const struct experiment *experiment,
                                          const char *name);

/* The file 'name' of a data set, borrowed; NULL if unknown. */
const struct dataset_file *dataset_file(const struct data_set *dataset,
                                        const char *name);

/* "any", "each"; "planned", "shuffled", "grouped", "longest". */
const char *experiment_boards_word(enum experiment_boards boards);
const char *experiment_order_word(enum experiment_order order);

#endif
