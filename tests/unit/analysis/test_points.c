/* test_points.c - what is folded into a point, and what never is */
#include "tests/unit/analysis/published.h"

#include "analysis/points.h"

/* Rows of one op point: the board and repeat of each, its throughput. */
struct run {
    const char *board;
    double repeat, fps;
};

static struct dataset *runs_dataset(const struct run *runs, size_t n)
{
    struct dataset *d = dataset_make(n);

    for (size_t i = 0; i < n; i++) {
        put_text(d, "platform", i, "cpu");
        put_text(d, "precision", i, "INT8");
        put_text(d, "board", i, runs[i].board);
        put(d, "repeat", i, runs[i].repeat);
        put(d, "status", i, STATUS_OK);
        put(d, "fps_comp", i, runs[i].fps);
    }
    return d;
}

static void boards_are_an_outcome_unless_each_ran_all(void **state)
{
    static const struct {
        const char *what;
        struct run runs[4];
        size_t n, points;
        bool compared;
    } cases[] = {
        { "any board", { { "a", 1, 10 }, { "b", 2, 20 } }, 2, 1, false },
        { "each board", { { "a", 1, 10 }, { "b", 1, 20 } }, 2, 2, true },
        { "each board, repeats",
          { { "a", 1, 1 }, { "b", 1, 2 }, { "a", 2, 3 }, { "b", 2, 4 } },
          4,
          2,
          true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dataset *d = runs_dataset(cases[i].runs, cases[i].n);
        struct points points;

        assert_int_equal(points_create(d, NULL, &points, NULL), 0);
        if (points.len != cases[i].points ||
            points.boards_compared != cases[i].compared)
            fail_msg("%s: %zu points", cases[i].what, points.len);
        assert_int_equal(points.at[0].repeats, cases[i].n / points.len);
        points_free(&points);
        dataset_destroy(d);
    }
}

/* Power of a window is never divided by a throughput of computing alone. */
static void energy_is_of_the_whole_wire(void **state)
{
    static const struct {
        const char *what, *fps;
        enum provenance provenance;
        double integrated_j, wanted_j; /* NaN: none */
    } cases[] = {
        { "compute only", "fps_comp", PROVENANCE_MEASURED, NAN, NAN },
        { "with data movement", "fps_sys", PROVENANCE_MEASURED, NAN, 0.25 },
        { "integrated", "fps_comp", PROVENANCE_MEASURED, 0.3, 0.3 },
        { "published so", "fps_comp", PROVENANCE_PUBLISHED, NAN, 0.25 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dataset *d = runs_dataset((struct run[]){ { "a", 1, NAN } }, 1);
        struct points points;
        double energy_j;

        put(d, "provenance", 0, cases[i].provenance);
        put(d, "power_full_w", 0, 5);
        put(d, cases[i].fps, 0, 20);
        put(d, "energy_image_j", 0, cases[i].integrated_j);
        assert_int_equal(points_create(d, NULL, &points, NULL), 0);
        energy_j = points.at[0].energy_image_j;
        if (isnan(cases[i].wanted_j) ? !isnan(energy_j)
                                     : fabs(energy_j - cases[i].wanted_j) > 0)
            fail_msg("%s: %g J", cases[i].what, energy_j);
        points_free(&points);
        dataset_destroy(d);
    }
}

static void intervals_are_over_repeats_only(void **state)
{
    static const struct run runs[] = { { "a", 1, 10 },
                                       { "b", 2, 12 },
                                       { "a", 3, 14 } };
    struct dataset *d = runs_dataset(runs, 3);
    struct points points;
    const struct point_scope *scope;

    (void)state;
    assert_int_equal(points_create(d, NULL, &points, NULL), 0);
    scope = &points.at[0].scope[SCOPE_KIND_COMP];
    assert_true(scope->fps == 12);
    /* 12 +- 4.302653 * 2 / sqrt(3) */
    assert_true(fabs(scope->fps_half - 4.968276) < 1e-5);
    points_free(&points);
    dataset_destroy(d);
}

static void cells_that_are_not_ok_are_no_points(void **state)
{
    static const struct run runs[] = { { "a", 1, 10 }, { "a", 2, 1000 } };
    struct dataset *d = runs_dataset(runs, 2);
    struct points points;

    (void)state;
    put(d, "status", 1, STATUS_FAILED);
    assert_int_equal(points_create(d, NULL, &points, NULL), 0);
    assert_int_equal(points.len, 1);
    assert_true(points.at[0].scope[SCOPE_KIND_COMP].fps == 10);
    points_free(&points);
    dataset_destroy(d);
}

static void fronts_never_cross_provenances(void **state)
{
    static const struct run runs[] = { { "a", 1, 10 }, { "a", 1, 1000 } };
    struct dataset *d = runs_dataset(runs, 2);
    struct points points;
    size_t *best, len;
    bool front[2];

    (void)state;
    for (size_t i = 0; i < 2; i++)
        put(d, "top1_pct", i, 99);
    put(d, "provenance", 0, PROVENANCE_MEASURED);
    put(d, "provenance", 1, PROVENANCE_EMULATED);
    assert_int_equal(points_create(d, NULL, &points, NULL), 0);
    assert_int_equal(points_best(&points, SCOPE_KIND_COMP, &best, &len, NULL),
                     0);
    assert_int_equal(len, 2);
    assert_int_equal(
        points_front(&points, best, len, SCOPE_KIND_COMP, NULL, front, NULL),
        0);
    assert_true(front[0] && front[1]);
    free(best);
    points_free(&points);
    dataset_destroy(d);
}

#define BATCHES           1000
#define REPEATS_OF(batch) (1 + (batch) % 7)

/* The repeats of a batch, some without throughput, some with a meter that sees
 * something else, last batch first. */
static struct dataset *many_dataset(size_t n)
{
    struct dataset *d = dataset_make(n);
    size_t row = 0;

    for (size_t b = BATCHES; b-- > 0;)
        for (size_t r = 0; r < REPEATS_OF(b); r++, row++) {
            put_text(d, "platform", row, "cpu");
            put(d, "batch", row, (double)b + 1);
            put(d, "repeat", row, (double)r);
            put(d, "status", row, STATUS_OK);
            if ((b + r) % 5)
                put(d, "fps_comp", row, (double)(b * 10 + r * r));
            put(d, "power_scope", row, (b + r) % 3 ? 1 : 2);
            put(d, "power_full_w", row, (double)(b + r));
        }
    return d;
}

static void check_many(const struct point *p)
{
    size_t b = (size_t)p->batch - 1;
    double fps = 0, fps2 = 0, full = 0, n = 0, metered = 0, half;
    const struct point_scope *scope = &p->scope[SCOPE_KIND_COMP];

    assert_int_equal(p->repeats, REPEATS_OF(b));
    for (size_t r = 0; r < REPEATS_OF(b); r++) {
        double value = (double)(b * 10 + r * r);

        if ((b + r) % 5) {
            n++;
            fps += value;
            fps2 += value * value;
        }
        if (!((b + r) % 3) == !(b % 3)) { /* as the first repeat's meter */
            metered++;
            full += (double)(b + r);
        }
    }
    assert_true(p->full_w == full / metered);
    assert_true(isnan(scope->lat) && isnan(scope->lat_half));
    assert_int_equal(isnan(scope->fps), n == 0);
    assert_int_equal(isnan(scope->fps_half), n < 2);
    if (n < 2)
        return;
    half = stats_t95((size_t)n - 1) *
           sqrt(fmax(0, fps2 - fps * fps / n) / (n - 1) / n);
    assert_true(fabs(scope->fps - fps / n) < 1e-9 * scope->fps);
    assert_true(fabs(scope->fps_half - half) < 1e-3);
}

static void a_thousand_points_are_each_of_their_own_repeats(void **state)
{
    size_t n = 0;
    struct dataset *d;
    struct points points;

    (void)state;
    for (size_t b = 0; b < BATCHES; b++)
        n += REPEATS_OF(b);
    d = many_dataset(n);
    assert_int_equal(points_create(d, NULL, &points, NULL), 0);
    assert_int_equal(points.len, BATCHES);
    for (size_t i = 0; i < points.len; i++) {
        assert_true(points.at[i].batch == (double)(BATCHES - i));
        check_many(&points.at[i]);
    }
    points_free(&points);
    dataset_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boards_are_an_outcome_unless_each_ran_all),
        cmocka_unit_test(energy_is_of_the_whole_wire),
        cmocka_unit_test(intervals_are_over_repeats_only),
        cmocka_unit_test(cells_that_are_not_ok_are_no_points),
        cmocka_unit_test(fronts_never_cross_provenances),
        cmocka_unit_test(a_thousand_points_are_each_of_their_own_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
