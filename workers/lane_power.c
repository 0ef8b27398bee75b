/* lane_power.c - meters started, idled, stopped */
#include "workers/lane_power.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "workers/lane_power_sum.h"
#include "workers/lane_run.h"
#include "workers/lane_stage.h"

#define FIRST_READING_S 5.0
#define LAST_READING_S  5.0

static const struct board_meter *config_at(const struct lane_board *b, size_t i)
{
    return &b->setup->board->meters[i];
}

static bool any_on_board(const struct lane_board *b)
{
    for (size_t i = 0; i < b->setup->board->meters_len; i++)
        if (meter_driver_on_board(config_at(b, i)->driver))
            return true;
    return false;
}

/* An optional meter that fails leaves a note, another fails the cell. */
static int excuse(const struct board_meter *config, char *note, size_t size,
                  const struct lane_board *b, int rc, struct err *err)
{
    if (!rc || !config->optional || b->link_lost || rc == ERR_NOMEM ||
        rc == ERR_REFUSED)
        return rc;
    snprintf(note, size, "%s", err ? err->text : "cannot be read");
    return 0;
}

/* A labrunner for the meters on the board.  Where none is to be had, those
 * that are optional say so when they are started. */
static int stage_runner(struct lane_board *b, const char **ret_runner,
                        struct err *err)
{
    int rc = any_on_board(b) ? lane_stage_runner(b, ret_runner, err) : 0;

    if (!rc || b->link_lost || rc == ERR_NOMEM || rc == ERR_REFUSED)
        return rc;
    for (size_t i = 0; i < b->setup->board->meters_len; i++)
        if (meter_driver_on_board(config_at(b, i)->driver) &&
            !config_at(b, i)->optional)
            return rc;
    *ret_runner = NULL;
    return 0;
}

/* Open all meters, once a connection. */
static int open_meters(struct lane_board *b, struct err *err)
{
    const struct board *board = b->setup->board;
    struct meter_env env = { .transport = b->transport, .sysfs = board->sysfs };
    int rc = 0;

    if (b->meters_len == board->meters_len)
        return 0;
    if (board->meters_len > LANE_METERS)
        return err_set(err, ERR_USAGE,
                       "board '%s' has %zu meters, expected at "
                       "most %d",
                       board->name, board->meters_len, LANE_METERS);
    rc = stage_runner(b, &env.runner, err);
    while (!rc && b->meters_len < board->meters_len) {
        size_t i = b->meters_len;

        b->meter_tags[i] = (struct lane_tag){ LANE_TAG_METER, i };
        env.tag = &b->meter_tags[i];
        rc = meter_open(config_at(b, i), &env, &b->meters[i], err);
        b->meters_len += !rc;
    }
    return rc;
}

static bool all_have_readings(const struct lane_board *b)
{
    size_t len;

    for (size_t i = 0; i < b->meters_len; i++) {
        meter_readings(b->meters[i], &len);
        if (meter_running(b->meters[i]) && !len)
            return false;
    }
    return true;
}

static bool all_ended(const struct lane_board *b)
{
    for (size_t i = 0; i < b->meters_len; i++)
        if (meter_running(b->meters[i]))
            return false;
    return true;
}

static int start_meters(struct lane_board *b, struct lane_power *p,
                        struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < b->meters_len; i++) {
        rc = meter_start(b->meters[i], err);
        if (rc == ERR_IO || rc == ERR_TIMEOUT)
            b->link_lost = meter_driver_on_board(config_at(b, i)->driver);
        rc = excuse(config_at(b, i), p->notes[i], sizeof(p->notes[i]), b, rc,
                    err);
    }
    if (!rc)
        rc = lane_idle(b, FIRST_READING_S, all_have_readings, err);
    return rc;
}

static double longest_idle_s(const struct lane_board *b)
{
    double longest = 0;

    for (size_t i = 0; i < b->meters_len; i++)
        longest = fmax(longest, config_at(b, i)->idle_s);
    return longest;
}

static int wait_for_end(struct lane_board *b, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < b->meters_len; i++)
        rc = meter_stop(b->meters[i], err);
    return rc ? rc : lane_idle(b, LAST_READING_S, all_ended, err);
}

/* Meters that were started end, too, where something else went wrong: a
 * sampler left running would load the board, and speak into the next cell. */
static int give_up(struct lane_board *b, int rc)
{
    if (rc && !b->link_lost)
        (void)wait_for_end(b, NULL);
    return rc;
}

static int take_base(struct lane_board *b, struct err *err)
{
    struct lane_power unused = { 0 };
    struct buf words = { 0 };
    int64_t start, end;
    int rc = open_meters(b, err);

    if (!rc)
        rc = start_meters(b, &unused, err);
    start = clock_unix_ns();
    if (!rc)
        rc = lane_idle(b, longest_idle_s(b), NULL, err);
    end = clock_unix_ns();
    for (size_t i = 0; !rc && i < b->meters_len; i++)
        b->base_w[i] =
            lane_power_between(b->meters[i], start, end, &words).mean_w;
    buf_free(&words); /* the cells' own rows say such things */
    return rc ? give_up(b, rc) : wait_for_end(b, err);
}

/* True if the row was read as the meter is read now. */
static bool same_reading(const struct board_meter *config,
                         const struct power_row *row)
{
    const struct meter_calibration *c = &config->calibration;
    double gain = isnan(row->calibration_gain) ? 1 : row->calibration_gain;
    double offset_w =
        isnan(row->calibration_offset_w) ? 0 : row->calibration_offset_w;

    return !strcmp(row->meter.s, config->name) &&
           row->power_scope ==
               columns_flag_value("power_scope",
                                  meter_scope_word(config->scope)) &&
           fabs(gain - c->gain) <= 0 && fabs(offset_w - c->offset_w) <= 0;
}

/* What the campaign knew of the meter, or NULL. */
static const struct power_row *find_base(const struct lane_board *b,
                                         const struct board_meter *config)
{
    const struct known_facts *known = b->setup->known;

    for (size_t i = 0; i < known->base.len; i++)
        if (same_reading(config, &known->base.at[i]))
            return &known->base.at[i];
    return NULL;
}

/* Take over what the campaign knew.  False if it is of another board, or of
 * too few of its meters. */
static bool take_over_base(struct lane_board *b)
{
    const struct board *board = b->setup->board;
    const struct known_facts *known = b->setup->known;
    size_t found = 0;

    if (!known || !known->base.len || board->meters_len > LANE_METERS ||
        strcmp(known->base_of.board_identity.s, lane_identity(b)) != 0)
        return false;
    for (size_t i = 0; i < board->meters_len; i++) {
        const struct power_row *row = find_base(b, &board->meters[i]);

        if (!row && !board->meters[i].optional)
            return false;
        found += row != NULL;
        b->base_w[i] = row ? row->power_base_w : (double)NAN;
    }
    b->base_cell = known->base_of.power_base_cell;
    b->base_attempt = known->base_of.power_base_attempt;
    return found > 0;
}

static int make_base(struct lane_board *b, const struct attempt_row *row,
                     struct err *err)
{
    struct err why;
    int rc;

    for (size_t i = 0; i < LANE_METERS; i++)
        b->base_w[i] = NAN;
    b->base_cell = b->base_attempt = COLUMN_I64_MISSING;
    rc = take_base(b, &why);
    for (size_t i = 0; !rc && i < b->meters_len; i++)
        if (!isnan(b->base_w[i])) {
            b->base_cell = row->cell;
            b->base_attempt = row->attempt;
        }
    if (!rc || (!b->link_lost && rc != ERR_REFUSED && rc != ERR_NOMEM))
        return 0;
    if (err)
        *err = why;
    return rc;
}

int lane_power_base(struct lane_board *b, struct attempt_row *row,
                    struct err *err)
{
    int rc = 0;

    if (!b->setup->board->meters_len || !b->setup->experiment->capture_power)
        return 0;
    if (!b->base_tried) {
        if (!take_over_base(b))
            rc = make_base(b, row, err);
        b->base_tried = !rc;
    }
    row->power_base_cell = b->base_cell;
    row->power_base_attempt = b->base_attempt;
    return rc;
}

/* Where the window's clock is not the meter's, the two are compared. */
static bool needs_clock(const struct lane_board *b, const struct lane_power *p)
{
    for (size_t i = 0; i < b->meters_len; i++)
        if (meter_driver_on_board(config_at(b, i)->driver) != p->reported)
            return true;
    return false;
}

static int measure_clock(struct lane_board *b, struct lane_clock *clock)
{
    const char *runner = NULL;
    int rc = stage_runner(b, &runner, NULL);

    if (!rc)
        rc = lane_clock_measure(b, runner, clock, NULL);
    if (!rc || b->link_lost)
        return rc;
    *clock = (struct lane_clock){ NAN, NAN }; /* the rows will say so */
    return 0;
}

/* Meters that cannot even be opened: an excuse only if all are optional. */
static int without_meters(struct lane_board *b, struct lane_power *p, int rc,
                          const struct err *err)
{
    size_t len = b->setup->board->meters_len;

    if (b->link_lost || rc == ERR_NOMEM || rc == ERR_REFUSED ||
        len > LANE_METERS)
        return rc;
    for (size_t i = 0; i < len; i++)
        if (!config_at(b, i)->optional)
            return rc;
    for (size_t i = 0; i < len; i++)
        snprintf(p->notes[i], sizeof(p->notes[i]), "%s", err->text);
    return 0;
}

int lane_power_begin(struct lane_board *b, struct lane_power *p,
                     struct err *err)
{
    int rc;

    *p = (struct lane_power){ .reported = p->reported,
                              .exported = p->exported,
                              .loaded = p->loaded,
                              .board_clock = { NAN, NAN } };
    if (!b->setup->board->meters_len || !b->setup->experiment->capture_power)
        return 0;
    rc = open_meters(b, err);
    if (rc)
        return without_meters(b, p, rc, err);
    p->on = true;
    if (measure_clock(b, &p->board_clock))
        return err_set(err, ERR_IO,
                       "the link to the board was lost while its "
                       "clock was asked");
    rc = start_meters(b, p, err);
    p->idle_start_ns = clock_unix_ns();
    if (!rc)
        rc = lane_idle(b, longest_idle_s(b), NULL, err);
    p->idle_end_ns = clock_unix_ns();
    return give_up(b, rc);
}

int lane_power_end(struct lane_board *b, struct lane_power *p, struct err *err)
{
    struct lane_clock after;
    double last_s = 0;
    int rc = 0;

    if (!p->on)
        return 0;
    for (size_t i = 0; i < b->meters_len; i++) /* one reading past the end */
        last_s = fmax(last_s, meter_config(b->meters[i])->period_s);
    if (!b->link_lost)
        rc = lane_idle(b, fmin(2 * last_s, 2.0), NULL, err);
    rc = rc ? give_up(b, rc) : wait_for_end(b, err);
    if (!rc && !measure_clock(b, &after))
        p->board_clock = lane_clock_join(&p->board_clock, &after);
    if (needs_clock(b, p))
        p->clock = p->board_clock;
    return rc;
}
