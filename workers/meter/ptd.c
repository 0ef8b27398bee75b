/* ptd.c - meter "ptd": a client of SPEC's PTDaemon
 *
 * "options": { "address": "HOST[:8888]", "volts": "300" | "Auto", "amps": "20"
 * | "Auto" }.  An untimed measurement runs; the newest sample is asked for
 * several times a sample, and kept once, when its time changes.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "workers/meter/dialog.h"
#include "workers/meter/options.h"
#include "workers/meter/ptd_line.h"

#define PORT   8888
#define SPREAD 4 /* questions a sample */

struct ptd_state {
    struct dialog dialog;
    const char *address, *volts, *amps;
    struct ptd_sample sample;
    char last[32]; /* time of the last one kept */
};

static int settings(const struct board_meter *config, struct ptd_state *s,
                    struct err *err)
{
    static const char *const keys[] = { "address", "volts", "amps", NULL };
    int rc = meter_option_keys(config, keys, err);

    if (!rc)
        rc = meter_option(config, "address", true, &s->address, err);
    if (!rc)
        rc = meter_option(config, "volts", false, &s->volts, err);
    if (!rc)
        rc = meter_option(config, "amps", false, &s->amps, err);
    return rc;
}

static int check(const struct board_meter *config, struct err *err)
{
    struct ptd_state state = { 0 };

    if (config->period_s > 0 && config->period_s < 0.05)
        return err_set(err, ERR_USAGE, "period %g s, expected 50 ms or more",
                       config->period_s);
    return settings(config, &state, err);
}

static bool ask(struct meter *m, size_t step, struct buf *question)
{
    (void)m;
    buf_printf(question, "RL\r\n");
    return step == 0;
}

static int take(struct meter *m, size_t step, const uint8_t *data, size_t len,
                struct err *err)
{
    struct ptd_state *s = m->state;

    (void)step;
    return ptd_answer_parse(data, len, &s->sample, err);
}

static double power(struct meter *m, bool *ret_new)
{
    struct ptd_state *s = m->state;

    *ret_new = s->sample.time[0] && strcmp(s->sample.time, s->last) != 0;
    memcpy(s->last, s->sample.time, sizeof(s->last));
    return s->sample.watts;
}

static const struct dialog_form form = { ask, ptd_answer_whole, take, power,
                                         2 };

/* Say a command and see that the answer begins as it must. */
static int say(int fd, const char *command, const char *expected,
               struct err *err)
{
    char answer[300];
    int rc = dialog_once(fd, command, 3, answer, sizeof(answer), err);

    if (!rc && strncmp(answer, expected, strlen(expected)) != 0)
        rc = err_set(err, ERR_IO,
                     "PTDaemon answers '%.80s' to '%.*s', expected '%s'",
                     answer, (int)strcspn(command, "\r"), command, expected);
    return rc;
}

static int begin(const struct meter *m, int fd, struct err *err)
{
    const struct ptd_state *s = m->state;
    char command[80];
    int rc = say(fd, "Hello\r\n", "Hello, PTDaemon here!", err);

    snprintf(command, sizeof(command), "SR,V,%s\r\n", s->volts ? s->volts : "");
    if (!rc && s->volts)
        rc = say(fd, command, "Range", err);
    snprintf(command, sizeof(command), "SR,A,%s\r\n", s->amps ? s->amps : "");
    if (!rc && s->amps)
        rc = say(fd, command, "Range", err);
    snprintf(command, sizeof(command), "Go,%d,0,labsweep\r\n",
             (int)lround(m->config->period_s * 1000));
    return rc ? rc : say(fd, command, "Starting untimed measurement", err);
}

static int ptd_open(struct meter *m, struct err *err)
{
    int rc = dialog_state(m, sizeof(struct ptd_state), err);

    return rc ? rc : settings(m->config, m->state, err);
}

static int ptd_start(struct meter *m, struct err *err)
{
    struct ptd_state *s = m->state;
    int fd, rc = dialog_open(s->address, PORT, &fd, err);

    if (rc)
        return rc;
    s->last[0] = 0;
    rc = begin(m, fd, err);
    if (rc) {
        close(fd);
        return rc;
    }
    dialog_begin(m, &form, fd);
    s->dialog.pace_s = m->config->period_s / SPREAD;
    return 0;
}

static int ptd_stop(struct meter *m, struct err *err)
{
    struct ptd_state *s = m->state;

    if (m->running && write(s->dialog.fd, "Stop\r\n", 6) != 6)
        meter_odd(m, "PTDaemon was not told to stop");
    return dialog_stop(m, err);
}

const struct meter_driver meter_ptd = {
    .name = "ptd",
    .help = "wall meters behind SPEC's PTDaemon",
    .period_s = 1,
    .check = check,
    .open = ptd_open,
    .start = ptd_start,
    .stop = ptd_stop,
    .wants = dialog_wants,
    .on_fd = dialog_on_fd,
    .on_time = dialog_on_time,
    .close = dialog_close,
};
