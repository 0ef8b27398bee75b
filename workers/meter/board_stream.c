/* board_stream.c - a sampler on the board, from its start to its end */
#include "workers/meter/board_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"

#define STEP_NS MS_TO_NS(20) /* a clock that moves more was set */

int board_stream_open(struct meter *m, size_t sources,
                      void (*each)(struct meter *meter,
                                   const struct power_record *record),
                      struct err *err)
{
    struct board_stream *state = calloc(1, sizeof(*state));

    if (!state)
        return err_set(err, ERR_NOMEM, "no memory for a meter");
    state->stream.sources = (uint32_t)sources;
    state->each = each;
    m->state = state;
    return 0;
}

void board_stream_command(const struct meter *m, struct buf *out)
{
    buf_printf(out, "exec ");
    text_quote_shell(out, m->env.runner);
    buf_printf(out, " power --period-s %.9g", m->config->period_s);
    if (m->env.sysfs) {
        buf_printf(out, " --sysfs ");
        text_quote_shell(out, m->env.sysfs);
    }
}

void board_stream_source(struct buf *out, size_t i, double factor, char unit,
                         const char *key, const char *tail)
{
    char word[1200];

    snprintf(word, sizeof(word), "label=s%zu,scale=%.9g,unit=%c,%s=%s", i,
             factor, unit, key, tail);
    buf_printf(out, " --source ");
    text_quote_shell(out, word);
}

int board_stream_start(struct meter *m, struct buf *command, struct err *err)
{
    struct board_stream *state = m->state;
    int rc;

    proc_release(state->proc); /* one that did not end when it was asked */
    power_stream_free(&state->stream);
    *state = (struct board_stream){ .each = state->each,
                                    .stream.sources = state->stream.sources };
    if (buf_failed(command))
        rc = err_set(err, ERR_NOMEM, "no memory for a command");
    else
        rc = transport_start(m->env.transport, buf_text(command), m->env.tag,
                             &state->proc, err);
    buf_free(command);
    return rc;
}

/* labrunner ends with its standard input. */
int board_stream_stop(struct meter *m, struct err *err)
{
    struct board_stream *state = m->state;

    state->asked_to_end = true;
    return state->proc ? proc_close_stdin(state->proc, err) : 0;
}

void board_stream_keep(struct meter *m, const struct power_record *record,
                       double power_w)
{
    meter_keep(m, &(struct power_reading){ .t_ns = record->unix_ns,
                                           .power_w = power_w,
                                           .late = record->late });
}

static void take(void *ctx, const struct power_record *record)
{
    struct meter *m = ctx;
    struct board_stream *state = m->state;
    int64_t apart = record->unix_ns - record->mono_ns;

    if (!state->unix_minus_mono_ns)
        state->unix_minus_mono_ns = apart;
    if (apart - state->unix_minus_mono_ns > STEP_NS ||
        state->unix_minus_mono_ns - apart > STEP_NS)
        meter_fail(m, "the board's clock was set by %.3f s meanwhile",
                   NS_TO_S(apart - state->unix_minus_mono_ns));
    state->each(m, record);
}

static void drop_proc(struct meter *m)
{
    struct board_stream *state = m->state;

    proc_release(state->proc);
    state->proc = NULL;
}

static void sampler_ended(struct meter *m, const struct proc_event *event)
{
    struct board_stream *state = m->state;

    if (!state->asked_to_end || event->exit_status != 0)
        meter_fail(m, "the sampler ended with status %d: %s",
                   event->exit_status,
                   state->words[0] ? state->words : "it said nothing");
    m->running = false;
    drop_proc(m);
}

void board_stream_on_proc(struct meter *m, const struct proc_event *event)
{
    struct board_stream *state = m->state;
    struct err err;
    size_t n = strlen(state->words);

    if (!state->proc || event->proc != state->proc)
        return; /* of a sampler that was given up */
    if (event->kind == PROC_EXIT) {
        sampler_ended(m, event);
    } else if (event->kind == PROC_STDERR) {
        for (size_t i = 0; i < event->len && n + 1 < sizeof(state->words); i++)
            if (event->data[i] >= ' ' && event->data[i] < 0x7f)
                state->words[n++] = (char)event->data[i];
        state->words[n] = 0;
    } else if (event->kind == PROC_STDOUT && !state->stream.broken) {
        if (power_stream_take(&state->stream, event->data, event->len, take, m,
                              &err)) {
            meter_fail(m, "%s", err.text);
            drop_proc(m); /* kills it: nobody listens any more */
        }
    }
}

void board_stream_close(struct meter *m)
{
    struct board_stream *state = m->state;

    if (!state)
        return;
    proc_release(state->proc);
    power_stream_free(&state->stream);
    free(state);
}
