/* groups.c - grouping by key columns packed into one number a row */
#include "analysis/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/numbering.h"
#include "core/pages.h"

/* A row's fields so far as one number below 'range', and room for the codes
 * of one column. */
struct packed {
    const struct rows *rows;
    uint64_t *keys;
    uint64_t *codes;
    uint64_t range; /* while it is 1, keys are 0 and not written yet */
};

/* Make room for a column of 'count' codes in the keys' range.  False without
 * memory. */
static bool packed_widen(struct packed *packed, uint64_t count)
{
    if (packed->range > UINT64_MAX / count) {
        packed->range =
            numbering_make(packed->keys, packed->rows->len, packed->range);
        if (packed->range == SIZE_MAX)
            return false;
    }
    packed->range *= count;
    return true;
}

/* Take a row's code, one of 'count', into its key. */
static inline void packed_take(struct packed *packed, size_t i, uint64_t count,
                               uint64_t code)
{
    bool first = packed->range == count;

    packed->keys[i] = code + (first ? 0 : packed->keys[i] * count);
}

/* Number the codes, which may be anything, and take them into the keys. */
static bool packed_add_codes(struct packed *packed)
{
    size_t n = packed->rows->len;
    size_t count = numbering_make(packed->codes, n, 0);

    if (count == SIZE_MAX || !packed_widen(packed, count ? count : 1))
        return false;
    for (size_t i = 0; count > 1 && i < n; i++)
        packed_take(packed, i, count, packed->codes[i]);
    return true;
}

/* Doubles by their bits; every missing one is the same, and -0 is 0. */
static bool packed_add_doubles(struct packed *packed, const double *values)
{
    const struct rows *rows = packed->rows;

    for (size_t i = 0; i < rows->len; i++) {
        double value = values[rows->at[i]] + 0.0;

        if (isnan(value))
            value = (double)NAN;
        memcpy(&packed->codes[i], &value, sizeof(value));
    }
    return packed_add_codes(packed);
}

/* The least and most of the values that are there; whether any is not. */
static bool find_span(const struct rows *rows, const int64_t *values,
                      int64_t *ret_least, int64_t *ret_most)
{
    int64_t least = INT64_MAX, most = INT64_MIN + 1;
    bool missing = false;

    for (size_t i = 0; i < rows->len; i++) {
        int64_t value = values[rows->at[i]];

        missing |= value == COLUMN_I64_MISSING;
        if (value < least && value != COLUMN_I64_MISSING)
            least = value;
        if (value > most)
            most = value;
    }
    *ret_least = least;
    *ret_most = most < least ? least : most;
    return missing;
}

/* Whole numbers by their distance from the least, after a 0 for the missing;
 * by number where they lie far apart. */
static bool packed_add_integers(struct packed *packed, const int64_t *values)
{
    const struct rows *rows = packed->rows;
    int64_t least, most;
    bool missing = find_span(rows, values, &least, &most);
    uint64_t apart = (uint64_t)most - (uint64_t)least;
    uint64_t count = apart + 1 + missing, base = (uint64_t)least - missing;

    if (apart >= UINT32_MAX) {
        for (size_t i = 0; i < rows->len; i++)
            packed->codes[i] = (uint64_t)values[rows->at[i]];
        return packed_add_codes(packed);
    }
    if (count == 1)
        return true; /* all the same: nothing to tell apart */
    if (!packed_widen(packed, count))
        return false;
    for (size_t i = 0; i < rows->len; i++) {
        int64_t value = values[rows->at[i]];
        uint64_t code =
            value == COLUMN_I64_MISSING ? 0 : (uint64_t)value - base;

        packed_take(packed, i, count, code);
    }
    return true;
}

/* Take one more column into the keys.  False without memory. */
static bool packed_add(struct packed *packed, const struct table_column *column)
{
    return column->type == COLUMN_F64
               ? packed_add_doubles(packed, column->f64)
               : packed_add_integers(packed, column->i64);
}

static bool groups_fill(struct packed *packed, struct groups *groups)
{
    const struct rows *rows = packed->rows;

    if (packed->range == 1) /* no column told rows apart */
        memset(packed->keys, 0, rows->len * sizeof(uint64_t));
    groups->rows = rows->len;
    groups->count = numbering_make(packed->keys, rows->len, packed->range);
    if (groups->count == SIZE_MAX)
        return false;
    groups->of = pages_alloc((rows->len + 1) * sizeof(uint32_t));
    groups->first = pages_alloc((groups->count + 1) * sizeof(uint32_t));
    if (!groups->of || !groups->first)
        return false;
    for (size_t i = 0, seen = 0; i < rows->len; i++) {
        groups->of[i] = (uint32_t)packed->keys[i];
        if (groups->of[i] == seen)
            groups->first[seen++] = rows->at[i];
    }
    return true;
}

int groups_create(const struct table *table, const struct rows *rows,
                  const char *const *keys, struct groups *ret_groups,
                  struct err *err)
{
    struct packed packed = { .rows = rows, .range = 1 };
    struct groups groups = { 0 };
    bool whole;

    packed.keys = pages_alloc((rows->len + 1) * sizeof(uint64_t));
    packed.codes = pages_alloc((rows->len + 1) * sizeof(uint64_t));
    whole = packed.keys && packed.codes;
    for (; whole && *keys; keys++) {
        const struct table_column *column = table_find(table, *keys);

        whole = !column || packed_add(&packed, column);
    }
    whole = whole && groups_fill(&packed, &groups);
    free(packed.keys);
    free(packed.codes);
    if (!whole) {
        groups_free(&groups);
        return err_set(err, ERR_NOMEM, "no memory to group %zu rows",
                       rows->len);
    }
    *ret_groups = groups;
    return 0;
}

void groups_free(struct groups *groups)
{
    if (!groups)
        return;
    free(groups->of);
    free(groups->first);
    memset(groups, 0, sizeof(*groups));
}

int group_rows_create(const struct groups *groups, const struct rows *rows,
                      struct group_rows *ret_lists, struct err *err)
{
    struct group_rows lists = { 0 };

    lists.start = pages_zeroed((groups->count + 2) * sizeof(*lists.start));
    lists.at = pages_alloc((rows->len + 1) * sizeof(*lists.at));
    if (!lists.start || !lists.at) {
        group_rows_free(&lists);
        return err_set(err, ERR_NOMEM, "no memory to list %zu rows", rows->len);
    }
    /* a counting sort; one place on, so that it ends with the starts */
    for (size_t i = 0; i < rows->len; i++)
        lists.start[groups->of[i] + 2]++;
    for (size_t g = 0; g < groups->count; g++)
        lists.start[g + 2] += lists.start[g + 1];
    for (size_t i = 0; i < rows->len; i++)
        lists.at[lists.start[groups->of[i] + 1]++] = rows->at[i];
    *ret_lists = lists;
    return 0;
}

void group_rows_free(struct group_rows *lists)
{
    if (!lists)
        return;
    free(lists->start);
    free(lists->at);
    memset(lists, 0, sizeof(*lists));
}
