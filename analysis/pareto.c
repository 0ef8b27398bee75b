/* pareto.c - strict fronts by one sorted sweep (Kung, Luccio, Preparata 1975)
 *
 * Sorted from the best first metric on, a point can only be beaten by one
 * before it: in two metrics by the best second metric so far, in three by a
 * point of the staircase of (second, third) kept so far.
 */
#include "analysis/pareto.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"

/* Metrics turned so that more is better; the third is 0 where there is
 * none, which makes the sweep in two a case of that in three. */
struct point {
    double v[PARETO_METRICS_MAX];
    size_t field, index;
};

static int best_first(const void *a, const void *b)
{
    const struct point *p = a, *q = b;

    if (p->field != q->field)
        return p->field < q->field ? -1 : 1;
    for (size_t m = 0; m < PARETO_METRICS_MAX; m++)
        if (p->v[m] != q->v[m])
            return p->v[m] < q->v[m] ? 1 : -1;
    return 0;
}

static bool same(const struct point *p, const struct point *q)
{
    return p->field == q->field && !memcmp(p->v, q->v, sizeof(p->v));
}

static size_t points_take(const struct pareto_metric *metrics, size_t n_metrics,
                          const size_t *fields, size_t n, struct point *points)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct point point = { .field = fields ? fields[i] : 0, .index = i };
        bool whole = true;

        for (size_t m = 0; m < n_metrics; m++) {
            double value = metrics[m].values[i];

            whole = whole && !isnan(value);
            /* + 0.0 so that -0 and 0 are the same bytes */
            point.v[m] = (metrics[m].least ? -value : value) + 0.0;
        }
        if (whole)
            points[kept++] = point;
    }
    return kept;
}

/* The staircase: points of those seen that are best in (second, third),
 * second falling and third rising. */
struct stairs {
    double (*at)[2];
    size_t len, cap;
};

/* Whether a step is at least as good in both; the first step that is not
 * worse in the third, from the low end of the second, decides. */
static bool stairs_beat(const struct stairs *stairs, const double v[2])
{
    size_t low = 0, high = stairs->len;

    while (low < high) { /* the last step with second >= v[0] */
        size_t middle = low + (high - low) / 2;

        if (stairs->at[middle][0] >= v[0])
            low = middle + 1;
        else
            high = middle;
    }
    return low && stairs->at[low - 1][1] >= v[1];
}

static bool stairs_add(struct stairs *stairs, const double v[2])
{
    size_t at = 0, end;

    while (at < stairs->len && stairs->at[at][0] > v[0])
        at++;
    for (end = at; end < stairs->len && stairs->at[end][1] <= v[1];)
        end++;
    if (!vec_grow((void **)&stairs->at, &stairs->cap, stairs->len + 1,
                  sizeof(stairs->at[0])))
        return false;
    memmove(&stairs->at[at + 1], &stairs->at[end],
            (stairs->len - end) * sizeof(stairs->at[0]));
    stairs->at[at][0] = v[0];
    stairs->at[at][1] = v[1];
    stairs->len = stairs->len - end + at + 1;
    return true;
}

static bool sweep(const struct point *points, size_t n, bool *front)
{
    struct stairs stairs = { 0 };
    bool done = true;

    for (size_t i = 0, next; done && i < n; i = next) {
        bool beaten;

        if (i && points[i].field != points[i - 1].field)
            stairs.len = 0;
        beaten = stairs_beat(&stairs, &points[i].v[1]);
        for (next = i; next < n && same(&points[i], &points[next]); next++)
            front[points[next].index] = !beaten;
        if (!beaten)
            done = stairs_add(&stairs, &points[i].v[1]);
    }
    vec_free((void **)&stairs.at);
    return done;
}

int pareto_fronts(const struct pareto_metric *metrics, size_t n_metrics,
                  const size_t *fields, size_t n, bool *ret_front,
                  struct err *err)
{
    struct point *points;
    size_t kept;
    int rc = 0;

    if (n_metrics < 2 || n_metrics > PARETO_METRICS_MAX)
        return err_set(err, ERR_USAGE, "a front has 2 or %d metrics, not %zu",
                       PARETO_METRICS_MAX, n_metrics);
    points = malloc((n ? n : 1) * sizeof(*points));
    if (!points)
        return err_set(err, ERR_NOMEM, "no memory for a front of %zu points",
                       n);
    kept = points_take(metrics, n_metrics, fields, n, points);
    qsort(points, kept, sizeof(*points), best_first);
    memset(ret_front, 0, n * sizeof(*ret_front));
    if (!sweep(points, kept, ret_front))
        rc = err_set(err, ERR_NOMEM, "no memory for a front of %zu points", n);
    free(points);
    return rc;
}
