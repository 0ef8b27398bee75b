/* lane_power_rows.c - readings and a window become rows and traces */
#include "workers/lane_power.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#define UPDATES_MIN 30.0 /* of the sensor in a window that is long enough */

/* A window and what it is from. */
struct found_window {
    struct power_window on_meter;
    enum window_source source;
    double offset_s, bound_s; /* of the clock it was taken by */
};

static void note(struct power_row *row, const char *text)
{
    char all[COLUMN_TEXT_MAX * 2];

    snprintf(all, sizeof(all), "%s%s%s", row->power_note.s,
             row->power_note.s[0] ? "; " : "", text);
    column_text_set(&row->power_note, all);
}

/* The window, on the meter's clock.  False if the clock is not known. */
static bool find_window(const struct lane_power *p, const struct meter *meter,
                        const struct attempt_row *attempt,
                        struct found_window *ret)
{
    bool on_board = meter_driver_on_board(meter_config(meter)->driver);
    bool reported = attempt->window_start_unix_ns != COLUMN_I64_MISSING &&
                    attempt->window_end_unix_ns != COLUMN_I64_MISSING;
    int64_t start = p->run_start_ns, end = p->run_end_ns, shift;

    *ret = (struct found_window){ .source = WINDOW_WHOLE_RUN };
    if (reported) {
        ret->source = WINDOW_REPORTED;
        start = attempt->window_start_unix_ns;
        end = attempt->window_end_unix_ns;
    } else if (p->marker_ns[0] || p->marker_ns[1]) {
        ret->source = WINDOW_MARKERS;
        start = p->marker_ns[0] ? p->marker_ns[0] : start;
        end = p->marker_ns[1] ? p->marker_ns[1] : end;
    }
    if (on_board != reported) { /* two clocks */
        if (isnan(p->clock.offset_s))
            return false;
        shift = S_TO_NS(p->clock.offset_s);
        ret->bound_s = p->clock.bound_s;
        ret->offset_s = on_board ? 0 : -p->clock.offset_s;
        start += on_board ? shift : -shift;
        end += on_board ? shift : -shift;
    } /* else one clock told both: offset 0 by construction */
    ret->on_meter = (struct power_window){ start, end };
    return start && end > start;
}

static void fill_summary(struct power_row *row, const struct found_window *w,
                         const struct power_summary *sum, double images)
{
    double updates = NS_TO_S(w->on_meter.end_ns - w->on_meter.start_ns) /
                     sum->update_interval_s;
    char words[80];

    row->window_source = w->source;
    row->power_full_w = sum->mean_w;
    row->power_full_median_w = sum->median_w;
    row->power_full_stdev_w = sum->stdev_w;
    row->energy_j = sum->energy_j;
    row->energy_uncertainty_j = sum->energy_uncertainty_j;
    row->energy_image_j = images > 0 ? sum->energy_j / images : (double)NAN;
    row->clock_offset_s = w->offset_s;
    row->clock_bound_s = w->bound_s;
    row->coverage_pct = sum->coverage_pct;
    row->update_interval_s = sum->update_interval_s;
    row->power_samples = sum->samples;
    row->power_gaps = sum->gaps;
    if (sum->coverage_pct < POWER_COVERAGE_MIN) {
        snprintf(words, sizeof(words), "%.0f %% of the window seen, no energy",
                 sum->coverage_pct);
        note(row, words);
    }
    if (updates < UPDATES_MIN) {
        snprintf(words, sizeof(words), "window of %.0f updates of the sensor",
                 updates);
        note(row, words);
    }
}

static void fill_idle(const struct lane_board *b, const struct lane_power *p,
                      size_t i, struct power_row *row)
{
    const struct meter *meter = b->meters[i];
    int64_t offset = meter_arrival_offset_ns(meter);
    struct power_window idle = { p->idle_start_ns + offset,
                                 p->idle_end_ns + offset };
    size_t len;
    const struct power_reading *readings = meter_readings(meter, &len);

    row->power_base_w = b->base_tried ? b->base_w[i] : (double)NAN;
    if (p->idle_end_ns <= p->idle_start_ns)
        return;
    row->power_idle_w =
        power_summarize(readings, len, &idle, meter_config(meter)->period_s, 0)
            .mean_w;
    row->idle_kind = IDLE_BEFORE_RUN;
}

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

/* One meter's row.  ERR_IO if it is not optional and saw nothing. */
static int add_row(struct lane_board *b, const struct lane_power *p, size_t i,
                   double images, struct result *result, struct err *err)
{
    struct meter *meter = b->meters[i];
    const struct board_meter *config = meter_config(meter);
    struct found_window window;
    struct power_row row;
    size_t len;
    const struct power_reading *readings = meter_readings(meter, &len);
    const char *why = meter_fault(meter);

    name_row(&result->attempt, config, &row);
    if (p->notes[i][0])
        note(&row, p->notes[i]);
    if (!len && !*why)
        why = p->notes[i][0] ? p->notes[i] : "it gave no reading";
    fill_idle(b, p, i, &row);
    if (find_window(p, meter, &result->attempt, &window)) {
        struct power_summary sum = power_summarize(
            readings, len, &window.on_meter, config->period_s, window.bound_s);

        fill_summary(&row, &window, &sum, images);
        if (!sum.samples && !*why)
            why = "it gave no reading during inference";
    } else if (isnan(p->clock.offset_s)) {
        note(&row, "the board's clock is not known: no window");
    }
    if (*why && why != p->notes[i])
        note(&row, why);
    if (!VEC_PUSH(&result->power, row))
        return err_set(err, ERR_NOMEM, "no memory for a power row");
    if (*why && !config->optional)
        return err_set(err, ERR_IO, "meter '%s': %s", config->name, why);
    return 0;
}

/* The row of a meter that could not be opened. */
static int add_note(const struct board_meter *config, const char *text,
                    struct result *result, struct err *err)
{
    struct power_row row;

    name_row(&result->attempt, config, &row);
    note(&row, text);
    if (!VEC_PUSH(&result->power, row))
        return err_set(err, ERR_NOMEM, "no memory for a power row");
    return 0;
}

static int add_no_sensor(struct result *result, struct err *err)
{
    struct power_row row;

    name_row(&result->attempt, NULL, &row);
    row.primary = 1;
    note(&row, "no sensor");
    if (!VEC_PUSH(&result->power, row))
        return err_set(err, ERR_NOMEM, "no memory for a power row");
    return 0;
}

int lane_power_rows(struct lane_board *b, const struct lane_power *p,
                    double images, struct result *result, struct err *err)
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
        rc = add_row(b, p, i, images, result, &this);
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
