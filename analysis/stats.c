/* stats.c - order statistics, spread and intervals of plain values */
#include "analysis/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

size_t stats_present(double *values, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[kept++] = values[i];
    return kept;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void stats_sort(double *values, size_t n)
{
    if (n > 1)
        qsort(values, n, sizeof(values[0]), compare);
}

double stats_sum(const double *values, size_t n)
{
    double total = 0;

    if (n > STATS_FEW)
        return stats_sum(values, n / 2) + stats_sum(values + n / 2, n - n / 2);
    for (size_t i = 0; i < n; i++)
        total += values[i];
    return total;
}

double stats_mean(const double *values, size_t n)
{
    return n ? stats_sum(values, n) / (double)n : (double)NAN;
}

double stats_sd(const double *values, size_t n)
{
    if (n < 2)
        return (double)NAN;
    return sqrt(stats_squares(values, n, stats_mean(values, n)) /
                (double)(n - 1));
}

double stats_quantile(const double *sorted, size_t n, double p)
{
    double at, part;
    size_t below;

    if (!n || isnan(p))
        return (double)NAN;
    at = fmin(fmax(p, 0), 1) * (double)(n - 1);
    below = (size_t)at;
    part = at - (double)below;
    if (below + 1 >= n || part <= 0)
        return sorted[below];
    return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

/* By insertion. */
static void sort_few(double *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = v[i];
        size_t k = i;

        for (; k && v[k - 1] > value; k--)
            v[k] = v[k - 1];
        v[k] = value;
    }
}

/* Put the value that is at place 'k' in order there, what is not more before
 * it and what is not less behind (Hoare 1961, quickselect; pivots are the
 * median of three).  Sorts what is left where pivots keep being bad. */
static void select_place(double *v, size_t n, size_t k)
{
    for (size_t rounds = 0; n > 1; rounds++) {
        double a = v[0], b = v[n / 2], c = v[n - 1];
        double pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
        size_t i = 0, j = n - 1;

        if (n < 8) {
            sort_few(v, n);
            return;
        }
        if (rounds > 64) {
            stats_sort(v, n);
            return;
        }
        while (i <= j) { /* v[0] to v[j] <= pivot <= v[i] to v[n - 1] */
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i > j)
                break;
            a = v[i];
            v[i++] = v[j];
            v[j] = a;
            if (!j)
                break;
            j--;
        }
        if (k >= i) {
            v += i;
            n -= i;
            k -= i;
        } else if (k <= j) {
            n = j + 1;
        } else {
            return; /* between the two, equal to the pivot */
        }
    }
}

/* stats_quantile() of values in any order, whose first 'low' places are in
 * order with the rest; reorders them.  'low' becomes the place looked at. */
static double select_quantile(double *v, size_t n, double p, size_t *low)
{
    double at = p * (double)(n - 1), part, next;
    size_t below = (size_t)at;

    select_place(v + *low, n - *low, below - *low);
    *low = below;
    part = at - (double)below;
    if (below + 1 >= n || part <= 0)
        return v[below];
    next = v[below + 1];
    for (size_t i = below + 2; i < n; i++)
        next = v[i] < next ? v[i] : next;
    return v[below] + part * (next - v[below]);
}

/* Extremes, and the last values within reach of the quartiles. */
static void find_whiskers(const double *v, size_t n, struct stats_box *box)
{
    double reach = 1.5 * (box->q3 - box->q1);

    box->min = box->low = (double)INFINITY;
    box->max = box->high = -(double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        bool within = !(v[i] < box->q1 - reach || v[i] > box->q3 + reach);

        box->min = v[i] < box->min ? v[i] : box->min;
        box->max = v[i] > box->max ? v[i] : box->max;
        if (!within)
            box->outliers++;
        else if (v[i] < box->low)
            box->low = v[i];
        if (within && v[i] > box->high)
            box->high = v[i];
    }
}

static void box_of(double *v, size_t n, struct stats_box *box)
{
    size_t low = 0;

    box->n = n;
    box->mean = stats_mean(v, n);
    if (!n) {
        box->min = box->low = box->q1 = box->median = box->q3 = box->high =
            box->max = (double)NAN;
        return;
    }
    box->q1 = select_quantile(v, n, 0.25, &low);
    box->median = select_quantile(v, n, 0.5, &low);
    box->q3 = select_quantile(v, n, 0.75, &low);
    find_whiskers(v, n, box);
}

int stats_box(const double *values, size_t n, struct stats_box *ret_box,
              struct err *err)
{
    double *copy = malloc((n ? n : 1) * sizeof(double));

    if (!copy)
        return err_set(err, ERR_NOMEM, "no memory for a box of %zu values", n);
    if (n)
        memcpy(copy, values, n * sizeof(double));
    n = stats_present(copy, n);
    *ret_box = (struct stats_box){ 0 };
    box_of(copy, n, ret_box);
    free(copy);
    return 0;
}

/* Hill's expansion for three and more; one and two have closed forms. */
double stats_t95(size_t df)
{
    const double p = 0.05;
    double n = (double)df, a, b, c, d, x, y;

    if (df < 1)
        return (double)NAN;
    if (df == 1)
        return 1 / tan(p * acos(-1.0) / 2);
    if (df == 2)
        return sqrt(2 / (p * (2 - p)) - 2);
    a = 1 / (n - 0.5);
    b = 48 / (a * a);
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
    d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * acos(0.0)) * n;
    x = d * p;
    y = pow(x, 2 / n);
    if (y > 0.05 + a) {
        x = -1.959963984540054; /* the normal's 2.5 % point */
        y = x * x;
        if (df < 5)
            c += 0.3 * (n - 4.5) * (x + 0.6);
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
        y = expm1(a * y * y);
    } else {
        y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) +
              0.5 / (n + 4)) *
                 y -
             1) *
                (n + 1) / (n + 2) +
            1 / y;
    }
    return sqrt(n * y);
}

double stats_reach(size_t n)
{
    return n < 2 ? (double)NAN : stats_t95(n - 1) / sqrt((double)n);
}

struct stats_interval stats_mean_interval(const double *values, size_t n)
{
    return stats_around(stats_mean(values, n),
                        stats_reach(n) * stats_sd(values, n));
}

struct stats_interval stats_share_interval_pct(double right, double n)
{
    const double z = 1.959963984540054, zz = z * z;
    double share = right / n;
    double centre = (share + zz / (2 * n)) / (1 + zz / n);
    double half =
        z / (1 + zz / n) * sqrt(share * (1 - share) / n + zz / (4 * n * n));

    if (!(n > 0))
        return (struct stats_interval){ (double)NAN, (double)NAN };
    return (struct stats_interval){ 100 * (centre - half),
                                    100 * (centre + half) };
}

struct stats_interval stats_share_difference_pct(double right_a, double n_a,
                                                 double right_b, double n_b)
{
    struct stats_interval a = stats_share_interval_pct(right_a, n_a);
    struct stats_interval b = stats_share_interval_pct(right_b, n_b);
    double share_a = 100 * right_a / n_a, share_b = 100 * right_b / n_b;
    double apart = share_b - share_a;

    return (struct stats_interval){
        apart - hypot(share_b - b.low, a.high - share_a),
        apart + hypot(b.high - share_b, share_a - a.low),
    };
}

double stats_mcnemar_p(size_t only_a, size_t only_b)
{
    size_t n = only_a + only_b, less = only_a < only_b ? only_a : only_b;
    double total = 0;

    for (size_t k = 0; k <= less; k++)
        total += exp(lgamma((double)n + 1) - lgamma((double)k + 1) -
                     lgamma((double)(n - k) + 1) - (double)n * log(2.0));
    return fmin(1, 2 * total);
}
