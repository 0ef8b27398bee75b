/* test_lane_health.c - temperature, clock and time beside any tool */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "core/vec.h"
#include "tests/unit/workers/lane_bench.h"
#include "workers/lane_health.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"matrix\": [{\"platform\": [\"P\"]}], "
    "\"measure\": {\"min_time\": \"0.1 s\", \"max_time\": \"1 s\", "
    "\"total_limit\": \"20 s\"}}";

/* The job heats its board. */
static const char adapter[] =
    "{\"adapter\": \"c\", \"jobs\": [{\"name\": \"measure\", \"run\": \"sleep "
    "0.2; echo 61500 > {param.dir}/class/thermal/thermal_zone1/temp; echo 5 > "
    "{param.dir}/devices/system/cpu/cpu1/thermal_throttle/"
    "core_throttle_count; echo 900000 > "
    "{param.dir}/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq\"}]}";

static const char tree[] =
    "cd %s && mkdir -p class/thermal/thermal_zone0 class/thermal/thermal_zone1 "
    "devices/system/cpu/cpu0/cpufreq devices/system/cpu/cpu0/thermal_throttle "
    "devices/system/cpu/cpu1/thermal_throttle && "
    "echo 44000 >class/thermal/thermal_zone0/temp && "
    "echo 45500 >class/thermal/thermal_zone1/temp && "
    "echo 1200000 >devices/system/cpu/cpu0/cpufreq/scaling_cur_freq && "
    "echo 2 >devices/system/cpu/cpu0/thermal_throttle/core_throttle_count && "
    "echo 3 >devices/system/cpu/cpu1/thermal_throttle/core_throttle_count";

static void load(struct bench *b, const char *meters)
{
    char text[2048];

    bench_prepare(b);
    snprintf(text, sizeof(text), tree, b->dir);
    assert_int_equal(system(text), 0);
    assert_int_equal(setenv("LABSWEEP_SYSFS", b->dir, 1), 0);
    bench_add(b, "experiment", "e.json", experiment);
    snprintf(text, sizeof(text),
             "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"CPU\", "
             "\"engine\": \"batched\", \"weights\": \"dram\", "
             "\"activations\": \"dram\"}}, \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": "
             "\"c\", \"parameters\": {\"dir\": \"%s\"}%s}]}",
             b->dir, meters);
    bench_add(b, "inventory", "i.json", text);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    bench_open(b);
}

static const char meter[] =
    ", \"meters\": [{\"name\": \"m\", \"driver\": \"fake\", \"scope\": "
    "\"board\", \"primary\": true, \"on_board\": false, \"sources\": "
    "[{\"path\": "
    "\"wave\", \"unit\": \"W\"}], \"period\": \"10 ms\", \"idle\": "
    "\"0.1 s\"}]";

static void a_cell_with_a_meter_is_looked_at(void **state)
{
    static struct bench b;
    const struct attempt_row *row;
    struct seen *s;

    (void)state;
    load(&b, meter);
    s = bench_run(&b, 0);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    row = &s->result.attempt;
    assert_true(row->temp_before_degc == 45.5);
    assert_true(row->temp_after_degc == 61.5);
    assert_true(row->freq_before_hz == 1.2e9);
    assert_true(row->freq_after_hz == 0.9e9);
    assert_int_equal(row->throttle_events, 2);
    assert_int_equal(row->noisy, 1);
    assert_string_equal(row->noisy_reason.s, "throttled 2 times");
    /* one machine, one clock: the bound must hold, and be of use */
    assert_true(row->board_clock_bound_s < 1);
    assert_true(fabs(row->board_clock_offset_s) <= row->board_clock_bound_s);
    s = bench_run(&b, 0); /* the same processes answer again */
    assert_int_equal(s->status, STATUS_OK);
    assert_true(s->result.attempt.temp_before_degc == 61.5);
    assert_int_equal(s->result.attempt.throttle_events, 0);
    bench_close(&b);
}

static void a_plain_cell_costs_no_look(void **state)
{
    static struct bench b;
    struct seen *s;

    (void)state;
    load(&b, "");
    s = bench_run(&b, 0);
    assert_int_equal(s->status, STATUS_OK);
    assert_true(isnan(s->result.attempt.temp_before_degc));
    assert_true(isnan(s->result.attempt.board_clock_offset_s));
    bench_close(&b);
}

static const struct {
    const char *text;
    double temp_degc, freq_hz, throttles;
} looks[] = {
    { "", NAN, NAN, NAN },
    { "t 45000\nt 39000\nf 600000\nc 1\nc 2\n", 45, 6e8, 3 },
    { "t 999999\nt x\nf -1\nc -1\nq 1\nt", NAN, NAN, NAN },
    { "t 1e99\nf 99999999999999999999999999\nc 0", NAN, NAN, 0 },
};

static bool same(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

static void looks_are_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        struct health_look look =
            lane_health_parse(looks[i].text, strlen(looks[i].text));

        if (!same(look.temp_degc, looks[i].temp_degc) ||
            !same(look.freq_hz, looks[i].freq_hz) ||
            !same(look.throttles, looks[i].throttles))
            fail_msg("%s: %g %g %g", looks[i].text, look.temp_degc,
                     look.freq_hz, look.throttles);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_with_a_meter_is_looked_at),
        cmocka_unit_test(a_plain_cell_costs_no_look),
        cmocka_unit_test(looks_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
