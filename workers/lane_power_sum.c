/* lane_power_sum.c - gain and offset, oddities, windows, numbers */
#include "workers/lane_power_sum.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "workers/meter/plateau.h"
#include "workers/meter/power_check.h"

#define UPDATES_MIN 30 /* of the sensor in a window that is long enough */

void lane_power_note(struct power_row *row, const char *text)
{
    char all[COLUMN_TEXT_MAX * 2];

    snprintf(all, sizeof(all), "%s%s%s", row->power_note.s,
             row->power_note.s[0] ? "; " : "", text);
    column_text_set(&row->power_note, all);
}

static struct power_given given_of(const struct meter *meter, double bound_s)
{
    const struct board_meter *config = meter_config(meter);

    return (struct power_given){ .period_s = config->period_s,
                                 .clock_bound_s =
                                     bound_s + meter_clock_bound_s(meter),
                                 .accuracy_rel = config->accuracy_rel,
                                 .accuracy_w = config->accuracy_w };
}

/* A copy of the readings, times gain plus offset; NULL without memory. */
static struct power_reading *corrected(const struct meter *meter, size_t *len)
{
    const struct meter_calibration *c = &meter_config(meter)->calibration;
    const struct power_reading *raw = meter_readings(meter, len);
    struct power_reading *fixed = calloc(*len + 1, sizeof(*fixed));

    for (size_t i = 0; fixed && i < *len; i++) {
        fixed[i] = raw[i];
        if (c->there)
            fixed[i].power_w = raw[i].power_w * c->gain + c->offset_w;
    }
    return fixed;
}

static struct power_check check_of(const struct meter *meter)
{
    const struct board_meter *config = meter_config(meter);

    return (struct power_check){ config->period_s, config->low_w,
                                 config->high_w };
}

struct power_summary lane_power_between(const struct meter *meter,
                                        int64_t start_ns, int64_t end_ns,
                                        struct buf *words)
{
    int64_t offset = meter_arrival_offset_ns(meter);
    struct power_window window = { start_ns + offset, end_ns + offset };
    struct power_given given = given_of(meter, 0);
    struct power_check check = check_of(meter);
    size_t len;
    struct power_reading *fixed = corrected(meter, &len);
    struct power_summary sum;

    len = fixed ? len : 0;
    if (power_check_scale(fixed, len, &check, words))
        len = 0;
    power_check(fixed, len, &check, words);
    sum = power_summarize(fixed, len, &window, &given);
    free(fixed);
    return sum;
}

/* ---- windows */

static void find_idle(const struct lane_power *p, const struct meter *meter,
                      struct lane_power_sum *s)
{
    int64_t offset = meter_arrival_offset_ns(meter);

    s->idle = (struct power_window){ p->idle_start_ns + offset,
                                     p->idle_end_ns + offset };
    s->has_idle = p->idle_end_ns > p->idle_start_ns;
}

/* The whole run narrowed to its plateau, where one stands out of idle. */
static void narrow(const struct meter *meter, struct lane_power_sum *s)
{
    struct power_given given = given_of(meter, 0);
    struct power_summary idle;
    struct power_window plateau;

    if (!s->has_idle)
        return;
    idle = power_summarize(s->readings, s->len, &s->idle, &given);
    if (!power_plateau(s->readings, s->len, &s->full, idle.mean_w,
                       isnan(idle.stdev_w) ? 0 : idle.stdev_w, &plateau))
        return;
    s->full = plateau;
    s->source = WINDOW_PLATEAU;
}

/* The window, on the meter's clock, if that is known. */
static void find_full(const struct lane_power *p, const struct meter *meter,
                      const struct attempt_row *attempt,
                      struct lane_power_sum *s)
{
    bool on_board = meter_driver_on_board(meter_config(meter)->driver);
    bool reported = attempt->window_start_unix_ns != COLUMN_I64_MISSING &&
                    attempt->window_end_unix_ns != COLUMN_I64_MISSING;
    int64_t start = p->run_start_ns, end = p->run_end_ns, shift;

    s->source = WINDOW_WHOLE_RUN;
    if (reported) {
        s->source = p->exported ? WINDOW_EXPORTED : WINDOW_REPORTED;
        start = attempt->window_start_unix_ns;
        end = attempt->window_end_unix_ns;
    } else if (p->marker_ns[0] || p->marker_ns[1]) {
        s->source = WINDOW_MARKERS;
        start = p->marker_ns[0] ? p->marker_ns[0] : start;
        end = p->marker_ns[1] ? p->marker_ns[1] : end;
    }
    if (on_board != reported) { /* two clocks */
        if (isnan(p->clock.offset_s))
            return;
        shift = S_TO_NS(p->clock.offset_s);
        s->bound_s = p->clock.bound_s;
        s->offset_s = on_board ? 0 : -p->clock.offset_s;
        start += on_board ? shift : -shift;
        end += on_board ? shift : -shift;
    } /* else one clock told both: offset 0 by construction */
    s->full = (struct power_window){ start, end };
    s->has_full = start && end > start;
    if (s->has_full && s->source == WINDOW_WHOLE_RUN)
        narrow(meter, s);
}

/* ---- what is odd */

void lane_power_calibration_words(const struct board_meter *config,
                                  struct buf *words)
{
    const struct meter_calibration *c = &config->calibration;
    time_t now = (time_t)(clock_unix_ns() / NS_PER_S);
    char today[16];
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(today, sizeof(today), "%Y-%m-%d", &tm);
    if (*c->due && strcmp(c->due, today) < 0)
        buf_printf(words, "%scalibration of %s expired on %s",
                   words->len ? "; " : "", c->date, c->due);
}

int lane_power_sum_make(const struct meter *meter, const struct lane_power *p,
                        const struct attempt_row *attempt,
                        struct lane_power_sum *s, struct err *err)
{
    const struct board_meter *config = meter_config(meter);
    struct power_check check = check_of(meter);

    *s = (struct lane_power_sum){ 0 };
    s->readings = corrected(meter, &s->len);
    if (!s->readings)
        return err_set(err, ERR_NOMEM, "no memory for power readings");
    if (meter_invented(meter))
        buf_printf(&s->words, "no instrument: driver '%s'", config->driver);
    if (*meter_oddity(meter))
        buf_printf(&s->words, "%s%s", s->words.len ? "; " : "",
                   meter_oddity(meter));
    lane_power_calibration_words(config, &s->words);
    s->out_of_scale = power_check_scale(s->readings, s->len, &check, &s->words);
    power_check(s->readings, s->len, &check, &s->words);
    find_idle(p, meter, s);
    find_full(p, meter, attempt, s);
    return 0;
}

void lane_power_sum_free(struct lane_power_sum *s)
{
    free(s->readings);
    buf_free(&s->words);
}

/* ---- the row */

static double in_trace(int64_t t_ns, int64_t zero_ns)
{
    return NS_TO_S(t_ns - zero_ns);
}

static void fill_calibration(const struct board_meter *config,
                             struct power_row *row)
{
    const struct meter_calibration *c = &config->calibration;
    char words[COLUMN_TEXT_MAX];

    if (!c->there)
        return;
    row->calibration_gain = c->gain;
    row->calibration_offset_w = c->offset_w;
    snprintf(words, sizeof(words), "%s%s%s", c->date,
             *c->certificate ? ", " : "", c->certificate);
    column_text_set(&row->calibration, words);
}

static void fill_energy(const struct power_summary *sum, double seconds,
                        double images, double batches, struct power_row *row)
{
    row->energy_j = sum->energy_j;
    row->energy_uncertainty_j = sum->energy_uncertainty_j;
    row->energy_image_j = images > 0 ? sum->energy_j / images : (double)NAN;
    row->energy_batch_j = batches > 0 ? sum->energy_j / batches : (double)NAN;
    row->images_per_joule =
        images > 0 && sum->energy_j > 0 ? images / sum->energy_j : (double)NAN;
    row->energy_above_idle_j = sum->energy_j - row->power_idle_w * seconds;
}

static void tell_of_window(const struct power_summary *sum,
                           struct power_row *row)
{
    char words[80];

    if (sum->coverage_pct < POWER_COVERAGE_MIN) {
        snprintf(words, sizeof(words), "%.0f %% of the window seen, no energy",
                 sum->coverage_pct);
        lane_power_note(row, words);
    }
    if (sum->updates < UPDATES_MIN) {
        snprintf(words, sizeof(words), "window of %d updates of the sensor",
                 (int)sum->updates);
        lane_power_note(row, words);
    }
}

static void fill_full(const struct lane_power_sum *s,
                      const struct power_summary *sum, struct power_row *row)
{
    row->window_source = s->source;
    row->power_full_w = sum->mean_w;
    row->power_full_median_w = sum->median_w;
    row->power_full_stdev_w = sum->stdev_w;
    row->clock_offset_s = s->offset_s;
    row->coverage_pct = sum->coverage_pct;
    row->update_interval_s = sum->update_interval_s;
    row->power_resolution_w = sum->resolution_w;
    row->power_samples = sum->samples;
    row->power_updates = sum->updates;
    row->power_gaps = sum->gaps;
}

int64_t lane_power_sum_fill(const struct lane_power_sum *s,
                            const struct meter *meter, int64_t zero_ns,
                            double images, double batches,
                            struct power_row *row)
{
    struct power_given given = given_of(meter, s->bound_s);
    struct power_summary sum;
    const struct meter_calibration *c = &meter_config(meter)->calibration;

    fill_calibration(meter_config(meter), row);
    if (s->has_idle) {
        row->power_idle_w =
            power_summarize(s->readings, s->len, &s->idle, &given).mean_w;
        row->idle_start_s = in_trace(s->idle.start_ns, zero_ns);
        row->idle_end_s = in_trace(s->idle.end_ns, zero_ns);
    }
    if (!s->has_full)
        return 0;
    row->window_start_s = in_trace(s->full.start_ns, zero_ns);
    row->window_end_s = in_trace(s->full.end_ns, zero_ns);
    sum = power_summarize(s->readings, s->len, &s->full, &given);
    fill_full(s, &sum, row);
    row->clock_bound_s = given.clock_bound_s;
    row->power_full_raw_w =
        c->there ? (sum.mean_w - c->offset_w) / c->gain : sum.mean_w;
    fill_energy(&sum, NS_TO_S(s->full.end_ns - s->full.start_ns), images,
                batches, row);
    tell_of_window(&sum, row);
    return sum.samples;
}
