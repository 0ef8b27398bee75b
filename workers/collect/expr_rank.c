/* expr_rank.c - a list sorted, and the value at a rank of it */
#include "workers/collect/expr_rank.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double expr_rank(double *values, size_t len, int percent)
{
    size_t p = (size_t)percent;

    for (size_t i = 0; i < len; i++)
        if (isnan(values[i]))
            return NAN;
    if (!len || (percent != 50 && len * (100 - p) < 100))
        return NAN;
    qsort(values, len, sizeof(*values), ascending);
    if (percent == 50)
        return (values[(len - 1) / 2] + values[len / 2]) / 2;
    return values[(len * p + 99) / 100 - 1];
}
