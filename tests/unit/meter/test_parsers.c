/* test_parsers.c - golden frames and answers, as vendors' papers quote them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/vec.h"
#include "workers/meter/json_power.h"
#include "workers/meter/ptd_line.h"
#include "workers/meter/replay_line.h"
#include "workers/meter/scpi_reply.h"
#include "workers/meter/um_frame.h"

static void scpi_answers(void **state)
{
    static const struct {
        const char *text;
        size_t index;
        double value; /* NaN: refused */
    } rows[] = {
        { "+5.00032E+00\n", 0, 5.00032 },
        { "4.25\r\n", 0, 4.25 },
        { "5.0000,0.4210,2.105\n", 2, 2.105 }, /* Rigol :MEAS:ALL? */
        { "5.0000,0.4210,2.105\n", 0, 5 },
        { "23.104E+00\n", 0, 23.104 }, /* WT300 */
        { " 1.5W\n", 0, 1.5 },
        { "4550 mW\n", 0, 4.55 },
        { "\"0.421 A\",\"5V\"\r\n", 1, 5 },
        { "3 Hz\n", 0, NAN },
        { "3 \xc2\xb5W\n", 0, NAN },
        { "3.2.1\n", 0, NAN },
        { "1e\n", 0, NAN },
        { "\xef\xbc\x94.2\n", 0, NAN }, /* a wide 4 */
        { "1e999\n", 0, NAN },
        { "9.91E37\n", 0, NAN },
        { "9.9E+37\n", 0, NAN },
        { "NAN\n", 0, NAN },
        { "\n", 0, NAN },
        { "1,2\n", 2, NAN },
        { "ERROR\n", 0, NAN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double value = NAN;
        int rc = scpi_reply_number((const uint8_t *)rows[i].text,
                                   strlen(rows[i].text), rows[i].index, &value,
                                   NULL);

        if ((rc != 0) != isnan(rows[i].value) ||
            (!rc && fabs(value - rows[i].value) > 1e-12))
            fail_msg("'%s': got %d, %g", rows[i].text, rc, value);
    }
}

static void ptdaemon_lines(void **state)
{
    static const char european[] =
        "Time,28-12-2020 15:21:14.682,Watts,22.950000,Volts,228.570000,Amps,"
        "0.206430,PF,0.486400,Mark,2020-12-28_15-20-52_testing\r\n";
    static const char none[] = "Time,12-28-2020 15:21:14.682,Watts,-1.0";
    struct ptd_sample s;

    (void)state;
    assert_int_equal(
        ptd_line_parse((const uint8_t *)european, strlen(european), &s, NULL),
        0);
    assert_string_equal(s.time, "28-12-2020 15:21:14.682");
    assert_true(s.watts == 22.95 && s.volts == 228.57 && s.amps == 0.20643 &&
                s.pf == 0.4864);
    assert_int_equal(
        ptd_line_parse((const uint8_t *)none, strlen(none), &s, NULL),
        ERR_FORMAT);
    assert_int_equal(ptd_line_parse((const uint8_t *)"Hello", 5, &s, NULL),
                     ERR_FORMAT);
}

static void ptdaemon_answers(void **state)
{
    static const struct {
        const char *text;
        size_t whole;
        int rc;
        double watts; /* NaN: none yet */
    } rows[] = {
        { "Last 0 samples\r\n", 16, 0, NAN },
        { "Last 1 samples\r\nTime,1,Watts,2.5\r\nLast", 34, 0, 2.5 },
        { "Last 2 samples\r\nTime,1,Watts,2\r\nTime,2,Watts,3\r\n", 48, 0, 3 },
        { "Last 2 samples\r\nTime,1,Watts,2\r\nTime,2", 0, 0, NAN },
        { "Error: no meter\r\n", 17, ERR_FORMAT, NAN },
        { "Last year\r\n", 11, ERR_FORMAT, NAN },
        { "Last -1 samples\r\n", 17, ERR_FORMAT, NAN },
        { "Last 1 samp", 0, 0, NAN },
        { "", 0, 0, NAN },
    };
    struct ptd_sample s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const uint8_t *data = (const uint8_t *)rows[i].text;
        size_t whole = ptd_answer_whole(data, strlen(rows[i].text));

        assert_int_equal(whole, rows[i].whole);
        if (!whole)
            continue;
        assert_int_equal(ptd_answer_parse(data, whole, &s, NULL), rows[i].rc);
        assert_true(isnan(rows[i].watts) ? isnan(s.watts)
                                         : s.watts == rows[i].watts);
    }
}

static void um_frames(void **state)
{
    static const struct {
        uint8_t head[10];
        const char *model;
        double volts, amps, watts;
    } rows[] = {
        { { 0x09, 0x63, 0x01, 0xf8, 0x03, 0xe8, 0, 0, 0x13, 0xb0 },
          "UM24C",
          5.04,
          1.0,
          5.04 },
        { { 0x09, 0xc9, 0x13, 0xb0, 0x27, 0x10, 0, 0, 0x13, 0xb0 },
          "UM25C",
          5.04,
          1.0,
          5.04 },
        { { 0x0d, 0x4c, 0x01, 0xf8, 0x01, 0xf4, 0, 0, 0x09, 0xd8 },
          "UM34C",
          5.04,
          0.5,
          2.52 },
    };
    uint8_t frame[UM_FRAME_BYTES] = { 0 };
    struct um_frame f;
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        memcpy(frame, rows[i].head, 10);
        assert_int_equal(um_frame_parse(frame, sizeof(frame), &f, NULL), 0);
        assert_string_equal(f.model, rows[i].model);
        assert_true(fabs(f.voltage_v - rows[i].volts) < 1e-9 &&
                    fabs(f.current_a - rows[i].amps) < 1e-9 &&
                    fabs(f.power_w - rows[i].watts) < 1e-9);
    }
    assert_int_equal(um_frame_parse(frame, 129, &f, NULL), ERR_FORMAT);
    frame[8] = 0x59; /* watts that are not volts times amperes */
    assert_int_equal(um_frame_parse(frame, 130, &f, &err), ERR_FORMAT);
    assert_non_null(strstr(err.text, "out of step"));
    frame[0] = 7;
    assert_int_equal(um_frame_parse(frame, 130, &f, &err), ERR_FORMAT);
}

static void json_answers(void **state)
{
    static const struct {
        const char *text, *path;
        double value; /* NaN: refused */
    } rows[] = {
        { "{\"id\":0,\"source\":\"init\",\"output\":true,\"apower\":47.11,"
          "\"voltage\":232.0,\"aenergy\":{\"total\":5.125}}",
          "apower", 47.11 },
        { "{\"meters\":[{\"power\":12.5},{\"power\":3}]}", "meters[1].power",
          3 },
        { "{\"StatusSNS\":{\"ENERGY\":{\"Power\":81}}}",
          "StatusSNS.ENERGY.Power", 81 },
        { "{\"id\":\"sensor-watts\",\"value\":0,\"state\":\"0.0 W\"}", "value",
          0 },
        { "{\"value\":null}", "value", NAN },
        { "{\"value\":\"7\"}", "value", NAN },
        { "<html>", "value", NAN },
        { "", "value", NAN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double value = NAN;
        int rc = json_power_read(rows[i].text, strlen(rows[i].text),
                                 rows[i].path, &value, NULL);

        if ((rc != 0) != isnan(rows[i].value) ||
            (!rc && value != rows[i].value))
            fail_msg("%s: got %d, %g", rows[i].text, rc, value);
    }
}

static void recordings(void **state)
{
    static const char good[] = "# from a bench\ntime_s,power_w\r\n5,2.5\n"
                               "5.5,\n6,3";
    static const char *const bad[] = { "",    "1\n",   "1,2\n1,2\n",
                                       "a\n", "1,x\n", "0,1\n1e9,1\n" };
    struct replay_samples s = { 0 };

    (void)state;
    assert_int_equal(replay_samples_parse(good, strlen(good), &s, NULL), 0);
    assert_int_equal(s.at.len, 3);
    assert_true(s.at.at[2].t_ns == 1000000000 && s.at.at[2].power_w == 3);
    assert_true(isnan(s.at.at[1].power_w));
    replay_samples_free(&s);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(replay_samples_parse(bad[i], strlen(bad[i]), &s, NULL),
                         ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scpi_answers),     cmocka_unit_test(ptdaemon_lines),
        cmocka_unit_test(ptdaemon_answers), cmocka_unit_test(um_frames),
        cmocka_unit_test(json_answers),     cmocka_unit_test(recordings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
