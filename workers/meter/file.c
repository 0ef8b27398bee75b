/* file.c - meter "file": sensor files of the board, polled by labrunner there
 *
 * Sources of quantity "power" are summed; voltages and currents are taken in
 * pairs, in the order they stand, and their products summed too.
 */
#include <math.h>
#include <string.h>

#include "workers/meter/board_stream.h"

#define SAG 0.5 /* a supply that falls below half of itself is not one */

/* What labrunner makes of a quantity. */
static const struct quantity {
    const char *name;
    char unit;
} quantities[] = {
    { "power", 'W' },
    { "voltage", 'V' },
    { "current", 'A' },
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

        if (!quantity_of(s))
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

/* A voltage, or NaN where it fell so far that the sensor must be wrong (a
 * bus voltage that reads 0.3 V for a moment, the shunt's channel). */
static double checked_volts(struct meter *m, size_t i, double volts)
{
    struct board_stream *state = m->state;
    double usual = state->last[i];

    if (!(usual > 0) || volts > usual / SAG) {
        state->last[i] = volts;
        return volts;
    }
    if (volts < usual * SAG) {
        meter_odd(m, "%s fell to %.3g V from %.3g V, %zu readings dropped",
                  m->config->sources[i].path, volts, usual, ++state->dropped);
        return NAN;
    }
    state->last[i] += (volts - usual) / 16;
    return volts;
}

static void each(struct meter *m, const struct power_record *record)
{
    double sum = 0, volts[POWER_STREAM_SOURCES], amps[POWER_STREAM_SOURCES];
    size_t v = 0, a = 0;

    for (size_t i = 0; i < m->config->sources_len; i++) {
        const char *quantity = m->config->sources[i].quantity;

        if (!strcmp(quantity, "power"))
            sum += record->values[i];
        else if (!strcmp(quantity, "voltage"))
            volts[v++] = checked_volts(m, i, record->values[i]);
        else
            amps[a++] = record->values[i];
    }
    for (size_t i = 0; i < v && i < a; i++)
        sum += volts[i] * amps[i];
    board_stream_keep(m, record, sum); /* NaN if a part was not read */
}

static int file_open(struct meter *m, struct err *err)
{
    return board_stream_open(m, m->config->sources_len, each, err);
}

static int file_start(struct meter *m, struct err *err)
{
    struct buf command = { 0 };

    board_stream_command(m, &command);
    for (size_t i = 0; i < m->config->sources_len; i++) {
        const struct board_meter_source *s = &m->config->sources[i];

        board_stream_source(&command, i, s->factor, quantity_of(s)->unit,
                            "path", s->path);
    }
    return board_stream_start(m, &command, err);
}

const struct meter_driver meter_file = {
    .name = "file",
    .help = "sensor files of the board (sysfs: hwmon, iio), polled there",
    .on_board = true,
    .period_s = 0.01,
    .check = check,
    .open = file_open,
    .start = file_start,
    .stop = board_stream_stop,
    .on_proc = board_stream_on_proc,
    .close = board_stream_close,
};
