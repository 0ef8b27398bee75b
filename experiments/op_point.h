/* op_point.h - one combination of axis values, and the id it has for ever */
#ifndef EXPERIMENTS_OP_POINT_H
#define EXPERIMENTS_OP_POINT_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "experiments/axis.h"

#define OP_POINT_ID_HEX 17 /* 16 digits and a zero */

/* at[i] is the value of the i-th axis of the experiment. */
struct op_point {
    struct op_value at[AXES_MAX];
};

/* Append the canonical text: a line "axis=value" for every axis that is
 * there and not at its default, in the order of the axes' names (so that
 * neither a new axis nor another order changes it). */
void op_point_canonical(const struct axis *axes, size_t len,
                        const struct op_point *point, struct buf *out);

/* The cell id: the first 8 bytes of the SHA-256 of the canonical text, big
 * endian.  Returns 0 only if there was no memory. */
uint64_t op_point_id(const struct axis *axes, size_t len,
                     const struct op_point *point);

/* An id as 16 hex digits.  Returns 'hex'. */
char *op_point_id_format(uint64_t id, char hex[OP_POINT_ID_HEX]);

/* Returns 0, or ERR_FORMAT unless 'hex' is exactly 16 hex digits. */
int op_point_id_parse(const char *hex, uint64_t *ret_id, struct err *err);

/* Append a short text for people: "MLP MNIST TX2 maxn FP16 50 % batch 8";
 * axes at their defaults are left out. */
void op_point_label(const struct axis *axes, size_t len,
                    const struct op_point *point, struct buf *out);

/* The value of the axis 'name', borrowed; NULL if the experiment has no
 * such axis or it is open here. */
const struct op_value *op_point_find(const struct axis *axes, size_t len,
                                     const struct op_point *point,
                                     const char *name);

/* The text of a text axis, or "" if it is open, absent or of another
 * type; borrowed. */
const char *op_point_text(const struct axis *axes, size_t len,
                          const struct op_point *point, const char *name);

#endif
