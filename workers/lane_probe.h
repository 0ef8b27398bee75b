/* lane_probe.h - which board answered, in one command */
#ifndef WORKERS_LANE_PROBE_H
#define WORKERS_LANE_PROBE_H

#include <stddef.h>

#include "core/err.h"
#include "inventory/board.h"
#include "workers/lane_board.h"

/* The command; prints lines "key=value". */
const char *lane_probe_command(void);

/* Read what it printed; hostile bytes are cleaned.  Returns 0; ERR_FORMAT if
 * it is not of its form (no home folder, no architecture). */
int lane_probe_parse(const void *output, size_t len,
                     struct board_facts *ret_facts, struct err *err);

/* Whether the facts are those of the board that the inventory names.
 * Returns 0, or ERR_REFUSED with what was found and what was expected. */
int lane_probe_verify(const struct board_facts *facts,
                      const struct board_identity *identity, struct err *err);

#endif
