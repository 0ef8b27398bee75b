/* matrix.h - an experiment's rows: crossed, included, excluded, na
 *
 * One fixed order: block by block, in each the first axis slowest, values as
 * the file lists them, repeat fastest.  'exclude' takes rows from the
 * blocks, 'include' adds to what is left, 'na' marks; an na rule that meets
 * no row adds one of its own, with the axes it does not name left open.
 */
#ifndef EXPERIMENTS_MATRIX_H
#define EXPERIMENTS_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "experiments/experiment.h"
#include "experiments/op_point.h"
#include "experiments/op_table.h"

#define MATRIX_ROWS_MAX 20000000

struct matrix;

/* The boards of a platform, for "boards": "each": the i-th board's name, or
 * NULL beyond the last. */
struct matrix_boards {
    const char *(*at)(const void *ctx, const char *platform, size_t i);
    const void *ctx;
};

/* Expand.  'boards' may be NULL where the experiment compares no boards; a
 * platform without a board then gives one row whose board is open.
 * Returns 0 and a matrix for matrix_destroy(); ERR_FORMAT (a value that is
 * none, more than MATRIX_ROWS_MAX rows), ERR_NOMEM. */
int matrix_create(const struct experiment *experiment,
                  const struct matrix_boards *boards,
                  struct matrix **ret_matrix, struct err *err);
void matrix_destroy(struct matrix *matrix); /* NULL is fine */

/* How many rows it has, na ones among them. */
size_t matrix_rows(const struct matrix *matrix);
/* Rows that stood there more than once, and were kept once. */
size_t matrix_merged(const struct matrix *matrix);
/* Rows that an exclude rule took away. */
size_t matrix_excluded(const struct matrix *matrix);

/* Fill 'ret_point' with row 'row'; axes are the experiment's. */
void matrix_point(const struct matrix *matrix, size_t row,
                  struct op_point *ret_point);
/* op_point_id() of the row. */
uint64_t matrix_id(const struct matrix *matrix, size_t row);
/* Why the row is na, borrowed from the experiment; NULL if it is not. */
const char *matrix_na_reason(const struct matrix *matrix, size_t row);

/* The packed rows, borrowed. */
const struct op_table *matrix_table(const struct matrix *matrix);
/* The same, taken out, for op_table_destroy(); the matrix keeps only ids and
 * reasons. */
struct op_table *matrix_take_table(struct matrix *matrix);

#endif
