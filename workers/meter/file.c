/* file.c - meter "file": sensor files of the board, polled by labrunner there
 *
 * Sources of quantity "power" are summed; voltages and currents are taken in
 * pairs, in the order they stand, and their products summed too.
 */
#include "workers/meter/meter_driver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "workers/meter/power_stream.h"

#define STEP_NS MS_TO_NS(20) /* a clock that moves more was set */

struct file_state {
    struct power_stream stream;
    struct proc *proc;
    bool asked_to_end;
    int64_t unix_minus_mono_ns;
    char words[160]; /* the sampler's own, from stderr */
};

/* What labrunner makes of a quantity: its unit letter and ours. */
static const struct quantity {
    const char *name, *unit;
} quantities[] = {
    { "power", "W" },
    { "voltage", "V" },
    { "current", "A" },
};

static const struct quantity *quantity_of(const struct board_meter_source *s)
{
    for (size_t i = 0; i < ARRAY_LEN(quantities); i++)
        if (!strcmp(quantities[i].name, s->quantity))
            return &quantities[i];
    return NULL;
}

static size_t count(const struct board_meter *config, const char *quantity)
{
    size_t n = 0;

    for (size_t i = 0; i < config->sources_len; i++)
        n += !strcmp(config->sources[i].quantity, quantity);
    return n;
}

static int check(const struct board_meter *config, struct err *err)
{
    if (!config->sources_len || config->sources_len > POWER_STREAM_SOURCES)
        return err_set(err, ERR_USAGE, "has %zu sources, expected 1 to %d",
                       config->sources_len, POWER_STREAM_SOURCES);
    for (size_t i = 0; i < config->sources_len; i++) {
        const struct board_meter_source *s = &config->sources[i];
        const struct quantity *q = quantity_of(s);

        if (!q)
            return err_set(err, ERR_USAGE,
                           "sources[%zu]: cannot read '%s', expected power, "
                           "voltage or current",
                           i, s->quantity);
        if (strpbrk(s->path, ",\n"))
            return err_set(err, ERR_USAGE,
                           "sources[%zu]: a path with ',' cannot be read", i);
    }
    if (count(config, "voltage") != count(config, "current"))
        return err_set(err, ERR_USAGE,
                       "has %zu voltages and %zu currents, expected pairs",
                       count(config, "voltage"), count(config, "current"));
    return 0;
}

static int file_open(struct meter *m, struct err *err)
{
    struct file_state *state = calloc(1, sizeof(*state));

    if (!state)
        return err_set(err, ERR_NOMEM, "no memory for a meter");
    state->stream.sources = (uint32_t)m->config->sources_len;
    m->state = state;
    return 0;
}

static void put_command(const struct meter *m, struct buf *out)
{
    char word[1024];

    buf_printf(out, "exec ");
    text_quote_shell(out, m->env.runner);
    buf_printf(out, " power --period-s %.9g", m->config->period_s);
    for (size_t i = 0; i < m->config->sources_len; i++) {
        const struct board_meter_source *s = &m->config->sources[i];
        snprintf(word, sizeof(word), "label=s%zu,path=%s,scale=%.9g,unit=%s", i,
                 s->path, s->factor, quantity_of(s)->unit);
        buf_printf(out, " --source ");
        text_quote_shell(out, word);
    }
}

static int file_start(struct meter *m, struct err *err)
{
    struct file_state *state = m->state;
    struct buf command = { 0 };
    int rc;

    power_stream_free(&state->stream);
    *state = (struct file_state){ .stream.sources = state->stream.sources };
    put_command(m, &command);
    if (buf_failed(&command))
        rc = err_set(err, ERR_NOMEM, "no memory for a command");
    else
        rc = transport_start(m->env.transport, buf_text(&command), m->env.tag,
                             &state->proc, err);
    buf_free(&command);
    return rc;
}

/* labrunner ends with its standard input. */
static int file_stop(struct meter *m, struct err *err)
{
    struct file_state *state = m->state;

    state->asked_to_end = true;
    return state->proc ? proc_close_stdin(state->proc, err) : 0;
}

static double power_of(const struct board_meter *config,
                       const struct power_record *record)
{
    double sum = 0, volts[POWER_STREAM_SOURCES], amps[POWER_STREAM_SOURCES];
    size_t v = 0, a = 0;

    for (size_t i = 0; i < config->sources_len; i++) {
        const char *quantity = config->sources[i].quantity;

        if (!strcmp(quantity, "power"))
            sum += record->values[i];
        else if (!strcmp(quantity, "voltage"))
            volts[v++] = record->values[i];
        else
            amps[a++] = record->values[i];
    }
    for (size_t i = 0; i < v && i < a; i++)
        sum += volts[i] * amps[i];
    return sum; /* NaN if any part of it was not read */
}

static void keep(void *ctx, const struct power_record *record)
{
    struct meter *m = ctx;
    struct file_state *state = m->state;
    int64_t apart = record->unix_ns - record->mono_ns;
    struct power_reading reading = {
        .t_ns = record->unix_ns,
        .power_w = power_of(m->config, record),
        .late = record->late,
    };

    if (!state->unix_minus_mono_ns)
        state->unix_minus_mono_ns = apart;
    if (apart - state->unix_minus_mono_ns > STEP_NS ||
        state->unix_minus_mono_ns - apart > STEP_NS)
        meter_fail(m, "the board's clock was set by %.3f s meanwhile",
                   NS_TO_S(apart - state->unix_minus_mono_ns));
    meter_keep(m, &reading);
}

static void drop_proc(struct meter *m)
{
    struct file_state *state = m->state;

    proc_release(state->proc);
    state->proc = NULL;
}

static void sampler_ended(struct meter *m, const struct proc_event *event)
{
    struct file_state *state = m->state;

    if (!state->asked_to_end || event->exit_status != 0)
        meter_fail(m, "the sampler ended with status %d: %s",
                   event->exit_status,
                   state->words[0] ? state->words : "it said nothing");
    m->running = false;
    drop_proc(m);
}

static void file_on_proc(struct meter *m, const struct proc_event *event)
{
    struct file_state *state = m->state;
    struct err err;
    size_t n = strlen(state->words);

    if (event->kind == PROC_EXIT) {
        sampler_ended(m, event);
    } else if (event->kind == PROC_STDERR) {
        for (size_t i = 0; i < event->len && n + 1 < sizeof(state->words); i++)
            if (event->data[i] >= ' ' && event->data[i] < 0x7f)
                state->words[n++] = (char)event->data[i];
        state->words[n] = 0;
    } else if (event->kind == PROC_STDOUT && !state->stream.broken) {
        if (power_stream_take(&state->stream, event->data, event->len, keep, m,
                              &err)) {
            meter_fail(m, "%s", err.text);
            drop_proc(m); /* kills it: nobody listens any more */
        }
    }
}

static void file_close(struct meter *m)
{
    struct file_state *state = m->state;

    if (!state)
        return;
    proc_release(state->proc);
    power_stream_free(&state->stream);
    free(state);
}

const struct meter_driver meter_file = {
    .name = "file",
    .help = "sensor files of the board (sysfs: hwmon, iio), polled there",
    .on_board = true,
    .check = check,
    .open = file_open,
    .start = file_start,
    .stop = file_stop,
    .on_proc = file_on_proc,
    .close = file_close,
};
