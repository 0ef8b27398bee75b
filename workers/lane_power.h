/* lane_power.h - a board's meters around and during a cell
 *
 * Base power once a campaign, idle before the jobs, full during inference; the
 * window is what the tool reports or exports, else its markers, else the
 * detected plateau, else the whole run.
 */
#ifndef WORKERS_LANE_POWER_H
#define WORKERS_LANE_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "orchestrator/wire/result.h"
#include "workers/lane_board.h"
#include "workers/lane_clock.h"

/* When things happened in one cell; ns since 1970, worker's clock unless it
 * says otherwise, 0: did not. */
struct lane_power {
    bool on;       /* the cell is measured with meters */
    bool reported; /* the tool reports its window, by the board's clock */
    bool exported; /* in a file that a later job prints */
    bool loaded;   /* the model is loaded and waits while idle is taken */
    int64_t idle_start_ns, idle_end_ns;
    int64_t run_start_ns, run_end_ns;
    int64_t marker_ns[2];
    struct lane_clock board_clock; /* against ours, around the cell */
    struct lane_clock clock;       /* the same, where the window's clock is
                                      not the meter's; else 0 */
    char notes[LANE_METERS][192];
};

/* What was done in the window; NaN: nobody knows. */
struct lane_window_work {
    double images, batches;
};

/* Take base power, once a board and campaign: the board as it was found,
 * nothing of ours loaded, before a cell's files are staged and its op mode
 * set.  What the campaign knew when the lane opened is taken over, if it is of
 * this very board and of every meter that is not optional.  Says in the row
 * which attempt took it.  What goes wrong is left to lane_power_begin(), base
 * is missing then.  Returns 0; ERR_IO (link lost), ERR_REFUSED (cancelled). */
int lane_power_base(struct lane_board *board, struct attempt_row *row,
                    struct err *err);

/* Open and start the meters, and take idle power.
 *
 * Returns 0; what a meter that is not optional cannot do fails the cell:
 * ERR_IO, ERR_USAGE, ERR_TIMEOUT, ERR_NOT_FOUND (no labrunner for it);
 * ERR_REFUSED (cancelled).  See link_lost. */
int lane_power_begin(struct lane_board *board, struct lane_power *power,
                     struct err *err);

/* Stop the meters and wait for their last readings.  Returns as above. */
int lane_power_end(struct lane_board *board, struct lane_power *power,
                   struct err *err);

/* Make a power row and a trace for every meter; a board without meters gets
 * one row that says "no sensor".  Returns 0; ERR_IO if a meter that is not optional has
 * nothing to say (the rows are there all the same); ERR_NOMEM. */
int lane_power_rows(struct lane_board *board, const struct lane_power *power,
                    const struct lane_window_work *work, struct result *result,
                    struct err *err);

#endif
