/* test_html.c - the page: whole, safe, and quiet about what is not there
 *
 * Leaves its page as an artefact for tests/browser where REPORT_OUT says.
 */
#include "tests/unit/report/lab.h"

#include "core/json.h"
#include "report/figures.h"
#include "report/fronts.h"
#include "report/html.h"
#include "report/report_data.h"

struct fixture {
    struct dataset *lab, *published;
    struct facts facts;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->lab = lab_dataset();
    f->published = published_dataset();
    assert_int_equal(facts_add_files(&f->facts, "experiments/mnist.json",
                                     "inventory/qutibench.json", NULL),
                     0);
    assert_int_equal(facts_add_boards(&f->facts, LAB_BOARDS, NULL), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    dataset_destroy(f->lab);
    dataset_destroy(f->published);
    facts_free(&f->facts);
    free(f);
    return 0;
}

static void page_of_both(const struct fixture *f, struct buf *page)
{
    const struct dataset *both[] = { f->lab, f->published };
    const struct facts facts[] = { f->facts, f->facts };
    struct report_options options = { .facts = facts };
    struct err err;

    if (report_html(both, 2, &options, page, &err))
        fail_msg("%s", err.text);
}

static size_t occurrences(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

static void the_page_is_whole_and_loads_nothing(void **state)
{
    static const char *const loads[] = { " src=", "<link", "@import",
                                         "url(http", "importScripts" };
    struct buf page = { 0 };
    const char *text, *out = getenv("REPORT_OUT");

    page_of_both(*state, &page);
    text = buf_text(&page);
    assert_int_equal(strlen(text), page.len);
    assert_non_null(strstr(text, "</html>"));
    assert_non_null(strstr(text, "default-src 'none'"));
    if (out)
        assert_int_equal(fs_write_atomic(out, page.data, page.len, NULL), 0);
    /* what the page itself says; the libraries hold such words as strings */
    *strstr((char *)(uintptr_t)text, "<script>") = '\0';
    for (size_t i = 0; i < ARRAY_LEN(loads); i++)
        assert_null(strstr(text, loads[i]));
    buf_free(&page);
}

static void hostile_text_stays_text(void **state)
{
    struct buf page = { 0 };
    const char *data, *end;

    page_of_both(*state, &page);
    data = strstr(buf_text(&page), "<script type=\"application/json\"");
    end = strstr(data, "</script>");
    assert_non_null(strstr(data, "no \\u003c/script>"));
    assert_true(end > strstr(data, "\"figures\""));
    assert_int_equal(occurrences(buf_text(&page), "no </script> &"), 0);
    buf_free(&page);
}

static void sources_are_counted_apart(void **state)
{
    struct buf page = { 0 };
    const char *text;

    page_of_both(*state, &page);
    text = buf_text(&page);
    assert_non_null(strstr(text, "\"cells\":33,\"counts\":{\"ok\":31,"
                                 "\"failed\":1,\"na\":1}"));
    assert_non_null(strstr(text, "\"cells\":406,\"counts\":{\"ok\":406}"));
    assert_non_null(strstr(text, "\"boards\":[\"loop1\",\"loop2\"]"));
    buf_free(&page);
}

static void captions_hold_numbers_of_the_data(void **state)
{
    static const struct {
        const char *figure, *sentence;
    } rows[] = {
        { "pareto", "8 of 51 groups are on the compute front; fastest on it "
                    "is ZCU104-FINN INT2 12.5 % with 3.85 M" },
        { "energy", "3.668 µJ by ZCU104-FINN INT2 12.5 %" },
        { "energy", "6 of 28 op points have a power reading" },
        { "efficiency",
          "TX2 maxn, 333.4 to 3074 % of the prediction: weights are "
          "reused across a batch (8 of 8 groups" },
        { "efficiency", "ZCU104-FINN, 1039 to 2342 % of the prediction: "
                        "weights are pinned on the chip and fit (7 of 7" },
        { "efficiency", "U96-Quadcore-A53, 16.67 to 34.6 % of the "
                        "prediction: not explained" },
        { "overlap", "predictions without measurement: 1" },
        { "latency_throughput", "shortest compute latency is 2 µs "
                                "with 1 M images/s, by ZCU104-FINN INT2 12.5 "
                                "%" },
        { "efficiency", "the best batch of 8 of 8 groups is not explained" },
        { "rooflines", "U96-Quadcore-A53 keeps them in 8 bits" },
        { "coverage", "31 of 33 cells have a result, 1 failed, 1 not "
                      "applicable, 0 not run" },
        { "coverage", "406 of 406 cells have a result, 0 failed" },
        { "throughput", "batching helps" },
        { "models", "published, calibrated, held out: off by a factor of "
                    "1.065 at the median and 1.265 at the 90th percentile of "
                    "354 op points" },
        { "overlap", "prediction and measurement (compute): 10;" },
        { "overlap", "prediction and measurement (compute): 51;" },
        { "heatmap", "predictions are bound by memory" },
        { "timeline", "32 attempts" },
    };
    struct fixture *f = *state;
    const struct dataset *both[] = { f->lab, f->published };
    const struct facts facts[] = { f->facts, f->facts };
    struct report_data data;

    assert_int_equal(report_data_create(both, 2, facts, NULL, 0, &data, NULL),
                     0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf text = { 0 };

        figure_find(rows[i].figure)->caption(&data, &text);
        if (!strstr(buf_text(&text), rows[i].sentence))
            fail_msg("%s: no '%s' in '%s'", rows[i].figure, rows[i].sentence,
                     buf_text(&text));
        buf_free(&text);
    }
    report_data_free(&data);
}

/* What is said of the system scope is of it, or nothing. */
static void captions_follow_the_scope(void **state)
{
    struct fixture *f = *state;
    const struct dataset *one[] = { f->published };
    struct report_data data;
    const struct figure *figure;

    assert_int_equal(
        report_data_create(one, 1, &f->facts, NULL, 0, &data, NULL), 0);
    data.said = SCOPE_KIND_SYS;
    for (size_t i = 0; (figure = figure_at(i)); i++) {
        struct buf text = { 0 };

        figure->caption(&data, &text);
        if (strstr(buf_text(&text), "ompute"))
            fail_msg("%s, system: '%s'", figure->id, buf_text(&text));
        if (!strcmp(figure->id, "pareto"))
            assert_non_null(strstr(buf_text(&text),
                                   "28 groups are on the system front; fastest "
                                   "on it is TX2 maxn FP16 25 % with 8.828 k"));
        if (!strcmp(figure->id, "efficiency"))
            assert_int_equal(text.len, 0);
        buf_free(&text);
    }
    report_data_free(&data);
}

static void repeats_become_one_point_with_an_interval(void **state)
{
    struct fixture *f = *state;
    const struct dataset *one[] = { f->lab };
    struct report_data data;

    assert_int_equal(report_data_create(one, 1, NULL, NULL, 0, &data, NULL), 0);
    assert_int_equal(data.sources[0].points.len, 28);
    for (size_t i = 0; i < data.sources[0].points.len; i++) {
        const struct point *p = &data.sources[0].points.at[i];
        const struct point_scope *scope = &p->scope[SCOPE_KIND_COMP];

        assert_int_equal(p->repeats, i < 3 ? 2 : 1);
        if (p->repeats == 1)
            assert_true(isnan(scope->fps_half));
        else
            assert_true(scope->fps_half > 0);
    }
    report_data_free(&data);
}

/* Rows of a table that figures would draw on one spot: the same panel,
 * precision, pruning factor, scope and batch. */
static size_t rows_on_one_spot(const struct sheet *sheet, const char *panel,
                               bool scoped)
{
    size_t n = 0;

    for (size_t i = 0; i < sheet_rows(sheet); i++)
        for (size_t k = 0; k < i; k++)
            n += !strcmp(sheet_text_of(sheet, i, panel),
                         sheet_text_of(sheet, k, panel)) &&
                 !strcmp(sheet_text_of(sheet, i, "precision"),
                         sheet_text_of(sheet, k, "precision")) &&
                 sheet_number_of(sheet, i, "pruning_factor_pct") ==
                     sheet_number_of(sheet, k, "pruning_factor_pct") &&
                 sheet_number_of(sheet, i, "batch") ==
                     sheet_number_of(sheet, k, "batch") &&
                 (!scoped || !strcmp(sheet_text_of(sheet, i, "scope"),
                                     sheet_text_of(sheet, k, "scope")));
    return n;
}

static void check_apart(const struct report_data *data)
{
    struct sheet *sheet;

    assert_int_equal(report_table_best(data, &sheet, NULL), 0);
    assert_int_equal(rows_on_one_spot(sheet, "panel", true), 0);
    assert_int_equal(rows_on_one_spot(sheet, "metered", true), 0);
    sheet_destroy(sheet);
    assert_int_equal(report_table_points(data, &sheet, NULL), 0);
    assert_int_equal(rows_on_one_spot(sheet, "panel", false), 0);
    sheet_destroy(sheet);
}

/* This month's sweep beside last month's of the same experiment, and then
 * one with a second network: bars of neither may be stacked upon the other's,
 * nor fronts be of both. */
static void what_differs_is_drawn_apart(void **state)
{
    struct dataset *now = lab_dataset(), *then = lab_dataset();
    const struct dataset *both[] = { now, then };
    struct report_data data;
    struct sheet *sheet;
    struct buf text = { 0 };

    (void)state;
    free(then->path);
    then->path = strdup("results/october");
    assert_int_equal(report_data_create(both, 2, NULL, NULL, 0, &data, NULL),
                     0);
    assert_string_not_equal(report_source_name(&data.sources[0]),
                            report_source_name(&data.sources[1]));
    check_apart(&data);
    assert_int_equal(report_table_timeline(&data, &sheet, NULL), 0);
    for (size_t i = 0; i < sheet_rows(sheet); i++)
        assert_non_null(strstr(sheet_text_of(sheet, i, "row"),
                               sheet_text_of(sheet, i, "source")));
    sheet_destroy(sheet);
    figure_find("pareto")->caption(&data, &text);
    assert_non_null(strstr(buf_text(&text), "(results/october) (measured): "));
    buf_free(&text);
    report_data_free(&data);

    for (size_t i = 0; i < 3; i++) /* of which repeats stay MLPs */
        put_text(now, "topology", i, "CNV");
    assert_int_equal(report_data_create(both, 1, NULL, NULL, 0, &data, NULL),
                     0);
    assert_true(data.networks);
    check_apart(&data);
    report_data_free(&data);
    dataset_destroy(now);
    dataset_destroy(then);
}

/* INT4 100 % of FINN was never built: the overview must not claim it. */
static void the_overview_claims_what_ran(void **state)
{
    struct fixture *f = *state;
    const struct dataset *one[] = { f->published };
    struct report_data data;
    struct sheet *sheet;
    size_t seen = 0;

    assert_int_equal(
        report_data_create(one, 1, &f->facts, NULL, 0, &data, NULL), 0);
    assert_int_equal(report_table_overview(&data, &sheet, NULL), 0);
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        if (strcmp(sheet_text_of(sheet, i, "platform"), "ZCU104-FINN") != 0)
            continue;
        assert_string_equal(sheet_text_of(sheet, i, "measured"),
                            "[INT2] * [100 %, 50 %, 25 %, 12.5 %]; "
                            "[INT4] * [50 %, 25 %, 12.5 %]");
        seen++;
    }
    assert_int_equal(seen, 1);
    sheet_destroy(sheet);
    report_data_free(&data);
}

static void every_figure_is_whole(void **state)
{
    const struct figure *figure;

    (void)state;
    for (size_t i = 0; (figure = figure_at(i)); i++) {
        struct json_doc *doc;
        struct err err;

        assert_ptr_equal(figure_find(figure->id), figure);
        assert_non_null(report_table_find(figure->table));
        assert_true(*figure->heading && *figure->absent);
        if (json_doc_parse(figure->spec, strlen(figure->spec), figure->id, &doc,
                           &err))
            fail_msg("%s", err.text);
        json_doc_destroy(doc);
    }
}

/* Whatever draws power or energy has a panel, line or front for each thing
 * that a meter can see, or names it beside every mark. */
static void figures_of_power_tell_what_the_meter_sees(void **state)
{
    static const char *const quantities[] = { "power_full_w", "power_idle_w",
                                              "power_w", "energy_image_j" };
    static const char *const apart[] = { "power", "energy", "box_power" };
    const struct figure *figure;
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; (figure = figure_at(i)); i++) {
        bool draws = false;

        for (size_t k = 0; k < ARRAY_LEN(quantities); k++)
            draws = draws || strstr(figure->spec, quantities[k]);
        seen += draws;
        if (draws && !strstr(figure->spec, "power_scope") &&
            !strstr(figure->spec, "\"metered\""))
            fail_msg("figure '%s' mixes what meters see", figure->id);
    }
    assert_int_equal(seen, 6);
    for (size_t i = 0; i < ARRAY_LEN(apart); i++)
        assert_non_null(
            strstr(figure_find(apart[i])->spec, "\"field\": \"metered\""));
}

/* Fronts asked for, even across archives, and boxes have it apart, too. */
static void expect_apart(const struct report_data *data)
{
    static const char metrics[] = "fps_comp,-energy_image_j";
    struct sheet *sheet;
    size_t walls = 0, boxes = 0;

    assert_int_equal(report_front(data, metrics, true, &sheet, NULL), 0);
    for (size_t i = 0; i < sheet_rows(sheet); i++)
        walls += !strcmp(sheet_text_of(sheet, i, "power_scope"), "wall");
    assert_int_equal(walls, 1);
    sheet_destroy(sheet);
    assert_int_equal(report_table_boxes(data, &sheet, NULL), 0);
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        const char *scope = sheet_text_of(sheet, i, "power_scope");

        if (strcmp(scope, "wall") != 0)
            continue;
        boxes++;
        assert_string_equal(sheet_text_of(sheet, i, "metric"),
                            "full power [W]");
        assert_true(sheet_number_of(sheet, i, "n") == 1);
    }
    assert_int_equal(boxes, 2); /* compute only, and with data movement */
    sheet_destroy(sheet);
}

/* Two repeats of one op point, one seen at the board and one at the wall,
 * and two op points seen so: no number and no front is of both. */
static void scopes_of_power_are_never_mixed(void **state)
{
    struct dataset *d = lab_dataset();
    const struct dataset *one[] = { d };
    struct report_data data;
    struct sheet *sheet;
    size_t walls = 0, fronts = 0;

    (void)state;
    lab_power(d, 30, 1000); /* the second repeat of row 0 */
    put(d, "power_scope", 30, SCOPE_WALL);
    put(d, "power_full_w", 30, 50);
    put(d, "power_scope", 1, SCOPE_WALL);
    assert_int_equal(report_data_create(one, 1, NULL, NULL, 0, &data, NULL), 0);
    for (size_t i = 0; i < data.sources[0].points.len; i++) {
        const struct point *p = &data.sources[0].points.at[i];

        if (p->row == 0) {
            assert_int_equal(p->repeats, 2);
            assert_string_equal(p->power_scope, "board");
            assert_true(p->full_w == 5); /* not 27.5 */
        }
    }
    assert_int_equal(report_table_points(&data, &sheet, NULL), 0);
    for (size_t i = 0; i < sheet_rows(sheet); i++) {
        const char *metered = sheet_text_of(sheet, i, "metered");
        const char *scope = sheet_text_of(sheet, i, "power_scope");

        assert_non_null(strstr(metered, sheet_text_of(sheet, i, "unit")));
        assert_non_null(strstr(metered, scope));
        walls += !strcmp(scope, "wall");
    }
    assert_int_equal(walls, 1);
    sheet_destroy(sheet);
    assert_int_equal(report_table_energy(&data, &sheet, NULL), 0);
    for (size_t i = 0; i < sheet_rows(sheet); i++)
        if (!strcmp(sheet_text_of(sheet, i, "power_scope"), "wall"))
            fronts += sheet_number_of(sheet, i, "front") == 1;
    assert_int_equal(fronts, 1); /* alone with its kind, so on its front */
    sheet_destroy(sheet);
    expect_apart(&data);
    report_data_free(&data);
    dataset_destroy(d);
}

/* The rows of every table that a page carries. */
static void check_rows(const char *page)
{
    const char *data = strstr(page, "<script type=\"application/json\"");
    const char *end = strstr(data, "</script>"), *open = strchr(data, '>') + 1;
    struct json_doc *doc;
    struct json root, tables;
    size_t i = 0, seen = 0;

    assert_int_equal(
        json_doc_parse(open, (size_t)(end - open), "page", &doc, NULL), 0);
    root = json_root(doc);
    tables = json_get(&root, "tables");
    for (struct json e = json_first(&tables); json_there(&e);
         e = json_next(&tables, &e, ++i)) {
        struct json rows = json_get(&e, "rows");

        seen += json_len(&rows);
        if (json_len(&rows) > REPORT_ROWS_MAX + 200)
            fail_msg("%s has %zu rows", json_key(&e), json_len(&rows));
    }
    assert_true(seen > REPORT_ROWS_MAX);
    json_doc_destroy(doc);
}

/* 100 000 cells: 20 platforms, 5 precisions, 10 pruning factors, 20 batches,
 * 5 repeats. */
static void a_large_archive_makes_a_bounded_page(void **state)
{
    enum {
        CELLS = 100000
    };
    struct dataset *d = dataset_make(CELLS);
    const struct dataset *one[] = { d };
    struct buf page = { 0 };
    size_t len;

    (void)state;
    for (size_t i = 0; i < CELLS; i++) {
        char platform[16];
        size_t group = i / 100, kind = group % 5;

        snprintf(platform, sizeof(platform), "p%zu", group / 50);
        put_text(d, "topology", i, "MLP");
        put_text(d, "dataset", i, "MNIST");
        put_text(d, "platform", i, platform);
        put_text(d, "precision", i, lab_kinds[kind].precision);
        put(d, "pruning_factor_pct", i, 100 - 9.0 * (double)(group / 5 % 10));
        put(d, "batch", i, (double)(1 + i / 5 % 20));
        put(d, "repeat", i, (double)(i % 5));
        put(d, "cell_id", i, (double)(i + 1));
        put(d, "status", i, i % 1000 ? STATUS_OK : STATUS_FAILED);
        put(d, "weight_bits", i, lab_kinds[kind].bits);
        put(d, "params", i, 1e6);
        put(d, "ops_image", i, 2e6);
        put(d, "lat_comp_s", i, 1e-4 + 1e-6 * (double)(i * 7 % 1000));
        put(d, "fps_comp", i, 1e4 + (double)(i * 13 % 9973));
        put(d, "top1_pct", i, 90 + (double)(i * 31 % 700) / 100);
    }
    assert_int_equal(report_html(one, 1, NULL, &page, NULL), 0);
    len = page.len;
    check_rows(buf_text(&page));
    assert_non_null(strstr(buf_text(&page), "\"cells\":100000"));
    assert_non_null(strstr(buf_text(&page), "99900 of 100000 cells have "
                                            "a result, 100 failed"));
    assert_true(len < 6 << 20); /* the libraries are one of them */
    buf_free(&page);
    dataset_destroy(d);
}

static void empty_archives_make_a_page(void **state)
{
    struct dataset *empty = dataset_make(0);
    const struct dataset *one[] = { empty };
    struct buf page = { 0 };
    struct err err;

    (void)state;
    assert_int_equal(report_html(one, 1, NULL, &page, &err), 0);
    buf_free(&page);
    assert_int_equal(report_html(one, 0, NULL, &page, &err), ERR_USAGE);
    dataset_destroy(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_whole_and_loads_nothing),
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(sources_are_counted_apart),
        cmocka_unit_test(captions_hold_numbers_of_the_data),
        cmocka_unit_test(captions_follow_the_scope),
        cmocka_unit_test(repeats_become_one_point_with_an_interval),
        cmocka_unit_test(what_differs_is_drawn_apart),
        cmocka_unit_test(the_overview_claims_what_ran),
        cmocka_unit_test(every_figure_is_whole),
        cmocka_unit_test(figures_of_power_tell_what_the_meter_sees),
        cmocka_unit_test(scopes_of_power_are_never_mixed),
        cmocka_unit_test(a_large_archive_makes_a_bounded_page),
        cmocka_unit_test(empty_archives_make_a_page),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
