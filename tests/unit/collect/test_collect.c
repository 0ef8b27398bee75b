/* test_collect.c - what tools print, read or refused
 *
 * Lines marked [V] are quoted from public logs of the tools: trtexec from
 * github.com/NVIDIA/TensorRT issues 2054 and 4177, OpenVINO from
 * openvinotoolkit/openvino issue 5601, TFLite from its benchmark's README,
 * FINN from Xilinx/finn's notebooks, Vitis AI from Xilinx/Vitis-AI issues 823
 * and 1494, ONNX Runtime from microsoft/onnxruntime issue 17313.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "core/vec.h"
#include "tests/unit/collect/adapters.h"

#define PATTERN(column, unit, pattern)                                         \
    "\"collect\": [{\"column\": \"" column "\", \"unit\": \"" unit             \
    "\", \"job\": \"j\", \"pattern\": \"" pattern "\"}]"
#define PATTERN_OF(column, unit, pattern, more)                                \
    "\"collect\": [{\"column\": \"" column "\", \"unit\": \"" unit             \
    "\", \"job\": \"j\", \"pattern\": \"" pattern "\", " more "}]"
#define PATH(column, unit, path)                                               \
    "\"collect\": [{\"column\": \"" column "\", \"unit\": \"" unit             \
    "\", \"job\": \"j\", \"path\": \"" path "\"}]"

static const char tflite[] =
    "count=50 first=33228 curr=33130 min=32687 max=33239 avg=33071.8 std=129\n"
    "count=200 first=33000 curr=33130 min=32600 max=33239 avg=33000.5 "
    "std=120 p5=32700 median=33001 p95=33200\n"
    "Inference timings in us: Init: 3501, First inference: 156677, Warmup "
    "(avg): 43268.1, Inference (avg): 33071.8\n";

static const struct {
    const char *what, *members, *out, *errout, *column;
    double value;
} good[] = {
    { "trtexec 8 and later, throughput [V]",
      PATTERN("fps_sys", "1/s", "\\\\] Throughput: ([0-9.]+) qps"),
      "[10/03/2024-10:47:59] [I] Throughput: 130.298 qps\n", "", "fps_sys",
      130.298 },
    { "trtexec 8 and later, median latency [V]",
      PATTERN("lat_sys_s", "ms", "\\\\] Latency: min .* median = ([0-9.]+) ms"),
      "[10/03/2024-10:47:59] [I] Latency: min = 5.38672 ms, max = 13.3664 ms, "
      "mean = 7.60628 ms, median = 7.16092 ms, percentile(90%) = 10.2996 ms, "
      "percentile(95%) = 10.8698 ms, percentile(99%) = 12.9675 ms\n",
      "", "lat_sys_s", 7.16092e-3 },
    { "trtexec 7 [V]", PATTERN("lat_comp_s", "ms", "median: ([0-9.]+) ms"),
      "[I] median: 1.65601 ms (end to end 3.01636 ms)\n", "", "lat_comp_s",
      1.65601e-3 },
    { "OpenVINO 2021 [V]",
      PATTERN("fps_sys", "FPS", "^Throughput: +([0-9.]+) FPS"),
      "Count:      181728 iterations\nDuration:   60001.53 ms\nLatency:    "
      "1.25 ms\nThroughput: 3028.72 FPS\n",
      "", "fps_sys", 3028.72 },
    { "TFLite, microseconds, the last line is the measurement [V]",
      PATTERN_OF("lat_sys_mean_s", "us", "avg=([0-9.eE+]+)",
                 "\"take\": \"last\""),
      tflite, "", "lat_sys_mean_s", 33000.5e-6 },
    { "Vitis AI on stderr [V]",
      PATTERN_OF("fps_sys", "1/s", "FPS= *([0-9.eE+]+) number_of_frames",
                 "\"stream\": \"stderr\""),
      "Test PASS.\n",
      "I1009 22:24:31.163406  3429 performance_test.hpp:94] FPS= 763.6 "
      "number_of_frames= 45819 time= 60.0039 seconds.\n",
      "fps_sys", 763.6 },
    { "Vitis AI, means in microseconds [V]",
      PATTERN("lat_comp_s", "us", "^DPU_MEAN=([0-9.eE+]+)"),
      "FPS=216.327\nE2E_MEAN=18394.5\nDPU_MEAN=15711.6\n", "", "lat_comp_s",
      15711.6e-6 },
    { "ONNX Runtime [V]",
      PATTERN("lat_sys_s", "s", "^P50 Latency: *([0-9.]+) s"),
      "Average inference time cost: 62.2935 ms\nP50 Latency: 0.0603562 s\n", "",
      "lat_sys_s", 0.0603562 },
    { "FINN's Python dictionary [V]",
      PATTERN("fps_comp", "1/s",
              "'throughput\\\\[images/s\\\\]': (?:np\\\\.[a-z0-9]+\\\\()?"
              "([0-9.eE+-]+)"),
      "{'runtime[ms]': 1.0602474212646484, 'throughput[images/s]': "
      "943176.0737575893, 'fclk[mhz]': 100.0, 'batch_size': 1000}\n",
      "", "fps_comp", 943176.0737575893 },
    { "and as NumPy 2 prints it",
      PATTERN("fps_comp", "1/s",
              "'throughput\\\\[images/s\\\\]': (?:np\\\\.[a-z0-9]+\\\\()?"
              "([0-9.eE+-]+)"),
      "{'throughput[images/s]': np.float64(943.5)}\n", "", "fps_comp", 943.5 },
    { "the same value twice is one value",
      PATTERN("fps_sys", "1/s", "t=([0-9.]+)"), "t=5\nt=5\n", "", "fps_sys",
      5 },
    { "lines that end as on Windows, in colour",
      PATTERN("fps_sys", "1/s", "^fps ([0-9]+)$"), "\x1b[32mfps 12\x1b[0m\r\n",
      "", "fps_sys", 12 },
    { "a progress bar's carriage returns end lines",
      PATTERN("fps_sys", "1/s", "^fps ([0-9]+)$"), "10 %\r20 %\rfps 12\r", "",
      "fps_sys", 12 },
    { "bytes that are no text do not hide the line",
      PATTERN("fps_sys", "1/s", "^fps ([0-9]+)$"), "\xff\xfe\x01\nfps 12\n", "",
      "fps_sys", 12 },
    { "JSON by path", PATH("lat_sys_s", "ms", "a.b[1].c"),
      "log\n{\"a\": {\"b\": [0, {\"c\": 3.5}]}}\n", "", "lat_sys_s", 3.5e-3 },
    { "the last of several JSON values", PATH("fps_sys", "1/s", "f"),
      "{\"f\": 1}\n[ INFO ] next\n{\"f\": 2}\ndone\n", "", "fps_sys", 2 },
    { "JSON over several lines", PATH("fps_sys", "1/s", "f"),
      "{\n  \"f\": 7,\n  \"g\": {\n  }\n}\n", "", "fps_sys", 7 },
    { "a number in quotes", PATH("fps_sys", "1/s", "f"), "{\"f\": \"12.5\"}\n",
      "", "fps_sys", 12.5 },
    { "true counts as one", PATH("noisy", "1", "n"), "{\"n\": true}\n", "",
      "noisy", 1 },
    { "optional and missing",
      PATTERN_OF("fps_sys", "1/s", "fps ([0-9]+)", "\"optional\": true"), "",
      "", "fps_sys", NAN },
    { "derived: images from queries",
      "\"collect\": [{\"capture\": \"qps\", \"unit\": \"1/s\", \"job\": \"j\","
      "\"pattern\": \"([0-9.]+) qps\"}, {\"capture\": \"n\", \"unit\": \"1\", "
      "\"job\": \"j\", \"pattern\": \"n=([0-9]+)\"}], \"derive\": "
      "[{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"value\": \"qps * n\"}]",
      "2.5 qps n=8\n", "", "fps_sys", 20 },
    { "derived: a sum over lists, in SI",
      "\"collect\": [{\"capture\": \"c\", \"unit\": \"1\", \"job\": \"j\", "
      "\"pattern\": \"cycles ([0-9]+)\", \"take\": \"list\"}, {\"capture\": "
      "\"f\", \"unit\": \"MHz\", \"job\": \"j\", \"pattern\": \"at ([0-9]+)\", "
      "\"take\": \"list\"}], \"derive\": [{\"column\": \"lat_comp_s\", "
      "\"unit\": \"s\", \"value\": \"sum(c / f)\"}]",
      "cycles 100 at 10\ncycles 300 at 20\n", "", "lat_comp_s", 25e-6 },
    { "derived from something optional that is missing: missing",
      "\"collect\": [{\"capture\": \"q\", \"unit\": \"1/s\", \"job\": \"j\", "
      "\"pattern\": \"q=([0-9]+)\", \"optional\": true}], \"derive\": "
      "[{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"value\": \"q * 2\"}]",
      "nothing\n", "", "fps_sys", NAN },
};

static void what_tools_print_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        const struct column *c =
            columns_find(&columns_attempts, good[i].column);
        struct attempt_row row;
        struct err err = { 0 };
        double got;

        assert_non_null(c);
        if (read_output(good[i].members, good[i].out, good[i].errout, &row,
                        &err))
            fail_msg("%s: %s", good[i].what, err.text);
        got = c->type == COLUMN_F64 ? columns_f64(c, &row)
                                    : (double)columns_i64(c, &row);
        if (isnan(good[i].value) != isnan(got) ||
            fabs(got - good[i].value) > 1e-12 * fabs(good[i].value))
            fail_msg("%s: got %.17g, want %.17g", good[i].what, got,
                     good[i].value);
    }
}

static const struct {
    const char *what, *members, *out, *text;
} bad[] = {
    { "no match", PATTERN("fps_sys", "1/s", "fps ([0-9]+)"), "hello\n",
      "'fps_sys' of job 'j': pattern 'fps ([0-9]+)' matches nothing on "
      "stdout" },
    { "contradicting values", PATTERN("fps_sys", "1/s", "fps ([0-9]+)"),
      "fps 1\nfps 2\n", "stands there with different values, '1' and '2'" },
    { "a decimal comma", PATTERN("lat_sys_s", "ms", "lat ([0-9.,]+) ms"),
      "lat 12,5 ms\n", "" },
    { "a decimal comma after which the pattern stops",
      PATTERN("lat_sys_s", "ms", "lat ([0-9.]+)"), "lat 12,5 ms\n",
      "found a comma in the number near" },
    { "a decimal comma that the pattern starts after",
      PATTERN("lat_sys_s", "ms", "([0-9.]+) ms"), "lat 12,5 ms\n",
      "set LC_ALL=C" },
    { "NaN", PATTERN("fps_sys", "1/s", "fps (.*)"), "fps nan\n",
      "found 'nan', expected a number" },
    { "infinity", PATTERN("fps_sys", "1/s", "fps (.*)"), "fps inf\n",
      "found 'inf', expected a number" },
    { "a number too large", PATTERN("fps_sys", "1/s", "fps (.*)"),
      "fps 1e999\n", "expected a number" },
    { "hexadecimal", PATTERN("fps_sys", "1/s", "fps (.*)"), "fps 0x10\n",
      "found '0x10', expected a number" },
    { "trtexec's throughput of zero [V]",
      PATTERN("fps_sys", "1/s", "throughput: ([0-9.]+) qps"),
      "[I] throughput: 0 qps\n", "0 1/s for 'fps_sys' is no measurement" },
    { "a negative latency", PATH("lat_sys_s", "s", "l"), "{\"l\": -1}\n",
      "is no measurement" },
    { "more than all", PATH("top1_pct", "percent", "t"), "{\"t\": 101}\n",
      "is above 100" },
    { "a count that is not whole", PATH("batches", "1", "n"), "{\"n\": 1.5}\n",
      "expected a whole number" },
    { "no JSON", PATH("fps_sys", "1/s", "f"), "Segmentation fault\n",
      "found no JSON object on stdout" },
    { "half a JSON value", PATH("fps_sys", "1/s", "f"),
      "log\n{\"f\": 12, \"g\": [1, 2", "one without an end at byte 4" },
    { "JSON's NaN", PATH("fps_sys", "1/s", "f"), "{\"f\": NaN}\n",
      "found no readable JSON object" },
    { "a near miss of a key", PATH("fps_sys", "1/s", "latency.p50"),
      "{\"latency\": {\"p5o\": 1}}\n",
      "the JSON has no 'latency.p50' at 'p50', but 'p5o'" },
    { "null", PATH("fps_sys", "1/s", "f"), "{\"f\": null}\n", "is null" },
    { "an object for a number", PATH("fps_sys", "1/s", "f"), "{\"f\": {}}\n",
      "is no number" },
    { "division by zero",
      "\"collect\": [{\"capture\": \"a\", \"unit\": \"1\", \"job\": \"j\", "
      "\"path\": \"a\"}], \"derive\": [{\"column\": \"batches\", \"unit\": "
      "\"1\", \"value\": "
      "\"1 / a\"}]",
      "{\"a\": 0}\n", "division by zero" },
    { "lists of different lengths",
      "\"collect\": [{\"capture\": \"a\", \"unit\": \"1\", \"job\": \"j\", "
      "\"pattern\": \"a([0-9])\", \"take\": \"list\"}, {\"capture\": \"b\", "
      "\"unit\": \"1\", \"job\": \"j\", \"pattern\": \"b([0-9])\", \"take\": "
      "\"list\"}], \"derive\": [{\"column\": \"batches\", \"unit\": \"1\", "
      "\"value\": \"sum(a "
      "* b)\"}]",
      "a1 a2 b3\n", "two lists of different lengths" },
    { "a validity rule that must match",
      "\"valid\": [{\"job\": \"j\", \"pattern\": \"^&&&& PASSED\", \"must\": "
      "true, \"reason\": \"trtexec did not say PASSED\"}]",
      "&&&& FAILED TensorRT.trtexec\n", "trtexec did not say PASSED" },
    { "one that must not",
      "\"valid\": [{\"job\": \"j\", \"pattern\": \"fallback\", \"must\": "
      "false, \"reason\": \"the accelerator fell back\"}]",
      "a fallback\n", "the accelerator fell back" },
};

static void what_is_wrong_gives_one_clear_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct attempt_row row;
        struct err err = { 0 };
        const char *members = bad[i].members;

        if (!*bad[i].text) /* the pattern itself allows a comma */
            continue;
        if (!read_output(members, bad[i].out, "", &row, &err))
            fail_msg("%s: was taken", bad[i].what);
        if (!strstr(err.text, bad[i].text))
            fail_msg("%s: got '%s', want '%s'", bad[i].what, err.text,
                     bad[i].text);
    }
}

static void a_comma_that_the_pattern_takes_is_refused_as_a_number(void **state)
{
    struct attempt_row row;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(
        read_output(PATTERN("lat_sys_s", "ms", "lat ([0-9.,]+) ms"),
                    "lat 12,5 ms\n", "", &row, &err),
        ERR_FORMAT);
    assert_non_null(strstr(err.text, "found '12,5', expected a number"));
    assert_true(isnan(row.lat_sys_s));
}

static void the_rest_is_read_though_something_is_missing(void **state)
{
    struct attempt_row row;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(
        read_output("\"collect\": [{\"column\": \"lat_sys_s\", \"unit\": "
                    "\"s\", \"job\": \"j\", \"path\": \"gone\"}, "
                    "{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"job\": "
                    "\"j\", \"path\": \"f\"}, {\"column\": \"kernel\", "
                    "\"job\": \"j\", \"path\": \"k\"}]",
                    "{\"f\": 3, \"k\": \"avx2\"}\n", "", &row, &err),
        ERR_FORMAT);
    assert_non_null(strstr(err.text, "'lat_sys_s'"));
    assert_true(isnan(row.lat_sys_s));
    assert_true(row.fps_sys == 3);
    assert_string_equal(row.kernel.s, "avx2");
}

static const struct {
    const char *what, *members, *text;
} unfit[] = {
    { "an unknown column", PATTERN("lat_sys", "s", "(.)"),
      "a.json: collect[0]: unknown column 'lat_sys', did you mean "
      "'lat_sys_s'?" },
    { "a column of labsweep's own", PATTERN("duration_s", "s", "(.)"),
      "is filled by labsweep itself" },
    { "a unit of another kind", PATTERN("lat_sys_s", "W", "(.)"),
      "unit 'W' is no measure of 's'" },
    { "no unit",
      "\"collect\": [{\"column\": \"lat_sys_s\", \"job\": \"j\", "
      "\"pattern\": \"(.)\"}]",
      "\"unit\" must say what unit" },
    { "a unit of a text", PATTERN("kernel", "s", "(.)"),
      "is a text and has no unit" },
    { "no pattern", PATTERN("lat_sys_s", "s", "(("),
      "missing closing parenthesis" },
    { "no path", PATH("lat_sys_s", "s", "a[x]"), "expected an index" },
    { "a list for a column",
      PATTERN_OF("lat_sys_s", "s", "(.)", "\"take\": \"list\""),
      "takes one value, but this is a list" },
    { "no expression",
      "\"derive\": [{\"column\": \"batches\", \"unit\": \"1\", \"value\": \"1 "
      "+\"}]",
      "found no number, name or '('" },
    { "an unknown name",
      "\"derive\": [{\"column\": \"batches\", \"unit\": \"1\", \"value\": "
      "\"batsh * 2\"}]",
      "derive[0]: unknown name 'batsh', did you mean 'batch'?" },
    { "a sum of unlike things",
      "\"collect\": [{\"capture\": \"t\", \"unit\": \"ms\", \"job\": \"j\", "
      "\"path\": \"t\"}], \"derive\": [{\"column\": \"lat_sys_s\", \"unit\": "
      "\"s\", \"value\": \"t + batch\"}]",
      "cannot add or compare 's' and 'a pure number'" },
    { "a result of another dimension",
      "\"collect\": [{\"capture\": \"t\", \"unit\": \"ms\", \"job\": \"j\", "
      "\"path\": \"t\"}], \"derive\": [{\"column\": \"fps_sys\", \"unit\": "
      "\"1/s\", \"value\": \"t * batch\"}]",
      "yields s, but \"unit\" is '1/s'" },
    { "a result in no SI unit",
      "\"collect\": [{\"capture\": \"t\", \"unit\": \"ms\", \"job\": \"j\", "
      "\"path\": \"t\"}], \"derive\": [{\"column\": \"lat_sys_s\", \"unit\": "
      "\"ms\", \"value\": \"t * 2\"}]",
      "values are computed in SI" },
    { "a marker that is no pattern",
      "\"jobs\": [{\"name\": \"j\", \"run\": \"x\", \"start_marker\": \"[\"}]",
      "start_marker" },
};

static void an_adapter_that_does_not_fit_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(unfit); i++) {
        struct adapter *adapter = make_adapter(unfit[i].members);
        struct err err = { 0 };

        if (!collect_check_adapter(adapter, &err))
            fail_msg("%s: was taken", unfit[i].what);
        if (!strstr(err.text, unfit[i].text) ||
            strncmp(err.text, "a.json: ", 8) != 0)
            fail_msg("%s: got '%s', want '%s'", unfit[i].what, err.text,
                     unfit[i].text);
        adapter_destroy(adapter);
    }
}

/* A pattern that takes exponential time on this text, and a flood. */
static void evil_patterns_and_endless_output_end(void **state)
{
    struct attempt_row row;
    struct err err = { 0 };
    struct buf flood = { 0 };

    (void)state;
    for (int i = 0; i < 5000; i++)
        buf_printf(&flood, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ");
    assert_int_equal(read_output(PATTERN("fps_sys", "1/s", "^(?:a|aa)+$"),
                                 buf_text(&flood), "", &row, &err),
                     ERR_FORMAT);
    assert_non_null(strstr(err.text, "gave up: match limit exceeded"));
    buf_clear(&flood);
    for (int i = 0; i < 200000; i++)
        buf_printf(&flood, "{\n[\n");
    assert_int_equal(read_output(PATH("fps_sys", "1/s", "f"), buf_text(&flood),
                                 "", &row, &err),
                     ERR_FORMAT);
    assert_non_null(strstr(err.text, "without an end"));
    buf_free(&flood);
}

static void samples_come_in_si(void **state)
{
    struct adapter *adapter = make_adapter(
        "\"samples\": {\"lat_sys\": {\"job\": \"j\", \"path\": \"s\", "
        "\"unit\": \"us\"}, \"lat_comp\": {\"job\": \"j\", \"path\": "
        "\"q[*].ms\", \"unit\": \"ms\"}}");
    const char *text = "{\"s\": [1, 2.5], \"q\": [{\"ms\": 4}, {\"ms\": 5}]}";
    struct collect_output output = { .job = "j",
                                     .text = { text, "" },
                                     .len = { strlen(text), 0 } };
    struct collector *collector = NULL;
    double *values = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(collector_create(adapter, &collector, NULL), 0);
    assert_int_equal(collector_samples(collector, "lat_sys", &output, 1,
                                       &values, &len, NULL),
                     0);
    assert_int_equal(len, 2);
    assert_true(fabs(values[1] - 2.5e-6) < 1e-18);
    free(values);
    assert_int_equal(collector_samples(collector, "lat_comp", &output, 1,
                                       &values, &len, NULL),
                     0);
    assert_int_equal(len, 2);
    assert_true(fabs(values[0] - 4e-3) < 1e-15);
    free(values);
    collector_destroy(collector);
    adapter_destroy(adapter);
}

static void quoted_keys_reach_names_with_dots(void **state)
{
    struct attempt_row row;
    struct err err = { 0 };

    (void)state;
    if (read_output("\"collect\": [{\"column\": \"fps_comp\", \"unit\": "
                    "\"1/s\", \"job\": \"j\", \"path\": "
                    "\"r[\\\"a.b[images/s]\\\"]\"}]",
                    "{\"r\": {\"a.b[images/s]\": 9}}\n", "", &row, &err))
        fail_msg("%s", err.text);
    assert_true(row.fps_comp == 9);
}

static void the_shipped_adapters_fit(void **state)
{
    static const char *const files[] = { "inventory/adapters/labrunner.json",
                                         "inventory/adapters/command.json" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct adapter *adapter = NULL;
        struct err err = { 0 };
        char text[65536];
        FILE *f = fopen(files[i], "r");
        size_t len;

        assert_non_null(f);
        len = fread(text, 1, sizeof(text), f);
        fclose(f);
        if (adapter_parse(text, len, files[i], "/", &adapter, &err) ||
            collect_check_adapter(adapter, &err))
            fail_msg("%s", err.text);
        adapter_destroy(adapter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tools_print_is_read),
        cmocka_unit_test(what_is_wrong_gives_one_clear_sentence),
        cmocka_unit_test(a_comma_that_the_pattern_takes_is_refused_as_a_number),
        cmocka_unit_test(the_rest_is_read_though_something_is_missing),
        cmocka_unit_test(
            an_adapter_that_does_not_fit_is_refused_with_its_place),
        cmocka_unit_test(evil_patterns_and_endless_output_end),
        cmocka_unit_test(samples_come_in_si),
        cmocka_unit_test(quoted_keys_reach_names_with_dots),
        cmocka_unit_test(the_shipped_adapters_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
