/* test_groups.c - rows grouped and picked as by looking at all of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/groups.h"
#include "core/vec.h"

#define ROWS 300

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Numbers of each kind that lie near, far apart, or are missing; so wide that
 * three of them are more than a key holds. */
static const struct {
    const char *name;
    enum column_type type;
} made[] = {
    { "word", COLUMN_TEXT },   { "near", COLUMN_I64 },
    { "far", COLUMN_I64 },     { "real", COLUMN_F64 },
    { "stamp", COLUMN_STAMP }, { "far2", COLUMN_I64 },
    { "far3", COLUMN_I64 },    { "2wide", COLUMN_I64 },
    { "2wide2", COLUMN_I64 },  { "2wide3", COLUMN_I64 },
};

static void put_random(struct table_column *column, size_t row, uint32_t *seed)
{
    static const double reals[] = { 0.0, -0.0, 1.5, -1e300, 100 };
    static const int64_t far[] = { INT64_MIN + 1, -1, 0, 1, INT64_MAX };
    char word[16];
    uint32_t kind = next(seed) % 5;

    if (next(seed) % 7 == 0)
        return; /* missing */
    if (column->type == COLUMN_TEXT) {
        snprintf(word, sizeof(word), "w%u", kind);
        assert_int_equal(table_set_text(column, row, word), 0);
    } else if (column->type == COLUMN_F64) {
        column->f64[row] = reals[kind];
    } else {
        column->i64[row] = column->name[0] == 'f'   ? far[kind]
                           : column->name[0] == '2' ? (int64_t)kind << 29
                                                    : kind + 40;
    }
}

static struct table *random_table(uint32_t *seed)
{
    struct table *table = table_create(ROWS);

    for (size_t c = 0; c < ARRAY_LEN(made); c++) {
        struct table_column *column =
            table_add(table, made[c].name, made[c].type, "", "");

        assert_non_null(column);
        for (size_t r = 0; r < ROWS; r++)
            put_random(column, r, seed);
    }
    return table;
}

static bool same_field(const struct table_column *column, size_t a, size_t b)
{
    if (column->type != COLUMN_F64)
        return column->i64[a] == column->i64[b];
    return column->f64[a] == column->f64[b] ||
           (isnan(column->f64[a]) && isnan(column->f64[b]));
}

static bool same_row(const struct table *table, const char *const *keys,
                     size_t a, size_t b)
{
    for (; *keys; keys++)
        if (!same_field(table_find(table, *keys), a, b))
            return false;
    return true;
}

static void check_groups(const struct table *table, const struct rows *rows,
                         const char *const *keys)
{
    struct groups groups;
    struct group_rows lists;
    size_t seen = 0, listed = 0;

    assert_int_equal(groups_create(table, rows, keys, &groups, NULL), 0);
    assert_int_equal(group_rows_create(&groups, rows, &lists, NULL), 0);
    for (size_t i = 0; i < rows->len; i++) {
        size_t g = groups.of[i], k = 0;

        while (k < seen && !same_row(table, keys, groups.first[k], rows->at[i]))
            k++;
        assert_int_equal(g, k);
        if (k == seen)
            assert_int_equal(groups.first[seen++], rows->at[i]);
    }
    assert_int_equal(groups.count, seen);
    for (size_t g = 0; g < groups.count; g++)
        for (size_t i = lists.start[g]; i < lists.start[g + 1]; i++) {
            assert_true(same_row(table, keys, groups.first[g], lists.at[i]));
            assert_true(i == lists.start[g] || lists.at[i - 1] < lists.at[i]);
            listed++;
        }
    assert_int_equal(listed, rows->len);
    group_rows_free(&lists);
    groups_free(&groups);
}

static void groups_equal_brute_force(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (size_t round = 0; round < 60; round++) {
        struct table *table = random_table(&seed);
        const char *keys[ARRAY_LEN(made) + 1];
        struct rows rows = { malloc(ROWS * sizeof(uint32_t)), 0, 0 };
        size_t n = 0;

        for (size_t c = 0; c < ARRAY_LEN(made); c++)
            if (next(&seed) % 3)
                keys[n++] = made[c].name;
        keys[n] = NULL;
        for (uint32_t r = 0; r < ROWS; r++)
            if (next(&seed) % 4)
                rows.at[rows.len++] = r;
        check_groups(table, &rows, keys);
        free(rows.at);
        table_destroy(table);
    }
}

static void firsts_are_of_each_value(void **state)
{
    uint32_t seed = 5;
    struct table *table = random_table(&seed);
    struct rows rows = { malloc(ROWS * sizeof(uint32_t)), 0, 0 };

    (void)state;
    for (uint32_t r = 0; r < ROWS; r += 1 + next(&seed) % 3)
        rows.at[rows.len++] = r;
    for (size_t c = 0; c < ARRAY_LEN(made); c++) {
        const struct table_column *column = table_find(table, made[c].name);
        struct rows firsts;
        size_t seen = 0;

        assert_int_equal(groups_firsts(column, &rows, &firsts, NULL), 0);
        for (size_t i = 0; i < rows.len; i++) {
            size_t k = 0;

            while (k < i && !same_field(column, rows.at[k], rows.at[i]))
                k++;
            if (k == i) {
                assert_true(seen < firsts.len);
                assert_int_equal(firsts.at[seen++], rows.at[i]);
            }
        }
        assert_int_equal(firsts.len, seen);
        select_free(&firsts);
    }
    free(rows.at);
    table_destroy(table);
}

static void no_rows_are_no_groups(void **state)
{
    struct table *table = table_create(0);
    const char *const keys[] = { "word", "absent", NULL };
    struct rows rows = { 0 };
    struct groups groups;

    (void)state;
    assert_non_null(table_add(table, "word", COLUMN_TEXT, "", ""));
    assert_int_equal(groups_create(table, &rows, keys, &groups, NULL), 0);
    assert_int_equal(groups.count, 0);
    groups_free(&groups);
    table_destroy(table);
}

static void conditions_pick_rows(void **state)
{
    static const struct {
        const char *where;
        size_t rows;
    } cases[] = {
        { NULL, 4 },
        { "", 4 },
        { "word=a", 2 },
        { "word!=a", 2 },
        { "word=a|b", 3 },
        { "word=", 1 },
        { "word!=", 3 },
        { "n=1|3", 2 },
        { "n!=1", 3 },
        { "n>=2", 1 },
        { "n<3", 1 },
        { "n=", 2 },
        { "word=a,n=1", 1 },
        { "word=x\\,y\\|z\\\\", 0 },
        { "word=\\a\\b|\\b,n=3", 1 },
        { "word=c", 0 },
        { "n<=3,n>1", 1 },
    };
    static const char *const words[] = { "a", "a", "b", "" };
    static const double numbers[] = { 1, (double)NAN, 3, (double)NAN };
    struct table *table = table_create(4);

    (void)state;
    assert_non_null(table_add(table, "word", COLUMN_TEXT, "", ""));
    assert_non_null(table_add(table, "n", COLUMN_F64, "", ""));
    for (size_t r = 0; r < 4; r++) {
        assert_int_equal(table_set_text(&table->columns[0], r, words[r]), 0);
        table->columns[1].f64[r] = numbers[r];
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rows rows = { 0 };

        assert_int_equal(select_rows(table, cases[i].where, &rows, NULL), 0);
        if (rows.len != cases[i].rows)
            fail_msg("'%s': %zu rows", cases[i].where, rows.len);
        select_free(&rows);
    }
    table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_equal_brute_force),
        cmocka_unit_test(firsts_are_of_each_value),
        cmocka_unit_test(no_rows_are_no_groups),
        cmocka_unit_test(conditions_pick_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
