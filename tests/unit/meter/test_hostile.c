/* test_hostile.c - instruments that lie, dawdle, flood, and go away */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/vec.h"
#include "tests/unit/meter/emulator.h"
#include "tests/unit/meter/entry.h"
#include "workers/meter/meter_driver.h"

/* What a server says; it is a fork of the test and knows it. */
static const char *said;
static size_t said_len;

static void sleep_ms(int ms)
{
    struct timespec span = { ms / 1000, ms % 1000 * 1000000L };

    nanosleep(&span, NULL);
}

/* The next line that is asked, without its end; false at the end. */
static bool next_line(int fd, char line[256])
{
    size_t len = 0;
    char c;

    while (read(fd, &c, 1) == 1) {
        if (c == '\n') {
            line[len] = 0;
            line[strcspn(line, "\r")] = 0;
            return true;
        }
        line[len] = c;
        len += len < 254;
    }
    return false;
}

static bool put(int fd, const char *text, size_t len)
{
    return write(fd, text, len) == (ssize_t)len;
}

/* Begin to sample by a driver and its profile ("": it has none). */
static struct meter *start(struct entry *e, const char *driver,
                           const char *profile, const struct emulator *emulator,
                           double period_s)
{
    bool is_http = !strcmp(driver, "http");
    struct meter_env env = { 0 };
    struct meter *m = NULL;
    struct err err = { 0 };
    char options[256];

    snprintf(options, sizeof(options), "{\"%s\":\"%s%s\"%s%s%s}",
             is_http ? "url" : "address", is_http ? "http://" : "",
             emulator->address, *profile ? ",\"profile\":\"" : "", profile,
             *profile ? "\"" : "");
    entry_make(e, driver, period_s, options);
    if (meter_open(&e->config, &env, &m, &err) || meter_start(m, &err))
        fail_msg("%s: %s", driver, err.text);
    return m;
}

static void end(struct entry *e, struct meter *m, struct emulator *emulator)
{
    meter_close(m);
    json_doc_destroy(e->doc);
    emulator_end(emulator);
}

/* It fell silent, says so in plain words, and nothing it said is power. */
static void expect_nothing(struct meter *m, const char *words)
{
    const struct power_reading *r;
    size_t len;

    entry_pump(m, SIZE_MAX);
    assert_false(meter_running(m));
    r = meter_readings(m, &len);
    for (size_t i = 0; i < len; i++)
        if (!isnan(r[i].power_w))
            fail_msg("%g W was taken for power", r[i].power_w);
    if (!strstr(meter_fault(m), words))
        fail_msg("got '%s', want '%s'", meter_fault(m), words);
    for (const char *c = meter_fault(m); *c; c++)
        assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

/* An instrument that does so is read as nothing, and given up with 'words'. */
static void comes_to_nothing(emulator_serve *serve, const char *driver,
                             const char *profile, const char *words)
{
    struct emulator emulator;
    struct entry e;
    struct meter *m;

    assert_true(emulator_raw(serve, &emulator));
    m = start(&e, driver, profile, &emulator, 0.02);
    expect_nothing(m, words);
    end(&e, m, &emulator);
}

static void identify(int fd, const char *line)
{
    if (!strcmp(line, "*IDN?"))
        (void)put(fd, "X,Y,1,1\n", 8);
}

static void say_it(int fd, size_t n)
{
    char line[256];

    (void)n;
    while (next_line(fd, line)) {
        identify(fd, line);
        if (line[0] != '*' && !put(fd, said, said_len))
            return;
    }
}

static void answers_that_are_no_power_are_missed(void **state)
{
    static const char wide[] = "\xef\xbc\x94.2\n", zero[] = "4\0002\n";
    static const char colour[] = "\x1b[31mERROR\x1b[0m\xff\xfe\n";
    static char digits[3000];
    const struct {
        const char *text;
        size_t len;
    } rows[] = {
        { "NAN\n", 4 },     { "inf\n", 4 },
        { "-1e999\n", 7 },  { "\n", 1 },
        { "4550 Hz\n", 8 }, { wide, sizeof(wide) - 1 },
        { zero, 4 },        { colour, sizeof(colour) - 1 },
        { digits, 3000 },
    };

    (void)state;
    memset(digits, '9', sizeof(digits));
    digits[2999] = '\n';
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        said = rows[i].text;
        said_len = rows[i].len;
        comes_to_nothing(say_it, "scpi", "generic", "5 rounds in a row failed");
    }
}

/* Bytes without a line's end, as long as anybody takes them. */
static void flood(int fd, size_t n)
{
    static char noise[1 << 16];
    char line[256];

    (void)n;
    memset(noise, 'x', sizeof(noise));
    while (next_line(fd, line)) {
        identify(fd, line);
        while (line[0] != '*' && put(fd, noise, sizeof(noise)))
            ;
    }
}

static void an_answer_without_end_is_cut(void **state)
{
    (void)state;
    comes_to_nothing(flood, "scpi", "generic", "5 rounds in a row failed");
}

/* Answers with the number of the question, to the fifth after its limit. */
static void dawdle(int fd, size_t n)
{
    char line[256], answer[32];
    int question = 0;

    (void)n;
    while (next_line(fd, line)) {
        identify(fd, line);
        if (line[0] == '*')
            continue;
        if (++question == 5)
            sleep_ms(2300);
        snprintf(answer, sizeof(answer), "%d\n", question);
        if (!put(fd, answer, strlen(answer)))
            return;
    }
}

static void a_late_answer_is_not_taken_for_the_next_ones(void **state)
{
    static const double wanted[] = { 1, 2, 3, 4, NAN, 6, 7, 8 };
    const struct power_reading *r;
    struct emulator emulator;
    struct entry e;
    struct meter *m;
    size_t len;

    (void)state;
    assert_true(emulator_raw(dawdle, &emulator));
    m = start(&e, "scpi", "generic", &emulator, 0.05);
    entry_pump(m, ARRAY_LEN(wanted));
    r = meter_readings(m, &len);
    assert_int_equal(len, ARRAY_LEN(wanted));
    for (size_t i = 0; i < len; i++)
        if (isnan(wanted[i]) ? !isnan(r[i].power_w) : r[i].power_w != wanted[i])
            fail_msg("reading %zu is %g, want %g", i, r[i].power_w, wanted[i]);
    end(&e, m, &emulator);
}

/* A byte now and then: never whole within the limit. */
static void drip(int fd, size_t n)
{
    char line[256];

    (void)n;
    while (next_line(fd, line)) {
        identify(fd, line);
        while (line[0] != '*' && put(fd, "4", 1))
            sleep_ms(100);
    }
}

static void a_dripping_answer_is_missed(void **state)
{
    struct emulator emulator;
    struct entry e;
    struct meter *m;
    size_t len;

    (void)state;
    assert_true(emulator_raw(drip, &emulator));
    m = start(&e, "scpi", "generic", &emulator, 0.05);
    entry_pump(m, 1);
    assert_true(isnan(meter_readings(m, &len)[0].power_w));
    end(&e, m, &emulator);
}

/* Three answers, half of one, and gone. */
static void go_away(int fd, size_t n)
{
    char line[256];
    int answers = 0;

    (void)n;
    while (next_line(fd, line)) {
        identify(fd, line);
        if (line[0] == '*')
            continue;
        if (answers++ == 3) {
            (void)put(fd, "4.", 2);
            return;
        }
        (void)put(fd, "4.25\n", 5);
    }
}

static void an_instrument_that_goes_away_is_named(void **state)
{
    struct emulator emulator;
    struct entry e;
    struct meter *m;
    size_t len;

    (void)state;
    assert_true(emulator_raw(go_away, &emulator));
    m = start(&e, "scpi", "generic", &emulator, 0.02);
    entry_pump(m, SIZE_MAX);
    assert_string_equal(meter_fault(m), "it hung up");
    meter_readings(m, &len);
    assert_int_equal(len, 3); /* half an answer is none */
    end(&e, m, &emulator);
}

/* ---- frames */

static void frames_out_of_step_are_missed_and_found_again(void **state)
{
    static const bool there[] = { true, true, false, false, true, true };
    const struct power_reading *r;
    struct emulator emulator;
    struct entry e;
    struct meter *m;
    size_t len;

    (void)state;
    assert_true(emulator_um(0x09c9, true, &emulator));
    m = start(&e, "um", "", &emulator, 0.4);
    entry_pump(m, ARRAY_LEN(there));
    r = meter_readings(m, &len);
    assert_int_equal(len, ARRAY_LEN(there));
    for (size_t i = 0; i < len; i++)
        if (isnan(r[i].power_w) == there[i] ||
            (there[i] && fabs(r[i].power_w - 2) > 0.01 &&
             fabs(r[i].power_w - 5) > 0.01))
            fail_msg("reading %zu is %g", i, r[i].power_w);
    end(&e, m, &emulator);
}

/* ---- PTDaemon: -1 for no reading, a channel of its own, and an error */

static void ptd_says(const char *line, char *answer, size_t size)
{
    static int asked;
    static const char *const samples[] = {
        "Last 2 samples\r\nTime,28-12-2020 15:21:14.682,Watts,9,PF,0.4\r\n"
        "Time,12-28-2020 15:21:15.682,Watts,22.950000,Volts,228.57\r\n",
        "Last 1 samples\r\nTime,28-12-2020 15:21:16.682,Watts,-1.0\r\n",
        "Last 1 samples\r\nTime,28-12-2020 15:21:16.682,Watts,1e308x\r\n",
        "Last 0 samples\r\n",
        "Error: analyzer lost\x1b[2J\r\n",
    };

    if (!strcmp(line, "Hello"))
        snprintf(answer, size, "Hello, PTDaemon here!\r\n");
    else if (!strncmp(line, "Go,", 3))
        snprintf(answer, size,
                 "Starting untimed measurement, maximum 500000 "
                 "samples at 100ms with 0 rampup samples\r\n");
    else if (!strcmp(line, "RL"))
        snprintf(answer, size, "%s", samples[asked < 4 ? asked : 4]), asked++;
}

static void a_daemon_that_lost_its_meter_is_named(void **state)
{
    const struct power_reading *r;
    struct emulator emulator;
    struct entry e;
    struct meter *m;
    size_t len;

    (void)state;
    assert_true(emulator_lines(ptd_says, &emulator));
    m = start(&e, "ptd", "", &emulator, 0.1);
    entry_pump(m, SIZE_MAX);
    assert_non_null(strstr(meter_fault(m), "'Error: analyzer lost"));
    assert_null(strchr(meter_fault(m), 0x1b));
    r = meter_readings(m, &len);
    assert_true(r[0].power_w == 22.95); /* the newest of two */
    for (size_t i = 1; i < len; i++)
        assert_true(isnan(r[i].power_w));
    end(&e, m, &emulator);
}

/* ---- HTTP */

static void serve_body(int fd, size_t n)
{
    char request[2048];

    (void)n;
    if (read(fd, request, sizeof(request)) > 0)
        (void)put(fd, said, said_len);
}

#define OK "HTTP/1.1 200 OK\r\n"

static void bodies_that_are_no_power_are_missed(void **state)
{
    static char deep[20000];
    const char *const rows[] = {
        OK "Content-Length: 100\r\n\r\n{\"apower\":4",
        OK "Content-Length: 15\r\n\r\n{\"apower\": NaN}",
        OK "Content-Length: 17\r\n\r\n{\"apower\": 1e999}",
        OK "Content-Length: 17\r\n\r\n{\"apower\": \"4 W\"}",
        OK "Content-Length: 15\r\n\r\n{\"apower\":[4.0]}",
        OK "Content-Length: 7\r\n\r\n\x89PNG\r\n\x1a",
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n"
        "Content-Length: 0\r\n\r\n",
        "220 smtp.example ESMTP\r\n",
        "",
        deep,
    };
    size_t head = (size_t)snprintf(deep, sizeof(deep), OK "\r\n");

    (void)state;
    memset(deep + head, '[', sizeof(deep) - head - 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        said = rows[i];
        said_len = strlen(said);
        comes_to_nothing(serve_body, "http", "shelly2",
                         "5 answers in a row were none");
    }
}

static void stream_body(int fd, size_t n)
{
    static char noise[1 << 16];
    char request[2048];

    (void)n;
    memset(noise, ' ', sizeof(noise));
    if (read(fd, request, sizeof(request)) > 0 &&
        put(fd, OK "\r\n", strlen(OK "\r\n")))
        while (put(fd, noise, sizeof(noise)))
            ;
}

static void a_body_without_end_is_cut(void **state)
{
    (void)state;
    comes_to_nothing(stream_body, "http", "tasmota",
                     "5 answers in a row were none");
}

/* ---- clocks */

static void readings_end_where_the_workers_clock_is_set(void **state)
{
    struct meter_env env = { 0 };
    struct meter *m = NULL;
    struct entry e;
    size_t before, after;

    (void)state;
    entry_make(&e, "fake", 0.002, "{}");
    assert_int_equal(meter_open(&e.config, &env, &m, NULL), 0);
    assert_int_equal(meter_start(m, NULL), 0);
    entry_pump(m, 5);
    meter_readings(m, &before);
    m->unix_minus_mono_ns += 2 * NS_PER_S; /* as if it went back since */
    entry_pump(m, SIZE_MAX);
    meter_readings(m, &after);
    assert_int_equal(before, after);
    assert_non_null(strstr(meter_fault(m), "clock was set by -2.000 s"));
    assert_int_equal(meter_start(m, NULL), 0); /* the next cell's are right */
    entry_pump(m, 5);
    assert_string_equal(meter_fault(m), "");
    meter_close(m);
    json_doc_destroy(e.doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_are_no_power_are_missed),
        cmocka_unit_test(an_answer_without_end_is_cut),
        cmocka_unit_test(a_late_answer_is_not_taken_for_the_next_ones),
        cmocka_unit_test(a_dripping_answer_is_missed),
        cmocka_unit_test(an_instrument_that_goes_away_is_named),
        cmocka_unit_test(frames_out_of_step_are_missed_and_found_again),
        cmocka_unit_test(a_daemon_that_lost_its_meter_is_named),
        cmocka_unit_test(bodies_that_are_no_power_are_missed),
        cmocka_unit_test(a_body_without_end_is_cut),
        cmocka_unit_test(readings_end_where_the_workers_clock_is_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
