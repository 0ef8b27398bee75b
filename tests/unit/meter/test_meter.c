/* test_meter.c - the door: every driver's row is whole, and two at work
 *
 * Meter "file" polls a tree shaped like sysfs with the real labrunner, over
 * the local transport; a process of this test drives the sensor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/vec.h"
#include "workers/meter/fake.h"
#include "workers/meter/meter_driver.h"

#define METER(name) extern const struct meter_driver meter_##name;
#include "workers/meter/meters.def"
#undef METER

static void every_driver_is_whole(void **state)
{
    static const struct meter_driver *const drivers[] = {
#define METER(name) &meter_##name,
#include "workers/meter/meters.def"
#undef METER
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
        const struct meter_driver *d = drivers[i];

        assert_non_null(d->name);
        assert_true(d->help && strlen(d->help) > 10);
        assert_true(d->period_s > 0);
        assert_true(d->check && d->start && d->stop && d->close);
        assert_true(d->on_board ? d->on_proc != NULL : d->on_fd || d->on_time);
        assert_string_equal(meter_driver_name(i), d->name);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(drivers[k]->name, d->name);
    }
    assert_null(meter_driver_name(ARRAY_LEN(drivers)));
}

static void entries_that_make_no_sense_are_named(void **state)
{
    static const struct board_meter_source volts[] = {
        { .path = "p", .unit = "V", .quantity = "voltage", .factor = 1 }
    };
    static const struct board_meter_source heat[] = {
        { .path = "p", .unit = "degC", .quantity = "temperature", .factor = 1 }
    };
    static const struct {
        struct board_meter config;
        const char *text;
    } rows[] = {
        { { .name = "m", .driver = "fille" },
          "unknown driver 'fille', did you mean 'file'?" },
        { { .name = "m", .driver = "file" }, "has 0 sources" },
        { { .name = "m", .driver = "file", .sources = volts, .sources_len = 1 },
          "has 1 voltages and 0 currents" },
        { { .name = "m", .driver = "file", .sources = heat, .sources_len = 1 },
          "cannot read 'temperature'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = { 0 };

        assert_int_equal(meter_check(&rows[i].config, &err), ERR_USAGE);
        if (!strstr(err.text, rows[i].text) || !strstr(err.text, "meter 'm'"))
            fail_msg("got '%s', want '%s'", err.text, rows[i].text);
    }
}

static void a_meter_reads_where_its_driver_does(void **state)
{
    static const char text[] = "{\"on_board\": false}";
    struct board_meter_source source = {
        .path = "p", .unit = "W", .quantity = "power", .factor = 1
    };
    struct board_meter config = {
        .name = "m", .driver = "file", .sources = &source, .sources_len = 1
    };
    struct json_doc *doc = NULL;
    struct err err;

    (void)state;
    assert_int_equal(json_doc_parse(text, strlen(text), "i", &doc, NULL), 0);
    config.entry = json_root(doc);
    assert_int_equal(meter_check(&config, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "driver 'file' reads on the board"));
    config.driver = "fake";
    assert_int_equal(meter_check(&config, NULL), 0);
    json_doc_destroy(doc);
}

/* Wait for everything a meter wants until it ended or has 'readings'. */
static void pump(struct transport *t, struct meter *m, size_t readings)
{
    int64_t end = clock_mono_ns() + S_TO_NS(30);
    size_t len = 0;

    while (meter_running(m) && len < readings && clock_mono_ns() < end) {
        struct pollfd fds[METER_FDS_MAX];
        int64_t deadline = end;
        struct proc_event ev;
        size_t n = meter_wants(m, fds, &deadline);

        if (t && !transport_wait(t, fds, n, deadline, &ev, NULL) &&
            ev.kind != PROC_FD)
            meter_on_proc(m, &ev);
        else if (!t)
            poll(fds, (nfds_t)n,
                 (int)((deadline - clock_mono_ns()) / 1000000 + 1));
        meter_on_time(m, clock_mono_ns());
        meter_readings(m, &len);
    }
}

static void the_fake_tells_its_wave(void **state)
{
    static const struct board_meter config = { .name = "f",
                                               .driver = "fake",
                                               .period_s = 0.002 };
    struct meter_env env = { 0 };
    struct fake_wave wave;
    const struct power_reading *readings;
    struct meter *m = NULL;
    size_t len;

    (void)state;
    assert_int_equal(fake_wave_parse(&config, &wave, NULL), 0);
    assert_true(fake_wave_at(&wave, 0) == wave.low_w);
    assert_true(fake_wave_at(&wave, S_TO_NS(wave.period_s * 0.75)) ==
                wave.high_w);
    assert_int_equal(meter_open(&config, &env, &m, NULL), 0);
    assert_int_equal(meter_start(m, NULL), 0);
    pump(NULL, m, 100);
    assert_int_equal(meter_stop(m, NULL), 0);
    assert_false(meter_running(m));
    readings = meter_readings(m, &len);
    assert_true(len >= 100);
    for (size_t i = 0; i < len; i++) {
        assert_true(readings[i].power_w ==
                    fake_wave_at(&wave, readings[i].t_ns));
        assert_true(!i || readings[i].t_ns >= readings[i - 1].t_ns);
    }
    meter_close(m);
}

/* ---- file, with the real labrunner */

static char runner[FS_PATH_MAX];

static void write_value(const char *dir, const char *name, int value)
{
    char path[FS_PATH_MAX], text[32];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(text, sizeof(text), "%d\n", value);
    assert_int_equal(fs_write_atomic(path, text, strlen(text), NULL), 0);
}

/* A square wave on in1_input [mV] and curr1_input [mA] (2 V x 1 A, then
 * 2 V x 3 A), 100 ms each, and a constant rail of 500 mW. */
static pid_t start_wave(const char *dir)
{
    pid_t pid;

    write_value(dir, "power1_input", 500000);
    write_value(dir, "in1_input", 2000);
    write_value(dir, "curr1_input", 1000);
    pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0;; i++) {
        write_value(dir, "curr1_input", i % 2 ? 3000 : 1000);
        nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
    }
}

static void end_wave(pid_t wave, const char *dir)
{
    char line[128];

    kill(wave, SIGKILL);
    waitpid(wave, NULL, 0);
    snprintf(line, sizeof(line), "rm -r %s", dir);
    assert_int_equal(system(line), 0);
}

/* Each reading is of the wave's low or of its high, and both were seen. */
static void expect_wave(const struct power_reading *readings, size_t len)
{
    size_t low = 0, high = 0;

    for (size_t i = 0; i < len; i++) {
        bool is_low = fabs(readings[i].power_w - 2.5) < 1e-9;

        assert_true(is_low || fabs(readings[i].power_w - 6.5) < 1e-9);
        low += is_low;
        high += !is_low;
        assert_true(readings[i].t_ns > INT64_C(1600000000) * NS_PER_S);
        assert_true(!i || readings[i].t_ns >= readings[i - 1].t_ns);
    }
    assert_true(low > 5 && high > 5);
}

static void files_are_polled_summed_and_multiplied(void **state)
{
    char dir[] = "/tmp/labsweep-meter-XXXXXX", paths[3][64];
    struct board_meter_source sources[] = {
        { .path = paths[0], .unit = "uW", .quantity = "power", .factor = 1e-6 },
        { .path = paths[1],
          .unit = "mV",
          .quantity = "voltage",
          .factor = 1e-3 },
        { .path = paths[2],
          .unit = "mA",
          .quantity = "current",
          .factor = 1e-3 },
    };
    struct board_meter config = { .name = "rails",
                                  .driver = "file",
                                  .on_board = true,
                                  .period_s = 0.005,
                                  .sources = sources,
                                  .sources_len = 3 };
    struct meter_env env = { .runner = runner };
    struct transport_target target = { .host = "" };
    const struct power_reading *readings;
    struct meter *m = NULL;
    struct err err = { 0 };
    size_t len;
    pid_t wave;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(paths[0], sizeof(paths[0]), "%s/power1_input", dir);
    snprintf(paths[1], sizeof(paths[1]), "%s/in1_input", dir);
    snprintf(paths[2], sizeof(paths[2]), "%s/curr1_input", dir);
    wave = start_wave(dir);
    if (transport_open("local", &target, &env.transport, &err) ||
        meter_open(&config, &env, &m, &err) || meter_start(m, &err))
        fail_msg("%s", err.text);
    pump(env.transport, m, 120);
    assert_int_equal(meter_stop(m, NULL), 0);
    pump(env.transport, m, SIZE_MAX);
    assert_false(meter_running(m));
    assert_string_equal(meter_fault(m), "");
    readings = meter_readings(m, &len);
    assert_true(len >= 120);
    expect_wave(readings, len);
    meter_close(m);
    transport_close(env.transport);
    end_wave(wave, dir);
}

static void a_sampler_that_fails_says_why(void **state)
{
    struct board_meter_source source = { .path = "/nowhere/power1_input",
                                         .unit = "W",
                                         .quantity = "power",
                                         .factor = 1 };
    struct board_meter config = { .name = "r",
                                  .driver = "file",
                                  .period_s = 0.01,
                                  .sources = &source,
                                  .sources_len = 1 };
    struct meter_env env = { .runner = runner };
    struct transport_target target = { .host = "" };
    struct meter *m = NULL;
    struct err err;
    size_t len;

    (void)state;
    assert_int_equal(transport_open("local", &target, &env.transport, NULL), 0);
    assert_int_equal(meter_open(&config, &env, &m, NULL), 0);
    assert_int_equal(meter_start(m, NULL), 0);
    pump(env.transport, m, 1);
    assert_false(meter_running(m));
    assert_non_null(strstr(meter_fault(m), "the sampler ended with status"));
    assert_non_null(strstr(meter_fault(m), "/nowhere/power1_input"));
    meter_readings(m, &len);
    assert_int_equal(len, 0);
    meter_close(m);
    env.runner = "/bin/echo"; /* says something else than a stream */
    assert_int_equal(meter_open(&config, &env, &m, NULL), 0);
    assert_int_equal(meter_start(m, NULL), 0);
    pump(env.transport, m, 1);
    assert_non_null(strstr(meter_fault(m), "does not start with \"LSPW\""));
    meter_close(m);
    transport_close(env.transport);
    env.runner = NULL;
    assert_int_equal(meter_open(&config, &env, &m, NULL), 0);
    assert_int_equal(meter_start(m, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "meter 'r': it needs a labrunner"));
    meter_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_driver_is_whole),
        cmocka_unit_test(entries_that_make_no_sense_are_named),
        cmocka_unit_test(a_meter_reads_where_its_driver_does),
        cmocka_unit_test(the_fake_tells_its_wave),
        cmocka_unit_test(files_are_polled_summed_and_multiplied),
        cmocka_unit_test(a_sampler_that_fails_says_why),
    };

    if (fs_program_dir(runner, sizeof(runner), NULL))
        return 1;
    strcat(runner, "/../bin/labrunner-x86_64");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
