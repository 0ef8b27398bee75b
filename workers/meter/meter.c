/* meter.c - drivers by name, and the readings they keep */
#include "workers/meter/meter_driver.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/text.h"
#include "workers/meter/options.h"

#define READINGS_MAX (1u << 24)
#define STEP_NS      MS_TO_NS(20) /* a clock that moves more was set */

#define METER(name) extern const struct meter_driver meter_##name;
#include "workers/meter/meters.def"
#undef METER

static const struct meter_driver *const drivers[] = {
#define METER(name) &meter_##name,
#include "workers/meter/meters.def"
#undef METER
};

const char *meter_driver_name(size_t i)
{
    return i < ARRAY_LEN(drivers) ? drivers[i]->name : NULL;
}

const char *meter_driver_help(size_t i)
{
    return i < ARRAY_LEN(drivers) ? drivers[i]->help : NULL;
}

static const struct meter_driver *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        if (!strcmp(drivers[i]->name, name))
            return drivers[i];
    return NULL;
}

bool meter_driver_on_board(const char *name)
{
    const struct meter_driver *driver = find(name);

    return driver && driver->on_board;
}

double meter_driver_period_s(const char *name)
{
    const struct meter_driver *driver = find(name);

    return driver ? driver->period_s : (double)NAN;
}

/* "on_board" says what the driver does anyway; saying otherwise is a mistake
 * about where the meter reads. */
static int check_place(const struct board_meter *config,
                       const struct meter_driver *driver, struct err *err)
{
    struct json at = { 0 };
    bool said = driver->on_board;
    int rc;

    if (config->entry.doc)
        at = json_get(&config->entry, "on_board");
    rc = json_opt_bool(&at, &said, err);
    if (!rc && said != driver->on_board)
        rc = json_fail(&at, err, "driver '%s' reads %s", driver->name,
                       driver->on_board ? "on the board" : "by the worker");
    return rc ? ERR_USAGE : 0;
}

int meter_check(const struct board_meter *config, struct err *err)
{
    const struct meter_driver *driver = find(config->driver);
    const char *names[ARRAY_LEN(drivers) + 1] = { 0 };

    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        names[i] = drivers[i]->name;
    if (!driver)
        meter_unknown("driver", config->driver, names, err);
    else if (!check_place(config, driver, err) &&
             !(driver->check && driver->check(config, err)))
        return 0;
    err_prefix(err, "meter '%s'", config->name);
    return ERR_USAGE;
}

int meter_check_all(const struct inventory *inventory, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < inventory->boards_len; i++) {
        const struct board *board = &inventory->boards[i];

        for (size_t k = 0; !rc && k < board->meters_len; k++) {
            rc = meter_check(&board->meters[k], err);
            if (rc)
                err_prefix(err, "%s: board '%s': meter '%s'", inventory->file,
                           board->name, board->meters[k].name);
        }
    }
    return rc;
}

int meter_open(const struct board_meter *config, const struct meter_env *env,
               struct meter **ret_meter, struct err *err)
{
    struct meter *m;
    int rc = meter_check(config, err);

    if (rc)
        return rc;
    m = calloc(1, sizeof(*m));
    if (!m)
        return err_set(err, ERR_NOMEM, "no memory for meter '%s'",
                       config->name);
    m->driver = find(config->driver);
    m->own_config = *config;
    m->config = &m->own_config;
    if (!(m->own_config.period_s > 0))
        m->own_config.period_s = m->driver->period_s;
    m->env = *env;
    if (m->driver->open)
        rc = m->driver->open(m, err);
    if (rc) {
        err_prefix(err, "meter '%s'", config->name);
        meter_close(m);
        return rc;
    }
    *ret_meter = m;
    return 0;
}

void meter_close(struct meter *m)
{
    if (!m)
        return;
    if (m->driver->close)
        m->driver->close(m);
    VEC_FREE(&m->readings);
    free(m);
}

const struct board_meter *meter_config(const struct meter *meter)
{
    return meter->config;
}

/* What instruments say of themselves may hold anything; a sentence is plain,
 * and ends between two characters. */
static void make_plain(char *text, size_t size)
{
    struct buf clean = { 0 };
    const char *plain;
    size_t len;

    text_clean_utf8(&clean, text, strlen(text));
    plain = buf_text(&clean);
    len = clean.len < size ? clean.len : size - 1;
    while (len && len < clean.len && ((unsigned char)plain[len] & 0xc0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        text[i] = plain[i] == '\n' || plain[i] == '\t' ? ' ' : plain[i];
    text[len] = 0;
    buf_free(&clean);
}

static int driver_start(struct meter *m, struct err *err)
{
    if (m->driver->on_board && !m->env.runner)
        return err_set(err, ERR_USAGE, "it needs a labrunner on the board");
    if (m->driver->on_board && !m->env.transport)
        return err_set(err, ERR_USAGE, "it needs a connection to the board");
    return m->driver->start(m, err);
}

int meter_start(struct meter *m, struct err *err)
{
    int rc;

    m->readings.len = 0;
    m->fault[0] = m->oddity[0] = 0;
    m->clock_bound_s = 0;
    m->unix_minus_mono_ns = clock_unix_ns() - clock_mono_ns();
    m->arrived = false;
    m->arrival_offset_ns = 0;
    rc = driver_start(m, err);
    m->running = !rc;
    if (rc && err) {
        make_plain(err->text, sizeof(err->text));
        err_prefix(err, "meter '%s'", m->config->name);
    }
    return rc;
}

int meter_stop(struct meter *m, struct err *err)
{
    return m->running ? m->driver->stop(m, err) : 0;
}

bool meter_running(const struct meter *meter)
{
    return meter->running;
}

size_t meter_wants(struct meter *m, struct pollfd *fds, int64_t *deadline)
{
    return m->running && m->driver->wants ? m->driver->wants(m, fds, deadline)
                                          : 0;
}

void meter_on_fd(struct meter *m, const struct pollfd *fd)
{
    if (m->running && m->driver->on_fd)
        m->driver->on_fd(m, fd);
}

void meter_on_time(struct meter *m, int64_t now_ns)
{
    if (m->running && m->driver->on_time)
        m->driver->on_time(m, now_ns);
}

void meter_on_proc(struct meter *m, const struct proc_event *event)
{
    if (m->driver->on_proc)
        m->driver->on_proc(m, event);
}

const char *meter_fault(const struct meter *meter)
{
    return meter->fault;
}

const char *meter_oddity(const struct meter *meter)
{
    return meter->oddity;
}

bool meter_invented(const struct meter *meter)
{
    return meter->driver->invented;
}

double meter_clock_bound_s(const struct meter *meter)
{
    return meter->clock_bound_s;
}

int meter_power(const struct board_meter *config, bool on, struct err *err)
{
    const struct meter_driver *driver = find(config->driver);
    int rc = meter_check(config, err);

    if (!rc && !driver->power)
        return err_set(err, ERR_USAGE, "meter '%s': driver '%s' has no outlet",
                       config->name, config->driver);
    if (!rc)
        rc = driver->power(config, on, err);
    return rc ? err_prefix(err, "meter '%s'", config->name) : 0;
}

const struct power_reading *meter_readings(const struct meter *meter,
                                           size_t *ret_len)
{
    *ret_len = meter->readings.len;
    return meter->readings.at;
}

int64_t meter_arrival_offset_ns(const struct meter *meter)
{
    return meter->arrival_offset_ns;
}

void meter_keep(struct meter *m, const struct power_reading *reading)
{
    int64_t now = clock_unix_ns(), offset = reading->t_ns - now;
    int64_t set = now - clock_mono_ns() - m->unix_minus_mono_ns;
    struct power_reading kept = *reading;

    if (!isfinite(kept.power_w))
        kept.power_w = NAN;
    if (m->readings.len >= READINGS_MAX)
        meter_fail(m, "gave more than %u readings", READINGS_MAX);
    else if (set > STEP_NS || set < -STEP_NS)
        meter_fail(m, "the worker's clock was set by %.3f s meanwhile",
                   NS_TO_S(set));
    else if (!VEC_PUSH(&m->readings, kept))
        meter_fail(m, "no memory for readings");
    if (!m->arrived || offset > m->arrival_offset_ns)
        m->arrival_offset_ns = offset;
    m->arrived = true;
}

void meter_fail(struct meter *m, const char *fmt, ...)
{
    va_list ap;

    m->running = false;
    if (m->fault[0])
        return;
    va_start(ap, fmt);
    vsnprintf(m->fault, sizeof(m->fault), fmt, ap);
    va_end(ap);
    make_plain(m->fault, sizeof(m->fault));
}

int64_t meter_next_due(int64_t due_ns, double period_s)
{
    int64_t period = S_TO_NS(period_s), now = clock_mono_ns();

    due_ns += period;
    return due_ns < now ? due_ns + (now - due_ns) / period * period : due_ns;
}

void meter_odd(struct meter *m, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(m->oddity, sizeof(m->oddity), fmt, ap);
    va_end(ap);
    make_plain(m->oddity, sizeof(m->oddity));
}
