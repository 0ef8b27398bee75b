/* um_frame.c - fields by offset, scaled by the model's row */
#include "workers/meter/um_frame.h"

#include <math.h>

#include "core/vec.h"

static const struct model {
    uint16_t id;
    const char *name;
    double volts, amps; /* a count is so much */
} models[] = {
    { 0x0963, "UM24C", 1e-2, 1e-3 },
    { 0x09c9, "UM25C", 1e-3, 1e-4 },
    { 0x0d4c, "UM34C", 1e-2, 1e-3 },
};

static uint32_t big(const uint8_t *data, size_t bytes)
{
    uint32_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | data[i];
    return value;
}

int um_frame_parse(const uint8_t *data, size_t len, struct um_frame *ret_frame,
                   struct err *err)
{
    const struct model *model = NULL;
    struct um_frame f;
    unsigned group;

    if (len < UM_FRAME_BYTES)
        return err_set(err, ERR_FORMAT, "a frame of %zu bytes, expected %d",
                       len, UM_FRAME_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(models); i++)
        if (models[i].id == big(data, 2))
            model = &models[i];
    if (!model)
        return err_set(err, ERR_FORMAT,
                       "a frame of model 0x%04x, expected a UM24C, UM25C or "
                       "UM34C",
                       big(data, 2));
    f = (struct um_frame){ .model = model->name,
                           .voltage_v = big(data + 2, 2) * model->volts,
                           .current_a = big(data + 4, 2) * model->amps,
                           .power_w = big(data + 6, 4) * 1e-3,
                           .temperature_degc = big(data + 10, 2) };
    group = big(data + 14, 2) % 10;
    f.energy_j = big(data + 20 + 8 * group, 4) * 3.6; /* mWh */
    if (fabs(f.voltage_v * f.current_a - f.power_w) >
        0.03 * f.power_w + 0.02 * f.voltage_v)
        return err_set(err, ERR_FORMAT,
                       "a frame that says %g V, %g A and %g W: out of step",
                       f.voltage_v, f.current_a, f.power_w);
    *ret_frame = f;
    return 0;
}
