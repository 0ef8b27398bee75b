/* test_lane_vendor.c - a vendor's tool is one JSON file: nothing here is C of
 * ours but the test
 *
 * The tool is a shell script that prints what trtexec 8 prints (lines quoted
 * from github.com/NVIDIA/TensorRT issue 4177).  The adapter builds an engine
 * once, maps FP16 to --fp16, watches markers, derives images from queries
 * and wants PASSED; meter "fake" runs beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "tests/unit/workers/lane_bench.h"

static const char tool[] =
    "#!/bin/sh\n"
    "case \"$*\" in\n"
    "--version) echo 'TensorRT v8401'; exit;;\n"
    "*--saveEngine=*) echo built >> \"$(dirname \"$0\")/builds\"\n"
    "  for a; do case $a in --saveEngine=*) echo engine > \"${a#*=}\";; esac; "
    "done; exit;;\n"
    "*--fp32*) echo '&&&& FAILED TensorRT.trtexec [TensorRT v8401]'; exit 0;;\n"
    "esac\n"
    "[ -s \"${1#--loadEngine=}\" ] || { echo 'no engine' >&2; exit 1; }\n"
    "echo '&&&& RUNNING TensorRT.trtexec [TensorRT v8401] # trtexec'\n"
    "sleep 0.3\n"
    "echo '[10/03/2024-10:47:57] [I] Starting inference'\n"
    "sleep 0.5\n"
    "echo '[10/03/2024-10:47:59] [I] Throughput: 130.298 qps'\n"
    "echo '[10/03/2024-10:47:59] [I] Latency: min = 5.38672 ms, max = 13.3664 "
    "ms, mean = 7.60628 ms, median = 7.16092 ms, percentile(90%) = 10.2996 "
    "ms'\n"
    "echo '&&&& PASSED TensorRT.trtexec [TensorRT v8401] # trtexec'\n";

static const char adapter[] =
    "{\"adapter\": \"trt\", "
    "\"tool_version\": {\"run\": \"{stage_dir}/tool --version\", \"pattern\": "
    "\"TensorRT v([0-9]+)\"}, "
    "\"values\": {\"precision\": {\"FP16\": {\"flag\": \"--fp16\"}, \"FP32\": "
    "{\"flag\": \"--fp32\"}}}, "
    "\"build\": [{\"name\": \"engine\", \"run\": \"{stage_dir}/tool {flag} "
    "--saveEngine={engine}\", \"key\": [\"precision\"]}], "
    "\"jobs\": [{\"name\": \"measure\", \"run\": \"{stage_dir}/tool "
    "--loadEngine={engine} {flag}\", \"start_marker\": \"Starting inference\", "
    "\"end_marker\": \"Throughput\"}], "
    "\"collect\": [{\"capture\": \"qps\", \"unit\": \"1/s\", \"pattern\": "
    "\"\\\\] Throughput: ([0-9.]+) qps\"}, {\"column\": \"lat_sys_s\", "
    "\"unit\": \"ms\", \"pattern\": \"\\\\] Latency: .* median = ([0-9.]+) "
    "ms\"}], "
    "\"derive\": [{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"value\": "
    "\"qps * batch\"}], "
    "\"valid\": [{\"job\": \"measure\", \"pattern\": \"^&&&& PASSED\", "
    "\"must\": true, \"reason\": \"trtexec did not say PASSED\"}]}";

static const char experiment[] =
    "{\"experiment\": \"e\", \"matrix\": [{\"platform\": [\"P\"], "
    "\"precision\": [\"FP16\", \"FP32\"], \"batch\": [1, 8]}], \"measure\": "
    "{\"min_time\": \"0.1 s\", \"max_time\": \"1 s\", \"total_limit\": "
    "\"60 s\"}, \"capture\": [\"power\"]}";

static void load(struct bench *b)
{
    char inventory[1024], path[FS_PATH_MAX], line[FS_PATH_MAX + 20];

    bench_prepare(b);
    snprintf(path, sizeof(path), "%s/stage/tool", b->dir);
    snprintf(line, sizeof(line), "%s/stage", b->dir);
    assert_int_equal(fs_make_dirs(line, NULL), 0);
    assert_int_equal(fs_write_atomic(path, tool, strlen(tool), NULL), 0);
    snprintf(line, sizeof(line), "chmod +x %s", path);
    assert_int_equal(system(line), 0);
    snprintf(inventory, sizeof(inventory),
             "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"GPU\", "
             "\"engine\": \"batched\", \"weights\": \"dram\", "
             "\"activations\": \"dram\"}}, \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": "
             "\"trt\", \"stage_dir\": \"%s/stage\", \"meters\": [{\"name\": "
             "\"wall\", \"driver\": \"fake\", \"primary\": true, \"on_board\": "
             "false, \"scope\": \"wall\", \"period\": \"10 ms\", \"idle\": "
             "\"0.2 s\", \"options\": {\"low\": \"3 W\", \"high\": \"3 W\"}, "
             "\"sources\": [{\"path\": \"wave\", \"unit\": \"W\"}]}]}]}",
             b->dir);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "trt", adapter);
    bench_parse(b);
    bench_open(b);
}

static size_t builds(const struct bench *b)
{
    struct buf content = { 0 };
    char path[FS_PATH_MAX];
    size_t lines = 0;

    snprintf(path, sizeof(path), "%s/stage/builds", b->dir);
    if (!fs_read_file(path, 10000, &content, NULL))
        for (size_t i = 0; i < content.len; i++)
            lines += content.data[i] == '\n';
    buf_free(&content);
    return lines;
}

static void one_json_file_drives_a_new_tool(void **state)
{
    const struct attempt_row *row;
    const struct power_row *p;
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b);
    s = bench_run(&b, 1); /* FP16, batch 8 */
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    row = &s->result.attempt;
    assert_string_equal(row->tool_version.s, "8401");
    assert_true(fabs(row->lat_sys_s - 7.16092e-3) < 1e-12);
    assert_true(fabs(row->fps_sys - 8 * 130.298) < 1e-9);
    assert_int_equal(s->result.power.len, 1);
    p = &s->result.power.at[0];
    assert_int_equal(p->window_source, WINDOW_MARKERS);
    assert_int_equal(p->power_scope, SCOPE_WALL);
    assert_true(fabs(p->power_full_w - 3) < 1e-9);
    assert_true(fabs(p->power_idle_w - 3) < 1e-9);
    assert_true(fabs(p->power_base_w - 3) < 1e-9);
    if (p->coverage_pct >= 90) /* the window is the half second between */
        assert_true(p->energy_j > 3 * 0.4 && p->energy_j < 3 * 5.0);
    assert_true(p->clock_offset_s == 0);   /* worker's meter, worker's window */
    assert_true(isnan(p->energy_image_j)); /* the tool counts no batches */
    assert_int_equal(builds(&b), 1);
    s = bench_run(&b, 0); /* another batch, the same engine */
    assert_int_equal(s->status, STATUS_OK);
    assert_int_equal(builds(&b), 1);
    bench_close(&b);
}

static void the_tools_own_verdict_counts(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b);
    s = bench_run(&b, 2); /* FP32: says FAILED, with status 0 */
    assert_int_equal(s->status, STATUS_INVALID);
    assert_string_equal(s->text, "trtexec did not say PASSED");
    assert_int_equal(builds(&b), 1);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_json_file_drives_a_new_tool),
        cmocka_unit_test(the_tools_own_verdict_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
