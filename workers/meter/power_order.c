/* power_order.c - qsort() of numbers */
#include "workers/meter/power_order.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void power_order(double *values, size_t len)
{
    if (len)
        qsort(values, len, sizeof(*values), by_value);
}
