/* lane_health.h - temperature, clock, throttling beside any tool
 *
 * A shell on the board that stays and reads its sysfs when asked (builtins
 * only, no process is started): before a cell's jobs, every two seconds
 * beside them, and after.  What a tool tells itself counts more.
 */
#ifndef WORKERS_LANE_HEALTH_H
#define WORKERS_LANE_HEALTH_H

#include "core/err.h"
#include "hdf5_schema/columns.h"
#include "workers/lane_board.h"

/* Read the answer of one look; any text will do. */
struct health_look lane_health_parse(const char *text, size_t len);

/* Begin to look.  A board that cannot be looked at fails nothing.
 * Returns 0; ERR_REFUSED (cancelled), ERR_IO (link_lost). */
int lane_health_begin(struct lane_board *board, struct err *err);

/* Ask again if it is time; returns when that is. */
int64_t lane_health_tend(struct lane_board *board);

/* An event of the process. */
void lane_health_hear(struct lane_board *board, const struct proc_event *event);

/* Look a last time and fill the row: before, after, throttle events; a row
 * with some of these is marked as noisy.  Returns as lane_health_begin(). */
int lane_health_end(struct lane_board *board, struct attempt_row *row,
                    struct err *err);

/* End the process. */
void lane_health_close(struct lane_board *board);

extern const struct lane_tag lane_health_tag;

#endif
