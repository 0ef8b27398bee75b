/* power_cycle.h - a board's outlet turned off and on, so often a day
 *
 * Through the meter that the board's "power_cycle" names.  A ledger common to
 * all users counts what anybody did (power_ledger.h); the board keeps a copy,
 * which tells other machines (lane_cycles.h).
 */
#ifndef WORKERS_POWER_CYCLE_H
#define WORKERS_POWER_CYCLE_H

#include <stdbool.h>

#include "core/err.h"
#include "inventory/board.h"

/* Off, wait, on; counted.  Blocks for that, not for the board's start.
 * Returns 0; ERR_USAGE (the board declares none); ERR_REFUSED (the day's cap
 * is reached, unless 'beyond'); ERR_IO, ERR_TIMEOUT (the instrument). */
int power_cycle(const struct board *board, bool beyond, struct err *err);

/* How often it was done in the last 24 hours. */
int power_cycle_count(const struct board *board);

/* A board did not answer: the first time is only marked, for a cable may be
 * out for a moment; when quarantine's probe finds it silent again within an
 * hour, it is cycled, if it declares so and the cap allows.  Returns true if
 * it was, with the seconds that it takes to start in 'ret_boot_s'; else
 * false, and 'err' says why if it was tried. */
bool power_cycle_after_silence(const struct board *board, double *ret_boot_s,
                               struct err *err);

/* The board answers: forget the mark. */
void power_cycle_answered(const struct board *board);

#endif
