/* test_estimate.c - errors of the three models on the published rows
 *
 * Golden numbers were computed once, independently of this program; median
 * and 90th percentile of the error factor, max(predicted / measured, measured
 * / predicted), of compute throughput.
 */
#include "tests/unit/analysis/published.h"

#include "analysis/ceiling.h"
#include "analysis/estimate.h"
#include "analysis/predict.h"

#define EXPERIMENT "experiments/mnist.json"
#define INVENTORY  "inventory/qutibench.json"

struct fixture {
    struct dataset *dataset;
    struct facts facts;
    struct points points;
    struct estimate estimates[406];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err;

    f->dataset = published_dataset();
    if (facts_add_files(&f->facts, EXPERIMENT, INVENTORY, &err))
        fail_msg("%s", err.text);
    assert_int_equal(points_create(f->dataset, NULL, &f->points, NULL), 0);
    assert_int_equal(f->points.len, 406);
    assert_int_equal(estimate_points(&f->points, &f->facts, SCOPE_KIND_COMP,
                                     f->estimates, NULL),
                     0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    points_free(&f->points);
    facts_free(&f->facts);
    dataset_destroy(f->dataset);
    free(f);
    return 0;
}

static void inventory_says_what_was_published(void **state)
{
    struct fixture *f = *state;
    struct facts published = published_facts();

    for (size_t i = 0; i < published.platforms_len; i++) {
        const struct platform_facts *want = &published.platforms[i], *got;
        double ridge;

        if (!strcmp(want->platform, "TPU"))
            continue; /* another name there */
        got = facts_find(&f->facts, want->platform, want->op_mode,
                         want->precision);
        if (!got)
            fail_msg("%s %s %s is missing", want->platform, want->op_mode,
                     want->precision);
        assert_true(fabs(got->peak_op_s / want->peak_op_s - 1) < 1e-9);
        assert_true(fabs(got->bw_byte_s / want->bw_byte_s - 1) < 1e-9);
        ridge = got->peak_op_s / got->bw_byte_s;
        assert_true(ridge > 7 && ridge < 1600);
    }
    facts_free(&published);
}

static void networks_follow_their_layers(void **state)
{
    struct fixture *f = *state;
    struct network network;

    assert_true(facts_network(&f->facts, "MLP", 25, &network));
    assert_true(network.params == 930816 && network.ops_image == 1861632);
    assert_true(network.inputs == 784 && network.outputs == 10);
    assert_true(network.hidden == 3 * 512 && network.widest == 784 + 512);
    assert_true(network.layers == 4);
    assert_false(facts_network(&f->facts, "MLP", 33, &network));
    assert_false(facts_network(&f->facts, "nothing", 100, &network));
}

struct quantiles {
    double median, p90;
    size_t n, above;
};

enum model {
    SEED,
    CEILING,
    CALIBRATED_HELD_OUT
};

static double predicted(const struct estimate *estimate, enum model model)
{
    switch (model) {
    case SEED:
        return estimate->seed_fps;
    case CEILING:
        return estimate->ceiling_fps;
    case CALIBRATED_HELD_OUT:
        return estimate->corner ? (double)NAN : estimate->calibrated_fps;
    }
    return (double)NAN;
}

static struct quantiles errors(const struct fixture *f, enum model model,
                               const char *platform, const char *mode)
{
    double factors[406];
    struct quantiles q = { 0 };

    for (size_t i = 0; i < f->points.len; i++) {
        const struct point *point = &f->points.at[i];
        double fps = predicted(&f->estimates[i], model);
        double measured = point->scope[SCOPE_KIND_COMP].fps;

        if ((platform && strcmp(point->platform, platform) != 0) ||
            (mode && strcmp(point->op_mode, mode) != 0) || isnan(fps))
            continue;
        q.above += measured > fps;
        factors[q.n++] = predict_error_factor(fps, measured);
    }
    stats_sort(factors, q.n);
    q.median = stats_quantile(factors, q.n, 0.5);
    q.p90 = stats_quantile(factors, q.n, 0.9);
    return q;
}

static void errors_are_the_golden_ones(void **state)
{
    static const struct {
        enum model model;
        const char *platform, *mode;
        double median, p90;
    } rows[] = {
        { SEED, NULL, NULL, 5.99, 18.2 },
        { SEED, "ZCU104-FINN", NULL, 11.5, 18.4 },
        { SEED, "ZCU104-BISMO", NULL, 6.14, 10.3 },
        { SEED, "U96-Quadcore-A53", NULL, 8.79, 41.5 },
        { SEED, "TX2", "maxn", 3.48, 16.5 },
        { SEED, "TX2", "maxp", 3.47, 15.5 },
        { SEED, "TX2", "maxq", 3.20, 13.0 },
        { SEED, "NCS", NULL, 3.19, 11.3 },
        { CEILING, NULL, NULL, 4.49, 50.8 },
        { CEILING, "ZCU104-FINN", NULL, 2.80, 4.54 },
        { CEILING, "ZCU104-BISMO", NULL, 91.4, 493 },
        { CEILING, "U96-Quadcore-A53", NULL, 38.8, 48.7 },
        { CEILING, "TX2", "maxn", 2.98, 8.34 },
        { CEILING, "TX2", "maxp", 3.36, 9.50 },
        { CEILING, "TX2", "maxq", 3.65, 10.4 },
        { CEILING, "NCS", NULL, 3.18, 11.3 },
        { CALIBRATED_HELD_OUT, NULL, NULL, 1.065, 1.265 },
        { CALIBRATED_HELD_OUT, "ZCU104-FINN", NULL, 1.07, 1.58 },
        { CALIBRATED_HELD_OUT, "ZCU104-BISMO", NULL, 1.04, 1.15 },
        { CALIBRATED_HELD_OUT, "U96-Quadcore-A53", NULL, 1.07, 1.21 },
        { CALIBRATED_HELD_OUT, "TX2", "maxn", 1.06, 1.31 },
        { CALIBRATED_HELD_OUT, "TX2", "maxp", 1.10, 1.25 },
        { CALIBRATED_HELD_OUT, "TX2", "maxq", 1.08, 1.26 },
        { CALIBRATED_HELD_OUT, "NCS", NULL, 1.05, 1.08 },
    };
    struct fixture *f = *state;
    size_t wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct quantiles q =
            errors(f, rows[i].model, rows[i].platform, rows[i].mode);
        /* the golden numbers have three digits */
        bool good = fabs(q.median / rows[i].median - 1) < 0.006 &&
                    fabs(q.p90 / rows[i].p90 - 1) < 0.006;

        if (!good)
            print_error("model %d, %s %s: %.4g / %.4g, want %g / %g\n",
                        (int)rows[i].model,
                        rows[i].platform ? rows[i].platform : "all",
                        rows[i].mode ? rows[i].mode : "", q.median, q.p90,
                        rows[i].median, rows[i].p90);
        wrong += !good;
    }
    assert_int_equal(wrong, 0);
}

static void calibration_holds_out_354_rows(void **state)
{
    struct quantiles q = errors(*state, CALIBRATED_HELD_OUT, NULL, NULL);

    assert_int_equal(q.n, 354);
    assert_true(q.median <= 1.07 && q.p90 <= 1.27);
}

static void the_ceiling_is_sound_but_for_nine_rows(void **state)
{
    assert_int_equal(errors(*state, CEILING, NULL, NULL).above, 9);
    assert_int_equal(errors(*state, CEILING, "TX2", NULL).above, 9);
}

static void what_does_not_fit_has_no_ceiling(void **state)
{
    struct fixture *f = *state;
    const struct platform_facts *finn =
        facts_find(&f->facts, "ZCU104-FINN", "", "INT4");
    struct number_format format = { 4, 4, false };
    struct network network;

    assert_true(facts_network(&f->facts, "MLP", 100, &network));
    assert_true(isnan(ceiling_seconds(finn, &network, &format, 1)));
    assert_true(facts_network(&f->facts, "MLP", 50, &network));
    assert_true(ceiling_seconds(finn, &network, &format, 1) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inventory_says_what_was_published),
        cmocka_unit_test(networks_follow_their_layers),
        cmocka_unit_test(errors_are_the_golden_ones),
        cmocka_unit_test(calibration_holds_out_354_rows),
        cmocka_unit_test(the_ceiling_is_sound_but_for_nine_rows),
        cmocka_unit_test(what_does_not_fit_has_no_ceiling),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
