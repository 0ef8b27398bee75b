/* stats.h - latencies of batches: kept, and summed up */
#ifndef RUNNER_STATS_H
#define RUNNER_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "runner/fail.h"

#define STATS_KEPT 262144 /* samples kept, at most */

/* Durations of batches in order.  Sum, least and most are those of all;
 * when more than STATS_KEPT came, every second kept one is dropped and from
 * then on every 'stride'-th batch is kept. */
struct stats {
    int64_t *kept_ns;
    size_t kept, count, stride;
    int64_t sum_ns, min_ns, max_ns;
};

/* What is said about them, in seconds; NaN where there were too few. */
struct stats_summary {
    double mean_s, min_s, p50_s, p90_s, p99_s, max_s;
    double p90_bound_s, p99_bound_s; /* with 99 % confidence, see below */
};

/* Allocate, and touch, room for STATS_KEPT.  Returns 0, or -1: FAIL_NOMEM;
 * stats_clear() frees in both cases. */
int stats_open(struct stats *s, struct fail *fail);

/* Forget all samples. */
void stats_reset(struct stats *s);

/* Take in one duration.  Never allocates. */
void stats_add(struct stats *s, int64_t ns);

/* Sum up.  Percentiles are nearest-rank over the kept samples: p90 needs 10
 * of them, p99 needs 100.  Returns 0, or -1: FAIL_NOMEM. */
int stats_summary(const struct stats *s, struct stats_summary *ret_summary,
                  struct fail *fail);

/* Free; a zeroed one is fine. */
void stats_clear(struct stats *s);

/* How many of 'count' samples may lie above the stated percentile, after the
 * early-stopping rule of MLPerf LoadGen: the largest t with
 * P(Binomial(count, 1 - p) <= t) <= 1 %.  The (count - t + 1)-th smallest
 * sample is then above the true percentile with 99 % confidence.  Returns 0
 * if there are too few samples to say (p90: under 64, p99: under 662). */
size_t stats_outliers(size_t count, double p);

#endif
