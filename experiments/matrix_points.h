/* matrix_points.h - lists of axis values, as an experiment's points name them
 *
 * For the files of this room only.
 */
#ifndef EXPERIMENTS_MATRIX_POINTS_H
#define EXPERIMENTS_MATRIX_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/json.h"
#include "core/vec.h"
#include "experiments/experiment.h"
#include "experiments/op_table.h"

/* For every axis the indexes that a block or a rule lists. */
struct matrix_points {
    struct {
        bool named; /* false: the axis is not mentioned */
        VEC(uint32_t) values;
        bool *allowed; /* by index, of matrix_points_index(); else NULL */
        size_t allowed_len;
    } axis[AXES_MAX];
};

/* Read a block, point or "where" of 'e'; values are interned into 'table'.
 * Returns 0 and points for matrix_points_free(); ERR_FORMAT, ERR_NOMEM. */
int matrix_points_read(const struct experiment *e, const struct json *at,
                       struct op_table *table, struct matrix_points *ret_points,
                       struct err *err);
void matrix_points_free(struct matrix_points *points);

/* Give every axis that is not mentioned its default, or leave it open.
 * Returns 0 or ERR_NOMEM. */
int matrix_points_default(struct matrix_points *points, struct op_table *table,
                          struct err *err);

/* Make matrix_points_match() quick.  Returns 0 or ERR_NOMEM. */
int matrix_points_index(struct matrix_points *points,
                        const struct op_table *table, struct err *err);

/* True if every mentioned axis lists the index that the row has. */
bool matrix_points_match(const struct matrix_points *points, size_t axes,
                         const uint32_t *indexes);

#endif
