/* test_drivers.c - every instrument's protocol over its real interface */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/vec.h"
#include "tests/unit/meter/emulator.h"
#include "tests/unit/meter/entry.h"
#include "workers/meter/meter_driver.h"

/* A reading may be of any instant within 'slack_s' of its time. */
static bool fits(const struct power_reading *r, double scale, double slack_s,
                 double plus)
{
    for (int i = -8; i <= 8; i++) {
        int64_t at = r->t_ns + S_TO_NS(slack_s * i / 8);

        if (fabs(r->power_w - fake_wave_at(&emulator_wave, at) * scale - plus) <
            0.02)
            return true;
    }
    return false;
}

/* Open, sample, and hold every reading against the wave at its time. */
static void expect_wave(struct entry *e, size_t wanted, double plus)
{
    const struct power_reading *readings;
    struct meter_env env = { 0 };
    struct meter *m = NULL;
    struct err err = { 0 };
    size_t len, low = 0, high = 0;

    if (meter_open(&e->config, &env, &m, &err) || meter_start(m, &err))
        fail_msg("%s: %s", e->config.driver, err.text);
    entry_pump(m, wanted);
    assert_string_equal(meter_fault(m), "");
    readings = meter_readings(m, &len);
    assert_true(len >= wanted);
    for (size_t i = 0; i < len; i++) {
        if (!fits(&readings[i], 1, meter_clock_bound_s(m) + 0.002, plus))
            fail_msg("%s: %g W at %lld", e->config.driver, readings[i].power_w,
                     (long long)readings[i].t_ns);
        low += readings[i].power_w < 3.5 + plus;
        high += readings[i].power_w > 3.5 + plus;
        assert_true(!i || readings[i].t_ns > readings[i - 1].t_ns);
    }
    assert_true(low && high);
    assert_true(meter_clock_bound_s(m) > 0);
    assert_int_equal(meter_stop(m, NULL), 0);
    assert_false(meter_running(m));
    meter_close(m);
    json_doc_destroy(e->doc);
}

/* ---- SCPI */

static void keysight(const char *line, char *answer, size_t size)
{
    if (!strcmp(line, "*IDN?"))
        snprintf(answer, size, "Agilent Technologies,N6705B,MY1,D.01.08\n");
    else if (!strcmp(line, "MEAS:VOLT? (@3)"))
        snprintf(answer, size, "+5.00000E+00\n");
    else if (!strcmp(line, "MEAS:CURR? (@3)"))
        snprintf(answer, size, "%+.5E\n", emulator_power() / 5);
}

static void siglent(const char *line, char *answer, size_t size)
{
    if (!strcmp(line, "*IDN?"))
        snprintf(answer, size, "Siglent Technologies,SPD3303X,SPD1,1.01\n");
    else if (!strcmp(line, "MEASure:POWEr? CH2"))
        snprintf(answer, size, "%.3f\n", emulator_power());
}

static void rigol(const char *line, char *answer, size_t size)
{
    if (!strcmp(line, "*IDN?"))
        snprintf(answer, size, "RIGOL TECHNOLOGIES,DP832,DP8C1,00.01.14\n");
    else if (!strcmp(line, ":MEAS:ALL? CH1"))
        snprintf(answer, size, "5.0000,%.4f,%.3f\n", emulator_power() / 5,
                 emulator_power());
}

static void rohde(const char *line, char *answer, size_t size)
{
    if (!strcmp(line, "*IDN?"))
        snprintf(answer, size, "Rohde&Schwarz,NGE103B,1,1.52\n");
    else if (!strcmp(line, "INST:NSEL 1;:MEAS:POW?"))
        snprintf(answer, size, "%.4f\n", emulator_power());
}

static void yokogawa(const char *line, char *answer, size_t size)
{
    if (!strcmp(line, "*IDN?"))
        snprintf(answer, size, "YOKOGAWA,WT310E,C3,F1.04\n");
    else if (!strcmp(line, ":NUMERIC:NORMAL:VALUE? 13"))
        snprintf(answer, size, "%.5E\n", emulator_power());
}

static void every_bench_instrument_is_read(void **state)
{
    static const struct {
        emulator_answer *answer;
        const char *profile;
        int channel;
        bool terminal; /* as a /dev/usbtmc is read */
    } rows[] = {
        { keysight, "keysight", 3, false }, { siglent, "siglent", 2, false },
        { rigol, "rigol", 1, false },       { rohde, "rohde", 1, false },
        { yokogawa, "yokogawa", 2, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct emulator emulator;
        struct entry e;
        char options[256];

        assert_true(rows[i].terminal
                        ? emulator_terminal(rows[i].answer, &emulator)
                        : emulator_lines(rows[i].answer, &emulator));
        snprintf(options, sizeof(options),
                 "{\"address\":\"%s\",\"profile\":\"%s\",\"channel\":%d}",
                 emulator.address, rows[i].profile, rows[i].channel);
        entry_make(&e, "scpi", 0.03, options);
        expect_wave(&e, 60, 0);
        emulator_end(&emulator);
    }
}

/* What start or sampling says against an entry. */
static void expect_words(const char *driver, const char *options,
                         const char *words)
{
    struct meter_env env = { 0 };
    struct meter *m = NULL;
    struct err err = { 0 };
    struct entry e;
    int rc;

    entry_make(&e, driver, 0.02, options);
    rc = meter_open(&e.config, &env, &m, &err);
    if (!rc)
        rc = meter_start(m, &err);
    if (!rc) {
        entry_pump(m, SIZE_MAX);
        snprintf(err.text, sizeof(err.text), "%s", meter_fault(m));
    }
    if (!strstr(err.text, words))
        fail_msg("%s %s: got '%s', want '%s'", driver, options, err.text,
                 words);
    meter_close(m);
    json_doc_destroy(e.doc);
}

static void mute(const char *line, char *answer, size_t size)
{
    if (!strcmp(line, "*IDN?"))
        snprintf(answer, size, "RIGOL TECHNOLOGIES,DP832,1,1\n");
    else
        snprintf(answer, size, "9.91E37,9.91E37,9.91E37\n");
}

static void instruments_that_do_not_fit_are_named(void **state)
{
    struct emulator emulator;
    char options[256];

    (void)state;
    assert_true(emulator_lines(mute, &emulator));
    snprintf(options, sizeof(options),
             "{\"address\":\"%s\",\"profile\":\"keysight\"}", emulator.address);
    expect_words("scpi", options, "which is not of profile 'keysight'");
    snprintf(options, sizeof(options),
             "{\"address\":\"%s\",\"profile\":\"rigol\"}", emulator.address);
    expect_words("scpi", options, "it says that it has no reading");
    emulator_end(&emulator);
    expect_words("scpi", options, "refused");
    expect_words("scpi", "{\"address\":\"h\",\"profile\":\"rigoll\"}",
                 "did you mean 'rigol'?");
    expect_words("scpi", "{\"address\":\"h\",\"profile\":\"yokogawa\"}",
                 "VXI-11");
    expect_words("scpi", "{}", "options need \"address\"");
    expect_words("um", "{\"address\":\"/dev/null\"}", "period 0.02 s");
    expect_words("http", "{\"url\":\"ftp://x\"}", "expected http://");
    expect_words("http", "{\"url\":\"http://x\",\"profile\":\"shelly3\"}",
                 "did you mean 'shelly");
    expect_words("replay", "{\"file\":\"/nowhere\"}", "/nowhere");
    expect_words("snmp", "{\"address\":\"127.0.0.1:1\",\"profile\":\"acp\"}",
                 "unknown profile 'acp'");
    expect_words("lines", "{\"tool\":\"tegrastat\"}",
                 "did you mean 'tegrastats'?");
}

/* ---- the others */

static void usb_inline_meters_are_read(void **state)
{
    static const uint16_t models[] = { 0x0963, 0x09c9, 0x0d4c };
    struct emulator emulator;
    struct entry e;
    char options[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        assert_true(emulator_um(models[i], false, &emulator));
        snprintf(options, sizeof(options), "{\"address\":\"%s\"}",
                 emulator.address);
        entry_make(&e, "um", 0.5, options);
        expect_wave(&e, 5, 0);
        emulator_end(&emulator);
    }
}

static void ptdaemon(const char *line, char *answer, size_t size)
{
    static int64_t started;
    int64_t now = clock_unix_ns();
    int64_t sample = started + (now - started) / 100000000 * 100000000;

    if (!strcmp(line, "Hello")) {
        snprintf(answer, size, "Hello, PTDaemon here!\r\n");
    } else if (!strncmp(line, "SR,", 3)) {
        snprintf(answer, size, "Range A changed\r\n");
    } else if (!strcmp(line, "Go,100,0,labsweep")) {
        started = now;
        snprintf(answer, size,
                 "Starting untimed measurement, maximum 500000 samples at "
                 "100ms with 0 rampup samples\r\n");
    } else if (!strcmp(line, "RL") && sample == started) {
        snprintf(answer, size, "Last 0 samples\r\n");
    } else if (!strcmp(line, "RL")) {
        snprintf(answer, size,
                 "Last 1 samples\r\nTime,28-12-2020 15:21:%02d.%03d,Watts,%f,"
                 "Volts,228.570000,Amps,0.206430,PF,0.486400,Mark,labsweep\r\n",
                 (int)(sample / NS_PER_S % 60), (int)(sample / 1000000 % 1000),
                 fake_wave_at(&emulator_wave, sample));
    }
}

static void ptdaemon_is_asked_and_samples_are_kept_once(void **state)
{
    struct emulator emulator;
    struct entry e;
    char options[256];

    (void)state;
    assert_true(emulator_lines(ptdaemon, &emulator));
    snprintf(options, sizeof(options),
             "{\"address\":\"%s\",\"volts\":\"300\",\"amps\":\"Auto\"}",
             emulator.address);
    entry_make(&e, "ptd", 0.1, options);
    expect_wave(&e, 20, 0);
    emulator_end(&emulator);
}

static void plugs_are_read_by_their_profiles(void **state)
{
    static const char *const rows[] = { "\",\"profile\":\"shelly2\"}",
                                        "\",\"profile\":\"shelly1\"}",
                                        "\",\"profile\":\"tasmota\"}",
                                        "\",\"profile\":\"esphome\","
                                        "\"sensor\":\"watts\"}" };
    struct emulator emulator;
    struct entry e;
    char options[256];

    (void)state;
    assert_true(emulator_http(&emulator));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(options, sizeof(options), "{\"url\":\"http://%s%s",
                 emulator.address, rows[i]);
        entry_make(&e, "http", 0.05, options);
        expect_wave(&e, 30, 0);
    }
    snprintf(options, sizeof(options), "{\"url\":\"http://%s/mw\"}",
             emulator.address);
    entry_make(&e, "http", 0.05, options); /* any path, two rails in mW */
    entry_source(&e, "[0].rails.a", "power", 1e-3);
    entry_source(&e, "[0].rails.b", "power", 1e-3);
    expect_wave(&e, 30, 0.5);
    snprintf(options, sizeof(options),
             "{\"url\":\"http://%s/nothing\",\"profile\":\"shelly2\"}",
             emulator.address);
    expect_words("http", options, "HTTP response code said error");
    emulator_end(&emulator);
}

static void plugs_switch_their_outlets(void **state)
{
    static const char *const rows[] = { "shelly2", "shelly1", "tasmota",
                                        "esphome" };
    struct emulator emulator;
    struct meter_env env = { 0 };
    struct err err = { 0 };
    struct entry e;
    char options[256];
    size_t len;

    (void)state;
    assert_true(emulator_http(&emulator));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct meter *m = NULL;

        snprintf(options, sizeof(options),
                 "{\"url\":\"http://%s\",\"profile\":\"%s\",\"sensor\":"
                 "\"watts\"}",
                 emulator.address, rows[i]);
        entry_make(&e, "http", 0.05, options);
        if (meter_power(&e.config, false, &err))
            fail_msg("%s: %s", rows[i], err.text);
        assert_int_equal(meter_open(&e.config, &env, &m, NULL), 0);
        assert_int_equal(meter_start(m, NULL), 0);
        entry_pump(m, 1);
        assert_true(meter_readings(m, &len)[0].power_w == 0);
        meter_close(m);
        assert_int_equal(meter_power(&e.config, true, NULL), 0);
        json_doc_destroy(e.doc);
    }
    entry_make(&e, "um", 0.5, "{\"address\":\"/dev/null\"}");
    assert_int_equal(meter_power(&e.config, true, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "has no outlet"));
    json_doc_destroy(e.doc);
    emulator_end(&emulator);
}

/* snmpd takes a while to stand; then it answers. */
static void wait_for_snmpd(const char *options)
{
    for (int i = 0; i < 30; i++) {
        struct meter_env env = { 0 };
        struct meter *m = NULL;
        struct entry e;
        size_t len;
        bool there;

        entry_make(&e, "snmp", 0.1, options);
        assert_int_equal(meter_open(&e.config, &env, &m, NULL), 0);
        assert_int_equal(meter_start(m, NULL), 0);
        entry_pump(m, 1);
        meter_readings(m, &len);
        there = len && !isnan(meter_readings(m, &len)[0].power_w);
        meter_close(m);
        json_doc_destroy(e.doc);
        if (there)
            return;
    }
    fail_msg("snmpd does not answer");
}

/* Off, then on, as the unit's own numbers tell. */
static void expect_switched(struct entry *e, const char *dir, char off)
{
    for (int on = 0; on < 2; on++) {
        char path[128], text[8] = "";
        struct err err;
        FILE *file;

        if (meter_power(&e->config, on, &err))
            fail_msg("%s", err.text);
        snprintf(path, sizeof(path), "%s/outlet", dir);
        file = fopen(path, "r");
        assert_non_null(file);
        assert_non_null(fgets(text, sizeof(text), file));
        fclose(file);
        assert_int_equal(text[0], on ? '1' : off);
    }
}

static void outlets_are_read_and_switched_by_snmp(void **state)
{
    static const struct {
        const char *profile;
        int outlet;
        char off;
    } rows[] = { { "apc", 1, '2' }, { "raritan", 3, '0' } };
    struct emulator emulator;
    struct entry e;
    char options[400];

    (void)state;
    if (!emulator_snmp(&emulator))
        skip();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(options, sizeof(options),
                 "{\"address\":\"%s\",\"profile\":\"%s\",\"outlet\":%d,"
                 "\"community_file\":\"%s/community\"}",
                 emulator.address, rows[i].profile, rows[i].outlet,
                 emulator.dir);
        wait_for_snmpd(options);
        entry_make(&e, "snmp", 0.05, options);
        expect_switched(&e, emulator.dir, rows[i].off);
        expect_wave(&e, 30, 0);
    }
    snprintf(options, sizeof(options),
             "{\"address\":\"%s\",\"profile\":\"apc\",\"outlet\":2}",
             emulator.address);
    expect_words("snmp", options, "it has no such outlet");
    emulator_end(&emulator);
}

/* A text that is a number is power; -1 and words are none. */
static void any_oid_is_read_by_snmp(void **state)
{
    static const char *const none[] = { ".1.3.6.1.4.1.318.9.2",
                                        ".1.3.6.1.4.1.318.9.3" };
    struct emulator emulator;
    struct meter_env env = { 0 };
    struct entry e;
    char options[400];
    size_t len;

    (void)state;
    if (!emulator_snmp(&emulator))
        skip();
    snprintf(options, sizeof(options),
             "{\"address\":\"%s\",\"profile\":\"apc\",\"outlet\":1}",
             emulator.address);
    wait_for_snmpd(options);
    snprintf(options, sizeof(options), "{\"address\":\"%s\"}",
             emulator.address);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        struct meter *m = NULL;

        entry_make(&e, "snmp", 0.02, options);
        entry_source(&e, none[i], "power", 1);
        assert_int_equal(meter_open(&e.config, &env, &m, NULL), 0);
        assert_int_equal(meter_start(m, NULL), 0);
        entry_pump(m, SIZE_MAX);
        meter_readings(m, &len);
        assert_int_equal(len, 5);
        for (size_t k = 0; k < len; k++)
            assert_true(isnan(meter_readings(m, &len)[k].power_w));
        meter_close(m);
        json_doc_destroy(e.doc);
    }
    entry_make(&e, "snmp", 0.05, options);
    entry_source(&e, ".1.3.6.1.4.1.318.9.1", "power", 1);
    expect_wave(&e, 30, 0);
    emulator_end(&emulator);
}

static void sources_that_are_no_oid_are_named(void **state)
{
    static const struct {
        const char *path, *quantity, *words;
    } rows[] = {
        { "sysUpTime.0", "power", "'sysUpTime.0' is no numeric OID" },
        { ".1.3..6", "power", "is no numeric OID" },
        { ".1.3.6.1", "voltage", "found quantity 'voltage'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct entry e;
        struct err err;

        entry_make(&e, "snmp", 1, "{\"address\":\"127.0.0.1\"}");
        entry_source(&e, rows[i].path, rows[i].quantity, 1);
        assert_int_equal(meter_check(&e.config, &err), ERR_USAGE);
        if (!strstr(err.text, rows[i].words))
            fail_msg("got '%s', want '%s'", err.text, rows[i].words);
        json_doc_destroy(e.doc);
    }
}

static void a_recording_is_replayed_at_its_pace(void **state)
{
    static const char text[] = "time_s,power_w\n10.0,2\n10.05,3\n10.1,\n"
                               "10.15,5\n";
    static const double expected[] = { 2, 3, NAN, 5 };
    char path[] = "/tmp/labsweep-replay-XXXXXX", options[128];
    const struct power_reading *r;
    struct meter_env env = { 0 };
    struct meter *m = NULL;
    struct entry e;
    size_t len;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    snprintf(options, sizeof(options), "{\"file\":\"%s\"}", path);
    entry_make(&e, "replay", 0.05, options);
    assert_int_equal(meter_open(&e.config, &env, &m, NULL), 0);
    assert_true(meter_invented(m));
    assert_int_equal(meter_start(m, NULL), 0);
    entry_pump(m, 8);
    r = meter_readings(m, &len);
    assert_true(len >= 8);
    for (size_t i = 0; i < 8; i++) {
        double want = expected[i % 4];

        assert_true(isnan(want) ? isnan(r[i].power_w) : r[i].power_w == want);
        assert_true(!i ||
                    llabs(r[i].t_ns - r[i - 1].t_ns - 50000000) < 1000000);
    }
    meter_close(m);
    json_doc_destroy(e.doc);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bench_instrument_is_read),
        cmocka_unit_test(instruments_that_do_not_fit_are_named),
        cmocka_unit_test(usb_inline_meters_are_read),
        cmocka_unit_test(ptdaemon_is_asked_and_samples_are_kept_once),
        cmocka_unit_test(plugs_are_read_by_their_profiles),
        cmocka_unit_test(plugs_switch_their_outlets),
        cmocka_unit_test(outlets_are_read_and_switched_by_snmp),
        cmocka_unit_test(any_oid_is_read_by_snmp),
        cmocka_unit_test(sources_that_are_no_oid_are_named),
        cmocka_unit_test(a_recording_is_replayed_at_its_pace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
