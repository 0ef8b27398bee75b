/* board_sensors.c - a visit: connect, look, leave */
#include "workers/board_sensors.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/lane_board.h"
#include "workers/lane_cycles.h"
#include "workers/lane_power_sum.h"
#include "workers/lane_run.h"
#include "workers/lane_stage.h"

#define FIRST_S 6.0 /* until the slowest meter has said something */

static int visit_begin(struct lane_board *b, const struct lane_setup *setup,
                       struct err *err)
{
    *b = (struct lane_board){ .setup = setup, .cancel_fd = -1 };
    b->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (b->cancel_fd < 0)
        return err_set_errno(err, ERR_IO, "no descriptor for a visit");
    return lane_board_connect(b, err);
}

static void visit_end(struct lane_board *b)
{
    lane_board_free(b);
    if (b->cancel_fd >= 0)
        close(b->cancel_fd);
}

static bool has_reading(const struct lane_board *b)
{
    size_t len;

    meter_readings(b->meters[0], &len);
    return len > 1 || !meter_running(b->meters[0]);
}

static bool has_ended(const struct lane_board *b)
{
    return !meter_running(b->meters[0]);
}

/* One meter alone is the visit's first. */
static int sample(struct lane_board *b, const struct board_meter *config,
                  double seconds, struct err *err)
{
    struct meter_env env = { .transport = b->transport,
                             .sysfs = b->setup->board->sysfs };
    int rc = 0;

    b->meter_tags[0] = (struct lane_tag){ LANE_TAG_METER, 0 };
    env.tag = &b->meter_tags[0];
    if (meter_driver_on_board(config->driver))
        rc = lane_stage_runner(b, &env.runner, err);
    if (!rc)
        rc = meter_open(config, &env, &b->meters[0], err);
    if (rc)
        return rc;
    b->meters_len = 1;
    rc = meter_start(b->meters[0], err);
    if (!rc)
        rc = lane_idle(b, FIRST_S, has_reading, err);
    if (!rc)
        rc = lane_idle(b, seconds, NULL, err);
    if (!rc)
        rc = meter_stop(b->meters[0], err);
    return rc ? rc : lane_idle(b, FIRST_S, has_ended, err);
}

/* What was read, into the row; false if that is nothing or out of scale. */
static bool tell(const struct meter *meter, struct json_value *row,
                 struct buf *words)
{
    struct power_summary sum;
    size_t len;
    const struct power_reading *r = meter_readings(meter, &len);

    if (*meter_fault(meter))
        buf_printf(words, "%s", meter_fault(meter));
    else if (!len)
        buf_printf(words, "it gave no reading");
    if (*meter_fault(meter) || !len)
        return false;
    buf_printf(words, "%s", meter_oddity(meter));
    sum = lane_power_between(meter, r[0].t_ns - meter_arrival_offset_ns(meter),
                             r[len - 1].t_ns - meter_arrival_offset_ns(meter),
                             words);
    json_set_f64(row, "power_w", sum.mean_w);
    json_set_i64(row, "readings", (int64_t)len);
    json_set_f64(row, "update_interval_s", sum.update_interval_s);
    json_set_f64(row, "resolution_w", sum.resolution_w);
    lane_power_calibration_words(meter_config(meter), words);
    return !isnan(sum.mean_w);
}

static int read_one(struct lane_board *b, const struct board_meter *config,
                    double seconds, struct json_value *rows)
{
    struct json_value *row = json_new_object();
    struct buf words = { 0 };
    struct err err = { 0 };
    int rc = sample(b, config, seconds, &err);
    bool ok = !rc && tell(b->meters[0], row, &words);

    if (rc)
        buf_printf(&words, "%s", err.text);
    json_set_string(row, "meter", config->name);
    json_set_string(row, "driver", config->driver);
    json_set_string(row, "scope", meter_scope_word(config->scope));
    json_set_bool(row, "optional", config->optional);
    json_set_bool(row, "ok", ok);
    if (config->calibration.there)
        json_set_string(row, "calibration", config->calibration.date);
    if (words.len)
        json_set_string(row, "reason", buf_text(&words));
    json_push(rows, row);
    buf_free(&words);
    if (b->meters_len)
        meter_close(b->meters[0]);
    b->meters_len = 0;
    return ok || config->optional ? 0 : ERR_IO;
}

int board_sensors_read(const struct lane_setup *setup, double seconds,
                       struct json_value *rows, struct err *err)
{
    struct lane_board b;
    int rc = visit_begin(&b, setup, err), bad = 0;

    for (size_t i = 0; !rc && i < setup->board->meters_len; i++)
        bad |= read_one(&b, &setup->board->meters[i], seconds, rows);
    visit_end(&b);
    if (!rc && bad)
        rc = err_set(err, ERR_IO, "a declared sensor cannot be read");
    return rc;
}

int board_sensors_discover(const struct lane_setup *setup,
                           struct json_doc **ret_info, struct err *err)
{
    struct lane_board b;
    struct buf command = { 0 }, out = { 0 };
    const char *runner = NULL;
    int rc = visit_begin(&b, setup, err);

    if (!rc)
        rc = lane_stage_runner(&b, &runner, err);
    if (!rc) {
        text_quote_shell(&command, runner);
        buf_printf(&command, " info --sysfs ");
        text_quote_shell(&command, setup->board->sysfs);
        rc = lane_command(&b, "labrunner info", buf_text(&command),
                          LANE_SHORT_S, &out, err);
    }
    if (!rc)
        rc = json_doc_parse(out.data, out.len, setup->board->name, ret_info,
                            err);
    buf_free(&command);
    buf_free(&out);
    visit_end(&b);
    return rc;
}

bool board_sensors_share_cycles(const struct lane_setup *setup)
{
    struct lane_board b;
    bool up = !visit_begin(&b, setup, NULL);

    if (up)
        lane_cycles_share(&b);
    visit_end(&b);
    return up;
}
