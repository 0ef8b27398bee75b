/* groups.c - grouping by key columns, each a digit of one number a row */
#include "analysis/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/numbering.h"
#include "core/pages.h"
#include "core/vec.h"

#define BLOCK 1024 /* rows: their keys stay in cache */

/* A key column: each row's field as a code below 'count'. */
struct digit {
    const struct table_column *column;
    uint64_t base, count; /* of whole numbers: the code is their distance, 0 if
                           * that is not below the count */
    bool numbered;        /* the others' code is the number of their value */
    struct numbering numbers;
};

struct digits {
    struct digit *at;
    size_t len;
};

/* A double by its bits; every missing one is the same, and -0 is 0. */
static uint64_t bits_of(double value)
{
    uint64_t bits;

    value = isnan(value) ? (double)NAN : value + 0.0;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* The number of a row's field; NUMBERING_NONE without memory. */
static uint32_t number_of(struct digit *digit, uint32_t row)
{
    const struct table_column *column = digit->column;

    return numbering_of(&digit->numbers, column->type == COLUMN_F64
                                             ? bits_of(column->f64[row])
                                             : (uint64_t)column->i64[row]);
}

/* Number all values beforehand, so that their count is known. */
static bool digit_number(struct digit *digit, const struct rows *rows)
{
    bool whole = numbering_begin(&digit->numbers, rows->len, 0);

    digit->numbered = true;
    for (size_t i = 0; whole && i < rows->len; i++)
        whole = number_of(digit, rows->at[i]) != NUMBERING_NONE;
    digit->count = digit->numbers.count;
    return whole;
}

/* The least and most of the values that are there; whether any is not. */
static bool find_span(const struct rows *rows, const int64_t *values,
                      int64_t *ret_least, int64_t *ret_most)
{
    int64_t least = INT64_MAX, most = INT64_MIN + 1, last = INT64_MAX;
    bool missing = false;

    for (size_t i = 0; i < rows->len; i++) {
        int64_t value = values[rows->at[i]];

        if (value == last)
            continue; /* axes come in runs */
        last = value;
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

/* Labels are told apart by their codes; other whole numbers by their distance
 * from the least, unless they lie far apart.  0 is for the missing.  False
 * without memory. */
static bool digit_make(struct digit *digit, const struct rows *rows)
{
    int64_t least, most;
    uint64_t apart;
    bool missing;

    if (digit->column->type == COLUMN_F64)
        return digit_number(digit, rows);
    if (digit->column->type == COLUMN_TEXT) {
        digit->count = digit->column->n_labels + 1;
        digit->base = (uint64_t)-1;
        return true;
    }
    missing = find_span(rows, digit->column->i64, &least, &most);
    apart = (uint64_t)most - (uint64_t)least;
    if (apart >= UINT32_MAX)
        return digit_number(digit, rows);
    digit->count = apart + 1 + missing;
    digit->base = (uint64_t)least - missing;
    return true;
}

static size_t count_keys(const char *const *keys)
{
    size_t n = 0;

    while (keys[n])
        n++;
    return n;
}

/* A digit a column that the table has and that tells rows apart.  False without
 * memory. */
static bool digits_make(struct digits *digits, const struct table *table,
                        const struct rows *rows, const char *const *keys)
{
    digits->at = calloc(count_keys(keys) + 1, sizeof(*digits->at));
    for (; digits->at && *keys; keys++) {
        struct digit digit = { .column = table_find(table, *keys) };
        bool whole = !digit.column || digit_make(&digit, rows);

        if (digit.column && digit.count > 1)
            digits->at[digits->len++] = digit;
        else
            numbering_end(&digit.numbers);
        if (!whole)
            return false;
    }
    return digits->at;
}

static void digits_free(struct digits *digits)
{
    for (size_t d = 0; d < digits->len; d++)
        numbering_end(&digits->at[d].numbers);
    free(digits->at);
}

/* Append the digit to the keys of 'len' rows. */
static void digit_append(struct digit *digit, const uint32_t *rows, size_t len,
                         uint64_t *keys)
{
    const int64_t *values = digit->column->i64;

    if (digit->numbered)
        for (size_t i = 0; i < len; i++)
            keys[i] = keys[i] * digit->count + number_of(digit, rows[i]);
    else
        for (size_t i = 0; i < len; i++) {
            uint64_t code = (uint64_t)values[rows[i]] - digit->base;

            keys[i] = keys[i] * digit->count + (code < digit->count ? code : 0);
        }
}

/* How many digits from 'from' on fit behind one below 'range', which becomes
 * the range of all. */
static size_t digits_fitting(const struct digits *digits, size_t from,
                             uint64_t *range)
{
    size_t n = from;

    while (n < digits->len && *range <= UINT64_MAX / digits->at[n].count)
        *range *= digits->at[n++].count;
    return n;
}

/* Number rows by the group they are in so far and digits 'from' to before
 * 'to', whose keys are below 'range'. */
static bool groups_split(struct groups *groups, const struct rows *rows,
                         struct digits *digits, size_t from, size_t to,
                         uint64_t range)
{
    struct numbering numbering;
    bool whole = numbering_begin(&numbering, rows->len, range);
    uint64_t keys[BLOCK];

    for (size_t i = 0; whole && i < rows->len; i += BLOCK) {
        size_t len = rows->len - i < BLOCK ? rows->len - i : BLOCK;

        for (size_t k = 0; k < len; k++)
            keys[k] = from ? groups->of[i + k] : 0;
        for (size_t d = from; d < to; d++)
            digit_append(&digits->at[d], rows->at + i, len, keys);
        for (size_t k = 0; whole && k < len; k++) {
            groups->of[i + k] = numbering_of(&numbering, keys[k]);
            whole = groups->of[i + k] != NUMBERING_NONE;
        }
    }
    groups->count = numbering.count;
    numbering_end(&numbering);
    return whole;
}

static bool groups_first(struct groups *groups, const struct rows *rows)
{
    groups->first = pages_alloc((groups->count + 1) * sizeof(uint32_t));
    if (!groups->first)
        return false;
    for (size_t i = 0, seen = 0; i < rows->len; i++)
        if (groups->of[i] == seen)
            groups->first[seen++] = rows->at[i];
    return true;
}

int groups_create(const struct table *table, const struct rows *rows,
                  const char *const *keys, struct groups *ret_groups,
                  struct err *err)
{
    struct digits digits = { .len = 0 };
    struct groups groups = { .rows = rows->len };
    size_t from = 0, to;
    bool whole = digits_make(&digits, table, rows, keys);

    groups.of = pages_alloc((rows->len + 1) * sizeof(uint32_t));
    whole = whole && groups.of;
    do {
        uint64_t range = from ? groups.count : 1;

        to = digits_fitting(&digits, from, &range);
        whole = whole && groups_split(&groups, rows, &digits, from, to, range);
        from = to;
    } while (whole && from < digits.len);
    whole = whole && groups_first(&groups, rows);
    digits_free(&digits);
    if (!whole) {
        groups_free(&groups);
        return err_set(err, ERR_NOMEM, "no memory to group %zu rows",
                       rows->len);
    }
    *ret_groups = groups;
    return 0;
}

int groups_firsts(const struct table_column *column, const struct rows *rows,
                  struct rows *ret_firsts, struct err *err)
{
    struct digit digit = { .column = column };
    struct rows firsts = { 0 };
    bool whole = numbering_begin(&digit.numbers, rows->len, 0);

    for (size_t i = 0; whole && i < rows->len; i++) {
        whole = number_of(&digit, rows->at[i]) != NUMBERING_NONE;
        if (whole && digit.numbers.count > firsts.len)
            whole = VEC_PUSH(&firsts, rows->at[i]);
    }
    numbering_end(&digit.numbers);
    if (!whole) {
        VEC_FREE(&firsts);
        return err_set(err, ERR_NOMEM, "no memory for the values of %s",
                       column->name);
    }
    *ret_firsts = firsts;
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
    bool sorted = rows->len > 0;

    lists.start = pages_zeroed((groups->count + 2) * sizeof(*lists.start));
    lists.at = pages_alloc((rows->len + 1) * sizeof(*lists.at));
    if (!lists.start || !lists.at) {
        group_rows_free(&lists);
        return err_set(err, ERR_NOMEM, "no memory to list %zu rows", rows->len);
    }
    /* a counting sort; one place on, so that it ends with the starts */
    for (size_t i = 0; i < rows->len; i++) {
        lists.start[groups->of[i] + 2]++;
        sorted &= !i || groups->of[i] >= groups->of[i - 1];
    }
    for (size_t g = 0; g < groups->count; g++)
        lists.start[g + 2] += lists.start[g + 1];
    if (sorted) { /* as in the order of a plan */
        memcpy(lists.at, rows->at, rows->len * sizeof(*lists.at));
        memmove(lists.start, lists.start + 1,
                (groups->count + 1) * sizeof(*lists.start));
    }
    for (size_t i = 0; !sorted && i < rows->len; i++)
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
