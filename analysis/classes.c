/* classes.c - numbering points by what they agree in */
#include "analysis/classes.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a, b);
}

static int by_number(double a, double b)
{
    return (a > b) - (a < b);
}

int classes_by_unit(const struct point *p, const struct point *q)
{
    int order = by_text(p->platform, q->platform);

    return order ? order : by_text(p->op_mode, q->op_mode);
}

int classes_by_group(const struct point *p, const struct point *q)
{
    int order = classes_by_unit(p, q);

    if (!order)
        order = classes_by_network(p, q);
    if (!order)
        order = by_text(p->provenance, q->provenance);
    return order ? order : by_text(p->model, q->model);
}

int classes_by_model(const struct point *p, const struct point *q)
{
    int order = classes_by_unit(p, q);

    if (!order)
        order = by_text(p->topology, q->topology);
    if (!order)
        order = by_text(p->precision, q->precision);
    if (!order)
        order = by_text(p->provenance, q->provenance);
    if (!order)
        order = by_number(p->threads, q->threads);
    return order ? order : by_number(p->streams, q->streams);
}

int classes_by_op(const struct point *p, const struct point *q)
{
    int order = classes_by_group(p, q);

    if (!order)
        order = by_number(p->batch, q->batch);
    if (!order)
        order = by_number(p->threads, q->threads);
    return order ? order : by_number(p->streams, q->streams);
}

int classes_by_setting(const struct point *p, const struct point *q)
{
    int order = classes_by_unit(p, q);

    if (!order)
        order = by_text(p->topology, q->topology);
    if (!order)
        order = by_number(p->pruning_pct, q->pruning_pct);
    if (!order)
        order = by_number(p->batch, q->batch);
    if (!order)
        order = by_number(p->threads, q->threads);
    return order ? order : by_number(p->streams, q->streams);
}

int classes_by_network(const struct point *p, const struct point *q)
{
    int order = by_text(p->topology, q->topology);

    if (!order)
        order = by_text(p->images, q->images);
    if (!order)
        order = by_text(p->precision, q->precision);
    return order ? order : by_number(p->pruning_pct, q->pruning_pct);
}

/* A point on its way through qsort(), which passes no context. */
struct entry {
    const struct point *point;
    classes_order_f order;
    size_t at;
};

static int compare(const void *a, const void *b)
{
    const struct entry *p = a, *q = b;
    int order = p->order(p->point, q->point);

    return order ? order : (p->at > q->at) - (p->at < q->at);
}

/* Renumber classes by first member, and list members. */
static void number_classes(struct classes *classes, struct entry *sorted,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool first =
            !i || sorted[i].order(sorted[i - 1].point, sorted[i].point);

        /* a class is known by its first point until it has a number */
        classes->of[sorted[i].at] =
            first ? sorted[i].at : classes->of[sorted[i - 1].at];
    }
    for (size_t i = 0; i < n; i++) {
        size_t first = classes->of[i];

        if (first == i)
            classes->member[i] = classes->count++;
        classes->of[i] = classes->member[first];
    }
    for (size_t i = 0; i < n; i++)
        classes->start[classes->of[i] + 1]++;
    for (size_t c = 0; c < classes->count; c++)
        classes->start[c + 1] += classes->start[c];
    for (size_t i = n; i-- > 0;)
        classes->member[--classes->start[classes->of[i] + 1]] = i;
    memmove(classes->start, classes->start + 1,
            classes->count * sizeof(classes->start[0]));
    classes->start[classes->count] = n;
}

int classes_create(const struct points *points, classes_order_f order,
                   struct classes *ret_classes, struct err *err)
{
    size_t n = points->len;
    struct entry *sorted = calloc(n + 1, sizeof(*sorted));
    struct classes classes = { 0 };

    classes.of = calloc(n + 1, sizeof(size_t));
    classes.start = calloc(n + 2, sizeof(size_t));
    classes.member = calloc(n + 1, sizeof(size_t));
    if (!sorted || !classes.of || !classes.start || !classes.member) {
        free(sorted);
        classes_free(&classes);
        return err_set(err, ERR_NOMEM, "no memory to class %zu points", n);
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct entry){ &points->at[i], order, i };
    qsort(sorted, n, sizeof(*sorted), compare);
    number_classes(&classes, sorted, n);
    free(sorted);
    *ret_classes = classes;
    return 0;
}

void classes_free(struct classes *classes)
{
    if (!classes)
        return;
    free(classes->of);
    free(classes->start);
    free(classes->member);
    memset(classes, 0, sizeof(*classes));
}
