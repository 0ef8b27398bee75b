/* lane_facts.h - what an adapter wants to know of the board itself */
#ifndef WORKERS_LANE_FACTS_H
#define WORKERS_LANE_FACTS_H

#include "workers/lane_board.h"

/* Run every "facts" command of the adapter, once in a lane, and keep the
 * JSON objects they print (their own roofline, for one); then say so through
 * 'learnt'.  A command that fails leaves {"error": "..."} as its fact and
 * fails nothing else.  Blocks at most a minute a command.
 *
 * Returns 0; ERR_IO if the link was lost; ERR_REFUSED if the lane was
 * cancelled; ERR_NOMEM. */
int lane_facts_learn(struct lane_board *board, const struct scope *scope,
                     struct err *err);

/* Free what was learnt of the board; it may be learnt again. */
void lane_facts_free(struct lane_board *board);

#endif
