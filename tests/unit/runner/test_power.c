/* test_power.c - sensors found by name, sampled into records */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/now.h"
#include "runner/power.h"

static char sys[64];

static void put(const char *path, const char *text)
{
    char whole[256];
    FILE *f;

    snprintf(whole, sizeof whole, "%s/%s", sys, path);
    for (char *slash = strchr(whole + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(whole, 0755);
        *slash = '/';
    }
    f = fopen(whole, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void link_to(const char *path, const char *target)
{
    char whole[256];

    put(path, ""); /* with its folders */
    snprintf(whole, sizeof whole, "%s/%s", sys, path);
    assert_int_equal(unlink(whole), 0);
    assert_int_equal(symlink(target, whole), 0);
}

/* Two boards' worth of sensors, the numbers of which mean nothing. */
static int make_sys(void **state)
{
    (void)state;
    strcpy(sys, "/tmp/labrunner-sys-XXXXXX");
    if (!mkdtemp(sys))
        return -1;
    put("class/hwmon/hwmon4/name", "ina226\n");
    put("class/hwmon/hwmon4/power1_input", "5250000\n");
    put("class/hwmon/hwmon4/power1_label", "VDD_CPU\n");
    put("class/hwmon/hwmon4/in1_input", "5000\n");
    put("class/hwmon/hwmon4/in1_label", "VBUS\n");
    put("class/hwmon/hwmon0/name", "k10temp\n");
    put("class/hwmon/hwmon0/temp1_input", "41000\n");
    put("class/hwmon/hwmon1/name", "twin\n");
    put("class/hwmon/hwmon1/power1_input", "1\n");
    put("class/hwmon/hwmon2/name", "twin\n");
    put("class/hwmon/hwmon2/power1_input", "2\n");
    link_to("class/hwmon/hwmon1/device", "../../../devices/i2c-1/1-0040");
    link_to("class/hwmon/hwmon2/device", "../../../devices/i2c-1/1-0041");
    put("devices/1-0048/iio:device8/name", "pair\n");
    put("devices/1-0048/iio:device8/in_power0_input", "8\n");
    put("devices/1-0049/iio:device9/name", "pair\n");
    put("devices/1-0049/iio:device9/in_power0_input", "9\n");
    link_to("bus/iio/devices/iio:device8",
            "../../../devices/1-0048/iio:device8");
    link_to("bus/iio/devices/iio:device9",
            "../../../devices/1-0049/iio:device9");
    put("bus/iio/devices/iio:device3/name", "ina3221\n");
    put("bus/iio/devices/iio:device3/in_power0_input", "1200\n");
    put("bus/iio/devices/iio:device3/in_power0_label", "GPU\n");
    put("bus/iio/devices/iio:device0/name", "ina3221x\n");
    put("bus/iio/devices/iio:device0/in_power0_input", "2003\n");
    put("bus/iio/devices/iio:device0/rail_name_0", "VDD_IN\n");
    put("words", "not a number\n");
    return 0;
}

static int remove_sys(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", sys);
    return system(command);
}

static void sensors_are_found_by_name_and_label(void **state)
{
    static const struct {
        const char *selector, *file;
    } rows[] = {
        { "hwmon:ina226/power1_input", "class/hwmon/hwmon4/power1_input" },
        { "hwmon:ina226:VDD_CPU", "class/hwmon/hwmon4/power1_input" },
        { "hwmon:ina226:VBUS", "class/hwmon/hwmon4/in1_input" },
        { "iio:ina3221:GPU", "bus/iio/devices/iio:device3/in_power0_input" },
        { "iio:ina3221x:VDD_IN",
          "bus/iio/devices/iio:device0/in_power0_input" },
        { "hwmon:twin@1-0040/power1_input", "class/hwmon/hwmon1/power1_input" },
        { "hwmon:twin@1-0041/power1_input", "class/hwmon/hwmon2/power1_input" },
        { "iio:pair@1-0049/in_power0_input",
          "bus/iio/devices/iio:device9/in_power0_input" },
        { "iio:ina3221/in_power0_input",
          "bus/iio/devices/iio:device3/in_power0_input" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[SENSORS_PATH_MAX], want[256];

        assert_int_equal(sensors_resolve(sys, rows[i].selector, path, NULL), 0);
        snprintf(want, sizeof want, "%s/%s", sys, rows[i].file);
        assert_string_equal(path, want);
    }
}

static void sensors_that_are_not_there_are_named(void **state)
{
    static const struct {
        const char *selector;
        enum fail_code code;
        const char *words;
    } rows[] = {
        { "hwmon:nosuch/power1_input", FAIL_SENSOR, "is named nosuch" },
        { "hwmon:ina226/power9_input", FAIL_SENSOR, "power9_input" },
        { "hwmon:ina226:NOPE", FAIL_SENSOR, "channel NOPE" },
        { "hwmon:twin/power1_input", FAIL_SENSOR, "2 devices" },
        { "iio:ina226/power1_input", FAIL_SENSOR, "no iio device" },
        { "hwmon:twin@1-0042/power1_input", FAIL_SENSOR, "twin at 1-0042" },
        { "hwmon:twin@/power1_input", FAIL_SENSOR, "twin at " },
        { "/nonexistent/power", FAIL_SENSOR, "/nonexistent/power" },
        { "hwmon:ina226", FAIL_USAGE, "hwmon:NAME/FILE" },
        { "hwmon:", FAIL_USAGE, "hwmon:NAME/FILE" },
        { "hwmon:ina226/../../x", FAIL_USAGE, "hwmon:NAME/FILE" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[SENSORS_PATH_MAX];
        struct fail fail;

        assert_int_equal(sensors_resolve(sys, rows[i].selector, path, &fail),
                         -1);
        assert_int_equal(fail.code, rows[i].code);
        if (!strstr(fail.text, rows[i].words))
            fail_msg("'%s' does not say '%s'", fail.text, rows[i].words);
    }
}

static void every_sensor_is_listed(void **state)
{
    struct jout j = { 0 };

    (void)state;
    jout_array(&j, NULL);
    sensors_list(sys, &j);
    jout_end(&j, ']');
    assert_non_null(
        strstr(j.text, "\"selector\":\"hwmon:k10temp/temp1_input\""));
    assert_non_null(strstr(j.text, "\"label\":\"VDD_CPU\""));
    assert_non_null(strstr(j.text, "\"kind\":\"iio\""));
    assert_non_null(strstr(j.text, "\"label\":\"VDD_IN\""));
    assert_non_null(
        strstr(j.text, "\"selector\":\"hwmon:twin@1-0041/power1_input\""));
    assert_non_null(
        strstr(j.text, "\"selector\":\"iio:pair@1-0048/in_power0_input\""));
    jout_clear(&j);
}

static void sources_are_checked(void **state)
{
    static const struct {
        const char *text;
        enum fail_code code;
    } rows[] = {
        { "label=a,unit=W", FAIL_USAGE },
        { "path=/dev/null,unit=W", FAIL_USAGE },
        { "label=a,path=/dev/null", FAIL_USAGE },
        { "label=a,path=/dev/null,unit=X", FAIL_USAGE },
        { "label=a,path=/dev/null,unit=W,scale=0", FAIL_USAGE },
        { "label=a,path=/dev/null,unit=W,scale=x", FAIL_USAGE },
        { "label=a,path=/dev/null,unit=W,colour=red", FAIL_USAGE },
        { "label,path=/dev/null,unit=W", FAIL_USAGE },
        { "label=a,path=/nonexistent,unit=W", FAIL_SENSOR },
    };
    struct power_source source;
    struct fail fail;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!power_source_parse(rows[i].text, sys, &source, &fail))
            fail_msg("'%s' was taken", rows[i].text);
        assert_int_equal(fail.code, rows[i].code);
    }
    assert_int_equal(
        power_source_parse("label=cpu,path=hwmon:ina226:VDD_CPU,scale=1e-6,"
                           "unit=W",
                           sys, &source, &fail),
        0);
    assert_string_equal(source.label, "cpu");
    assert_true(source.scale == 1e-6 && source.unit == 'W');
}

static void a_kept_file_is_read_anew_and_followed(void **state)
{
    char path[96], other[96];
    double value;
    int fd = -1, first;

    (void)state;
    put("kept", "1\n");
    put("other", "3\n");
    snprintf(path, sizeof path, "%s/kept", sys);
    snprintf(other, sizeof other, "%s/other", sys);
    assert_int_equal(sensors_read_kept(&fd, path, &value), 0);
    assert_true(value == 1);
    first = fd;
    put("kept", "2\n"); /* the same file, written again */
    assert_int_equal(sensors_read_kept(&fd, path, &value), 0);
    assert_true(value == 2 && fd == first);
    sensors_follow(&fd);
    assert_int_equal(fd, first);
    assert_int_equal(rename(other, path), 0); /* another in its place */
    sensors_follow(&fd);
    assert_int_equal(sensors_read_kept(&fd, path, &value), 0);
    assert_true(value == 3);
    put("kept", ""); /* says nothing: not read, and let go */
    assert_int_equal(sensors_read_kept(&fd, path, &value), -1);
    assert_int_equal(fd, -1);
    unlink(path);
    assert_int_equal(sensors_read_kept(&fd, path, &value), -1);
    put("kept", "4\n"); /* a driver that came back */
    assert_int_equal(sensors_read_kept(&fd, path, &value), 0);
    assert_true(value == 4);
    sensors_let_go(&fd);
    assert_int_equal(fd, -1);
}

static double f64_at(const uint8_t *p)
{
    double value;

    memcpy(&value, p, 8);
    return value;
}

static void a_record_holds_scaled_values_or_nan(void **state)
{
    struct power_source s[2];
    uint8_t record[24 + 16];
    char words[128];
    int64_t mono;

    (void)state;
    snprintf(words, sizeof words, "label=b,path=%s/words,unit=V", sys);
    assert_int_equal(power_source_parse("label=a,path=hwmon:ina226:VDD_CPU,"
                                        "scale=1e-6,unit=W",
                                        sys, &s[0], NULL),
                     0);
    assert_int_equal(power_source_parse(words, sys, &s[1], NULL), 0);
    assert_int_equal(power_record_bytes(2), sizeof record);
    power_sample(s, 2, true, record);
    memcpy(&mono, record, 8);
    assert_true(mono <= now_mono_ns() && mono > now_mono_ns() - 5000000000);
    assert_int_equal(record[16], POWER_LATE);
    assert_int_equal(record[20], 1);
    assert_true(fabs(f64_at(record + 24) - 5.25) < 1e-12);
    assert_true(isnan(f64_at(record + 32)));
}

static void *end_input(void *arg)
{
    uint8_t head[POWER_HEAD_BYTES], record[32];
    int *fds = arg;
    FILE *f = fdopen(fds[0], "r");

    /* three whole records, then our end of the input is closed */
    if (fread(head, 1, sizeof head, f) == sizeof head &&
        fread(record, 1, 32, f) == 32 && fread(record, 1, 32, f) == 32 &&
        fread(record, 1, 32, f) == 32)
        close(fds[1]);
    while (fread(record, 1, 1, f) == 1)
        ;
    fclose(f);
    return NULL;
}

static void a_stream_ends_with_its_input(void **state)
{
    struct power_source s;
    int in[2], out[2], fds[2];
    pthread_t reader;

    (void)state;
    assert_int_equal(
        power_source_parse("label=a,path=hwmon:ina226:VBUS,scale=1e-3,unit=V",
                           sys, &s, NULL),
        0);
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    fds[0] = out[0];
    fds[1] = in[1];
    assert_int_equal(pthread_create(&reader, NULL, end_input, fds), 0);
    assert_int_equal(power_stream(&s, 1, 1000000, in[0], out[1], NULL), 0);
    close(out[1]);
    pthread_join(reader, NULL);
    close(in[0]);
}

static void a_stream_nobody_reads_fails(void **state)
{
    struct power_source s;
    struct fail fail;
    int in[2], out[2];

    (void)state;
    assert_int_equal(power_source_parse("label=a,path=hwmon:ina226:VBUS,unit=V",
                                        sys, &s, NULL),
                     0);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    close(out[0]);
    assert_int_equal(power_stream(&s, 1, 1000000, in[0], out[1], &fail), -1);
    assert_int_equal(fail.code, FAIL_OUTPUT);
    close(in[0]);
    close(in[1]);
    close(out[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sensors_are_found_by_name_and_label),
        cmocka_unit_test(sensors_that_are_not_there_are_named),
        cmocka_unit_test(every_sensor_is_listed),
        cmocka_unit_test(sources_are_checked),
        cmocka_unit_test(a_kept_file_is_read_anew_and_followed),
        cmocka_unit_test(a_record_holds_scaled_values_or_nan),
        cmocka_unit_test(a_stream_ends_with_its_input),
        cmocka_unit_test(a_stream_nobody_reads_fails),
    };

    return cmocka_run_group_tests(tests, make_sys, remove_sys);
}
