/* lane_power_rows.c - readings and a window become rows and traces */
#include "workers/lane_power.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "workers/lane_power_sum.h"

#define SILENT_READINGS 5 /* missed at the end: nobody is there any more */

static void name_row(const struct attempt_row *attempt,
                     const struct board_meter *config, struct power_row *row)
{
    columns_clear(&columns_power_runs, row);
    row->cell = attempt->cell;
    row->attempt = attempt->attempt;
    if (!config)
        return;
    column_text_set(&row->meter, config->name);
    row->primary = config->primary;
    row->power_scope =
        columns_flag_value("power_scope", meter_scope_word(config->scope));
}

/* The trace, in time since the attempt's start. */
static int add_trace(const struct meter *meter, size_t i, struct result *result,
                     struct err *err)
{
    size_t len;
    const struct power_reading *readings = meter_readings(meter, &len);
    int64_t zero =
        result->attempt.start_unix_ns + meter_arrival_offset_ns(meter);
    double *values = calloc(len + 1, sizeof(*values));
    int64_t *times = calloc(len + 1, sizeof(*times));
    struct sample_block block = { 0 };
    int rc = values && times ? 0
                             : err_set(err, ERR_NOMEM,
                                       "no memory for a "
                                       "power trace");

    for (size_t k = 0; !rc && k < len; k++) {
        values[k] = readings[k].power_w;
        times[k] = readings[k].t_ns - zero;
    }
    if (!rc && len)
        rc = samples_pack((uint8_t)(CHANNEL_POWER + i), values, times, len,
                          &block, err);
    if (!rc && len && !VEC_PUSH(&result->samples, block)) {
        sample_block_free(&block);
        rc = err_set(err, ERR_NOMEM, "no memory for a power trace");
    }
    free(values);
    free(times);
    return rc;
}

/* What a meter is told by besides its readings. */
static const char *why_of(const struct meter *meter, const char *note,
                          const struct lane_power_sum *sum)
{
    if (*meter_fault(meter))
        return meter_fault(meter);
    if (!sum->len)
        return *note ? note : "it gave no reading";
    return sum->out_of_scale ? "its readings are out of scale" : "";
}

/* Whether nothing could be read any more from some instant of the window to
 * the end: a sensor that went away, not one that missed a beat. */
static bool fell_silent(const struct meter *meter,
                        const struct lane_power_sum *sum)
{
    size_t len, silent = 0;
    const struct power_reading *r = meter_readings(meter, &len);

    while (silent < len && isnan(r[len - 1 - silent].power_w))
        silent++;
    return sum->has_full && silent >= SILENT_READINGS &&
           r[len - silent].t_ns < sum->full.end_ns;
}

static void clear_numbers(struct power_row *row)
{
    struct power_row kept = *row;

    columns_clear(&columns_power_runs, row);
    row->cell = kept.cell;
    row->attempt = kept.attempt;
    row->meter = kept.meter;
    row->primary = kept.primary;
    row->power_scope = kept.power_scope;
    row->power_note = kept.power_note;
}

/* One meter's row.  ERR_IO if it is not optional and saw nothing. */
static int add_row(struct lane_board *b, const struct lane_power *p, size_t i,
                   const struct lane_window_work *work, struct result *result,
                   struct err *err)
{
    struct meter *meter = b->meters[i];
    const struct board_meter *config = meter_config(meter);
    int64_t zero =
        result->attempt.start_unix_ns + meter_arrival_offset_ns(meter);
    struct lane_power_sum sum;
    struct power_row row;
    const char *why;
    int rc = lane_power_sum_make(meter, p, &result->attempt, &sum, err);

    if (rc)
        return rc;
    name_row(&result->attempt, config, &row);
    if (p->notes[i][0])
        lane_power_note(&row, p->notes[i]);
    if (sum.words.len)
        lane_power_note(&row, buf_text(&sum.words));
    row.power_base_w = b->base_tried ? b->base_w[i] : (double)NAN;
    row.idle_kind = !sum.has_idle ? row.idle_kind
                    : p->loaded   ? IDLE_LOADED
                                  : IDLE_BEFORE_RUN;
    why = why_of(meter, p->notes[i], &sum);
    if (!lane_power_sum_fill(&sum, meter, zero, work->images, work->batches,
                             &row) &&
        sum.has_full && !*why)
        why = "it gave no reading during inference";
    if (!*why && fell_silent(meter, &sum))
        why = "it fell silent during inference";
    if (!sum.has_full && isnan(p->clock.offset_s))
        lane_power_note(&row, "the board's clock is not known: no window");
    if (*why && why != p->notes[i])
        lane_power_note(&row, why);
    if (sum.out_of_scale)
        clear_numbers(&row);
    if (!VEC_PUSH(&result->power, row))
        rc = err_set(err, ERR_NOMEM, "no memory for a power row");
    else if (*why && !config->optional)
        rc = err_set(err, ERR_IO, "meter '%s': %s%s%s", config->name, why,
                     sum.words.len ? ": " : "", buf_text(&sum.words));
    lane_power_sum_free(&sum);
    return rc;
}

/* The row of a meter that could not be opened. */
static int add_note(const struct board_meter *config, const char *text,
                    struct result *result, struct err *err)
{
    struct power_row row;

    name_row(&result->attempt, config, &row);
    lane_power_note(&row, text);
    if (!VEC_PUSH(&result->power, row))
        return err_set(err, ERR_NOMEM, "no memory for a power row");
    return 0;
}

static int add_no_sensor(struct result *result, struct err *err)
{
    struct power_row row;

    name_row(&result->attempt, NULL, &row);
    row.primary = 1;
    lane_power_note(&row, "no sensor");
    if (!VEC_PUSH(&result->power, row))
        return err_set(err, ERR_NOMEM, "no memory for a power row");
    return 0;
}

int lane_power_rows(struct lane_board *b, const struct lane_power *p,
                    const struct lane_window_work *work, struct result *result,
                    struct err *err)
{
    struct err this = { 0 };
    int first = 0, rc;

    if (!b->setup->experiment->capture_power)
        return 0;
    if (!b->setup->board->meters_len)
        return add_no_sensor(result, err);
    for (size_t i = 0; !p->on && i < b->setup->board->meters_len; i++) {
        rc = add_note(&b->setup->board->meters[i], p->notes[i], result, err);
        if (rc)
            return rc;
    }
    for (size_t i = 0; p->on && i < b->meters_len; i++) {
        rc = add_row(b, p, i, work, result, &this);
        if (!rc)
            rc = add_trace(b->meters[i], i, result, &this);
        if (rc && !first) {
            first = rc;
            if (err)
                *err = this;
        }
    }
    return first;
}
