/* test_csv.c - published numbers come in and go out as they are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/text.h"
#include "core/vec.h"
#include "hdf5_schema/table.h"
#include "orchestrator/archive/csv.h"
#include "orchestrator/archive/export_csv.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/archive/import_csv.h"
#include "tests/unit/archive/made.h"

#define PUBLISHED "data/published/published_mnist.csv"
#define ROWS      406

static const struct import_settings settings = {
    .inventory = "inventory/qutibench.json",
    .topology = "experiments/topologies/mlp.json",
    .dataset = "MNIST",
    .title = "published",
};

static void ok(int rc, const struct err *err)
{
    if (rc)
        fail_msg("%s", err->text);
}

static const struct {
    const char *text;
    const char *fields; /* all, header first, joined by '|' */
} good[] = {
    { "a,b\n1,2\n", "a|b|1|2|" },
    { "a,b\r\n1,2", "a|b|1|2|" },
    { "\xef\xbb\xbf"
      "a, b \n 1 ,\n",
      "a|b|1||" },
    { "a\n\"x, \"\"y\"\"\nz\"\n", "a|x, \"y\"\nz|" },
    { "a\n\n\nx\n\n", "a|x|" },
    { "a,b\n\" 1 \" ,\"\"\n", "a|b| 1 ||" },
};

static const struct {
    const char *text, *says;
} bad[] = {
    { "", "no header line" },
    { "\n\n", "no header line" },
    { "a,b\n1\n", "line 2: found 1 fields, expected 2" },
    { "a\n\"x\n", "line 2: a quoted field does not end" },
    { "a\n\"x\"y\n", "text behind a quoted field" },
    { "a\nx\"y\n", "a quote inside a field" },
};

static void csv_is_read_as_rfc_4180_says(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(good); k++) {
        struct buf all = { 0 };
        struct csv *csv;
        struct err err = { 0 };

        ok(csv_parse(good[k].text, strlen(good[k].text), "f", &csv, &err),
           &err);
        for (size_t c = 0; c < csv_columns(csv); c++)
            buf_printf(&all, "%s|", csv_header(csv, c));
        for (size_t r = 0; r < csv_rows(csv); r++)
            for (size_t c = 0; c < csv_columns(csv); c++)
                buf_printf(&all, "%s|", csv_field(csv, r, c));
        assert_string_equal(buf_text(&all), good[k].fields);
        buf_free(&all);
        csv_destroy(csv);
    }
    for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
        struct csv *csv;
        struct err err = { 0 };

        assert_int_equal(
            csv_parse(bad[k].text, strlen(bad[k].text), "f", &csv, &err),
            ERR_FORMAT);
        if (!strstr(err.text, bad[k].says))
            fail_msg("found '%s', want '%s'", err.text, bad[k].says);
    }
}

static void parse_file(const char *path, struct csv **csv)
{
    struct buf text = { 0 };
    struct err err = { 0 };

    ok(fs_read_file(path, 1 << 20, &text, &err), &err);
    ok(csv_parse(text.data, text.len, path, csv, &err), &err);
    buf_free(&text);
}

static size_t field_at(const struct csv *csv, const char *name)
{
    for (size_t c = 0; c < csv_columns(csv); c++)
        if (!strcmp(csv_header(csv, c), name))
            return c;
    fail_msg("no column %s", name);
    return 0;
}

/* The normalised name of each published one. */
static const char *const pairs[][2] = {
    { "topology", "NN_Topology" },
    { "platform", "HWType" },
    { "mode", "Op mode" },
    { "precision", "Datatype" },
    { "pruning_percent", "PruningFactor" },
    { "batch", "batch/thread/stream" },
    { "lat_sys_ms", "lat-sys" },
    { "lat_comp_ms", "lat-comp" },
    { "fps_system", "fps-system" },
    { "fps_comp", "fps-comp" },
    { "top1_percent", "top1" },
    { "base_w", "Base_Pwr_W" },
    { "idle_w", "Idle_Pwr_W" },
    { "full_w", "Full_Pwr_W" },
    { "level", "level" },
};

static void field_compare(const struct csv *in, const struct csv *out,
                          size_t row, const char *const pair[2])
{
    const char *a = csv_field(in, row, field_at(in, pair[0]));
    const char *b = csv_field(out, row, field_at(out, pair[1]));
    double x, y;

    if (text_to_f64(a, &x) && text_to_f64(b, &y)) {
        if (fabs(x - y) > 1e-12 * fabs(x))
            fail_msg("row %zu, %s: %s came back as %s", row, pair[0], a, b);
    } else if (strcmp(a, b) != 0) {
        fail_msg("row %zu, %s: '%s' came back as '%s'", row, pair[0], a, b);
    }
}

static void every_published_value_comes_back(void **state)
{
    struct csv *in, *out;
    struct dataset *d = NULL;
    struct buf text = { 0 };
    struct err err = { 0 };
    char dir[MADE_PATH];
    size_t rows = 0;

    (void)state;
    made_dir(dir);
    ok(import_csv(PUBLISHED, &settings, dir, &rows, &err), &err);
    assert_int_equal(rows, ROWS);
    ok(archive_publish(dir, &err), &err);
    ok(archive_verify(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    ok(export_qutibench(d->cells, &text, &err), &err);
    parse_file(PUBLISHED, &in);
    ok(csv_parse(text.data, text.len, "out", &out, &err), &err);
    assert_int_equal(csv_rows(out), ROWS);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t k = 0; k < ARRAY_LEN(pairs); k++)
            field_compare(in, out, r, pairs[k]);
    csv_destroy(in);
    csv_destroy(out);
    buf_free(&text);
    dataset_destroy(d);
    made_dir_remove(dir);
}

/* Both published layouts say the same: the cells are the same. */
static void what_was_exported_can_be_imported_again(void **state)
{
    struct dataset *a = NULL, *b = NULL;
    struct buf text = { 0 };
    struct err err = { 0 };
    char first[MADE_PATH], second[MADE_PATH], path[FS_PATH_MAX];

    (void)state;
    made_dir(first);
    made_dir(second);
    ok(import_csv(PUBLISHED, &settings, first, NULL, &err), &err);
    ok(archive_publish(first, &err), &err);
    ok(archive_read(first, 0, &a, &err), &err);
    ok(export_qutibench(a->cells, &text, &err), &err);
    made_write(first, "out.csv", text.data, text.len);
    assert_true(fs_join(path, sizeof(path), first, "out.csv"));
    ok(import_csv(path, &settings, second, NULL, &err), &err);
    ok(archive_publish(second, &err), &err);
    ok(archive_read(second, 0, &b, &err), &err);
    assert_int_equal(a->cells->rows, b->cells->rows);
    for (size_t r = 0; r < a->cells->rows; r++)
        assert_true(table_i64(table_find(a->cells, "cell_id"), r) ==
                    table_i64(table_find(b->cells, "cell_id"), r));
    dataset_destroy(a);
    dataset_destroy(b);
    buf_free(&text);
    made_dir_remove(first);
    made_dir_remove(second);
}

static void what_is_not_known_is_missing(void **state)
{
    const struct table_column *scope, *status, *provenance;
    struct dataset *d = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    ok(import_csv(PUBLISHED, &settings, dir, NULL, &err), &err);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    scope = table_find(d->cells, "power_scope");
    status = table_find(d->cells, "status");
    provenance = table_find(d->cells, "provenance");
    for (size_t r = 0; r < d->cells->rows; r++) {
        assert_string_equal(table_text(status, r), "ok");
        assert_string_equal(table_text(provenance, r), "published");
        assert_string_equal(table_text(scope, r), "");
        assert_true(isnan(table_f64(table_find(d->cells, "lat_sys_p99_s"), r)));
    }
    assert_true(table_f64(table_find(d->cells, "ops_image"), 0) == 20029440);
    dataset_destroy(d);
    made_dir_remove(dir);
}

static const struct {
    const char *text, *says;
} wrong[] = {
    { "platform,colour\nTX2,1\n", "unknown column 'colour'" },
    { "platform,HWType\nTX2,TX2\n", "are the same" },
    { "platform,batch\nTX3,1\n", "line 2, column 'platform': unknown" },
    { "platform,mode\nTX2,maxx\n", "has no op mode 'maxx'" },
    { "platform,batch\nTX2,x\n", "column 'batch': found 'x'" },
    { "platform,batch,full_w\nTX2,1,12 W\n",
      "found '12 W', expected a number" },
    { "platform,mode\nTX2-maxn,maxq\n", "the platform says 'maxn'" },
};

static void a_wrong_row_is_named(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(wrong); k++) {
        char dir[MADE_PATH], path[FS_PATH_MAX], to[FS_PATH_MAX];
        struct err err = { 0 };

        made_dir(dir);
        made_write(dir, "in.csv", wrong[k].text, strlen(wrong[k].text));
        assert_true(fs_join(path, sizeof(path), dir, "in.csv"));
        assert_true(fs_join(to, sizeof(to), dir, "out"));
        assert_int_equal(import_csv(path, &settings, to, NULL, &err),
                         ERR_FORMAT);
        if (!strstr(err.text, wrong[k].says))
            fail_msg("found '%s', want '%s'", err.text, wrong[k].says);
        assert_false(fs_exists(to));
        made_dir_remove(dir);
    }
}

/* A mode in the platform's name, percent signs, blanks, an alias. */
static void the_traps_of_published_files_are_known(void **state)
{
    const char text[] = "HWType, Op mode,PruningFactor ,batch/thread/stream\n"
                        "TX2-maxn,,12.50%,2\n NCS2 ,, 100.0 ,4\n";
    struct dataset *d = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH], path[FS_PATH_MAX];

    (void)state;
    made_dir(dir);
    made_write(dir, "in.csv", text, strlen(text));
    assert_true(fs_join(path, sizeof(path), dir, "in.csv"));
    ok(import_csv(path, &settings, dir, NULL, &err), &err);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    assert_string_equal(table_text(table_find(d->cells, "platform"), 0), "TX2");
    assert_string_equal(table_text(table_find(d->cells, "op_mode"), 0), "maxn");
    assert_true(table_f64(table_find(d->cells, "pruning_factor_pct"), 0) ==
                12.5);
    assert_string_equal(table_text(table_find(d->cells, "platform"), 1), "NCS");
    dataset_destroy(d);
    made_dir_remove(dir);
}

/* The template's columns; a point that stands there twice is kept twice. */
static void every_published_layout_is_known(void **state)
{
    const char text[] =
        "NN_Topology,HWType,Precision,Op mode,batch/thread/stream,lat-comp,"
        "fps-system,fps-comp,tp-system,tp-comp,top1 [%],top5 [%],"
        "BasePWR [W],IdlePWR [W],FullPwr [W],GOPS,PruningFactor, level\n"
        "CNV,TX2 - maxn,FP16,,1,2.5,300,400,1,2,84.5,,1.8,5.7,9.5,1,100%, l3\n"
        "CNV,TX2,FP16,maxn,1,2.6,310,390,1,2,84.5,,1.8,5.7,9.6,1,100.0,l3\n"
        "ResNet-50,TPU-fast clk,INT8,,1,,,20,,,,,,,,,,\n";
    const struct table_column *repeat, *lat;
    struct dataset *d = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH], path[FS_PATH_MAX];

    (void)state;
    made_dir(dir);
    made_write(dir, "in.csv", text, strlen(text));
    assert_true(fs_join(path, sizeof(path), dir, "in.csv"));
    ok(import_csv(path, &settings, dir, NULL, &err), &err);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    assert_int_equal(d->cells->rows, 3);
    repeat = table_find(d->cells, "observation");
    lat = table_find(d->cells, "lat_comp_s");
    assert_true(table_i64(repeat, 0) == COLUMN_I64_MISSING &&
                table_i64(repeat, 1) == 2);
    assert_true(table_f64(lat, 0) == 0.0025 && table_f64(lat, 1) == 0.0026);
    assert_true(isnan(table_f64(lat, 2)));
    assert_true(table_f64(table_find(d->cells, "power_full_w"), 1) == 9.6);
    assert_true(fabs(table_f64(table_find(d->cells, "op_rate_comp_op_s"), 0) -
                     2e9) < 1);
    assert_string_equal(table_text(table_find(d->cells, "platform"), 2), "TPU");
    assert_string_equal(table_text(table_find(d->cells, "op_mode"), 2), "fast");
    assert_string_equal(table_text(table_find(d->cells, "topology"), 2),
                        "ResNet-50");
    dataset_destroy(d);
    made_dir_remove(dir);
}

static void numbers_are_the_shortest_that_read_back(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = { { 0.1, "0.1" },
                  { 1.0 / 3, "0.3333333333333333" },
                  { 4.57 / 1000, "0.00457" },
                  { 1e22, "1e+22" },
                  { 5e-324, "4.94065645841247e-324" },
                  { (double)NAN, "" } };
    struct table *table = table_create(1);
    struct table_column *column = table_add(table, "x", COLUMN_F64, "", "");

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        struct buf out = { 0 };
        char want[64];

        column->f64[0] = cases[k].value;
        assert_int_equal(export_csv_table(table, &out, NULL), 0);
        snprintf(want, sizeof(want), "x\r\n%s\r\n", cases[k].text);
        assert_string_equal(buf_text(&out), want);
        if (*cases[k].text)
            assert_true(strtod(cases[k].text, NULL) == cases[k].value);
        buf_free(&out);
    }
    table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_as_rfc_4180_says),
        cmocka_unit_test(every_published_value_comes_back),
        cmocka_unit_test(what_was_exported_can_be_imported_again),
        cmocka_unit_test(what_is_not_known_is_missing),
        cmocka_unit_test(a_wrong_row_is_named),
        cmocka_unit_test(the_traps_of_published_files_are_known),
        cmocka_unit_test(every_published_layout_is_known),
        cmocka_unit_test(numbers_are_the_shortest_that_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
