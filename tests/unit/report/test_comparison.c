/* test_comparison.c - two archives side by side: words, accuracy, page
 *
 * Leaves its page as an artefact for tests/browser where COMPARE_OUT says.
 */
#include "tests/unit/analysis/published.h"

#include "report/comparison.h"

#define OPS     5
#define REPEATS 4

/* Throughput of B over A at each op point; accuracy of B less that of A. */
static const double faster[OPS] = { 1, 0.9, 1.2, 1.001, 1 };
static const double better[OPS] = { 0, 0, -0.2, -2, 0.1 };

/* Answers of the third op point: B differs in 24 images. */
#define IMAGES 10000
#define APART  24

static struct dataset *campaign(bool b)
{
    struct dataset *d = dataset_make(OPS * REPEATS);

    for (size_t i = 0; i < OPS * REPEATS; i++) {
        size_t op = i / REPEATS;
        double scatter = 1 + 0.004 * ((double)(i * 7 % REPEATS) - 1.5);

        put_text(d, "platform", i, "cpu");
        put_text(d, "precision", i, "INT8");
        put(d, "pruning_factor_pct", i, 100);
        put(d, "cell_id", i, (double)(1000 + i));
        put(d, "batch", i, pow(2, (double)op));
        put(d, "repeat", i, (double)(i % REPEATS));
        put(d, "status", i, STATUS_OK);
        put(d, "top1_pct", i, 98 + (b ? better[op] : 0));
        put(d, "accuracy_images", i, 10000);
        put(d, "fps_comp", i,
            1000 * (double)(1 + op) * scatter * (b ? faster[op] : 1));
    }
    return d;
}

/* Answers of the op point that runs at batch 4. */
static void answer(struct dataset *d, bool b)
{
    char *classes = calloc(IMAGES + 1, 1);

    memset(classes, '3', IMAGES);
    if (b)
        memset(classes, '4', APART);
    d->predictions = calloc(1, sizeof(*d->predictions));
    d->predictions[0] =
        (struct predictions){ strdup(b ? "b" : "a"), classes, IMAGES };
    d->n_predictions = 1;
    for (size_t i = 2 * REPEATS; i < 3 * REPEATS; i++)
        put_text(d, "prediction_hash", i, b ? "b" : "a");
}

struct fixture {
    struct dataset *d[2];
    struct points points[2];
    struct comparisons all;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    for (size_t i = 0; i < 2; i++) {
        f->d[i] = campaign(i == 1);
        answer(f->d[i], i == 1);
        assert_int_equal(points_create(f->d[i], NULL, &f->points[i], NULL), 0);
    }
    assert_int_equal(compare_points(&f->points[0], &f->points[1],
                                    SCOPE_KIND_COMP, &f->all, NULL),
                     0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    compare_free(&f->all);
    for (size_t i = 0; i < 2; i++) {
        points_free(&f->points[i]);
        dataset_destroy(f->d[i]);
    }
    free(f);
    return 0;
}

static void what_fell_is_told_from_what_wavers(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->all.counts[COMPARE_SLOWER], 1);
    assert_int_equal(f->all.counts[COMPARE_FASTER], 1);
    assert_int_equal(f->all.counts[COMPARE_SAME], 3);
    assert_int_equal(f->all.at[3].accuracy, COMPARE_SLOWER);
    assert_int_equal(f->all.at[4].accuracy, COMPARE_SAME);
    assert_true(f->all.at[4].top1_range.low < 0);
    /* too little for an interval, but not for paired answers: 22 and 2 */
    assert_true(f->all.at[2].top1_range.high > 0);
    assert_true(fabs(f->all.at[2].mcnemar_p - stats_mcnemar_p(2, 22)) < 1e-12);
    assert_int_equal(f->all.at[2].accuracy, COMPARE_SLOWER);
    assert_true(isnan(f->all.at[3].mcnemar_p));
    assert_int_equal(f->all.accuracy_fell, 2);
    assert_true(compare_regressed(&f->all));
}

static void a_loss_of_accuracy_alone_is_a_regression(void **state)
{
    struct fixture *f = *state;
    struct comparisons one = { .accuracy_fell = 1 };
    struct comparisons none = { .counts = { [COMPARE_FASTER] = 3 } };

    (void)f;
    assert_true(compare_regressed(&one));
    assert_false(compare_regressed(&none));
}

static void rows_say_it_in_words(void **state)
{
    static const char *const words[] = { "not distinguishable (+0.0 %",
                                         "slower by 10.0 % ± 0.",
                                         "faster by 20.0",
                                         "not distinguishable (+0.1 %",
                                         "not distinguishable (+0.0 %" };
    struct fixture *f = *state;
    struct sheet *sheet;

    assert_int_equal(
        comparison_sheet(&f->all, SCOPE_KIND_COMP, true, &sheet, NULL), 0);
    for (size_t i = 0; i < OPS; i++)
        assert_non_null(strstr(sheet_text_of(sheet, i, "text"), words[i]));
    assert_string_equal(sheet_text_of(sheet, 3, "accuracy"), "fell");
    assert_string_equal(sheet_text_of(sheet, 0, "accuracy"), "equal");
    sheet_destroy(sheet);
}

static void the_page_is_whole(void **state)
{
    static const char *const names[] = { "before </script>", "after" };
    const char *out = getenv("COMPARE_OUT");
    struct fixture *f = *state;
    struct buf page = { 0 };

    assert_int_equal(
        comparison_html(&f->all, SCOPE_KIND_COMP, names, &page, NULL), 0);
    assert_non_null(strstr(buf_text(&page), "default-src 'none'"));
    assert_non_null(strstr(buf_text(&page), "before \\u003c/script>"));
    assert_null(strstr(buf_text(&page), "before </script>"));
    assert_non_null(strstr(buf_text(&page), "cpu INT8 100 % at batch 4 is "
                                            "faster by 20.0"));
    if (out)
        assert_int_equal(fs_write_atomic(out, page.data, page.len, NULL), 0);
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fell_is_told_from_what_wavers),
        cmocka_unit_test(a_loss_of_accuracy_alone_is_a_regression),
        cmocka_unit_test(rows_say_it_in_words),
        cmocka_unit_test(the_page_is_whole),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
