/* rapl.c - meter "rapl": energy counters of the board, polled by labrunner
 *
 * A counter's rise between two readings is the mean power between them, told
 * at their middle.  labrunner unwraps counters (max_energy_range_uj), so one
 * that was set back seems to have made a turn: power that no board draws.
 */
#include <math.h>
#include <string.h>

#include "core/units.h"
#include "workers/meter/board_stream.h"

static bool starts(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* Domains that a package's own counter holds already. */
static bool inside_package(const char *path)
{
    return starts(path, "rapl:core") || starts(path, "rapl:uncore");
}

static int check(const struct board_meter *config, struct err *err)
{
    const char *package = NULL, *part = NULL;

    if (!config->sources_len || config->sources_len > POWER_STREAM_SOURCES)
        return err_set(err, ERR_USAGE,
                       "has %zu sources, expected 1 to %d such as "
                       "\"rapl:package-0\"",
                       config->sources_len, POWER_STREAM_SOURCES);
    for (size_t i = 0; i < config->sources_len; i++) {
        const struct board_meter_source *s = &config->sources[i];

        if (strcmp(s->quantity, "energy") != 0)
            return err_set(err, ERR_USAGE,
                           "sources[%zu]: found quantity '%s', expected "
                           "'energy'",
                           i, s->quantity);
        if (strpbrk(s->path, ",\n"))
            return err_set(err, ERR_USAGE,
                           "sources[%zu]: a path with ',' cannot be read", i);
        package = starts(s->path, "rapl:package") ? s->path : package;
        part = inside_package(s->path) ? s->path : part;
    }
    if (package && part)
        return err_set(err, ERR_USAGE,
                       "'%s' is counted twice: '%s' holds it already", part,
                       package);
    return 0;
}

static double sum_of(const struct power_record *record, size_t len)
{
    double sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += record->values[i];
    return sum; /* NaN if a part was not read */
}

/* The counter's rise as power, NaN if it was set back meanwhile. */
static double risen(struct meter *m, double joules, int64_t span_ns)
{
    struct board_stream *state = m->state;
    double rise = joules - state->last[0], power_w = rise / NS_TO_S(span_ns);
    double high_w = m->config->high_w;

    if (power_w >= 0 && !(high_w > 0 && power_w > high_w))
        return power_w;
    state->dropped++;
    if (rise < 0)
        meter_odd(m, "the energy counter fell by %.3g J, %zu readings dropped",
                  -rise, state->dropped);
    else
        meter_odd(m,
                  "the energy counter rose by %.3g J at once (was it set "
                  "back?), %zu readings dropped",
                  rise, state->dropped);
    return NAN;
}

static void each(struct meter *m, const struct power_record *record)
{
    struct board_stream *state = m->state;
    double joules = sum_of(record, m->config->sources_len);
    int64_t span = record->mono_ns - state->last_ns;
    struct power_record middle = *record;

    if (isnan(joules)) {
        board_stream_keep(m, record, NAN);
        return;
    }
    if (state->last_ns && span > 0 && joules != state->last[0]) {
        middle.unix_ns -= span / 2;
        board_stream_keep(m, &middle, risen(m, joules, span));
    } else if (state->last_ns) {
        return; /* not counted on since: no reading of its own */
    }
    state->last[0] = joules;
    state->last_ns = record->mono_ns;
}

static int rapl_open(struct meter *m, struct err *err)
{
    return board_stream_open(m, m->config->sources_len, each, err);
}

static int rapl_start(struct meter *m, struct err *err)
{
    struct buf command = { 0 };

    board_stream_command(m, &command);
    for (size_t i = 0; i < m->config->sources_len; i++)
        board_stream_source(&command, i, m->config->sources[i].factor, 'J',
                            "path", m->config->sources[i].path);
    return board_stream_start(m, &command, err);
}

const struct meter_driver meter_rapl = {
    .name = "rapl",
    .help = "energy counters of the board (powercap), unwrapped",
    .on_board = true,
    .period_s = 0.1,
    .check = check,
    .open = rapl_open,
    .start = rapl_start,
    .stop = board_stream_stop,
    .on_proc = board_stream_on_proc,
    .close = board_stream_close,
};
