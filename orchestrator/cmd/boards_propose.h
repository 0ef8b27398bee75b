/* boards_propose.h - an inventory's entry out of what a board tells of itself
 *
 * Pure.
 */
#ifndef ORCHESTRATOR_CMD_BOARDS_PROPOSE_H
#define ORCHESTRATOR_CMD_BOARDS_PROPOSE_H

#include "core/json.h"
#include "inventory/board.h"

/* An entry of "boards" as an inventory takes it: how 'board' was reached, what
 * identifies it, and a meter for every power sensor among the "sensors" of
 * 'info' (`labrunner info`): power files, voltage times current of an
 * INA3221, energy counters of packages and memory, the sum of rails that are
 * an AGX's input, and a tool of "power_tools" that prints what no file tells.
 * One is primary: the module's input or a card, else a package, else the
 * first.  Two devices of one name are told apart by labels, else by where they
 * sit (NAME@ADDRESS), else by paths.
 * Returns a value for json_value_destroy(). */
struct json_value *boards_propose(const struct board *board,
                                  const struct json *info);

#endif
