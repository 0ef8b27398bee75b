/* um_frame.h - the 130 bytes of a UM24C, UM25C or UM34C, taken apart
 *
 * Big endian: u16 model, u16 voltage, u16 current, u32 power in mW, ...
 * Pure; the bytes are not trusted.  Source: rdserialtool's notes on the
 * protocol (github.com/rfinnie/rdserialtool).
 */
#ifndef WORKERS_METER_UM_FRAME_H
#define WORKERS_METER_UM_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define UM_FRAME_BYTES 130

struct um_frame {
    const char *model; /* static */
    double voltage_v, current_a, power_w, temperature_degc;
    double energy_j; /* of the selected group, since it was cleared */
};

/* Take a frame apart.  Returns 0; ERR_FORMAT: too short, a model that is not
 * known, or a power that is not voltage times current (out of step). */
int um_frame_parse(const uint8_t *data, size_t len, struct um_frame *ret_frame,
                   struct err *err);

#endif
