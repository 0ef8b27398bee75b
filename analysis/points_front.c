/* points_front.c - which points lead: the best batch of a group, a front */
#include <math.h>
#include <stdlib.h>

#include "analysis/classes.h"
#include "analysis/pareto.h"
#include "analysis/points.h"

#define NOWHERE SIZE_MAX

static int by_place(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* The place of most throughput of each group, the first of equals. */
static void find_best(const struct points *points, enum scope_kind scope,
                      size_t *best)
{
    const size_t *of = points->groups->of;

    for (size_t g = 0; g < points->groups->count; g++)
        best[g] = NOWHERE;
    for (size_t i = 0; i < points->len; i++) {
        size_t *at = &best[of[i]];
        double fps = points->at[i].scope[scope].fps;

        if (!isnan(fps) &&
            (*at == NOWHERE || fps > points->at[*at].scope[scope].fps))
            *at = i;
    }
}

int points_best(const struct points *points, enum scope_kind scope,
                size_t **ret_places, size_t *ret_len, struct err *err)
{
    const struct classes *groups = points->groups;
    size_t *best = malloc((groups->count + 1) * sizeof(*best));
    size_t *places = malloc((groups->count + 1) * sizeof(*places));
    size_t len = 0;

    if (!best || !places) {
        free(best);
        free(places);
        return err_set(err, ERR_NOMEM, "no memory for %zu groups",
                       groups->count);
    }
    find_best(points, scope, best);
    for (size_t g = 0; g < groups->count; g++)
        if (best[g] != NOWHERE)
            places[len++] = best[g];
    qsort(places, len, sizeof(*places), by_place);
    free(best);
    *ret_places = places;
    *ret_len = len;
    return 0;
}

int points_fields(const struct points *points, const size_t *places, size_t len,
                  const size_t *sets, size_t *ret_fields, struct err *err)
{
    struct points picked = { .at = malloc((len + 1) * sizeof(*picked.at)),
                             .len = len };
    struct classes fields = { 0 };
    int rc = picked.at ? 0 : err_set(err, ERR_NOMEM, "no memory for fields");

    for (size_t i = 0; !rc && i < len; i++)
        picked.at[i] = points->at[places[i]];
    if (!rc)
        rc = classes_create(&picked, CLASSES_BY_FIELD, &fields, err);
    for (size_t i = 0; !rc && i < len; i++)
        ret_fields[i] =
            fields.of[i] + (sets ? sets[places[i]] * fields.count : 0);
    classes_free(&fields);
    free(picked.at);
    return rc;
}

int points_front(const struct points *points, const size_t *places, size_t len,
                 enum scope_kind scope, const size_t *sets, bool *ret_front,
                 struct err *err)
{
    double *fps = malloc((len + 1) * sizeof(*fps));
    double *top1 = malloc((len + 1) * sizeof(*top1));
    size_t *fields = malloc((len + 1) * sizeof(*fields));
    struct pareto_metric metrics[] = { { fps, false }, { top1, false } };
    int rc = 0;

    if (!fps || !top1 || !fields)
        rc =
            err_set(err, ERR_NOMEM, "no memory for a front of %zu points", len);
    for (size_t i = 0; !rc && i < len; i++) {
        fps[i] = points->at[places[i]].scope[scope].fps;
        top1[i] = points->at[places[i]].top1_pct;
    }
    if (!rc)
        rc = points_fields(points, places, len, sets, fields, err);
    if (!rc)
        rc = pareto_fronts(metrics, 2, fields, len, ret_front, err);
    free(fps);
    free(top1);
    free(fields);
    return rc;
}
