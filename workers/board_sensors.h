/* board_sensors.h - look at a board's meters, without a cell
 *
 * On a connection of its own, closed again; sets no op mode.
 */
#ifndef WORKERS_BOARD_SENSORS_H
#define WORKERS_BOARD_SENSORS_H

#include <stdbool.h>

#include "core/err.h"
#include "core/json.h"
#include "workers/lane.h"

/* Read every meter that the board declares for 'seconds' and append an
 * object each to 'rows': "meter", "driver", "scope", "ok"; "power_w" (mean),
 * "readings", "update_interval_s", "resolution_w", "calibration"; "reason"
 * what is wrong or odd.
 *
 * Blocks for the connection, 'seconds', and a few more.  Returns 0 if all
 * that are not optional were read; ERR_IO if one was not (rows say which);
 * as lane_board_connect(). */
int board_sensors_read(const struct lane_setup *setup, double seconds,
                       struct json_value *rows, struct err *err);

/* Let the board's power ledger and this machine's meet, if the board answers
 * at all; blocks for the connection.  Returns true if it does. */
bool board_sensors_share_cycles(const struct lane_setup *setup);

/* Ask the board what it is and which sensors it has ('labrunner info').
 * Returns 0 and a document for json_doc_destroy(); ERR_NOT_FOUND (no
 * labrunner for its architecture), as lane_board_connect(). */
int board_sensors_discover(const struct lane_setup *setup,
                           struct json_doc **ret_info, struct err *err);

#endif
