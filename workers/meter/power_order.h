/* power_order.h - numbers in order of size; for this room only */
#ifndef WORKERS_METER_POWER_ORDER_H
#define WORKERS_METER_POWER_ORDER_H

#include <stddef.h>

/* Put 'values', none of which is NaN, in order, the least first. */
void power_order(double *values, size_t len);

#endif
