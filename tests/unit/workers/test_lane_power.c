/* test_lane_power.c - a lane's meters on sensors whose power is known
 *
 * Counters, lines and files are read by the real labrunner in a tree shaped
 * like sysfs (sensor_tree.h); windows are exported by a tool or detected.
 */
#include "tests/unit/workers/lane_bench.h"

#include <math.h>

#include "core/vec.h"
#include "tests/unit/workers/sensor_tree.h"

static char bin_dir[FS_PATH_MAX];

#define TRIES 5 /* a starved sampler covers too little: once more */

#define TIMED                                                                  \
    "s=$(date +%s%N); touch load; sleep 1.5; rm load; e=$(date +%s%N); "       \
    "echo $s $e >times"
#define SILENT "sleep 0.3; touch load; sleep 1.2; rm load; sleep 0.3"

/* A tool that prints nothing, and one that leaves its times in a file. */
static const char adapters[2][700] = {
    "{\"adapter\": \"tool\", \"jobs\": [{\"name\": \"measure\", \"run\": "
    "\"cd {dir} && (" SILENT ")\"}], \"collect\": []}",
    "{\"adapter\": \"tool\", \"jobs\": [{\"name\": \"measure\", \"run\": "
    "\"cd {dir} && (" TIMED ")\"}, {\"name\": \"times\", \"run\": "
    "\"cat {dir}/times\"}], \"collect\": [{\"job\": \"times\", \"column\": "
    "\"window_start_unix_ns\", \"unit\": \"ns\", \"pattern\": \"^([0-9]+) \"}, "
    "{\"job\": \"times\", \"column\": \"window_end_unix_ns\", \"unit\": "
    "\"ns\", \"pattern\": \"^[0-9]+ ([0-9]+)\"}]}",
};

static const char experiment[] =
    "{\"experiment\": \"e\", \"matrix\": [{\"platform\": [\"P\"], "
    "\"precision\": [\"INT8\"]}], \"measure\": {\"min_time\": \"0.1 s\", "
    "\"max_time\": \"1 s\", \"total_limit\": \"60 s\"}, "
    "\"capture\": [\"power\"]}";

/* Every kind of meter that reads on the board. */
#define HONEST                                                                 \
    "{\"name\": \"file\", \"driver\": \"file\", \"primary\": true, "           \
    "\"scope\": \"board\", \"period\": \"20 ms\", \"idle\": \"0.5 s\", "       \
    "\"sources\": [{\"path\": \"hwmon:good:VDD_IN\", \"unit\": \"uW\"}]}"
#define GOOD_METERS                                                            \
    HONEST                                                                     \
    ", {\"name\": \"rapl\", \"driver\": \"rapl\", \"scope\": \"package\", "    \
    "\"period\": \"50 ms\", \"idle\": \"0.5 s\", \"sources\": [{\"path\": "    \
    "\"rapl:package-0\", \"quantity\": \"energy\", \"unit\": \"uJ\"}]}, "      \
    "{\"name\": \"lines\", \"driver\": \"lines\", \"scope\": \"module\", "     \
    "\"period\": \"30 ms\", \"idle\": \"0.5 s\", \"options\": {\"tool\": "     \
    "\"tegrastats\", \"command\": \"$SENSOR_TREE/tegrastats\"}}"

static void load(struct bench *b, const struct sensor_tree *tree,
                 const char *adapter, const char *meters)
{
    char inventory[8192];

    bench_prepare(b);
    setenv("SENSOR_TREE", tree->dir, 1);
    snprintf(inventory, sizeof(inventory),
             "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"CPU\", "
             "\"engine\": \"batched\"}}, \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": "
             "\"tool\", \"parameters\": {\"dir\": \"%s\"}, \"sysfs\": \"%s\", "
             "\"stage_dir\": \"%s/stage\", \"meters\": [%s]}]}",
             tree->dir, tree->dir, b->dir, meters);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "tool", adapter);
    bench_parse(b);
    b->setup.bin_dir = bin_dir;
    bench_open(b);
}

static bool all_covered(const struct seen *s)
{
    for (size_t i = 0; i < s->result.power.len; i++)
        if (!(s->result.power.at[i].coverage_pct > 99))
            return false;
    return s->result.power.len > 0;
}

/* The cell, again while this machine was too busy to sample all of it. */
static struct seen *run_covered(struct bench *b)
{
    struct seen *s = NULL;

    for (int i = 0; i < TRIES; i++) {
        s = bench_run(b, 0);
        if (s->status != STATUS_OK)
            fail_msg("%s", s->text);
        if (all_covered(s))
            return s;
    }
    fail_msg("no sampler was let run for a whole cell");
    return NULL;
}

static const struct power_row *row_of(const struct seen *s, const char *meter)
{
    for (size_t i = 0; i < s->result.power.len; i++)
        if (!strcmp(s->result.power.at[i].meter.s, meter))
            return &s->result.power.at[i];
    fail_msg("no row of meter '%s'", meter);
    return NULL;
}

static void expect_near(const char *what, double got, double wanted,
                        double margin)
{
    if (!(fabs(got - wanted) <= margin))
        fail_msg("%s: got %.6g, want %.6g within %.3g", what, got, wanted,
                 margin);
}

static const char *const good[] = { "file", "rapl", "lines" };

static void exported_windows_hold_the_energy_that_was_drawn(void **state)
{
    struct sensor_tree tree;
    struct bench b;
    struct seen *s;

    (void)state;
    sensor_tree_start(&tree);
    load(&b, &tree, adapters[1], GOOD_METERS);
    s = run_covered(&b);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        const struct attempt_row *a = &s->result.attempt;
        const struct power_row *p = row_of(s, good[i]);
        double drawn_j = sensor_tree_energy_j(&tree, a->window_start_unix_ns,
                                              a->window_end_unix_ns);

        assert_int_equal(p->window_source, WINDOW_EXPORTED);
        assert_int_equal(p->idle_kind, IDLE_BEFORE_RUN);
        expect_near(good[i], p->energy_j, drawn_j,
                    3 * p->energy_uncertainty_j + 0.02 * drawn_j);
        expect_near("idle", p->power_idle_w, 2.005, 0.1);
        expect_near("base", p->power_base_w, 2.005, 0.1);
        assert_true(p->energy_uncertainty_j > 0 &&
                    p->energy_uncertainty_j < 0.2 * drawn_j);
        assert_true(p->power_updates >= 20);
    }
    assert_int_equal(row_of(s, "rapl")->power_scope, SCOPE_PACKAGE);
    /* the counter's 2 J were drawn more than once: it wrapped, unnoticed */
    assert_true(row_of(s, "rapl")->energy_j > 6);
    assert_null(strstr(row_of(s, "rapl")->power_note.s, "counter"));
    bench_close(&b);
    sensor_tree_end(&tree);
}

static void a_plateau_is_found_where_the_tool_tells_nothing(void **state)
{
    struct sensor_tree tree;
    struct bench b;
    struct seen *s;

    (void)state;
    sensor_tree_start(&tree);
    load(&b, &tree, adapters[0], GOOD_METERS);
    s = run_covered(&b);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        const struct power_row *p = row_of(s, good[i]);
        int64_t start, end;
        double length_s = p->window_end_s - p->window_start_s, load_s;

        sensor_tree_load(&tree, &start, &end);
        load_s = NS_TO_S(end - start);
        assert_int_equal(p->window_source, WINDOW_PLATEAU);
        expect_near(good[i], p->power_full_w, 5.005, 0.1);
        expect_near("length", length_s, load_s, 0.25 * load_s);
        expect_near("energy", p->energy_j, 5.005 * length_s,
                    3 * p->energy_uncertainty_j + 0.1 * length_s);
        expect_near("above idle", p->energy_above_idle_j, 3 * length_s,
                    3 * p->energy_uncertainty_j + 0.2 * length_s);
    }
    bench_close(&b);
    sensor_tree_end(&tree);
}

/* ---- sensors that cannot be trusted */

#define LIAR(name, driver, rest)                                               \
    ", {\"name\": \"" name "\", \"driver\": \"" driver "\", \"optional\": "    \
    "true, \"scope\": \"board\", \"period\": \"10 ms\", \"idle\": \"1 s\", "   \
    "\"sources\": [" rest "]}"
#define LIARS                                                                  \
    LIAR("slow", "file",                                                       \
         "{\"path\": \"hwmon:slow/power1_input\", \"unit\": \"uW\"}")          \
    LIAR("frozen", "file",                                                     \
         "{\"path\": \"hwmon:frozen/power1_input\", \"unit\": \"uW\"}")        \
    LIAR("sag", "file",                                                        \
         "{\"path\": \"hwmon:sag/in1_input\", \"unit\": \"mV\", "              \
         "\"quantity\": \"voltage\"}, {\"path\": \"hwmon:sag/curr1_input\", "  \
         "\"unit\": \"mA\", \"quantity\": \"current\"}")                       \
    LIAR("milli", "file",                                                      \
         "{\"path\": \"hwmon:milli/power1_input\", \"unit\": \"uW\"}")         \
    LIAR("reset", "rapl",                                                      \
         "{\"path\": \"rapl:reset\", \"unit\": \"uJ\", \"quantity\": "         \
         "\"energy\"}")                                                        \
    LIAR("plain", "rapl",                                                      \
         "{\"path\": \"rapl:plain\", \"unit\": \"uJ\", \"quantity\": "         \
         "\"energy\"}")                                                        \
    LIAR("none", "file",                                                       \
         "{\"path\": \"hwmon:nobody/power1_input\", \"unit\": \"uW\"}")

struct lie {
    const char *meter, *words;
    bool gone; /* no energy is told */
};

static const struct lie lies[] = {
    { "slow", "readings an update", false },
    { "slow", "updates of the sensor", false },
    { "frozen", "frozen at 2", true },
    { "sag", "sag/in1_input fell to 0.3 V from", false },
    { "milli", "is it mW where uW is declared?", true },
    { "reset", "at once (was it set back?)", false },
    { "plain", "the energy counter fell by", false },
    { "none", "no hwmon device is named nobody", true },
};

/* Meters that are there until the load comes, or cannot be reached at all. */
#define OPTIONAL(name, driver, options)                                        \
    ", {\"name\": \"" name "\", \"driver\": \"" driver "\", \"optional\": "    \
    "true, \"scope\": \"board\", \"period\": \"30 ms\", \"idle\": "            \
    "\"0.5 s\", \"options\": {" options "}}"
#define LEAVERS                                                                \
    LIAR("unplugged", "file",                                                  \
         "{\"path\": \"hwmon:leaver/power1_input\", \"unit\": \"uW\"}")        \
    OPTIONAL("ended", "lines",                                                 \
             "\"tool\": \"tegrastats\", \"command\": \"while [ ! -e "          \
             "$SENSOR_TREE/load ]; do echo VDD_IN 2003/2658; sleep 0.02; "     \
             "done; echo gone >&2; exit 7\"")                                  \
    OPTIONAL("secret", "http",                                                 \
             "\"url\": \"http://127.0.0.1:1\", \"profile\": \"shelly2\", "     \
             "\"user\": \"u\", \"password_file\": \"/nowhere/secret\"")        \
    OPTIONAL("refused", "scpi", "\"address\": \"127.0.0.1:1\"")                \
    OPTIONAL("mute", "lines",                                                  \
             "\"tool\": \"nvidia-smi\", \"command\": \"while echo x, [N/A]; "  \
             "do sleep 0.02; done\"")

static const struct lie leavers[] = {
    { "unplugged", "during inference", true }, /* silent, or from its start */
    { "ended", "the sampler ended with status", true },
    { "secret", "/nowhere/secret", true },
    { "refused", "refused", true },
    { "mute", "it gave no reading", true },
};

/* Each is named, what is left of it is right, and the cell is ok by the
 * honest one. */
static void expect_named(const char *meters, const struct lie *list, size_t len)
{
    struct sensor_tree tree;
    struct bench b;
    struct seen *s;

    sensor_tree_start(&tree);
    load(&b, &tree, adapters[1], meters);
    s = bench_run(&b, 0);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    for (size_t i = 0; i < len; i++) {
        const struct power_row *p = row_of(s, list[i].meter);

        if (!strstr(p->power_note.s, list[i].words))
            fail_msg("meter '%s': '%s' does not say '%s'", list[i].meter,
                     p->power_note.s, list[i].words);
        if (list[i].gone)
            assert_true(isnan(p->energy_j));
        else if (!isnan(p->power_full_w)) /* what is left of it is right */
            expect_near(list[i].meter, p->power_full_w, 5.005, 0.5);
    }
    expect_near("file", row_of(s, "file")->power_full_w, 5.005, 0.1);
    assert_string_equal(row_of(s, "file")->power_note.s, "");
    bench_close(&b);
    sensor_tree_end(&tree);
}

static void sensors_that_lie_are_named_and_the_honest_one_stands(void **state)
{
    (void)state;
    expect_named(HONEST LIARS, lies, ARRAY_LEN(lies));
}

static void
meters_that_go_away_are_named_and_the_honest_one_stands(void **state)
{
    (void)state;
    expect_named(HONEST LEAVERS, leavers, ARRAY_LEN(leavers));
}

/* One that must be there and is not, or speaks of another unit. */
static void a_sensor_that_must_be_right_fails_the_cell(void **state)
{
    static const struct {
        const char *path, *words;
    } rows[] = {
        { "hwmon:leaver/power1_input",
          "it fell silent during inference" }, /* once */
        { "hwmon:milli/power1_input", "is it mW where uW is declared?" },
        { "hwmon:nobody/power1_input", "no hwmon device is named nobody" },
    };
    struct sensor_tree tree;

    (void)state;
    sensor_tree_start(&tree);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char meter[512];
        struct bench b;
        struct seen *s;

        snprintf(meter, sizeof(meter),
                 "{\"name\": \"rail\", \"driver\": \"file\", \"scope\": "
                 "\"board\", \"idle\": \"0.2 s\", \"sources\": [{\"path\": "
                 "\"%s\", \"unit\": \"uW\"}]}",
                 rows[i].path);
        load(&b, &tree, adapters[0], meter);
        s = bench_run(&b, 0);
        assert_int_equal(s->status, STATUS_FAILED);
        if (!strstr(s->text, rows[i].words) || !strstr(s->text, "'rail'"))
            fail_msg("'%s' does not say '%s'", s->text, rows[i].words);
        assert_true(isnan(s->result.power.at[0].energy_j));
        bench_close(&b);
    }
    sensor_tree_end(&tree);
}

/* Processes that sample the tree. */
static int samplers(const struct sensor_tree *tree)
{
    char line[320], text[32] = "0";
    FILE *pipe;

    snprintf(line, sizeof(line),
             "n=0; for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' 2>/dev/null "
             "<$f | grep -q '[p]ower --period-s.*%s' && n=$((n + 1)); done; "
             "echo $n",
             tree->dir);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(text, sizeof(text), pipe));
    pclose(pipe);
    return atoi(text);
}

/* One meter refuses, attempt after attempt: the other's sampler is ended each
 * time, and the refusal is what is told. */
static void a_meter_that_refuses_leaves_no_sampler_behind(void **state)
{
    static const char plug[] =
        HONEST ", {\"name\": \"bench\", \"driver\": \"scpi\", \"scope\": "
               "\"wall\", \"period\": \"20 ms\", \"idle\": \"0.1 s\", "
               "\"options\": {\"address\": \"127.0.0.1:1\"}}";
    struct sensor_tree tree;
    struct bench b;

    (void)state;
    sensor_tree_start(&tree);
    load(&b, &tree, adapters[1], plug);
    for (int i = 0; i < 3; i++) {
        struct seen *s = bench_run(&b, 0);

        assert_int_equal(s->status, STATUS_FAILED);
        if (!strstr(s->text, "meter 'bench'"))
            fail_msg("attempt %d: '%s'", i + 1, s->text);
        assert_int_equal(samplers(&tree), 0);
    }
    bench_close(&b);
    sensor_tree_end(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exported_windows_hold_the_energy_that_was_drawn),
        cmocka_unit_test(a_plateau_is_found_where_the_tool_tells_nothing),
        cmocka_unit_test(sensors_that_lie_are_named_and_the_honest_one_stands),
        cmocka_unit_test(
            meters_that_go_away_are_named_and_the_honest_one_stands),
        cmocka_unit_test(a_sensor_that_must_be_right_fails_the_cell),
        cmocka_unit_test(a_meter_that_refuses_leaves_no_sampler_behind),
    };

    if (fs_program_dir(bin_dir, sizeof(bin_dir), NULL))
        return 1;
    strcat(bin_dir, "/../bin");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
