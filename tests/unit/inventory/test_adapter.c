/* test_adapter.c - adapters: parsed, refused, asked, their scope filled */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/fs.h"
#include "core/vec.h"
#include "inventory/documents.h"
#include "inventory/scope.h"

static struct adapter *parse(const char *text, struct err *err)
{
    struct adapter *adapter = NULL;

    adapter_parse(text, strlen(text), "a.json", "/lab", &adapter, err);
    return adapter;
}

static const char full[] =
    "{\"adapter\": \"t\", \"tool_version\": {\"run\": \"t -v\", \"pattern\": "
    "\"v(.*)\"}, \"values\": {\"precision\": {\"FP16\": {\"flag\": "
    "\"--fp16\"}}}, \"stage\": [{\"name\": \"onnx\", \"file\": \"m.onnx\", "
    "\"mode\": \"0755\", \"role\": \"model\"}], \"build\": [{\"name\": "
    "\"engine\", \"run\": \"t {onnx} -o {engine}\", \"key\": "
    "[\"precision\"]}], \"op_mode\": {\"read\": {\"run\": \"q\", "
    "\"pattern\": \"(.)\"}, \"set\": \"m {mode.id}\", \"verify\": {\"run\": "
    "\"q\", \"pattern\": \"(.)\", \"expect\": \"{mode.name}\"}, "
    "\"restore\": \"m {mode_before}\"}, \"jobs\": [{\"name\": \"run\", "
    "\"run\": \"t {engine} {layer}\", \"for_each\": {\"layer\": [\"1\", "
    "\"2\"]}, \"start_marker\": \"S\", \"input\": \"{layer}\\n\"}], "
    "\"accuracy\": {\"job\": {\"run\": \"acc\"}, \"key\": [\"precision\"], "
    "\"collect\": [{\"column\": \"top1_pct\", \"unit\": \"percent\", "
    "\"pattern\": \"(.)\"}], \"source\": \"declared\"}, \"collect\": "
    "[{\"capture\": \"qps\", \"unit\": \"1/s\", \"pattern\": \"q (.)\", "
    "\"stream\": \"stderr\", \"take\": \"list\", \"optional\": true}], "
    "\"derive\": [{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"value\": "
    "\"qps * batch\"}], \"valid\": [{\"pattern\": \"FAIL\", \"must\": false, "
    "\"reason\": \"r\"}], \"samples\": {\"lat_sys\": {\"path\": \"l\", "
    "\"unit\": \"ns\"}}}";

static void every_field_arrives(void **state)
{
    struct err err = { 0 };
    struct adapter *a = parse(full, &err);

    (void)state;
    if (!a)
        fail_msg("%s", err.text);
    assert_string_equal(a->tool_version.pattern, "v(.*)");
    assert_string_equal(
        adapter_value(adapter_map(a, "precision"), "FP16")->names[0].text,
        "--fp16");
    assert_int_equal(a->stage[0].role, ADAPTER_MODEL);
    assert_string_equal(a->stage[0].mode, "0755");
    assert_string_equal(a->build[0].key[0], "precision");
    assert_string_equal(a->op_mode.verify.expect, "{mode.name}");
    assert_string_equal(a->op_mode.restore, "m {mode_before}");
    assert_string_equal(a->jobs[0].each, "layer");
    assert_int_equal(a->jobs[0].each_len, 2);
    assert_string_equal(a->jobs[0].start_marker, "S");
    assert_null(a->jobs[0].end_marker);
    assert_true(a->accuracy.there);
    assert_string_equal(a->accuracy.job.name, "accuracy");
    assert_string_equal(a->accuracy.collect[0].job, "accuracy");
    assert_string_equal(a->accuracy.source, "declared");
    assert_string_equal(a->collect[0].job, "run");
    assert_int_equal(a->collect[0].stream, ADAPTER_STDERR);
    assert_int_equal(a->collect[0].take, ADAPTER_LIST);
    assert_true(a->collect[0].optional);
    assert_string_equal(a->derive[0].value, "qps * batch");
    assert_false(a->valid[0].must);
    assert_string_equal(a->samples[0].name, "lat_sys");
    assert_int_equal(strlen(a->digest), 64);
    assert_ptr_equal(adapter_job(a, "run"), &a->jobs[0]);
    assert_null(adapter_job(a, "rum"));
    adapter_destroy(a);
}

#define JOBS "\"jobs\": [{\"name\": \"j\", \"run\": \"true\"}]"

static const struct {
    const char *text, *says;
} bad[] = {
    { "{\"adapter\": \"t\"}", "jobs: found nothing" },
    { "{\"adapter\": \"t\", \"jobs\": []}", "jobs: found 0 jobs" },
    { "{\"adapter\": \"t\", \"jobs\": [{\"name\": \"j\"}]}",
      "jobs[0]: expected either 'run' or 'request'" },
    { "{\"adapter\": \"t\", \"jobs\": [{\"name\": \"j\", \"request\": {}}]}",
      "jobs[0].request: a request needs 'serve'" },
    { "{\"adapter\": \"t\", \"jobs\": [{\"name\": \"j\", \"run\": \"a {b\"}]}",
      "jobs[0].run: lone brace" },
    { "{\"adapter\": \"t\", \"serve\": {\"run\": \"s\"}, \"jobs\": [{\"name\": "
      "\"j\", \"request\": {\"a\": [\"{\"]}}]}",
      "jobs[0].request.a[0]: lone brace" },
    { "{\"adapter\": \"t\", " JOBS ", \"colect\": []}",
      "colect: unknown key, did you mean 'collect'" },
    { "{\"adapter\": \"t\", " JOBS ", \"collect\": [{\"column\": \"c\", "
      "\"capture\": \"d\", \"path\": \"p\"}]}",
      "collect[0]: expected either 'column' or 'capture'" },
    { "{\"adapter\": \"t\", " JOBS ", \"collect\": [{\"column\": \"c\"}]}",
      "collect[0]: expected either 'path' or 'pattern'" },
    { "{\"adapter\": \"t\", \"jobs\": [{\"name\": \"measure\", \"run\": "
      "\"true\"}], \"collect\": [{\"column\": \"c\", "
      "\"path\": \"p\", \"job\": \"mesure\"}]}",
      "collect[0].job: there is no job 'mesure', did you mean 'measure'?" },
    { "{\"adapter\": \"t\", \"jobs\": [{\"name\": \"j\", \"run\": \"a\"}, "
      "{\"name\": \"j\", \"run\": \"a\"}]}",
      "jobs[1]: there is a job 'j' already" },
    { "{\"adapter\": \"t\", " JOBS ", \"op_mode\": {\"set\": \"x\"}}",
      "op_mode: an op mode that is set must be read back" },
    { "{\"adapter\": \"t\", " JOBS ", \"stage\": [{\"name\": \"a b\", "
      "\"file\": \"f\"}]}",
      "stage[0].name: name 'a b'" },
    { "{\"adapter\": \"t\", " JOBS ", \"stage\": [{\"name\": \"a\", "
      "\"file\": \"f\", \"mode\": \"rwx\"}]}",
      "stage[0].mode: found \"rwx\"" },
    { "{\"adapter\": \"t\", " JOBS ", \"values\": {\"precision\": {\"FP16\": "
      "{\"x\": 3}}}}",
      "values.precision.FP16.x: found 3" },
    { "{\"adapter\": \"t\", " JOBS ", \"accuracy\": {\"job\": {}}}",
      "accuracy.job: expected either 'run' or 'request'" },
    { "{\"adapter\": \"t\", " JOBS ", \"declared_accuracy\": [{\"where\": "
      "{\"precison\": \"INT8\"}, \"top1_pct\": 90, \"source\": \"s\"}]}",
      "declared_accuracy[0].where.precison: unknown key, did you mean "
      "'precision'?" },
};

static void mistakes_name_file_place_and_near_miss(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = { 0 };
        struct adapter *found = parse(bad[i].text, &err);

        if (found || !strstr(err.text, bad[i].says) ||
            strncmp(err.text, "a.json: ", 8) != 0)
            fail_msg("%s\n  gave: %s\n  want: %s", bad[i].text, err.text,
                     bad[i].says);
    }
}

static const struct {
    const char *experiment, *inventory;
    size_t boards;
} shipped[] = {
    { "experiments/demo.json", "inventory/loopback.json", 3 },
    { "experiments/mnist.json", "inventory/qutibench.json", 9 },
};

static void shipped_files_parse_and_survive_being_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shipped); i++) {
        struct documents files, kept;
        struct buf json = { 0 };
        struct err err = { 0 };

        if (documents_load(shipped[i].experiment, shipped[i].inventory, &files,
                           &err))
            fail_msg("%s", err.text);
        assert_int_equal(files.inventory->boards_len, shipped[i].boards);
        assert_int_equal(documents_to_json(&files, &json, NULL), 0);
        if (documents_from_json(buf_text(&json), json.len, &kept, &err))
            fail_msg("%s", err.text);
        assert_int_equal(kept.inventory->boards_len, shipped[i].boards);
        assert_string_equal(kept.experiment->name, files.experiment->name);
        assert_string_equal(kept.inventory->base_dir,
                            files.inventory->base_dir);
        for (size_t k = 0; k < files.inventory->adapters_len; k++)
            assert_string_equal(kept.inventory->adapters[k]->digest,
                                files.inventory->adapters[k]->digest);
        buf_free(&json);
        documents_close(&files);
        documents_close(&kept);
        assert_null(kept.texts);
    }
}

static void the_command_adapter_parses(void **state)
{
    struct buf text = { 0 };
    struct adapter *a = NULL;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(
        fs_read_file("inventory/adapters/command.json", 1 << 20, &text, NULL),
        0);
    if (adapter_parse(buf_text(&text), text.len, "command.json", ".", &a, &err))
        fail_msg("%s", err.text);
    assert_string_equal(a->name, "command");
    adapter_destroy(a);
    buf_free(&text);
}

static void set(const struct experiment *e, struct op_point *point,
                const char *axis, const char *text)
{
    size_t i = axes_index(e->axes, e->axes_len, axis);

    assert_int_equal(axis_parse_value(&e->axes[i], text, &point->at[i], NULL),
                     0);
}

/* The demo's first cell, with one axis changed. */
static struct op_point demo_point(const struct experiment *e, const char *axis,
                                  const char *text)
{
    struct op_point point = { 0 };

    set(e, &point, "topology", "MLP");
    set(e, &point, "dataset", "MNIST");
    set(e, &point, "platform", "x86-64-CPU");
    set(e, &point, "precision", "FP16");
    set(e, &point, "pruning_factor_pct", "12.5");
    set(e, &point, "batch", "8");
    set(e, &point, "threads", "1");
    set(e, &point, "streams", "1");
    if (axis)
        set(e, &point, axis, text);
    return point;
}

static const struct {
    const char *axis, *value, *reason;
} asked[] = {
    { NULL, NULL, NULL },
    { "pruning_factor_pct", "100", NULL },
    { "precision", "W2A4", "adapter labrunner cannot run precision W2A4" },
    { "pruning_factor_pct", "33.5",
      "adapter labrunner cannot run pruning_factor_pct 33.5" },
    { "streams", "2", "adapter labrunner cannot run streams 2" },
};

static void maps_say_what_an_adapter_can_run(void **state)
{
    struct documents d;

    (void)state;
    assert_int_equal(documents_load("experiments/demo.json",
                                    "inventory/loopback.json", &d, NULL),
                     0);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct op_point point =
            demo_point(d.experiment, asked[i].axis, asked[i].value);
        struct buf reason = { 0 };
        bool supports =
            adapter_supports(d.inventory->adapters[0], d.experiment->axes,
                             d.experiment->axes_len, &point, &reason);

        assert_true(supports == !asked[i].reason);
        assert_string_equal(buf_text(&reason),
                            asked[i].reason ? asked[i].reason : "");
        buf_free(&reason);
    }
    documents_close(&d);
}

static const struct {
    const char *name, *value;
} filled[] = {
    { "precision", "FP16" },
    { "batch", "8" },
    { "width", "256" },
    { "wbits", "16" },
    { "param.arch", "x86_64" },
    { "arch", "x86_64" },
    { "board", "loop-2" },
    { "host", "127.0.77.2" },
    { "number", "2" },
    { "mode.name", "default" },
    { "op_mode", "default" },
    { "measure.min_time_s", "0.5" },
    { "measure.min_batches", "16" },
    { "bin_dir", "/bin" },
    { "weight_bits", "16" },
    { "repeat", "1" },
};

static void a_scope_knows_its_cell(void **state)
{
    struct documents d;
    struct scope *scope = scope_create();
    struct op_point point;
    const struct board *board;
    struct buf path = { 0 };

    (void)state;
    assert_int_equal(documents_load("experiments/demo.json",
                                    "inventory/loopback.json", &d, NULL),
                     0);
    point = demo_point(d.experiment, NULL, NULL);
    board = inventory_board(d.inventory, "loop-2");
    assert_int_equal(
        scope_fill(scope, d.experiment, board, &point, "/bin", "/src", NULL),
        0);
    for (size_t i = 0; i < ARRAY_LEN(filled); i++) {
        assert_non_null(scope_find(scope, filled[i].name));
        assert_string_equal(scope_find(scope, filled[i].name), filled[i].value);
    }
    assert_int_equal(scope_stage_file(scope, board->adapter,
                                      &board->adapter->stage[1], &path, NULL),
                     0);
    assert_string_equal(buf_text(&path),
                        "/src/runner/models/mlp-w256-b16.mlpw");
    assert_true(fs_exists(scope_find(scope, "dataset.images")) ||
                !fs_exists("data/mnist"));
    buf_free(&path);
    scope_destroy(scope);
    documents_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_arrives),
        cmocka_unit_test(mistakes_name_file_place_and_near_miss),
        cmocka_unit_test(shipped_files_parse_and_survive_being_kept),
        cmocka_unit_test(the_command_adapter_parses),
        cmocka_unit_test(maps_say_what_an_adapter_can_run),
        cmocka_unit_test(a_scope_knows_its_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
