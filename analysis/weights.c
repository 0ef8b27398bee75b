/* weights.c - points sorted into sets of weights, by digest and platform */
#include "analysis/weights.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/numbering.h"
#include "core/vec.h"

/* What each point is of, by number. */
struct work {
    const struct points *points;
    struct classes units;    /* provenance, topology, images, platform, mode */
    struct classes networks; /* that have weights of their own */
    struct classes digests;
    uint64_t *keys;     /* of a numbering in hand */
    size_t *holder;     /* who of a unit ran it: see find_holders() */
    size_t *set_of;     /* of each holder */
    VEC(size_t *) sets; /* digest + 1 of each network, 0 where it has none */
};

static bool has_digest(const struct work *work, size_t i)
{
    return *work->points->at[i].model != '\0';
}

static size_t root_of(size_t *parent, size_t digest)
{
    while (parent[digest] != digest)
        digest = parent[digest] = parent[parent[digest]];
    return digest;
}

/* Weights that gave the very same answers to all images are the same, in
 * whatever file a vendor's tool keeps them: number them alike. */
static int merge_same_answers(struct work *work, struct err *err)
{
    size_t n = work->points->len;
    size_t *parent = malloc((work->digests.count + 1) * sizeof(*parent));
    struct classes answers = { 0 };
    int rc =
        parent ? classes_create(work->points, CLASSES_BY_ANSWERS, &answers, err)
               : err_set(err, ERR_NOMEM, "no memory for weights");

    for (size_t d = 0; !rc && d < work->digests.count; d++)
        parent[d] = d;
    for (size_t i = 0; !rc && i < n; i++) {
        size_t first = answers.member[answers.start[answers.of[i]]];

        if (*work->points->at[i].predictions && has_digest(work, i) &&
            has_digest(work, first))
            parent[root_of(parent, work->digests.of[i])] =
                root_of(parent, work->digests.of[first]);
    }
    for (size_t i = 0; !rc && i < n; i++)
        work->digests.of[i] = root_of(parent, work->digests.of[i]);
    classes_free(&answers);
    free(parent);
    return rc;
}

static int work_make(const struct points *points, struct work *work,
                     struct err *err)
{
    size_t n = points->len;
    int rc;

    work->points = points;
    work->keys = malloc((n + 1) * sizeof(*work->keys));
    work->holder = calloc(n + 1, sizeof(*work->holder));
    work->set_of = calloc(n + 1, sizeof(*work->set_of));
    if (!work->keys || !work->holder || !work->set_of)
        return err_set(err, ERR_NOMEM,
                       "no memory for the weights of %zu "
                       "points",
                       n);
    rc = classes_create(points, CLASSES_BY_HOLDER, &work->units, err);
    if (!rc)
        rc = classes_create(points, CLASSES_BY_WEIGHTS, &work->networks, err);
    if (!rc)
        rc = classes_create(points, CLASSES_BY_DIGEST, &work->digests, err);
    return rc ? rc : merge_same_answers(work, err);
}

static void work_free(struct work *work)
{
    for (size_t i = 0; i < work->sets.len; i++)
        free(work->sets.at[i]);
    VEC_FREE(&work->sets);
    classes_free(&work->units);
    classes_free(&work->networks);
    classes_free(&work->digests);
    free(work->keys);
    free(work->holder);
    free(work->set_of);
}

/* A holder is a unit; where that ran a network with several weights, there
 * is one more for each further digest of it.  Numbered by appearance. */
static bool find_holders(struct work *work, size_t *ret_holders)
{
    size_t n = work->points->len, pairs, most = 1;
    size_t *pair = malloc((n + 1) * sizeof(*pair));
    size_t *digests = calloc(n + 1, sizeof(*digests)); /* of a pair */
    size_t *rank = calloc(n + 1, sizeof(*rank));       /* of a triple, + 1 */
    bool whole = pair && digests && rank;

    for (size_t i = 0; whole && i < n; i++)
        work->keys[i] =
            work->units.of[i] * work->networks.count + work->networks.of[i];
    pairs = whole ? numbering_make(work->keys, n) : SIZE_MAX;
    whole = whole && pairs != SIZE_MAX;
    for (size_t i = 0; whole && i < n; i++) {
        pair[i] = work->keys[i];
        work->keys[i] = pair[i] * work->digests.count + work->digests.of[i];
    }
    whole = whole && numbering_make(work->keys, n) != SIZE_MAX;
    for (size_t i = 0; whole && i < n; i++) {
        size_t *mine = &rank[work->keys[i]];

        if (has_digest(work, i) && !*mine)
            *mine = ++digests[pair[i]];
        most = *mine > most ? *mine : most;
        work->holder[i] = *mine ? *mine - 1 : 0;
    }
    for (size_t i = 0; whole && i < n; i++)
        work->keys[i] = work->units.of[i] * most + work->holder[i];
    *ret_holders = whole ? numbering_make(work->keys, n) : SIZE_MAX;
    for (size_t i = 0; *ret_holders != SIZE_MAX && i < n; i++)
        work->holder[i] = work->keys[i];
    free(pair);
    free(digests);
    free(rank);
    return *ret_holders != SIZE_MAX;
}

/* Points of each holder, holder by holder. */
static bool list_holders(const struct work *work, size_t holders,
                         size_t **ret_start, size_t **ret_member)
{
    size_t n = work->points->len;
    size_t *start = calloc(holders + 2, sizeof(*start));
    size_t *member = malloc((n + 1) * sizeof(*member));

    *ret_start = start;
    *ret_member = member;
    if (!start || !member)
        return false;
    for (size_t i = 0; i < n; i++)
        start[work->holder[i] + 2]++;
    for (size_t h = 0; h < holders; h++)
        start[h + 2] += start[h + 1];
    for (size_t i = 0; i < n; i++)
        member[start[work->holder[i] + 1]++] = i;
    return true;
}

/* Whether no network has other weights in a set than with 'len' points. */
static bool set_agrees(const struct work *work, const size_t *set,
                       const size_t *members, size_t len)
{
    for (size_t m = 0; m < len; m++) {
        size_t held = set[work->networks.of[members[m]]];

        if (held && has_digest(work, members[m]) &&
            held != work->digests.of[members[m]] + 1)
            return false;
    }
    return true;
}

static bool set_join(struct work *work, size_t s, const size_t *members,
                     size_t len)
{
    if (s == work->sets.len) {
        size_t *set = calloc(work->networks.count + 1, sizeof(*set));

        if (!set || !VEC_PUSH(&work->sets, set)) {
            free(set);
            return false;
        }
    }
    for (size_t m = 0; m < len; m++)
        if (has_digest(work, members[m]))
            work->sets.at[s][work->networks.of[members[m]]] =
                work->digests.of[members[m]] + 1;
    return true;
}

/* Each holder joins the first set that it agrees with, or opens one. */
static bool find_sets(struct work *work, size_t holders)
{
    size_t *start = NULL, *member = NULL;
    bool whole = list_holders(work, holders, &start, &member);

    for (size_t h = 0; whole && h < holders; h++) {
        const size_t *members = member + start[h];
        size_t len = start[h + 1] - start[h], s = 0;

        while (s < work->sets.len &&
               !set_agrees(work, work->sets.at[s], members, len))
            s++;
        work->set_of[h] = s;
        whole = set_join(work, s, members, len);
    }
    free(start);
    free(member);
    return whole;
}

/* The first point of each group: all of a group ran the same weights. */
static struct points first_points(const struct points *points)
{
    const struct classes *groups = points->groups;
    struct points first = { .at = calloc(groups->count + 1, sizeof(*first.at)),
                            .len = groups->count };

    for (size_t g = 0; first.at && g < groups->count; g++)
        first.at[g] = points->at[groups->member[groups->start[g]]];
    return first;
}

int weights_sets(const struct points *points, size_t *ret_set,
                 size_t *ret_count, struct err *err)
{
    struct points first = first_points(points);
    struct work work = { 0 };
    size_t holders;
    int rc = first.at ? work_make(&first, &work, err)
                      : err_set(err, ERR_NOMEM, "no memory for weights");

    if (!rc && (!find_holders(&work, &holders) || !find_sets(&work, holders)))
        rc = err_set(err, ERR_NOMEM, "no memory for sets of weights");
    for (size_t i = 0; !rc && i < points->len; i++)
        ret_set[i] = work.set_of[work.holder[points->groups->of[i]]];
    if (!rc)
        *ret_count = work.sets.len;
    work_free(&work);
    free(first.at);
    return rc;
}
