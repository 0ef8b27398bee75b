/* expr.h - arithmetic of an adapter's "derive"
 *
 * + - * / ( ), numbers, names, and sum(), mean(), count(), min(), max(),
 * median(), p90() and p99() (missing below 10 and 100 numbers).
 * Lists are taken element by element; a scalar goes with each element.
 * Everything is in SI; a missing value makes the result missing.
 */
#ifndef WORKERS_COLLECT_EXPR_H
#define WORKERS_COLLECT_EXPR_H

#include <stdbool.h>

#include "core/err.h"
#include "workers/collect/quantity.h"

struct expr;

/* What a name means.  'find' sets ret_value (its 'at' borrowed) and returns
 * 0; else a negative code with a sentence. */
struct expr_names {
    int (*find)(const void *ctx, const char *name, struct quantity *ret_value,
                struct err *err);
    const void *ctx;
};

/* Parse.  Returns 0 and an expression for expr_destroy(); ERR_FORMAT with
 * the place; ERR_NOMEM. */
int expr_parse(const char *text, struct expr **ret_expr, struct err *err);
void expr_destroy(struct expr *expr); /* NULL is fine */

/* Whether the dimensions go together and the result is one number, and its
 * dimension; values of names do not matter.  Returns 0, ERR_FORMAT, or what
 * 'find' returned. */
int expr_check(const struct expr *expr, const struct expr_names *names,
               struct dimension *ret_dimension, struct err *err);

/* The value; NaN if something in it is missing.  Returns 0; ERR_FORMAT
 * (division by zero, lists of different lengths, a result that is no finite
 * number); ERR_NOMEM; or what 'find' returned. */
int expr_eval(const struct expr *expr, const struct expr_names *names,
              double *ret_value, struct err *err);

#endif
