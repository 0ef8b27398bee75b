/* lane_thermal.h - a board that is too hot is waited for, not dropped */
#ifndef WORKERS_LANE_THERMAL_H
#define WORKERS_LANE_THERMAL_H

#include <stddef.h>

#include "core/err.h"
#include "workers/lane_board.h"

#define LANE_THERMAL_WAIT_S 120.0 /* then it is measured all the same */

/* The highest temperature in degC that 'output' (numbers in millidegrees, a
 * line each; other lines do not count) tells; NaN if none is between -60
 * and 200. */
double lane_thermal_parse(const void *output, size_t len);

/* The limit of cells on this board, degC: the lower one of the board's and
 * the experiment's; NaN if there is none. */
double lane_thermal_limit(const struct lane_board *board);

/* Wait until the board is not hotter than 'limit_degc', at most 'cap_s'.
 * Sets ret_degc to the last temperature read, NaN if the board tells none
 * (then it is not waited for).  Returns 0; ERR_REFUSED (cancelled), ERR_IO
 * and ERR_TIMEOUT (see link_lost). */
int lane_thermal_wait(struct lane_board *board, double limit_degc, double cap_s,
                      double *ret_degc, struct err *err);

#endif
