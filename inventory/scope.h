/* scope.h - what the names in an adapter's templates mean for one cell
 *
 * Coordinator and worker fill it the same way, so that both expand a "file"
 * to the same path.  Names: every axis (at its default where it has one),
 * the value maps' names, param.X, mode.X and mode.name, dataset.FILE,
 * measure.warmup_s, .min_time_s, .max_time_s, .min_batches, .total_limit_s,
 * board, host, number, stage_dir, bin_dir, project_dir, adapter_dir,
 * weight_bits, activation_bits; a parameter X of the op mode or the board
 * also by its bare name, where nothing else has it.  The lane adds what it
 * staged, built and read with scope_set().
 */
#ifndef INVENTORY_SCOPE_H
#define INVENTORY_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "experiments/experiment.h"
#include "experiments/op_point.h"
#include "inventory/inventory.h"
#include "inventory/template.h"

struct scope;

/* Empty.  Returns it for scope_destroy(), or NULL without memory. */
struct scope *scope_create(void);
void scope_destroy(struct scope *scope); /* NULL is fine */

/* Set or replace a name (both copied); numbers are written as numbers into
 * requests.  Returns 0 or ERR_NOMEM. */
int scope_set(struct scope *scope, const char *name, const char *value,
              struct err *err);
int scope_set_number(struct scope *scope, const char *name, double value,
                     struct err *err);

/* The value of a name, borrowed until it is set again; NULL if unknown. */
const char *scope_find(const struct scope *scope, const char *name);

/* Whether what an adapter has "if" that name is to be done: NULL is always. */
bool scope_allows(const struct scope *scope, const char *only_if);

/* The scope as a source of values, borrowed. */
struct template_names scope_names(const struct scope *scope);

/* Set all that (experiment, board, point) say; 'point' may be NULL: then
 * only what holds for all cells of the board.  'project_dir' is the source
 * tree or data folder, 'bin_dir' the folder of the labsweep program.
 * Returns 0, ERR_NOMEM. */
int scope_fill(struct scope *scope, const struct experiment *experiment,
               const struct board *board, const struct op_point *point,
               const char *bin_dir, const char *project_dir, struct err *err);

/* Set ops_image and params, exact, where the experiment describes the point's
 * topology; 'ret_counts' holds them, else zeros.  Returns 0, ERR_NOMEM. */
int scope_fill_counts(struct scope *scope, const struct experiment *experiment,
                      const struct op_point *point,
                      struct topology_counts *ret_counts, struct err *err);

/* template_expand() from a scope. */
int scope_expand(const struct scope *scope, const char *text,
                 enum template_quote quote, struct buf *out, struct err *err);

/* Append a request as one line of JSON (no newline): every string in it is a
 * template, raw; a string that is just "{name}" of a number becomes that
 * number.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int scope_request(const struct scope *scope, const struct json *request,
                  struct buf *out, struct err *err);

/* The local path of a staged file: its template expanded, relative paths
 * from the adapter's folder.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int scope_stage_file(const struct scope *scope, const struct adapter *adapter,
                     const struct adapter_stage *stage, struct buf *out,
                     struct err *err);

#endif
