/* fake.c - meter "fake": a square wave instead of an instrument */
#include "workers/meter/fake.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/json.h"
#include "workers/meter/meter_driver.h"

struct fake_state {
    struct fake_wave wave;
    int64_t next_ns; /* monotonic */
};

int fake_wave_parse(const struct board_meter *config,
                    struct fake_wave *ret_wave, struct err *err)
{
    struct fake_wave wave = { 2, 4, 0.2 };
    struct json low, high, period;
    int rc = 0;

    if (config->options.doc) {
        low = json_get(&config->options, "low");
        high = json_get(&config->options, "high");
        period = json_get(&config->options, "wave_period");
        rc = json_opt_quantity(&low, "W", &wave.low_w, err);
        if (!rc)
            rc = json_opt_quantity(&high, "W", &wave.high_w, err);
        if (!rc)
            rc = json_opt_quantity(&period, "s", &wave.period_s, err);
        if (!rc && !(wave.period_s > 0))
            rc = json_fail(&period, err, "not above 0");
    }
    if (!rc)
        *ret_wave = wave;
    return rc;
}

double fake_wave_at(const struct fake_wave *wave, int64_t unix_ns)
{
    double phase = fmod(NS_TO_S(unix_ns), wave->period_s) / wave->period_s;

    return phase < 0.5 ? wave->low_w : wave->high_w;
}

static int check(const struct board_meter *config, struct err *err)
{
    struct fake_wave wave;

    return fake_wave_parse(config, &wave, err);
}

static int fake_open(struct meter *m, struct err *err)
{
    struct fake_state *state = calloc(1, sizeof(*state));

    if (!state)
        return err_set(err, ERR_NOMEM, "no memory for a meter");
    m->state = state;
    return fake_wave_parse(m->config, &state->wave, err);
}

static int fake_start(struct meter *m, struct err *err)
{
    struct fake_state *state = m->state;

    (void)err;
    state->next_ns = clock_mono_ns();
    return 0;
}

static int fake_stop(struct meter *m, struct err *err)
{
    (void)err;
    m->running = false;
    return 0;
}

static size_t fake_wants(struct meter *m, struct pollfd *fds, int64_t *deadline)
{
    const struct fake_state *state = m->state;

    (void)fds;
    if (state->next_ns < *deadline)
        *deadline = state->next_ns;
    return 0;
}

static void fake_on_time(struct meter *m, int64_t now_ns)
{
    struct fake_state *state = m->state;
    double period_s = fmax(m->config->period_s, 1e-4);
    int64_t period_ns = S_TO_NS(period_s), t_ns = clock_unix_ns();

    if (now_ns < state->next_ns)
        return;
    meter_keep(m, &(struct power_reading){
                      .t_ns = t_ns,
                      .power_w = fake_wave_at(&state->wave, t_ns),
                      .late = now_ns - state->next_ns > period_ns });
    while (state->next_ns <= now_ns)
        state->next_ns += period_ns;
}

static void fake_close(struct meter *m)
{
    free(m->state);
}

const struct meter_driver meter_fake = {
    .name = "fake",
    .help = "a square wave of known power, for tests and first steps",
    .on_board = false,
    .invented = true,
    .period_s = 0.01,
    .check = check,
    .open = fake_open,
    .start = fake_start,
    .stop = fake_stop,
    .wants = fake_wants,
    .on_time = fake_on_time,
    .close = fake_close,
};
