/* op_table.h - a million op points in little memory, and as bytes
 *
 * Values are kept once an axis, a row is one small number an axis.
 */
#ifndef EXPERIMENTS_OP_TABLE_H
#define EXPERIMENTS_OP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "experiments/op_point.h"

#define OP_TABLE_OPEN UINT32_MAX /* the index of an axis left open */

struct op_table;

/* An empty table over copies of 'axes' (at most AXES_MAX).  Returns it for
 * op_table_destroy(), or NULL without memory. */
struct op_table *op_table_create(const struct axis *axes, size_t len);
void op_table_destroy(struct op_table *table); /* NULL is fine */

size_t op_table_rows(const struct op_table *table);
/* The axes of the table, borrowed; sets ret_len. */
const struct axis *op_table_axes(const struct op_table *table, size_t *ret_len);

/* The index of 'value' on axis 'axis', which is kept if it is new;
 * OP_TABLE_OPEN for one that is not there.  Returns 0 or ERR_NOMEM. */
int op_table_intern(struct op_table *table, size_t axis,
                    const struct op_value *value, uint32_t *ret_index,
                    struct err *err);

/* How many values an axis has, and one of them, borrowed. */
size_t op_table_values(const struct op_table *table, size_t axis);
const struct op_value *op_table_value(const struct op_table *table, size_t axis,
                                      uint32_t index);

/* Append a row of one index an axis.  Returns 0 or ERR_NOMEM. */
int op_table_append(struct op_table *table, const uint32_t *indexes,
                    struct err *err);

/* The index on axis 'axis' of row 'row'. */
uint32_t op_table_index(const struct op_table *table, size_t row, size_t axis);

/* Fill 'ret_point' with row 'row'. */
void op_table_point(const struct op_table *table, size_t row,
                    struct op_point *ret_point);

/* op_point_id() of row 'row', without making the point. */
uint64_t op_table_id(struct op_table *table, size_t row);

/* To bytes and back; hostile bytes are refused.  Return 0, ERR_FORMAT,
 * ERR_NOMEM. */
int op_table_encode(const struct op_table *table, struct buf *out,
                    struct err *err);
int op_table_decode(struct cursor *cur, struct op_table **ret_table,
                    struct err *err);

#endif
