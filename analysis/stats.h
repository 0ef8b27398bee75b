/* stats.h - what many numbers say: quantiles, spread, intervals
 *
 * Values in any unit; results have the same.  NaN is missing and must be
 * left out by the caller, or with stats_present().
 */
#ifndef ANALYSIS_STATS_H
#define ANALYSIS_STATS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Equal, or both missing. */
static inline bool stats_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

#define STATS_FEW 64 /* are added up one by one */

/* Move the values that are no NaN to the front, in order.  Returns their
 * count. */
size_t stats_present(double *values, size_t n);

/* Sort ascending; no NaN among them. */
void stats_sort(double *values, size_t n);

/* Sum; of many by halves, so that roundings do not add up (Higham 1993). */
double stats_sum(const double *values, size_t n);

/* Mean; NaN of none. */
double stats_mean(const double *values, size_t n);

/* Standard deviation of a sample (n - 1); NaN of fewer than two. */
double stats_sd(const double *values, size_t n);
/* Sum of squared distances from 'mean'.  Inline, for loops over op points. */
static inline double stats_squares(const double *values, size_t n, double mean)
{
    double total = 0;

    for (size_t i = 0; i < n; i++)
        total += (values[i] - mean) * (values[i] - mean);
    return total;
}

/* Quantile 'p' (0 to 1) of ascending values by linear interpolation between
 * order statistics (Hyndman and Fan 1996, type 7; also Vega's, NumPy's and
 * R's default).  NaN of none. */
double stats_quantile(const double *sorted, size_t n, double p);

/* A box plot: quartiles, and whiskers at the last values within 1.5
 * interquartile ranges of the box (Tukey 1977, Vega-Lite's default). */
struct stats_box {
    size_t n, outliers;
    double min, low, q1, median, q3, high, max, mean;
};

/* The box of values in any order, NaN left out; O(n).  Returns 0 or ERR_NOMEM. */
int stats_box(const double *values, size_t n, struct stats_box *ret_box,
              struct err *err);

/* The two-sided 95 % point of Student's t with 'df' degrees of freedom
 * (Hill 1970, algorithm 396); NaN below 1. */
double stats_t95(size_t df);

struct stats_interval {
    double low, high;
};
#define STATS_NO_INTERVAL ((struct stats_interval){ (double)NAN, (double)NAN })

/* 95 % interval of a mean over repeats (Student); NaN with one repeat:
 * there is no interval then. */
struct stats_interval stats_mean_interval(const double *values, size_t n);
/* How many standard deviations it reaches to either side; NaN below two. */
double stats_reach(size_t n);

/* What lies around 'middle', 'half' to either side. */
static inline struct stats_interval stats_around(double middle, double half)
{
    return (struct stats_interval){ middle - half, middle + half };
}

/* 95 % interval of a share of 'right' in 'n' (Wilson 1927), in percent. */
struct stats_interval stats_share_interval_pct(double right, double n);

/* 95 % interval of share b minus share a, in percent points, of independent
 * samples (Newcombe 1998, method 10: from both Wilson intervals).  For paired
 * ones it is too wide, so a difference it shows is one. */
struct stats_interval stats_share_difference_pct(double right_a, double n_a,
                                                 double right_b, double n_b);

/* McNemar's exact test: probability, two-sided, of so uneven a split of the
 * cases that two classifiers judge differently ('only_a' right by the first
 * alone, 'only_b' by the second alone) if both were equally good. */
double stats_mcnemar_p(size_t only_a, size_t only_b);

#endif
