/* op_table.h - a million op points in little memory, and as bytes
 *
 * Values are kept once an axis, a row is one small number an axis.
 */
#ifndef EXPERIMENTS_OP_TABLE_H
#define EXPERIMENTS_OP_TABLE_H

#include <stdbool.h>
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

/* How many points it holds. */
size_t op_table_rows(const struct op_table *table);
/* How many axes the table has, and the i-th, borrowed; NULL beyond the
 * last.  They stand in one array: op_table_axis(table, 0) is all of them. */
size_t op_table_axes(const struct op_table *table);
const struct axis *op_table_axis(const struct op_table *table, size_t i);

/* The index of 'value' on axis 'axis', which is kept if it is new;
 * OP_TABLE_OPEN for one that is not there.  Returns 0 or ERR_NOMEM. */
int op_table_intern(struct op_table *table, size_t axis,
                    const struct op_value *value, uint32_t *ret_index,
                    struct err *err);

/* The same without keeping: false if the table has no such value. */
bool op_table_find(const struct op_table *table, size_t axis,
                   const struct op_value *value, uint32_t *ret_index);

/* How many values an axis has, and one of them, borrowed. */
size_t op_table_values(const struct op_table *table, size_t axis);
const struct op_value *op_table_value(const struct op_table *table, size_t axis,
                                      uint32_t index);

/* Append a row of one index an axis.  Returns 0 or ERR_NOMEM. */
int op_table_append(struct op_table *table, const uint32_t *indexes,
                    struct err *err);

/* The indexes of a row, one an axis, borrowed until the next append. */
const uint32_t *op_table_row(const struct op_table *table, size_t row);

/* Fill 'ret_point' with row 'row'. */
void op_table_point(const struct op_table *table, size_t row,
                    struct op_point *ret_point);

/* op_point_id() of the point with these indexes, without making it. */
uint64_t op_table_id(struct op_table *table, const uint32_t *indexes);

/* To bytes and back; hostile bytes are refused.  Return 0, ERR_FORMAT,
 * ERR_NOMEM. */
int op_table_encode(const struct op_table *table, struct buf *out,
                    struct err *err);
int op_table_decode(struct cursor *cur, struct op_table **ret_table,
                    struct err *err);

/* Pass over the bytes of a table; sets how many rows it has.  Returns 0 or
 * ERR_FORMAT. */
int op_table_skip(struct cursor *cur, size_t *ret_rows, struct err *err);

#endif
