/* test_quality_repeats.c - planted noise, outliers, drift, sister boards,
 * doubled and missing cells are found, each by its rule; a quiet lab has
 * none of them */
#include "tests/unit/analysis/published.h"

#include "analysis/quality.h"

#define OPS     4
#define REPEATS 6
#define BOARDS  2
#define ROWS    (OPS * REPEATS * BOARDS)

/* What is wrong with the lab; all zero: nothing. */
struct planted {
    double noise;   /* half range, over the mean */
    double drift;   /* an hour */
    double sister;  /* of the second board */
    double outlier; /* of one measurement */
    double late;    /* latency, over what throughput says */
    bool doubled, missing, sentinels;
};

static double unit_noise(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return (double)(*seed >> 8) / (1 << 23) - 1;
}

static double fps_of(const struct planted *planted, size_t row, double hours,
                     uint32_t *seed)
{
    double fps = 1000.0 * (double)(1 + row / (REPEATS * BOARDS));

    fps *= 1 + planted->noise * unit_noise(seed);
    fps *= 1 + planted->drift * hours;
    fps *= row % BOARDS ? 1 + planted->sister : 1;
    return row == 7 ? fps * (1 + planted->outlier) : fps;
}

static void fill_row(struct dataset *d, size_t row,
                     const struct planted *planted, uint32_t *seed)
{
    double hours = (double)(row * 7 % ROWS) / 10; /* shuffled over the time */
    double batch = pow(2, (double)(row / (REPEATS * BOARDS)));

    put_text(d, "topology", row, "MLP");
    put_text(d, "platform", row, "one");
    put_text(d, "precision", row, "INT8");
    put_text(d, "board", row, row % BOARDS ? "b" : "a");
    put(d, "pruning_factor_pct", row, 100);
    put(d, "batch", row, batch);
    put(d, "repeat", row, (double)(row % (REPEATS * BOARDS)));
    put(d, "cell", row, (double)row);
    put(d, "cell_id", row, (double)(row + 1));
    put(d, "status", row, STATUS_OK);
    put(d, "weight_bits", row, 8);
    put(d, "params", row, mlp_params(100));
    put(d, "ops_image", row, 2 * mlp_params(100));
    put(d, "fps_comp", row, fps_of(planted, row, hours, seed));
    put(d, "lat_comp_s", row,
        (1 + planted->late) * batch /
            table_f64(table_find(d->cells, "fps_comp"), row));
    ((struct table_column *)table_find(d->cells, "start_unix_ns"))->i64[row] =
        INT64_C(1790000000000000000) + (int64_t)(hours * 3600e9);
}

/* One measurement a repeat; with sentinels each op point has one repeat and
 * the others are attempts that belong to no cell. */
static struct dataset *lab_make(const struct planted *planted)
{
    struct dataset *d = dataset_make(ROWS);
    uint32_t seed = 5;

    for (size_t row = 0; row < ROWS; row++)
        fill_row(d, row, planted, &seed);
    if (planted->doubled)
        put(d, "cell_id", 3, 3);
    if (planted->missing) {
        put(d, "status", 5, STATUS_FAILED);
        put_text(d, "reason", 5, "exit code 9");
    }
    return d;
}

/* Move all but the first repeat of each op point to attempts, as sentinels
 * of that first one. */
static void make_sentinels(struct dataset *d)
{
    struct table *cells = d->cells, *t = table_create(ROWS);

    assert_int_equal(table_add_all(t, &columns_attempts, NULL), 0);
    for (size_t row = 0; row < ROWS; row++) {
        size_t first = row - row % (REPEATS * BOARDS);
        static const char *const copied[] = { "cell", "status" };

        for (size_t i = 0; i < ARRAY_LEN(copied); i++)
            ((struct table_column *)table_find(t, copied[i]))->i64[row] =
                i ? STATUS_OK : (int64_t)first;
        ((struct table_column *)table_find(t, "start_unix_ns"))->i64[row] =
            table_i64(table_find(cells, "start_unix_ns"), row);
        ((struct table_column *)table_find(t, "fps_comp"))->f64[row] =
            table_f64(table_find(cells, "fps_comp"), row);
        assert_int_equal(
            table_set_text((struct table_column *)table_find(t, "board"), row,
                           row % BOARDS ? "b" : "a"),
            0);
        assert_int_equal(
            table_set_text((struct table_column *)table_find(t, "sentinel"),
                           row, row == first ? "" : "hours"),
            0);
        if (row != first)
            put(d, "status", row, STATUS_RETIRED);
    }
    table_destroy(d->attempts);
    d->attempts = t;
}

/* How many findings of 'rule' a lab has, and whether one says 'words'. */
static size_t count(const struct planted *planted, const char *rule,
                    const char *words, bool *ret_said)
{
    struct dataset *d = lab_make(planted);
    struct facts facts = { 0 };
    struct points points;
    struct findings findings;
    size_t n = 0;

    *ret_said = false;
    if (planted->sentinels)
        make_sentinels(d);
    assert_int_equal(points_create(d, NULL, &points, NULL), 0);
    assert_int_equal(quality_check(&points, d, NULL, &facts, &findings, NULL),
                     0);
    for (size_t i = 0; i < findings.len; i++)
        if (!strcmp(findings.at[i].rule, rule)) {
            n++;
            *ret_said = *ret_said || strstr(findings.at[i].text, words);
        }
    quality_free(&findings);
    points_free(&points);
    dataset_destroy(d);
    return n;
}

static void what_is_planted_is_found(void **state)
{
    static const struct {
        const char *rule, *words;
        struct planted planted;
    } rows[] = {
        { "noise", "repeats scatter", { .noise = 0.2 } },
        { "outlier",
          "at batch 1 1 of 12",
          { .noise = 0.002, .outlier = -0.3 } },
        { "drift", "fell by", { .noise = 0.002, .drift = -0.01 } },
        { "drift", "rose by", { .noise = 0.002, .drift = 0.02 } },
        { "drift",
          "fell by",
          { .noise = 0.002, .drift = -0.01, .sentinels = true } },
        { "sisters",
          "b is slower than its sister by 4.0 %",
          { .noise = 0.002, .sister = -0.04 } },
        { "sisters",
          "b is faster than its sister by 4.0 %",
          { .noise = 0.002, .sister = 0.04, .sentinels = true } },
        { "contradiction", "at 4 of 4 op points", { .late = 0.03 } },
        { "duplicated",
          "twice with the same id, 1 of 48",
          { .doubled = true } },
        { "missing",
          "1 of 48 planned cells have no result; the first: exit",
          { .missing = true } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool said;
        size_t n = count(&rows[i].planted, rows[i].rule, rows[i].words, &said);

        if (!n || !said)
            fail_msg("%s (row %zu): %zu findings, none says '%s'", rows[i].rule,
                     i, n, rows[i].words);
    }
}

static void a_quiet_lab_has_none_of_them(void **state)
{
    static const char *const rules[] = { "noise",   "outlier",    "drift",
                                         "sisters", "duplicated", "missing" };
    const struct planted quiet = { .noise = 0.004 };
    bool said;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (count(&quiet, rules[i], "", &said))
            fail_msg("%s found something in a quiet lab", rules[i]);
}

/* Each repeat agrees with itself; their means do not with each other. */
static void noise_is_no_contradiction(void **state)
{
    const struct planted noisy = { .noise = 0.6 };
    bool said;

    (void)state;
    assert_int_equal(count(&noisy, "contradiction", "", &said), 0);
}

/* What is missing is told of the cells asked for, and above all where no cell
 * came to an end. */
static void an_archive_without_a_result_lacks_all(void **state)
{
    static const struct {
        const char *where;
        size_t findings;
    } cases[] = { { NULL, 2 }, { "platform=one", 1 }, { "platform=none", 0 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dataset *d = dataset_make(3);
        struct findings findings;
        struct points points;

        for (size_t r = 0; r < 3; r++) {
            put_text(d, "platform", r, r ? "one" : "two");
            put_text(d, "reason", r, "no link");
            put(d, "status", r, STATUS_UNREACHABLE);
        }
        assert_int_equal(points_create(d, cases[i].where, &points, NULL), 0);
        assert_int_equal(
            quality_check(&points, d, cases[i].where, NULL, &findings, NULL),
            0);
        assert_int_equal(findings.len, cases[i].findings);
        for (size_t k = 0; k < findings.len; k++)
            assert_string_equal(findings.at[k].rule, "missing");
        quality_free(&findings);
        points_free(&points);
        dataset_destroy(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_planted_is_found),
        cmocka_unit_test(noise_is_no_contradiction),
        cmocka_unit_test(an_archive_without_a_result_lacks_all),
        cmocka_unit_test(a_quiet_lab_has_none_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
