/* lane_cycles.h - the board's own copy of its power ledger
 *
 * In the board's lease folder, common to all who use it: what one machine's
 * workers did, another's learn at their next contact.
 */
#ifndef WORKERS_LANE_CYCLES_H
#define WORKERS_LANE_CYCLES_H

#include "workers/lane_board.h"

/* Make this machine's ledger and the board's say the same; nothing where the
 * board declares no "power_cycle".  What goes wrong is left: the ledger here
 * counts all the same (but see link_lost). */
void lane_cycles_share(struct lane_board *board);

#endif
