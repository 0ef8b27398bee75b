/* lane_power_sum.h - a meter's readings of one cell: corrected, looked at,
 * summed over its windows
 */
#ifndef WORKERS_LANE_POWER_SUM_H
#define WORKERS_LANE_POWER_SUM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "hdf5_schema/columns.h"
#include "workers/lane_power.h"
#include "workers/meter/power.h"

/* Readings times gain plus offset, without those that cannot be right, and
 * where they are summed. */
struct lane_power_sum {
    struct power_reading *readings; /* owned */
    size_t len;
    struct power_window idle, full; /* on the meter's clock */
    bool has_idle, has_full;
    enum window_source source;
    double offset_s, bound_s; /* of the clock the window was taken by */
    struct buf words;         /* what is odd, "" if nothing */
    bool out_of_scale;        /* a unit is wrong: nothing of it counts */
};

/* Correct, look, and find the windows.  'power' and 'attempt' are of the
 * cell.  Free with lane_power_sum_free() in any case.  Returns 0, ERR_NOMEM.
 */
int lane_power_sum_make(const struct meter *meter,
                        const struct lane_power *power,
                        const struct attempt_row *attempt,
                        struct lane_power_sum *ret_sum, struct err *err);
void lane_power_sum_free(struct lane_power_sum *sum);

/* Fill the row's columns of windows and numbers.  'images' and 'batches' are
 * those of the window, NaN if nobody knows.  Returns the readings inside the
 * window. */
int64_t lane_power_sum_fill(const struct lane_power_sum *sum,
                            const struct meter *meter, int64_t zero_ns,
                            double images, double batches,
                            struct power_row *row);

/* Power between two instants of the worker's clock, corrected, without
 * readings that cannot be right; what is odd is appended to 'words', and
 * nothing is left of readings that are out of scale. */
struct power_summary lane_power_between(const struct meter *meter,
                                        int64_t start_ns, int64_t end_ns,
                                        struct buf *words);

/* Append to 'words' that the calibration's date is over, if it is. */
void lane_power_calibration_words(const struct board_meter *config,
                                  struct buf *words);

/* Add a sentence to the row's note. */
void lane_power_note(struct power_row *row, const char *text);

#endif
