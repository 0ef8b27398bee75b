/* um.c - meter "um": USB inline meters UM24C, UM25C, UM34C, over a serial
 * line (Bluetooth SPP: rfcomm bind, PIN 1234)
 *
 * "options": { "address": "/dev/rfcomm0" }.  The meter wants half a second
 * between commands.
 */
#include "workers/meter/dialog.h"
#include "workers/meter/options.h"
#include "workers/meter/um_frame.h"

#define PACE_S 0.4 /* faster ones are refused */

struct um_state {
    struct dialog dialog;
    struct um_frame frame;
};

static int check(const struct board_meter *config, struct err *err)
{
    static const char *const keys[] = { "address", NULL };
    const char *address;

    if (config->period_s > 0 && config->period_s < PACE_S)
        return err_set(err, ERR_USAGE,
                       "period %g s, expected 0.4 s or more: the instrument "
                       "is no faster",
                       config->period_s);
    return meter_option_keys(config, keys, err)
               ? ERR_FORMAT
               : meter_option(config, "address", true, &address, err);
}

static bool ask(struct meter *m, size_t step, struct buf *question)
{
    (void)m;
    buf_put_u8(question, 0xf0);
    return step == 0;
}

static size_t whole(const uint8_t *data, size_t len)
{
    (void)data;
    return len >= UM_FRAME_BYTES ? UM_FRAME_BYTES : 0;
}

static int take(struct meter *m, size_t step, const uint8_t *data, size_t len,
                struct err *err)
{
    struct um_state *state = m->state;

    (void)step;
    return um_frame_parse(data, len, &state->frame, err);
}

static double power(struct meter *m, bool *ret_new)
{
    const struct um_state *state = m->state;

    *ret_new = true;
    return state->frame.power_w;
}

static const struct dialog_form form = { ask, whole, take, power, 1.5 };

static int um_open(struct meter *m, struct err *err)
{
    return dialog_state(m, sizeof(struct um_state), err);
}

static int um_start(struct meter *m, struct err *err)
{
    const char *address = NULL;
    int fd, rc = meter_option(m->config, "address", true, &address, err);

    if (!rc)
        rc = dialog_open(address, 0, &fd, err);
    if (!rc)
        dialog_begin(m, &form, fd);
    return rc;
}

const struct meter_driver meter_um = {
    .name = "um",
    .help = "USB inline meters UM24C, UM25C, UM34C, over a serial line",
    .period_s = 0.5,
    .check = check,
    .open = um_open,
    .start = um_start,
    .stop = dialog_stop,
    .wants = dialog_wants,
    .on_fd = dialog_on_fd,
    .on_time = dialog_on_time,
    .close = dialog_close,
};
