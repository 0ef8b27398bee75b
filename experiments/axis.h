/* axis.h - what an op point is made of: the fixed axes, and declared ones */
#ifndef EXPERIMENTS_AXIS_H
#define EXPERIMENTS_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"

#define AXES_MAX      32
#define AXIS_TEXT_MAX 64 /* with the zero */

enum axis_type {
    AXIS_TEXT,
    AXIS_I64,
    AXIS_F64,
};

/* The value of an axis; the member of its type holds.  'there' is false
 * where an axis is left open. */
struct op_value {
    bool there;
    int64_t i64;
    double f64;
    char text[AXIS_TEXT_MAX];
};

struct axis {
    const char *name, *unit, *help;
    enum axis_type type;
    struct op_value dflt; /* not there: the axis has no default */
    bool declared;        /* by the experiment, not by axes.def */
};

/* Where the fixed axes stand in axes.def (not in an experiment: declared
 * axes stand before board and repeat; use axes_index()). */
enum axis_id {
#define AXIS(type, name, unit, dflt, help)      AXIS_ID_##name,
#define LAST_AXIS(type, name, unit, dflt, help) AXIS_ID_##name,
#include "experiments/axes.def"
#undef AXIS
#undef LAST_AXIS
    AXIS_FIXED
};

/* The i-th row of axes.def, or NULL; constant. */
const struct axis *axis_fixed(size_t i);

/* "text", "integer", "number": an axis type in a file, and back.  Returns
 * false for another word. */
const char *axis_type_word(enum axis_type type);
bool axis_type_parse(const char *word, enum axis_type *ret_type);

/* The place of the axis 'name' among 'len' axes; len if there is none. */
size_t axes_index(const struct axis *axes, size_t len, const char *name);

/* Read a value of an axis from JSON.  Text: 1 to 63 bytes without control
 * characters; integer: 1 to 2^53 (declared axes: -2^53 to 2^53); pruning:
 * above 0, at most 100; precision: a word of precision.h.
 * Returns 0 or ERR_FORMAT with the place. */
int axis_read_value(const struct axis *axis, const struct json *at,
                    struct op_value *ret_value, struct err *err);

/* The same from text (a command line, a CSV field).  Returns 0 or
 * ERR_FORMAT. */
int axis_parse_value(const struct axis *axis, const char *text,
                     struct op_value *ret_value, struct err *err);

/* Append the value as text: integers in decimal, numbers in the shortest
 * form that reads back the same (12.5, 100, 1e+30); nothing if it is not
 * there. */
void axis_put_value(const struct axis *axis, const struct op_value *value,
                    struct buf *out);

/* True if the two values are the same on this axis, or both are open. */
bool axis_same_value(const struct axis *axis, const struct op_value *a,
                     const struct op_value *b);

#endif
