/* choice.h - cells and boards chosen by what they are: "platform=TX2,NCS"
 *
 * A term is an axis and the values it may have; all terms of a choice
 * must hold.  Boards are written as host lists: "board=tx2-[01-08],ncs".
 */
#ifndef INVENTORY_CHOICE_H
#define INVENTORY_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/op_point.h"

struct choice;

/* Read "AXIS=VALUE[,VALUE...][,AXIS=...]" over these axes (borrowed).
 * Returns 0 and a choice for choice_destroy(); ERR_USAGE if an axis or
 * a value is not of its form; ERR_NOMEM. */
int choice_parse(const struct axis *axes, size_t len, const char *text,
                 struct choice **ret_choice, struct err *err);

/* The same from an object of an experiment, {"axis": value or [values]}.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int choice_read(const struct axis *axes, size_t len, const struct json *at,
                struct choice **ret_choice, struct err *err);
void choice_destroy(struct choice *choice); /* NULL is fine */

/* True if the point has a listed value on every axis named; a board that
 * the point leaves open holds 'open_board' for it. */
bool choice_matches(const struct choice *choice, const struct op_point *point,
                    bool open_board);

/* True if it names boards; and nothing else. */
bool choice_names_boards(const struct choice *choice);
bool choice_only_boards(const struct choice *choice);
/* True if it names this board. */
bool choice_has_board(const struct choice *choice, const char *board);

#endif
