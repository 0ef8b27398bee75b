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

/* One archive as the comparison sees it; its columns, found once. */
struct side {
    const struct points *points;
    const struct table_column *id, *fps;
};

static struct side side_of(const struct points *points, enum scope_kind scope)
{
    const struct table *cells =
        points->len ? points->at[0].dataset->cells : NULL;
    const char *fps = scope == SCOPE_KIND_SYS ? "fps_sys" : "fps_comp";

    return (struct side){ points, cells ? table_find(cells, "cell_id") : NULL,
                          cells ? table_find(cells, fps) : NULL };
}

/* A point by the id of one of its cells. */
struct named {
    int64_t id;
    size_t at;
};

static int by_id(const void *a, const void *b)
{
    const struct named *p = a, *q = b;

    return (p->id > q->id) - (p->id < q->id);
}

/* All cells of a side, by id; their count. */
static struct named *names_make(const struct side *side, size_t *ret_len)
{
    const struct points *points = side->points;
    struct named *names;
    size_t len = 0;

    for (size_t i = 0; i < points->len; i++)
        len += points->at[i].repeats;
    names = calloc(len + 1, sizeof(*names));
    *ret_len = 0;
    for (size_t i = 0; names && i < points->len; i++)
        for (size_t r = 0; r < points->at[i].repeats; r++)
            names[(*ret_len)++] =
                (struct named){ table_i64(side->id, points->at[i].rows[r]), i };
    if (names)
        qsort(names, *ret_len, sizeof(*names), by_id);
    return names;
}

/* How many repeats have a throughput. */
static size_t timed_repeats(const struct point *p, const struct side *side)
{
    size_t n = 0;

    for (size_t r = 0; side->fps && r < p->repeats; r++)
        n += isnan(table_f64(side->fps, p->rows[r])) ? 0 : 1;
    return n;
}

/* Relative standard error of a mean over 'n', from the interval it has. */
static double relative_error(const struct point *p, enum scope_kind scope,
                             size_t n)
{
    const struct point_scope *s = &p->scope[scope];

    return s->fps_half / stats_t95(n - 1) / s->fps;
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
    size_t apart = 0, more, less;

    if (!a || !b || a->len != b->len)
        return (double)NAN;
    for (size_t i = 0; i < a->len; i++)
        apart += a->classes[i] != b->classes[i];
    more = (size_t)fabs(right_of(c->b) - right_of(c->a));
    if (more > apart)
        return (double)NAN;
    less = (apart - more) / 2; /* an odd one was wrong in both */
    return stats_mcnemar_p(less, less + more);
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

static void judge(struct comparison *c, const struct side sides[2],
                  enum scope_kind scope)
{
    double ratio = c->b->scope[scope].fps / c->a->scope[scope].fps;
    size_t n_a = timed_repeats(c->a, &sides[0]);
    size_t n_b = timed_repeats(c->b, &sides[1]);
    double error_a, error_b;

    c->change_pct = 100 * (ratio - 1);
    judge_accuracy(c);
    c->half_pct = (double)NAN;
    c->verdict = COMPARE_UNDECIDABLE;
    if (n_a < 2 || n_b < 2)
        return;
    error_a = relative_error(c->a, scope, n_a);
    error_b = relative_error(c->b, scope, n_b);
    c->half_pct = 100 * ratio * sqrt(error_a * error_a + error_b * error_b) *
                  stats_t95(welch(error_a, n_a, error_b, n_b));
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

/* What a tool was told is compared with what a tool was told alone. */
static int check_emulated(const struct comparisons *all, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < all->len; i++) {
        const struct comparison *c = &all->at[i];

        n += c->a && c->b && point_emulated(c->a) != point_emulated(c->b);
    }
    if (!n)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%zu of %zu op points are of an emulated board on one side: "
                   "they are not compared with others (--where "
                   "'provenance!=emulated')",
                   n, all->len);
}

/* B's point that shares a cell with 'p' and is not taken yet; NULL: none. */
static const struct point *partner(const struct point *p,
                                   const struct side sides[2],
                                   const struct named *names, size_t len,
                                   bool *taken)
{
    for (size_t r = 0; r < p->repeats; r++) {
        struct named own = { table_i64(sides[0].id, p->rows[r]), 0 };
        const struct named *found =
            bsearch(&own, names, len, sizeof(own), by_id);

        if (!found || taken[found->at])
            continue;
        taken[found->at] = true;
        return &sides[1].points->at[found->at];
    }
    return NULL;
}

/* Join A's points, then append what only B has. */
static void join(const struct side sides[2], enum scope_kind scope,
                 const struct named *names, size_t len, bool *taken,
                 struct comparisons *all)
{
    const struct points *a = sides[0].points, *b = sides[1].points;

    for (size_t i = 0; i < a->len; i++) {
        struct comparison *c = &all->at[all->len++];

        c->a = &a->at[i];
        c->b = partner(c->a, sides, names, len, taken);
        if (c->b)
            judge(c, sides, scope);
        else
            lone(c, COMPARE_GONE);
    }
    for (size_t i = 0; i < b->len; i++)
        if (!taken[i]) {
            all->at[all->len].b = &b->at[i];
            lone(&all->at[all->len++], COMPARE_NEW);
        }
    for (size_t i = 0; i < all->len; i++) {
        all->counts[all->at[i].verdict]++;
        all->accuracy_fell += all->at[i].accuracy == COMPARE_SLOWER;
    }
}

int compare_points(const struct points *a, const struct points *b,
                   enum scope_kind scope, struct comparisons *ret_comparisons,
                   struct err *err)
{
    const struct side sides[2] = { side_of(a, scope), side_of(b, scope) };
    struct comparisons all = { 0 };
    struct named *names;
    size_t len;
    bool *taken;
    int rc = 0;

    names = names_make(&sides[1], &len);
    taken = calloc(b->len + 1, sizeof(*taken));
    all.at = calloc(a->len + b->len + 1, sizeof(*all.at));
    if (names && taken && all.at) {
        join(sides, scope, names, len, taken, &all);
        rc = check_emulated(&all, err);
    } else {
        rc = err_set(err, ERR_NOMEM, "no memory to compare %zu points",
                     a->len + b->len);
    }
    free(names);
    free(taken);
    if (rc)
        free(all.at);
    else
        *ret_comparisons = all;
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
