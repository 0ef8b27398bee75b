/* scpi_reply.h - numbers in an instrument's answer
 *
 * Pure; the bytes are not trusted.  SCPI-99: numbers between commas; 9.91E37
 * is "not a number", +-9.9E37 infinity.
 */
#ifndef WORKERS_METER_SCPI_REPLY_H
#define WORKERS_METER_SCPI_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* The index-th number (from 0) of an answer, in W, V or A: a unit behind it
 * ("5.01W", "421 mA") is reckoned with.  Returns 0; ERR_FORMAT: there is none,
 * it says that it is none, or it is in another unit. */
int scpi_reply_number(const uint8_t *data, size_t len, size_t index,
                      double *ret_value, struct err *err);

#endif
