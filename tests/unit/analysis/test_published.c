/* test_published.c - the published figures, from the published data */
#include "tests/unit/analysis/published.h"

#include "analysis/efficiency.h"
#include "analysis/points.h"
#include "analysis/predict.h"
#include "analysis/roofline.h"
#include "analysis/select.h"

struct published {
    struct dataset *dataset;
    struct facts facts;
    struct points points;
    size_t *best, n_best;
};

static int open_published(void **state)
{
    struct published *p = calloc(1, sizeof(*p));

    p->dataset = published_dataset();
    p->facts = published_facts();
    assert_int_equal(points_create(p->dataset, NULL, &p->points, NULL), 0);
    assert_int_equal(
        points_best(&p->points, SCOPE_KIND_COMP, &p->best, &p->n_best, NULL),
        0);
    *state = p;
    return 0;
}

static int close_published(void **state)
{
    struct published *p = *state;

    free(p->best);
    points_free(&p->points);
    facts_free(&p->facts);
    dataset_destroy(p->dataset);
    free(p);
    return 0;
}

static void every_cell_is_a_point_and_51_groups_have_a_best(void **state)
{
    struct published *p = *state;

    assert_int_equal(p->points.len, 406);
    assert_int_equal(p->n_best, 51);
    for (size_t i = 0; i < p->points.len; i++)
        assert_int_equal(p->points.at[i].repeats, 1);
}

static void the_front_is_the_published_one(void **state)
{
    static const struct {
        double fps, top1;
        const char *label;
    } rows[] = {
        { 621.337, 98.86, "NCS FP16 100 %" },
        { 838.353, 98.77, "ZCU104-BISMO INT4 100 %" },
        { 80389.4, 98.75, "ZCU104-FINN INT2 100 %" },
        { 242884, 98.62, "ZCU104-FINN INT4 50 %" },
        { 484848, 98.49, "ZCU104-FINN INT2 50 %" },
        { 598131, 98.29, "ZCU104-FINN INT4 25 %" },
        { 1932075, 98.04, "ZCU104-FINN INT2 25 %" },
        { 3849624, 96.85, "ZCU104-FINN INT2 12.5 %" },
    };
    struct published *p = *state;
    bool front[51];
    size_t found = 0;

    assert_int_equal(points_front(&p->points, p->best, p->n_best,
                                  SCOPE_KIND_COMP, NULL, front, NULL),
                     0);
    for (size_t i = 0; i < p->n_best; i++) {
        const struct point *point = &p->points.at[p->best[i]];
        double fps = point->scope[SCOPE_KIND_COMP].fps;
        char label[256];
        size_t row = 0;

        if (!front[i])
            continue;
        found++;
        point_label(point, label, sizeof(label));
        while (row < ARRAY_LEN(rows) && strcmp(rows[row].label, label) != 0)
            row++;
        if (row == ARRAY_LEN(rows))
            fail_msg("%s is on the front", label);
        assert_true(fabs(fps / rows[row].fps - 1) < 1e-5);
        assert_true(fabs(point->top1_pct - rows[row].top1) < 1e-9);
    }
    assert_int_equal(found, ARRAY_LEN(rows));
}

static double seed_fps(const struct published *p, const struct point *point)
{
    const struct platform_facts *facts = facts_find(
        &p->facts, point->platform, point->op_mode, point->precision);

    if (!facts)
        return (double)NAN;
    return predict_seed_published(facts->peak_op_s, facts->bw_byte_s,
                                  point->ops_image, point->params,
                                  point->weight_bits);
}

/* qutibench.md 4.9: ranges of the bar labels, with 76800 put right. */
static void efficiencies_are_the_published_labels(void **state)
{
    static const struct {
        const char *platform, *mode, *precision;
        double low, high;
        size_t bars;
    } rows[] = {
        { "TX2", "maxn", NULL, 333, 3069, 8 },
        { "TX2", "maxp", NULL, 311, 2667, 8 },
        { "TX2", "maxq", NULL, 255, 2061, 8 },
        { "U96-Quadcore-A53", "default", "INT2", 16.7, 18.2, 4 },
        { "U96-Quadcore-A53", "default", "INT4", 33.5, 36.5, 4 },
        { "ZCU104-BISMO", "default", NULL, 14.6, 21.8, 8 },
        { "ZCU104-FINN", "default", NULL, 1039, 2516, 7 },
    };
    struct published *p = *state;

    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        double low = (double)INFINITY, high = 0;
        size_t bars = 0;

        for (size_t i = 0; i < p->n_best; i++) {
            const struct point *point = &p->points.at[p->best[i]];
            double pct;

            if (strcmp(point->platform, rows[r].platform) != 0 ||
                strcmp(point->op_mode, rows[r].mode) != 0 ||
                (rows[r].precision &&
                 strcmp(point->precision, rows[r].precision) != 0))
                continue;
            pct = efficiency_pct(point->scope[SCOPE_KIND_COMP].fps,
                                 seed_fps(p, point));
            bars++;
            low = fmin(low, pct);
            high = fmax(high, pct);
        }
        assert_int_equal(bars, rows[r].bars);
        /* labels are rounded to 0.1, or to 1 where the list says so */
        if (fabs(low - rows[r].low) > 0.5 || fabs(high - rows[r].high) > 0.5)
            fail_msg("%s %s: %g to %g %%, want %g to %g", rows[r].platform,
                     rows[r].mode, low, high, rows[r].low, rows[r].high);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* models.md, section 5: M0 with published values and with exact counts; the
 * published values hold one misprint, which moves only FINN's share. */
static void the_seed_misses_as_far_as_measured(void **state)
{
    struct published *p = *state;
    double factors[406];
    size_t above = 0;

    for (size_t i = 0; i < p->points.len; i++) {
        const struct point *point = &p->points.at[i];
        const struct platform_facts *facts = facts_find(
            &p->facts, point->platform, point->op_mode, point->precision);
        double fps =
            predict_seed(facts->peak_op_s, facts->bw_byte_s, point->ops_image,
                         point->params, point->weight_bits);
        double measured = point->scope[SCOPE_KIND_COMP].fps;

        factors[i] = predict_error_factor(fps, measured);
        above += measured > seed_fps(p, point);
    }
    qsort(factors, 406, sizeof(factors[0]), ascending);
    assert_true(fabs(stats_quantile(factors, 406, 0.5) - 5.99) < 0.01);
    assert_true(fabs(stats_quantile(factors, 406, 0.9) - 18.2) < 0.05);
    assert_int_equal(above, 201);
}

static void intensity_is_16_over_bits_whatever_the_pruning(void **state)
{
    struct published *p = *state;

    for (size_t i = 0; i < p->points.len; i++) {
        const struct point *point = &p->points.at[i];
        double intensity = roofline_intensity(point->ops_image, point->params,
                                              point->weight_bits);

        assert_true(fabs(intensity - 16 / point->weight_bits) < 1e-12);
    }
}

static void conditions_select_rows(void **state)
{
    static const struct {
        const char *where;
        size_t rows;
    } cases[] = {
        { "", 406 },
        { "platform=TX2", 192 },
        { "platform=TX2|NCS", 224 },
        { "platform!=TX2", 214 },
        { "platform=ZCU104-FINN,batch>=256", 14 },
        { "pruning_factor_pct=12.5,precision=FP16", 32 },
        { "fps_sys>0", 224 },
        { "batch<2", 35 },
        { " batch = 1|2 , platform= NCS ", 8 },
        { "fps_sys=", 182 }, /* missing */
        { "fps_sys!=,platform=TX2", 192 },
        { "status=ok,provenance=published", 406 },
        { "status=failed", 0 },
    };
    struct published *p = *state;
    struct err err;
    struct rows rows;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(
            select_rows(p->dataset->cells, cases[i].where, &rows, &err), 0);
        if (rows.len != cases[i].rows)
            fail_msg("%s: %zu rows", cases[i].where, rows.len);
        select_free(&rows);
    }
    assert_int_equal(
        select_rows(p->dataset->cells, "platfrom=TX2", &rows, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "platform"));
    assert_int_equal(select_rows(p->dataset->cells, "batch", &rows, &err),
                     ERR_USAGE);
    assert_int_equal(select_rows(p->dataset->cells, "batch>x", &rows, &err),
                     ERR_USAGE);
    assert_int_equal(select_rows(p->dataset->cells, "batch=1|x", &rows, &err),
                     ERR_USAGE);
    assert_non_null(strstr(err.text, "column 'batch': 'x' is no number"));
}

static void measured_rooflines_are_read_from_boards(void **state)
{
    static const char json[] =
        "{\"b1\":{\"platform\":\"host\",\"roofline\":{\"levels\":["
        "{\"bytes\":32768,\"level\":\"L1\",\"read_byte_s\":3e11},"
        "{\"bytes\":268435456,\"read_byte_s\":1e10,\"copy_byte_s\":8e9}],"
        "\"peaks\":[{\"precision\":\"FP32\",\"op_s\":1e11}]}},"
        "\"b2\":{\"platform\":\"host\",\"roofline\":{\"error\":\"no\"}}}";
    struct facts facts = { 0 };
    struct err err;

    (void)state;
    assert_int_equal(facts_add_boards(&facts, json, &err), 0);
    assert_int_equal(facts.levels_len, 2);
    assert_true(facts_machine_read(&facts, "host", 30000) == 3e11);
    assert_true(facts_machine_read(&facts, "host", 40000) == 1e10);
    assert_true(facts_machine_read(&facts, "host", 1e12) == 1e10);
    assert_true(facts_machine_memory(&facts, "host") == 1e10);
    assert_true(facts_machine_peak(&facts, "host", "FP32") == 1e11);
    assert_true(isnan(facts_machine_peak(&facts, "host", "INT2")));
    assert_int_equal(
        facts_add_boards(&facts,
                         "{\"boards\":{\"x\":{\"roofline\":{\"levels\":"
                         "[{\"bytes\":\"many\"}]}}}}",
                         &err),
        ERR_FORMAT);
    assert_non_null(strstr(err.text, "levels[0].bytes"));
    facts_free(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_a_point_and_51_groups_have_a_best),
        cmocka_unit_test(the_front_is_the_published_one),
        cmocka_unit_test(efficiencies_are_the_published_labels),
        cmocka_unit_test(the_seed_misses_as_far_as_measured),
        cmocka_unit_test(intensity_is_16_over_bits_whatever_the_pruning),
        cmocka_unit_test(conditions_select_rows),
        cmocka_unit_test(measured_rooflines_are_read_from_boards),
    };

    return cmocka_run_group_tests(tests, open_published, close_published);
}
