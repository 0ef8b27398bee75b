/* test_lines.c - numbers in vendors' lines, and a command that prints them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/lines.h"

/* The rows of the meter's table: what is shipped is what is tested. */
static const struct tool {
    const char *name, *command, *pattern, *unit;
} tools[] = {
#define TOOL(name, command, pattern, unit) { name, command, pattern, unit },
#include "workers/meter/tools.def"
#undef TOOL
};

static const char *pattern_of(const char *tool)
{
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (!strcmp(tools[i].name, tool))
            return tools[i].pattern;
    fail_msg("no tool %s", tool);
    return "";
}

static const struct {
    const char *tool, *line;
    double value; /* NaN: not in it */
} rows[] = {
    { "tegrastats",
      "RAM 2511/7855MB (lfb 985x4MB) CPU [12%@345,off,off,9%@345] VDD_IN "
      "2003/2658 VDD_CPU 320/518 VDD_GPU 400/735 VDD_SOC 400/415 VDD_WIFI 0/0 "
      "VDD_DDR 240/348",
      2003 },
    { "tegrastats", "RAM 1/2MB POM_5V_IN 900/943 POM_5V_GPU 0/0", 900 },
    { "tegrastats", "VDD_IN 2763mW/2846mW VDD_CPU_GPU_CV 400mW/500mW", 2763 },
    { "tegrastats",
      "VDD_GPU_SOC 3205mW/3205mW VDD_CPU_CV 801mW/801mW VIN_SYS_5V0 "
      "3217mW/3217mW",
      NAN }, /* an AGX: none of them is the module's input */
    { "tegrastats", "RAM 2511/7855MB", NAN },
    { "nvidia-smi", "2024/05/01 12:00:00.123, 61.52", 61.52 },
    { "nvidia-smi", "2024/05/01 12:00:00.123, 61.52, 58.70", 61.52 },
    { "nvidia-smi-average", "2024/05/01 12:00:00.123, 58.70", 58.7 },
    { "nvidia-smi", "2024/05/01 12:00:00.123, [N/A]", NAN },
    { "nvidia-smi", "2024/05/01 12:00:00.123, [Unknown Error]", NAN },
    { "nvidia-smi", "timestamp, power.draw.instant [W]", NAN },
    { "platformstats", "SOM total power   :   4550 mW", 4550 },
    { "platformstats", "SOM total current :   900 mA", NAN },
};

struct taken {
    double values[8][2];
    size_t len;
};

static int keep(void *ctx, const double *values)
{
    struct taken *t = ctx;

    t->values[t->len][0] = values[0];
    t->values[t->len++][1] = values[1];
    return 0;
}

static void vendors_lines_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct power_source source = { .scale = 1, .pattern = true };
        struct taken taken = { 0 };
        struct lines lines;

        snprintf(source.path, sizeof source.path, "%s",
                 pattern_of(rows[i].tool));
        assert_int_equal(lines_compile(&source, 1, &lines, NULL), 0);
        lines_take(&lines, rows[i].line, keep, &taken);
        assert_int_equal(taken.len, !isnan(rows[i].value));
        if (taken.len)
            assert_true(taken.values[0][0] == rows[i].value);
        lines_free(&lines);
    }
}

static void values_of_several_lines_make_one_record(void **state)
{
    struct power_source sources[2] = { { .path = "^a=([0-9.]+)", .scale = 2 },
                                       { .path = "^b=([0-9.]+)", .scale = 1 } };
    struct taken t = { 0 };
    struct lines lines;

    (void)state;
    assert_int_equal(lines_compile(sources, 2, &lines, NULL), 0);
    lines_take(&lines, "a=1", keep, &t);
    assert_int_equal(t.len, 0);
    lines_take(&lines, "b=5", keep, &t);
    assert_true(t.len == 1 && t.values[0][0] == 2 && t.values[0][1] == 5);
    lines_take(&lines, "a=3", keep, &t);
    lines_take(&lines, "a=4", keep, &t); /* b did not come: missing */
    assert_true(t.len == 2 && t.values[1][0] == 6 && isnan(t.values[1][1]));
    lines_free(&lines);
}

static void a_command_is_streamed_until_it_ends(void **state)
{
    struct power_source source = { .path = "p=([0-9]+)", .scale = 1 };
    struct fail fail = { 0 };
    uint8_t stream[16 + 2 * 32 + 1];
    int in[2], out[2];
    struct lines lines;
    ssize_t got;

    (void)state;
    assert_int_equal(pipe(in) || pipe(out), 0);
    assert_int_equal(lines_compile(&source, 1, &lines, NULL), 0);
    assert_int_equal(lines_stream(&lines, "echo p=7; echo p=8; exit 3", in[0],
                                  out[1], &fail),
                     -1);
    assert_non_null(strstr(fail.text, "ended with exit code 3"));
    got = read(out[0], stream, sizeof stream);
    assert_int_equal(got, 16 + 2 * 32);
    assert_memory_equal(stream, "LSPW", 4);
    close(in[1]); /* our input ends: so does a command without end */
    assert_int_equal(lines_stream(&lines, "sleep 1000", in[0], out[1], &fail),
                     0);
    close(in[0]);
    close(out[0]);
    close(out[1]);
    lines_free(&lines);
    source.path[0] = '(';
    source.path[1] = 0;
    assert_int_equal(lines_compile(&source, 1, &lines, &fail), -1);
    lines_free(&lines);
}

static void put(const char *dir, const char *name, const char *text)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static double joules(struct power_source *source)
{
    uint8_t record[32];
    double value;

    power_sample(source, 1, false, record);
    memcpy(&value, record + 24, 8); /* both ends are little */
    return value;
}

static void an_energy_counter_is_unwrapped(void **state)
{
    char sys[] = "/tmp/labsweep-rapl-XXXXXX", dir[128], line[160];
    struct power_source source;
    struct fail fail;

    (void)state;
    assert_non_null(mkdtemp(sys));
    snprintf(line, sizeof line, "mkdir -p %s/class/powercap/intel-rapl:0", sys);
    assert_int_equal(system(line), 0);
    snprintf(dir, sizeof dir, "%s/class/powercap/intel-rapl:0", sys);
    put(dir, "name", "package-0\n");
    put(dir, "max_energy_range_uj", "262143328850\n");
    put(dir, "energy_uj", "262143000000\n");
    assert_int_equal(
        power_source_parse("label=p,unit=J,scale=1e-6,path=rapl:package-0", sys,
                           &source, &fail),
        0);
    assert_true(fabs(joules(&source) - 262143.0) < 1e-6);
    put(dir, "energy_uj", "1000000\n");
    assert_true(fabs(joules(&source) - 262144.32885) < 1e-6);
    put(dir, "energy_uj", "3000000\n");
    assert_true(fabs(joules(&source) - 262146.32885) < 1e-6);
    assert_int_equal(power_source_parse("label=p,unit=J,path=rapl:dram", sys,
                                        &source, &fail),
                     -1);
    assert_non_null(strstr(fail.text, "no powercap domain is named dram"));
    snprintf(line, sizeof line, "rm -r %s", sys);
    assert_int_equal(system(line), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vendors_lines_are_read),
        cmocka_unit_test(values_of_several_lines_make_one_record),
        cmocka_unit_test(a_command_is_streamed_until_it_ends),
        cmocka_unit_test(an_energy_counter_is_unwrapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
