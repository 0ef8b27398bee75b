/* json_power.h - power in a JSON answer, by paths
 *
 * Pure; the bytes are not trusted.
 */
#ifndef WORKERS_METER_JSON_POWER_H
#define WORKERS_METER_JSON_POWER_H

#include <stddef.h>

#include "core/err.h"

/* The finite number at 'path' ("a.b[0].c") of a JSON text.  Returns 0;
 * ERR_FORMAT (no JSON, no number there), ERR_NOT_FOUND (the step that leads
 * nowhere), ERR_NOMEM. */
int json_power_read(const char *text, size_t len, const char *path,
                    double *ret_value, struct err *err);

#endif
