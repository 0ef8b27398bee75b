/* test_compare.c - differences against noise, and how often they err */
#include "tests/unit/analysis/published.h"

#include "analysis/compare.h"

/* A campaign of 'n' op points with 'repeats' each; fps(i, repeat). */
static struct dataset *campaign(size_t n, size_t repeats, const double *fps)
{
    struct dataset *d = dataset_make(n * repeats);

    for (size_t i = 0; i < n * repeats; i++) {
        put_text(d, "platform", i, "cpu");
        put(d, "cell_id", i, (double)(1000 + i));
        put(d, "batch", i, (double)(1 + i / repeats));
        put(d, "repeat", i, (double)(1 + i % repeats));
        put(d, "status", i, STATUS_OK);
        put(d, "top1_pct", i, 99);
        put(d, "fps_comp", i, fps[i]);
    }
    return d;
}

static struct comparisons compare(struct dataset *const d[2],
                                  struct points points[2])
{
    struct comparisons all;

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(points_create(d[i], NULL, &points[i], NULL), 0);
    assert_int_equal(
        compare_points(&points[0], &points[1], SCOPE_KIND_COMP, &all, NULL), 0);
    return all;
}

static void done(struct dataset *const d[2], struct points points[2],
                 struct comparisons *all)
{
    compare_free(all);
    for (size_t i = 0; i < 2; i++) {
        points_free(&points[i]);
        dataset_destroy(d[i]);
    }
}

static void differences_are_told_from_noise(void **state)
{
    static const double a[] = { 100, 101, 99, 100, 101, 99, 100, 101, 99 };
    static const double b[] = { 100.2, 101, 99, 90, 91, 89, 110, 111, 109 };
    struct dataset *d[2] = { campaign(3, 3, a), campaign(3, 3, b) };
    struct points points[2];
    struct comparisons all = compare(d, points);

    (void)state;
    assert_int_equal(all.len, 3);
    assert_int_equal(all.at[0].verdict, COMPARE_SAME);
    assert_int_equal(all.at[1].verdict, COMPARE_SLOWER);
    assert_true(fabs(all.at[1].change_pct + 10) < 1e-9);
    /* 90 * sqrt(0.57735^2 / 100^2 + 0.57735^2 / 90^2) * t95(3) */
    assert_true(fabs(all.at[1].half_pct - 2.472) < 0.01);
    assert_int_equal(all.at[2].verdict, COMPARE_FASTER);
    done(d, points, &all);
}

static void one_repeat_decides_nothing(void **state)
{
    static const double a[] = { 100, 50 }, b[] = { 10 };
    struct dataset *d[2] = { campaign(2, 1, a), campaign(1, 1, b) };
    struct points points[2];
    struct comparisons all = compare(d, points);

    (void)state;
    assert_int_equal(all.len, 2);
    assert_int_equal(all.at[0].verdict, COMPARE_UNDECIDABLE);
    assert_true(isnan(all.at[0].half_pct));
    assert_int_equal(all.at[1].verdict, COMPARE_GONE);
    assert_int_equal(all.counts[COMPARE_GONE], 1);
    done(d, points, &all);
}

/* An op point is the same whichever of its repeats came to an end. */
static void points_join_by_any_repeat_they_share(void **state)
{
    static const double a[] = { 100, 101, 99 }, b[] = { 1, 100, 101 };
    struct dataset *d[2] = { campaign(1, 3, a), campaign(1, 3, b) };
    struct points points[2];
    struct comparisons all;

    (void)state;
    put(d[1], "status", 0, STATUS_FAILED);
    all = compare(d, points);
    assert_int_equal(all.len, 1);
    assert_int_equal(all.at[0].verdict, COMPARE_SAME);
    done(d, points, &all);
}

/* Two repeats of which one has no throughput are one: no interval, and what
 * is missing on a side is not told from zero. */
static void a_missing_throughput_decides_nothing(void **state)
{
    static const double a[] = { 100, 101, (double)NAN, (double)NAN };
    static const double b[] = { 50, (double)NAN, 50, 51 };
    struct dataset *d[2] = { campaign(2, 2, a), campaign(2, 2, b) };
    struct points points[2];
    struct comparisons all = compare(d, points);

    (void)state;
    assert_int_equal(all.counts[COMPARE_UNDECIDABLE], 2);
    assert_true(fabs(all.at[0].change_pct + 50) < 1);
    assert_true(isnan(all.at[0].half_pct));
    assert_true(isnan(all.at[1].change_pct));
    done(d, points, &all);
}

/* One op point whose predictions of 'n' images are at hand; top-1 is that of
 * 'right' images. */
static struct dataset *predicted(const char *classes, size_t n, double right)
{
    static const double fps[] = { 100 };
    struct dataset *d = campaign(1, 1, fps);

    put_text(d, "prediction_hash", 0, "h");
    put(d, "top1_pct", 0, 100 * right / (double)n);
    put(d, "accuracy_images", 0, (double)n);
    d->predictions = calloc(1, sizeof(*d->predictions));
    d->predictions[0].hash = strdup("h");
    d->predictions[0].classes = malloc(n);
    memcpy(d->predictions[0].classes, classes, n);
    d->predictions[0].len = n;
    d->n_predictions = 1;
    return d;
}

/* 100 images of class 0; A is wrong in the last 30, B in some others. */
static void predictions_decide_what_intervals_cannot(void **state)
{
    static const struct {
        size_t wrong; /* first image that B has wrong, of 100 */
        size_t other; /* images on which both are wrong, differently */
        double p;
        enum compare_verdict verdict;
    } cases[] = {
        /* only A right: 6, only B: 0; binom.test(0, 6) in R */
        { 64, 0, 0.03125, COMPARE_SLOWER },
        { 65, 0, 0.0625, COMPARE_SAME },
        { 76, 0, 0.03125, COMPARE_FASTER },
        /* one more that differs cannot be one more that A alone has right:
         * the split is 0 to 6 still; two more may be 1 to 7 */
        { 64, 1, 0.03125, COMPARE_SLOWER },
        { 64, 2, 0.0703125, COMPARE_SAME },
        { 70, 0, 1, COMPARE_SAME },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char said[2][100] = { 0 };
        struct dataset *d[2];
        struct points points[2];
        struct comparisons all;

        for (size_t k = 0; k < 100; k++) {
            said[0][k] = k >= 70;
            said[1][k] = k >= cases[i].wrong;
            if (k >= 100 - cases[i].other)
                said[1][k] = 2;
        }
        d[0] = predicted(said[0], 100, 70);
        d[1] = predicted(said[1], 100, (double)cases[i].wrong);
        all = compare(d, points);
        if (fabs(all.at[0].mcnemar_p - cases[i].p) > 1e-12 ||
            all.at[0].accuracy != cases[i].verdict)
            fail_msg("case %zu: p %g, %s", i, all.at[0].mcnemar_p,
                     compare_verdict_word(all.at[0].accuracy));
        done(d, points, &all);
    }
}

static void emulated_points_are_compared_among_themselves(void **state)
{
    static const double a[] = { 100, 50 };
    struct dataset *d[2] = { campaign(2, 1, a), campaign(2, 1, a) };
    struct comparisons all;
    struct points points[2];
    struct err err;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++)
            put(d[i], "provenance", k,
                i ? PROVENANCE_PUBLISHED : PROVENANCE_EMULATED);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(points_create(d[i], NULL, &points[i], NULL), 0);
    assert_int_equal(
        compare_points(&points[0], &points[1], SCOPE_KIND_COMP, &all, &err),
        ERR_USAGE);
    assert_non_null(strstr(err.text, "2 of 2 op points are of an emulated"));
    assert_int_equal(
        compare_points(&points[0], &points[0], SCOPE_KIND_COMP, &all, NULL), 0);
    done(d, points, &all);
}

static void only_the_second_has_new_points(void **state)
{
    static const double a[] = { 100 }, b[] = { 10, 20 };
    struct dataset *d[2] = { campaign(1, 1, a), campaign(2, 1, b) };
    struct points points[2];
    struct comparisons all = compare(d, points);

    (void)state;
    assert_int_equal(all.len, 2);
    assert_int_equal(all.at[1].verdict, COMPARE_NEW);
    assert_null(all.at[1].a);
    done(d, points, &all);
}

static double normal(uint64_t *seed)
{
    double u[2];

    for (size_t i = 0; i < 2; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        u[i] = ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
    }
    return sqrt(-2 * log(u[0])) * cos(2 * acos(-1.0) * u[1]);
}

/* Of 3000 op points that did not change about 5 % are called changed. */
static void false_alarms_are_as_rare_as_promised(void **state)
{
    enum {
        N = 3000,
        REPEATS = 5
    };
    static double fps[2][N * REPEATS];
    uint64_t seed = 5;
    struct dataset *d[2];
    struct points points[2];
    struct comparisons all;
    double share;

    (void)state;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < N * REPEATS; i++)
            fps[s][i] = 1000 + 20 * normal(&seed);
    d[0] = campaign(N, REPEATS, fps[0]);
    d[1] = campaign(N, REPEATS, fps[1]);
    all = compare(d, points);
    share = 1 - (double)all.counts[COMPARE_SAME] / N;
    /* Welch rounds its degrees of freedom down: a little too careful */
    assert_true(share > 0.03 && share < 0.06);
    done(d, points, &all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_told_from_noise),
        cmocka_unit_test(one_repeat_decides_nothing),
        cmocka_unit_test(points_join_by_any_repeat_they_share),
        cmocka_unit_test(a_missing_throughput_decides_nothing),
        cmocka_unit_test(predictions_decide_what_intervals_cannot),
        cmocka_unit_test(emulated_points_are_compared_among_themselves),
        cmocka_unit_test(only_the_second_has_new_points),
        cmocka_unit_test(false_alarms_are_as_rare_as_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
