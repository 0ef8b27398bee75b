/* test_quality.c - the rules find the known traps of the published data, and
 * nothing in data without */
#include "tests/unit/analysis/published.h"

#include "analysis/quality.h"

struct fixture {
    struct dataset *dataset;
    struct facts facts;
    struct points points;
    struct findings findings;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->dataset = published_dataset();
    assert_int_equal(facts_add_files(&f->facts, "experiments/mnist.json",
                                     "inventory/qutibench.json", NULL),
                     0);
    assert_int_equal(points_create(f->dataset, NULL, &f->points, NULL), 0);
    assert_int_equal(quality_check(&f->points, f->dataset, NULL, &f->facts,
                                   &f->findings, NULL),
                     0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    quality_free(&f->findings);
    points_free(&f->points);
    facts_free(&f->facts);
    dataset_destroy(f->dataset);
    free(f);
    return 0;
}

static const struct finding *find(const struct findings *findings,
                                  const char *rule, const char *subject,
                                  const char *words)
{
    for (size_t i = 0; i < findings->len; i++)
        if (!strcmp(findings->at[i].rule, rule) &&
            !strcmp(findings->at[i].subject, subject) &&
            strstr(findings->at[i].text, words))
            return &findings->at[i];
    return NULL;
}

static void known_traps_are_found_by_rule(void **state)
{
    static const struct {
        const char *rule, *subject;
        size_t cells, of; /* 0: any */
        const char *words;
    } rows[] = {
        { "above_ceiling", "TX2 maxq", 0, 64, "memory-aware" },
        { "bandwidth", "TX2 maxn", 0, 0, "66.6 GB/s" },
        { "bandwidth", "TX2 maxp", 0, 0, "63.4 GB/s" },
        { "bandwidth", "NCS", 0, 0, "15.2 GB/s" },
        { "borrowed", "U96-Quadcore-A53 and ZCU104-BISMO", 112, 112,
          "9.2 W base and 14.3 W idle" },
        { "contradiction", "ZCU104-FINN", 19, 70, "compute" },
        { "coarse", "ZCU104-FINN", 0, 70, "1 us" },
        { "frozen", "ZCU104-FINN INT4 12.5 %", 10, 10, "14.65 W" },
        { "no_effect", "U96-Quadcore-A53", 0, 28, "INT2 and INT4" },
        { "accuracy", "MLP FP16 100 %", 0, 0, "98.86" },
        { "scope_gap", "TX2 maxp", 0, 64, "44 times" },
        { "scope_gap", "TX2 maxn", 0, 64, "35 times" },
        { "host_bound", "TX2 maxn", 0, 0, "the host sets it" },
        { "shared_values", "all", 0, 0, "227505" },
        { "doubling", "ZCU104-FINN INT4 50 %", 0, 10, "twice" },
        { "holes", "ZCU104-FINN INT4 100 %", 1, 1, "not with these" },
        { "shared_peak", "ZCU104-BISMO and ZCU104-FINN", 2, 2,
          "30.7 TOP/s at INT2" },
        { "one_bandwidth", "TX2", 3, 3, "59.7 GB/s" },
        { "accuracy_rises", "TX2 maxn", 4, 8, "97.46 % with 50 %" },
        { "shared_accuracy", "all", 0, 0, "98.75 % of" },
    };
    struct fixture *f = *state;
    size_t lost = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct finding *found =
            find(&f->findings, rows[i].rule, rows[i].subject, rows[i].words);
        bool good = found &&
                    (!rows[i].cells || found->cells == rows[i].cells) &&
                    (!rows[i].of || found->of == rows[i].of);

        if (!good)
            print_error("%s: %s: '%s' (%zu of %zu)\n", rows[i].rule,
                        rows[i].subject, rows[i].words,
                        found ? found->cells : 0, found ? found->of : 0);
        lost += !good;
    }
    if (lost)
        for (size_t i = 0; i < f->findings.len; i++)
            print_message("%s | %s | %zu of %zu | %s\n", f->findings.at[i].rule,
                          f->findings.at[i].subject, f->findings.at[i].cells,
                          f->findings.at[i].of, f->findings.at[i].text);
    assert_int_equal(lost, 0);
}

static size_t cells_of(const struct findings *findings, const char *rule,
                       const char *start)
{
    size_t total = 0;

    for (size_t i = 0; i < findings->len; i++)
        if (!strcmp(findings->at[i].rule, rule) &&
            !strncmp(findings->at[i].subject, start, strlen(start)) &&
            strstr(findings->at[i].text, "system") == NULL)
            total += findings->at[i].cells;
    return total;
}

static void counts_are_those_counted_by_hand(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(cells_of(&f->findings, "above_ceiling", ""), 9);
    assert_int_equal(cells_of(&f->findings, "contradiction", "TX2"), 146);
}

static void findings_come_worst_first(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 1; i < f->findings.len; i++)
        assert_true(f->findings.at[i - 1].weight >= f->findings.at[i].weight);
}

static void sound_data_have_no_findings(void **state)
{
    struct dataset *d = dataset_make(24);
    struct facts facts = { 0 };
    struct points points;
    struct findings findings;

    (void)state;
    for (size_t i = 0; i < 24; i++) {
        double pruning = i % 6 < 3 ? 100 : 50, batch = pow(4, (double)(i % 3));
        double bits = i < 12 ? 8 : 32;
        double lat = 1.0137e-4 + batch * mlp_params(pruning) * bits * 1.017e-13;

        put_text(d, "topology", i, "MLP");
        put_text(d, "platform", i, i % 12 < 6 ? "one" : "two");
        put_text(d, "precision", i, i < 12 ? "INT8" : "FP32");
        lat *= i % 12 < 6 ? 1 : 1.31;
        put(d, "pruning_factor_pct", i, pruning);
        put(d, "batch", i, batch);
        put(d, "repeat", i, 1);
        put(d, "status", i, STATUS_OK);
        put(d, "weight_bits", i, bits);
        put(d, "params", i, mlp_params(pruning));
        put(d, "ops_image", i, 2 * mlp_params(pruning));
        put(d, "lat_comp_s", i, lat);
        put(d, "fps_comp", i, batch / lat);
        put(d, "top1_pct", i, 98.7 + (double)i / 100);
    }
    assert_int_equal(points_create(d, NULL, &points, NULL), 0);
    assert_int_equal(quality_check(&points, d, NULL, &facts, &findings, NULL),
                     0);
    for (size_t i = 0; i < findings.len; i++)
        print_error("%s: %s\n", findings.at[i].rule, findings.at[i].text);
    assert_int_equal(findings.len, 0);
    quality_free(&findings);
    points_free(&points);
    dataset_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_traps_are_found_by_rule),
        cmocka_unit_test(counts_are_those_counted_by_hand),
        cmocka_unit_test(findings_come_worst_first),
        cmocka_unit_test(sound_data_have_no_findings),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
