/* selection.h - cells and boards chosen by what they are: "platform=TX2,NCS"
 *
 * A term is an axis and the values it may have; all terms of a selection
 * must hold.  Boards are written as host lists: "board=tx2-[01-08],ncs".
 */
#ifndef INVENTORY_SELECTION_H
#define INVENTORY_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/op_point.h"

struct selection;

/* Read "AXIS=VALUE[,VALUE...][,AXIS=...]" over these axes (borrowed).
 * Returns 0 and a selection for selection_destroy(); ERR_USAGE if an axis or
 * a value is not of its form; ERR_NOMEM. */
int selection_parse(const struct axis *axes, size_t len, const char *text,
                    struct selection **ret_selection, struct err *err);

/* The same from an object of an experiment, {"axis": value or [values]}.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int selection_read(const struct axis *axes, size_t len, const struct json *at,
                   struct selection **ret_selection, struct err *err);
void selection_destroy(struct selection *selection); /* NULL is fine */

/* True if the point has a listed value on every axis named; a board that
 * the point leaves open holds 'open_board' for it. */
bool selection_matches(const struct selection *selection,
                       const struct op_point *point, bool open_board);

/* True if it names boards; and nothing else. */
bool selection_names_boards(const struct selection *selection);
bool selection_only_boards(const struct selection *selection);
/* True if it names this board. */
bool selection_has_board(const struct selection *selection, const char *board);

#endif
