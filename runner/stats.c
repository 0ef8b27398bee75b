/* stats.c - percentiles, and how far they can be trusted */
#include "runner/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/mem.h"

#define DOUBT 0.01 /* 1 - confidence of a bound */

int stats_open(struct stats *s, struct fail *fail)
{
    memset(s, 0, sizeof *s);
    s->kept_ns = mem_alloc(STATS_KEPT * sizeof *s->kept_ns);
    if (!s->kept_ns)
        return fail_set(fail, FAIL_NOMEM, "no memory for latencies");
    stats_reset(s);
    return 0;
}

void stats_reset(struct stats *s)
{
    s->kept = s->count = 0;
    s->stride = 1;
    s->sum_ns = s->max_ns = 0;
    s->min_ns = INT64_MAX;
}

void stats_add(struct stats *s, int64_t ns)
{
    if (s->count % s->stride == 0) {
        if (s->kept == STATS_KEPT) {
            for (size_t i = 0; i < STATS_KEPT / 2; i++)
                s->kept_ns[i] = s->kept_ns[2 * i];
            s->kept /= 2;
            s->stride *= 2;
        }
        if (s->count % s->stride == 0)
            s->kept_ns[s->kept++] = ns;
    }
    s->count++;
    s->sum_ns += ns;
    if (ns < s->min_ns)
        s->min_ns = ns;
    if (ns > s->max_ns)
        s->max_ns = ns;
}

size_t stats_outliers(size_t count, double p)
{
    double n = (double)count, sum = 0;
    double whole = lgamma(n + 1);
    size_t t;

    for (t = 0; t <= count; t++) {
        double k = (double)t;
        double log_share = whole - lgamma(k + 1) - lgamma(n - k + 1) +
                           k * log1p(-p) + (n - k) * log(p);

        sum += exp(log_share);
        if (sum > DOUBT)
            break;
    }
    return t > 0 ? t - 1 : 0;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The smallest sample that at least a share 'p' of all do not exceed. */
static double rank_s(const int64_t *sorted, size_t count, double p,
                     size_t at_least)
{
    size_t rank = (size_t)ceil(p * (double)count - 1e-9);

    if (count < at_least)
        return NAN;
    return (double)sorted[rank ? rank - 1 : 0] * 1e-9;
}

static double bound_s(const int64_t *sorted, size_t count, double p)
{
    size_t t = stats_outliers(count, p);

    return t ? (double)sorted[count - t] * 1e-9 : NAN;
}

int stats_summary(const struct stats *s, struct stats_summary *ret_summary,
                  struct fail *fail)
{
    int64_t *sorted;

    if (!s->count) {
        *ret_summary =
            (struct stats_summary){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
        return 0;
    }
    sorted = malloc(s->kept * sizeof *sorted);
    if (!sorted)
        return fail_set(fail, FAIL_NOMEM, "no memory to sort latencies");
    memcpy(sorted, s->kept_ns, s->kept * sizeof *sorted);
    qsort(sorted, s->kept, sizeof *sorted, by_size);
    *ret_summary = (struct stats_summary){
        .mean_s = (double)s->sum_ns * 1e-9 / (double)s->count,
        .min_s = (double)s->min_ns * 1e-9,
        .max_s = (double)s->max_ns * 1e-9,
        .p50_s = rank_s(sorted, s->kept, 0.5, 1),
        .p90_s = rank_s(sorted, s->kept, 0.9, 10),
        .p99_s = rank_s(sorted, s->kept, 0.99, 100),
        .p90_bound_s = bound_s(sorted, s->kept, 0.9),
        .p99_bound_s = bound_s(sorted, s->kept, 0.99),
    };
    free(sorted);
    return 0;
}

void stats_clear(struct stats *s)
{
    free(s->kept_ns);
    memset(s, 0, sizeof *s);
}
