/* compare.c - points joined by cell id, and the noise of their ratio */
#include "analysis/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MCNEMAR_P 0.05

const char *compare_verdict_word(enum compare_verdict verdict)
{
    switch (verdict) {
    case COMPARE_SAME:
        return "same";
    case COMPARE_FASTER:
        return "faster";
    case COMPARE_SLOWER:
        return "slower";
    case COMPARE_UNDECIDABLE:
        return "not decidable";
    case COMPARE_NEW:
        return "new";
    case COMPARE_GONE:
        break;
    }
    return "gone";
}

/* A point by the id of its first repeat's cell. */
struct named {
    int64_t id;
    size_t at;
};

static int by_id(const void *a, const void *b)
{
    const struct named *p = a, *q = b;

    return (p->id > q->id) - (p->id < q->id);
}

static struct named *names_make(const struct points *points)
{
    struct named *names = calloc(points->len + 1, sizeof(*names));

    for (size_t i = 0; names && i < points->len; i++) {
        const struct point *p = &points->at[i];

        names[i].id =
            table_i64(table_find(p->dataset->cells, "cell_id"), p->row);
        names[i].at = i;
    }
    if (names)
        qsort(names, points->len, sizeof(*names), by_id);
    return names;
}

/* Relative standard error of a mean, from the interval that it has. */
static double relative_error(const struct point *p, enum scope_kind scope)
{
    const struct point_scope *s = &p->scope[scope];

    return (s->fps_range.high - s->fps) / stats_t95(p->repeats - 1) / s->fps;
}

/* Welch's degrees of freedom, rounded down. */
static size_t welch(double error_a, size_t n_a, double error_b, size_t n_b)
{
    double a = error_a * error_a, b = error_b * error_b;
    double df = (a + b) * (a + b) /
                (a * a / (double)(n_a - 1) + b * b / (double)(n_b - 1));

    return df >= 1 ? (size_t)df : 1; /* NaN, without any noise, is 1 */
}

static double right_of(const struct point *p)
{
    return round(p->top1_pct / 100 * p->accuracy_images);
}

/* McNemar's p from what both answered; NaN where a side's answers are not
 * held, or are not of the same images. */
static double mcnemar(const struct comparison *c)
{
    const struct predictions *a =
        dataset_predictions(c->a->dataset, c->a->predictions);
    const struct predictions *b =
        dataset_predictions(c->b->dataset, c->b->predictions);
    size_t apart = 0, more;

    if (!a || !b || a->len != b->len)
        return (double)NAN;
    for (size_t i = 0; i < a->len; i++)
        apart += a->classes[i] != b->classes[i];
    more = (size_t)fabs(right_of(c->b) - right_of(c->a));
    return more > apart ? (double)NAN
                        : stats_mcnemar_p((apart - more) / 2,
                                          apart - (apart - more) / 2);
}

/* An accuracy is the same where it is equal, decided where the interval of
 * the difference holds no zero. */
static void judge_accuracy(struct comparison *c)
{
    c->top1_change_pct = c->b->top1_pct - c->a->top1_pct;
    c->top1_range =
        stats_share_difference_pct(right_of(c->a), c->a->accuracy_images,
                                   right_of(c->b), c->b->accuracy_images);
    c->mcnemar_p = mcnemar(c);
    c->accuracy = COMPARE_UNDECIDABLE;
    if (c->top1_change_pct == 0)
        c->accuracy = COMPARE_SAME;
    else if (c->top1_range.high < 0 ||
             (c->mcnemar_p < MCNEMAR_P && c->top1_change_pct < 0))
        c->accuracy = COMPARE_SLOWER;
    else if (c->top1_range.low > 0 || c->mcnemar_p < MCNEMAR_P)
        c->accuracy = COMPARE_FASTER;
    else if (!isnan(c->top1_range.low) || !isnan(c->mcnemar_p))
        c->accuracy = COMPARE_SAME;
}

static void judge(struct comparison *c, enum scope_kind scope)
{
    double fps_a = c->a->scope[scope].fps, fps_b = c->b->scope[scope].fps;
    double ratio = fps_b / fps_a, error_a, error_b;

    c->change_pct = 100 * (ratio - 1);
    judge_accuracy(c);
    c->half_pct = (double)NAN;
    c->verdict = COMPARE_UNDECIDABLE;
    if (c->a->repeats < 2 || c->b->repeats < 2 || isnan(ratio))
        return;
    error_a = relative_error(c->a, scope);
    error_b = relative_error(c->b, scope);
    c->half_pct =
        100 * ratio * sqrt(error_a * error_a + error_b * error_b) *
        stats_t95(welch(error_a, c->a->repeats, error_b, c->b->repeats));
    if (fabs(c->change_pct) <= c->half_pct)
        c->verdict = COMPARE_SAME;
    else
        c->verdict = ratio > 1 ? COMPARE_FASTER : COMPARE_SLOWER;
}

static void lone(struct comparison *c, enum compare_verdict verdict)
{
    c->change_pct = c->half_pct = c->top1_change_pct = (double)NAN;
    c->top1_range = (struct stats_interval){ (double)NAN, (double)NAN };
    c->mcnemar_p = (double)NAN;
    c->verdict = c->accuracy = verdict;
}

static size_t count_emulated(const struct points *points)
{
    size_t n = 0;

    for (size_t i = 0; i < points->len; i++)
        n += point_emulated(&points->at[i]);
    return n;
}

/* What a tool was told is compared with what a tool was told alone. */
static int check_emulated(const struct points *a, const struct points *b,
                          struct err *err)
{
    size_t n = count_emulated(a) + count_emulated(b);

    if (!n || n == a->len + b->len)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%zu of %zu op points are of emulated boards: they are not "
                   "compared with others (--where 'provenance!=emulated')",
                   n, a->len + b->len);
}

int compare_points(const struct points *a, const struct points *b,
                   enum scope_kind scope, struct comparisons *ret_comparisons,
                   struct err *err)
{
    struct comparisons all = { 0 };
    struct named *names = names_make(b), *own = names_make(a);
    bool *met = calloc(b->len + 1, sizeof(*met));
    int rc = check_emulated(a, b, err);

    if (rc)
        goto out;
    all.at = calloc(a->len + b->len + 1, sizeof(*all.at));
    if (!names || !own || !met || !all.at) {
        rc = err_set(err, ERR_NOMEM, "no memory to compare %zu points",
                     a->len + b->len);
        free(all.at);
        goto out;
    }
    for (size_t i = 0; i < a->len; i++) /* 'own' is sorted: find by place */
        all.at[own[i].at].a = &a->at[own[i].at];
    for (size_t i = 0; i < a->len; i++) {
        struct named *found =
            bsearch(&own[i], names, b->len, sizeof(*names), by_id);
        struct comparison *c = &all.at[own[i].at];

        if (found && !met[found->at]) {
            met[found->at] = true;
            c->b = &b->at[found->at];
            judge(c, scope);
        } else {
            lone(c, COMPARE_GONE);
        }
    }
    all.len = a->len;
    for (size_t i = 0; i < b->len; i++)
        if (!met[i]) {
            all.at[all.len].b = &b->at[i];
            lone(&all.at[all.len++], COMPARE_NEW);
        }
    for (size_t i = 0; i < all.len; i++) {
        all.counts[all.at[i].verdict]++;
        all.accuracy_fell += all.at[i].accuracy == COMPARE_SLOWER;
    }
    *ret_comparisons = all;
out:
    free(names);
    free(own);
    free(met);
    return rc;
}

bool compare_regressed(const struct comparisons *comparisons)
{
    return comparisons->counts[COMPARE_SLOWER] || comparisons->accuracy_fell;
}

void compare_free(struct comparisons *comparisons)
{
    if (!comparisons)
        return;
    free(comparisons->at);
    memset(comparisons, 0, sizeof(*comparisons));
}
