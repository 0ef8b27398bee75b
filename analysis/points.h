/* points.h - what was measured at each op point, repeats taken together
 *
 * A point is one combination of axes but 'repeat' of one dataset, with means
 * over its repeats; figures, fronts and tables are made of points.
 */
#ifndef ANALYSIS_POINTS_H
#define ANALYSIS_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/stats.h"
#include "core/err.h"
#include "hdf5_schema/dataset.h"

/* Compute only, or with data movement and host. */
enum scope_kind {
    SCOPE_KIND_COMP,
    SCOPE_KIND_SYS,
    SCOPE_KINDS,
};

/* "compute", "system". */
const char *scope_kind_word(enum scope_kind scope);

/* NaN is missing; times in s, throughput in images/s. */
struct point_scope {
    double fps, lat;           /* means over repeats; lat: of medians */
    double fps_half, lat_half; /* of a 95 % interval; NaN with one repeat */
};

/* What fronts, models and figures ask of every point; other columns are read
 * at its rows (point_mean()).  Texts are borrowed from the dataset; "" is
 * missing. */
struct point {
    const struct dataset *dataset;
    const uint32_t *rows; /* of all repeats; borrowed from the points */
    uint32_t row;         /* the first of them, in dataset->cells */
    uint32_t repeats;
    const char *topology, *images, *platform, *op_mode, *precision;
    const char *provenance, *board, *model;
    const char *power_scope; /* power is of repeats of this one alone */
    const char *predictions; /* by their hash */
    double pruning_pct, batch, threads, streams;
    double ops_image, params, weight_bits;
    struct point_scope scope[SCOPE_KINDS];
    double top1_pct, accuracy_images;
    double base_w, idle_w, full_w, energy_image_j;
    double full_half, energy_half; /* as fps_half */
};

struct classes;

struct points {
    struct point *at;
    size_t len;
    struct classes *groups; /* points that differ in batch, threads, streams
                             * and axes of the experiment's own */
    uint32_t *rows;         /* of all points' repeats, end to end */
    bool boards_compared;   /* every board ran every cell: a board is an axis */
};

/* The points of a dataset's cells that meet 'where' (select_rows()) and are
 * ok.  'dataset' must outlive them.  energy_image_j is what was integrated,
 * else full power over throughput: of the system, for published rows of the
 * computation (where that is missing of the system), as they say it.
 * Returns 0 and points for points_free(); ERR_USAGE, ERR_NOMEM. */
int points_create(const struct dataset *dataset, const char *where,
                  struct points *ret_points, struct err *err);
/* The same of every op point that could be measured: those that were, and
 * those that were not (yet), whose numbers are NaN and whose provenance, if
 * they never ran, is that of their platform and op mode. */
int points_create_planned(const struct dataset *dataset, const char *where,
                          struct points *ret_points, struct err *err);
void points_free(struct points *points);

/* The best batch (threads, streams) of each group: per topology, data set,
 * platform, op mode, precision, pruning factor, provenance and model, the
 * place in 'points' with most throughput in 'scope'; groups without any are
 * left out.  Places are ascending; owned by the caller, free().
 * Returns 0 or ERR_NOMEM. */
int points_best(const struct points *points, enum scope_kind scope,
                size_t **ret_places, size_t *ret_len, struct err *err);

/* Which of 'places' are on the front of throughput in 'scope' and accuracy,
 * among those of the same provenance, topology, data set and set of weights
 * ('sets' of all points, as of weights_sets(); NULL: of any); never across.
 * ret_front is 'len' long.  Returns 0 or ERR_NOMEM. */
int points_front(const struct points *points, const size_t *places, size_t len,
                 enum scope_kind scope, const size_t *sets, bool *ret_front,
                 struct err *err);

/* Number what may compete on one front, as above, for each of 'places'.
 * Returns 0 or ERR_NOMEM. */
int points_fields(const struct points *points, const size_t *places, size_t len,
                  const size_t *sets, size_t *ret_fields, struct err *err);

/* The mean over a point's repeats of a column of its dataset's cells; NaN
 * where none has it, or the column is NULL. */
double point_mean(const struct point *point, const struct table_column *column);

/* Whether a point is of an emulated board: its numbers were told to a tool,
 * so no theory is held against it, nor is it compared with others. */
bool point_emulated(const struct point *point);

/* "TX2 maxn": platform and op mode, which is left out at its default; cut
 * at 'size'.  Returns 'text'. */
char *point_unit(const struct point *point, char *text, size_t size);

/* "TX2 maxn FP16 50 %": the unit, precision and pruning factor; cut at
 * 'size'.  Returns 'text'. */
char *point_label(const struct point *point, char *text, size_t size);

#endif
