/* classes.c - numbering points by what they agree in */
#include "analysis/classes.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/numbering.h"
#include "analysis/stats.h"
#include "core/pages.h"
#include "core/vec.h"

#define FIELDS_MAX 12

/* The fields of a kind, as offsets in a point; each list ends with 0, which
 * is no field of it. */
#define AT(field) offsetof(struct point, field)
#define UNIT      AT(platform), AT(op_mode)
#define NETWORK   AT(topology), AT(images), AT(precision)
#define FIELD     AT(provenance), AT(topology), AT(images)
#define GROUP     UNIT, NETWORK, AT(provenance), AT(model)

static const struct {
    size_t texts[FIELDS_MAX], numbers[FIELDS_MAX];
} kinds[] = {
    [CLASSES_BY_UNIT] = { { UNIT }, { 0 } },
    [CLASSES_BY_GROUP] = { { GROUP }, { AT(pruning_pct) } },
    [CLASSES_BY_MODEL] = { { UNIT, AT(topology), AT(precision),
                             AT(provenance) },
                           { AT(threads), AT(streams) } },
    [CLASSES_BY_OP] = { { GROUP },
                        { AT(pruning_pct), AT(batch), AT(threads),
                          AT(streams) } },
    [CLASSES_BY_SETTING] = { { UNIT, AT(topology) },
                             { AT(pruning_pct), AT(batch), AT(threads),
                               AT(streams) } },
    [CLASSES_BY_NETWORK] = { { NETWORK }, { AT(pruning_pct) } },
    [CLASSES_BY_FIELD] = { { FIELD }, { 0 } },
    [CLASSES_BY_HOLDER] = { { FIELD, UNIT }, { 0 } },
    [CLASSES_BY_WEIGHTS] = { { AT(provenance), NETWORK }, { AT(pruning_pct) } },
    [CLASSES_BY_DIGEST] = { { AT(model) }, { 0 } },
    [CLASSES_BY_ANSWERS] = { { AT(images), AT(predictions) }, { 0 } },
};
_Static_assert(ARRAY_LEN(kinds) == CLASSES_KINDS, "a kind without fields");

static const char *text_at(const struct point *point, size_t offset)
{
    return *(const char *const *)(const void *)((const char *)point + offset);
}

static double number_at(const struct point *point, size_t offset)
{
    return *(const double *)(const void *)((const char *)point + offset);
}

bool classes_same(enum classes_kind kind, const struct point *p,
                  const struct point *q)
{
    /* texts are labels of a table, mostly the very same ones */
    for (const size_t *at = kinds[kind].texts; *at; at++)
        if (text_at(p, *at) != text_at(q, *at) &&
            strcmp(text_at(p, *at), text_at(q, *at)) != 0)
            return false;
    for (const size_t *at = kinds[kind].numbers; *at; at++)
        if (!stats_same(number_at(p, *at), number_at(q, *at)))
            return false;
    return true;
}

/* Of a text, its length and both ends: labels differ there. */
static uint64_t text_bits(const char *text)
{
    size_t len = strlen(text), some = len < 8 ? len : 8;
    uint64_t head = 0, tail = 0;

    memcpy(&head, text, some);
    memcpy(&tail, text + len - some, some);
    return head ^ (tail << 1) ^ len;
}

static uint64_t point_hash(enum classes_kind kind, const struct point *point)
{
    uint64_t hash = 0;

    for (const size_t *at = kinds[kind].texts; *at; at++)
        hash = numbering_mix(hash + text_bits(text_at(point, *at)) + 1);
    for (const size_t *at = kinds[kind].numbers; *at; at++) {
        double number = number_at(point, *at) + 0.0;
        uint64_t bits = 0; /* of the missing */

        if (number == number)
            memcpy(&bits, &number, sizeof(bits));
        hash = numbering_mix(hash + bits + 1);
    }
    return hash;
}

/* Classes by the hash of their first point; a slot holds class + 1. */
struct slots {
    size_t *at;
    size_t len;        /* a power of two */
    VEC(size_t) first; /* point of each class */
};

static size_t *slot_find(const struct slots *slots, const struct points *points,
                         enum classes_kind kind, const struct point *point)
{
    size_t at = point_hash(kind, point) & (slots->len - 1);

    while (slots->at[at] &&
           !classes_same(kind, point,
                         &points->at[slots->first.at[slots->at[at] - 1]]))
        at = (at + 1) & (slots->len - 1);
    return &slots->at[at];
}

static bool slots_grow(struct slots *slots, const struct points *points,
                       enum classes_kind kind)
{
    size_t *smaller = slots->at;

    slots->len = slots->len ? slots->len * 4 : 256;
    slots->at = calloc(slots->len, sizeof(size_t));
    free(smaller);
    for (size_t c = 0; slots->at && c < slots->first.len; c++)
        *slot_find(slots, points, kind, &points->at[slots->first.at[c]]) =
            c + 1;
    return slots->at;
}

/* The class of a point, which may be its first.  SIZE_MAX without memory. */
static size_t class_of(struct slots *slots, const struct points *points,
                       enum classes_kind kind, size_t point)
{
    size_t *slot;

    if (slots->first.len * 2 >= slots->len && !slots_grow(slots, points, kind))
        return SIZE_MAX;
    slot = slot_find(slots, points, kind, &points->at[point]);
    if (!*slot) {
        if (!VEC_PUSH(&slots->first, point))
            return SIZE_MAX;
        *slot = slots->first.len;
    }
    return *slot - 1;
}

/* Number the classes by first member.  False without memory. */
static bool number_points(const struct points *points, enum classes_kind kind,
                          struct classes *classes)
{
    struct slots slots = { .len = 0 };
    bool whole = true;

    for (size_t i = 0; whole && i < points->len; i++) {
        const struct point *point = &points->at[i];

        if (i && classes_same(kind, point - 1, point)) { /* often in runs */
            classes->of[i] = classes->of[i - 1];
            continue;
        }
        classes->of[i] = class_of(&slots, points, kind, i);
        whole = classes->of[i] != SIZE_MAX;
    }
    classes->count = slots.first.len;
    free(slots.at);
    VEC_FREE(&slots.first);
    return whole;
}

/* List the members of each class, by counting. */
static void list_members(struct classes *classes, size_t n)
{
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

int classes_create(const struct points *points, enum classes_kind kind,
                   struct classes *ret_classes, struct err *err)
{
    size_t n = points->len;
    struct classes classes = { 0 };
    bool whole;

    classes.of = pages_alloc((n + 1) * sizeof(size_t));
    classes.member = pages_alloc((n + 1) * sizeof(size_t));
    whole =
        classes.of && classes.member && number_points(points, kind, &classes);
    if (whole)
        classes.start = calloc(classes.count + 2, sizeof(size_t));
    if (!whole || !classes.start) {
        classes_free(&classes);
        return err_set(err, ERR_NOMEM, "no memory to class %zu points", n);
    }
    list_members(&classes, n);
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
