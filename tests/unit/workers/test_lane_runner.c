/* test_lane_runner.c - a lane with the real labrunner: staged, served, power
 *
 * The sensor is a file in a folder shaped like sysfs, which a process of
 * this test writes a known power into.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/hash.h"
#include "core/vec.h"
#include "tests/unit/workers/lane_bench.h"

static char bin_dir[FS_PATH_MAX], project_dir[FS_PATH_MAX];

/* A data set of 64 images in MNIST's own form (IDX): pixels from a fixed
 * generator, so that the staged file has a known content. */
static void write_images(const char *dir)
{
    char images[FS_PATH_MAX], labels[FS_PATH_MAX];
    uint8_t head[16] = { 0, 0, 8, 3, 0, 0, 0, 64, 0, 0, 0, 28, 0, 0, 0, 28 };
    uint8_t label_head[8] = { 0, 0, 8, 1, 0, 0, 0, 64 };
    struct buf all = { 0 };
    uint32_t x = 12345;

    buf_put(&all, head, sizeof(head));
    for (int i = 0; i < 64 * 784; i++) {
        x = x * 1664525u + 1013904223u;
        buf_put_u8(&all, (uint8_t)(x >> 24));
    }
    assert_true(fs_join(images, sizeof(images), dir, "images"));
    assert_int_equal(fs_write_atomic(images, all.data, all.len, NULL), 0);
    buf_clear(&all);
    buf_put(&all, label_head, sizeof(label_head));
    for (int i = 0; i < 64; i++)
        buf_put_u8(&all, (uint8_t)(i % 10));
    assert_true(fs_join(labels, sizeof(labels), dir, "labels"));
    assert_int_equal(fs_write_atomic(labels, all.data, all.len, NULL), 0);
    buf_free(&all);
}

#define PLATFORM                                                               \
    "\"platforms\": {\"P\": {\"type\": \"CPU\", \"engine\": \"batched\", "     \
    "\"weights\": \"dram\", \"activations\": \"dram\"}}"

static const char experiment[] =
    "{\"experiment\": \"e\", \"datasets\": {\"MNIST\": {\"dir\": \".\", "
    "\"files\": {\"images\": {\"file\": \"images\"}, \"labels\": {\"file\": "
    "\"labels\"}}}}, \"topologies\": {\"MLP\": \"mlp.json\"}, "
    "\"matrix\": [{\"topology\": [\"MLP\"], \"dataset\": [\"MNIST\"], "
    "\"platform\": [\"P\"], \"precision\": [\"INT2\"], "
    "\"pruning_factor_pct\": [12.5, 25], \"batch\": [8, 16]}], \"measure\": "
    "{\"min_time\": \"0.3 s\", \"max_time\": \"5 s\", \"total_limit\": "
    "\"60 s\"}, \"capture\": [\"power\", \"latencies\", \"raw_output\"]}";

struct runner_bench {
    struct bench b;
    char adapter[16384], inventory[2048], topology[2048];
};

static char *read_text(const char *path, char *text, size_t size)
{
    struct buf content = { 0 };

    assert_int_equal(fs_read_file(path, size - 1, &content, NULL), 0);
    snprintf(text, size, "%s", buf_text(&content));
    buf_free(&content);
    return text;
}

static void load(struct runner_bench *r, const char *meters)
{
    struct bench *b = &r->b;

    bench_prepare(b);
    read_text("inventory/adapters/labrunner.json", r->adapter,
              sizeof(r->adapter));
    snprintf(r->inventory, sizeof(r->inventory),
             "{\"lab\": \"L\", " PLATFORM ", \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": "
             "\"labrunner\", \"parameters\": {\"arch\": \"%s\"}, "
             "\"stage_dir\": \"%s/stage\"%s}]}",
             "x86_64", b->dir, meters);
    write_images(b->dir);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "topology", "mlp.json",
              read_text("experiments/topologies/mlp.json", r->topology,
                        sizeof(r->topology)));
    bench_add(b, "inventory", "i.json", r->inventory);
    bench_add(b, "adapter", "labrunner", r->adapter);
    bench_parse(b);
    b->setup.bin_dir = bin_dir;
    b->setup.project_dir = project_dir;
    bench_open(b);
}

static void a_cell_is_staged_served_and_measured(void **state)
{
    struct runner_bench r;
    const struct attempt_row *row;
    struct seen *s;
    char sha[HASH_HEX], path[FS_PATH_MAX];

    (void)state;
    load(&r, "");
    s = bench_run(&r.b, 0);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    row = &s->result.attempt;
    assert_true(row->lat_sys_s > 0 && row->lat_sys_s < 1);
    assert_true(row->lat_comp_s > 0 && row->lat_comp_s <= row->lat_sys_s * 1.5);
    assert_true(row->fps_sys > 1);
    assert_true(row->batches >= 1);
    assert_true(row->lat_samples_stride >= 1);
    assert_true(row->involuntary_switches >= 0);
    assert_true(row->window_end_mono_ns > row->window_start_mono_ns);
    assert_int_equal(row->accuracy_images, 64);
    assert_int_equal(row->accuracy_source, ACCURACY_ON_BOARD);
    assert_true(row->prediction_hash.s[0] != 0);
    assert_true(row->tool_version.s[0] != 0);
    assert_true(row->window_end_unix_ns > row->window_start_unix_ns);
    assert_true(row->op_rate_sys_op_s > row->fps_sys);
    assert_int_equal(row->provenance, PROVENANCE_MEASURED);
    assert_true(s->result.samples.len >= 2);
    assert_true(s->result.samples.at[0].count > 1);
    /* what was loaded is what was staged */
    fs_join(path, sizeof(path), r.b.dir, "images");
    assert_int_equal(hash_file(path, sha, NULL), 0);
    assert_string_equal(row->dataset_digest.s, sha);
    snprintf(path, sizeof(path), "%s/stage/%s/images", r.b.dir, sha);
    assert_true(fs_exists(path));
    bench_close(&r.b);
}

/* How many classes the result keeps. */
static size_t predictions_of(const struct result *result)
{
    for (size_t i = 0; i < result->raw.len; i++)
        if (!strcmp(result->raw.at[i].stream, "predictions")) {
            assert_int_equal(strspn(result->raw.at[i].text, "0123456789"),
                             result->raw.at[i].len);
            return result->raw.at[i].len;
        }
    return 0;
}

static void accuracy_is_made_once_and_joined_to_every_batch(void **state)
{
    struct runner_bench r;
    struct attempt_row first;
    struct seen *s;

    (void)state;
    load(&r, "");
    s = bench_run(&r.b, 0);
    assert_int_equal(s->status, STATUS_OK);
    first = s->result.attempt;
    assert_int_equal(predictions_of(&s->result), 64);
    s = bench_run(&r.b, 1); /* the same network, another batch */
    assert_int_equal(s->status, STATUS_OK);
    assert_true(s->result.attempt.top1_pct == first.top1_pct);
    assert_string_equal(s->result.attempt.prediction_hash.s,
                        first.prediction_hash.s);
    assert_int_equal(predictions_of(&s->result), 0); /* told before */
    s = bench_run(&r.b, 2); /* another width: another accuracy */
    assert_int_equal(s->status, STATUS_OK);
    assert_string_not_equal(s->result.attempt.prediction_hash.s,
                            first.prediction_hash.s);
    assert_int_equal(predictions_of(&s->result), 64);
    bench_close(&r.b);
}

static void a_damaged_staged_file_is_replaced(void **state)
{
    struct runner_bench r;
    char sha[HASH_HEX], path[FS_PATH_MAX], again[HASH_HEX];

    (void)state;
    load(&r, "");
    fs_join(path, sizeof(path), r.b.dir, "images");
    assert_int_equal(hash_file(path, sha, NULL), 0);
    snprintf(path, sizeof(path), "%s/stage/%s", r.b.dir, sha);
    assert_int_equal(fs_make_dirs(path, NULL), 0);
    strcat(path, "/images");
    assert_int_equal(fs_write_atomic(path, "half", 4, NULL), 0);
    assert_int_equal(bench_run(&r.b, 0)->status, STATUS_OK);
    assert_int_equal(hash_file(path, again, NULL), 0);
    assert_string_equal(sha, again);
    bench_close(&r.b);
}

static void a_missing_weights_file_fails_one_cell_by_name(void **state)
{
    struct runner_bench r;
    struct seen *s;

    (void)state;
    snprintf(project_dir, sizeof(project_dir), "/nowhere");
    load(&r, "");
    s = bench_run(&r.b, 0);
    assert_int_equal(s->status, STATUS_FAILED);
    assert_non_null(strstr(s->text, "staging 'weights'"));
    assert_non_null(strstr(s->text, "/nowhere/runner/models/mlp-w256-b2.mlpw"));
    assert_false(s->transport_failed);
    bench_close(&r.b);
    assert_non_null(getcwd(project_dir, sizeof(project_dir)));
}

/* ---- power */

/* Writes micro-watts: 2 W, and 5 W while the file "load" is there. */
static pid_t start_sensor(const char *dir)
{
    char power[FS_PATH_MAX], stat_path[FS_PATH_MAX];
    pid_t pid;

    fs_join(power, sizeof(power), dir, "power1_input");
    fs_join(stat_path, sizeof(stat_path), dir, "stop");
    assert_int_equal(fs_write_atomic(power, "2000000\n", 8, NULL), 0);
    pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0;; i++) { /* rises and falls by 10 mW: it is alive */
        char text[32];
        int n = snprintf(text, sizeof(text), "%u\n", 2000000 + (i % 2) * 10000);
        FILE *f = fopen(power, "r+");

        if (f) {
            fwrite(text, 1, (size_t)n, f);
            fclose(f);
        }
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
}

/* Energy is mean power over exactly the window; a busy machine may have
 * starved the sampler, then there is none and the note says so. */
static void check_energy(const struct power_row *p, const struct attempt_row *a)
{
    double seconds =
        1e-9 * (double)(a->window_end_unix_ns - a->window_start_unix_ns);

    if (p->coverage_pct < 90) {
        assert_true(isnan(p->energy_j));
        assert_non_null(strstr(p->power_note.s, "of the window seen"));
        return;
    }
    assert_true(fabs(p->energy_j - p->power_full_w * seconds) < 1e-9);
    assert_true(fabs(p->energy_image_j * (double)a->batches * 8 - p->energy_j) <
                1e-9);
    assert_true(p->energy_uncertainty_j > 0 &&
                p->energy_uncertainty_j < p->energy_j);
}

static void power_is_read_around_and_during_inference(void **state)
{
    struct runner_bench r;
    const struct power_row *p;
    char meters[1024], dir[] = "/tmp/labsweep-sensor-XXXXXX", line[128];
    struct seen *s;
    pid_t sensor;

    (void)state;
    assert_non_null(mkdtemp(dir));
    sensor = start_sensor(dir);
    snprintf(meters, sizeof(meters),
             ", \"meters\": [{\"name\": \"rail\", \"driver\": \"file\", "
             "\"primary\": true, \"scope\": \"rail\", \"on_board\": true, "
             "\"period\": \"10 ms\", \"idle\": \"0.2 s\", \"sources\": "
             "[{\"path\": \"%s/power1_input\", \"unit\": \"uW\", "
             "\"quantity\": \"power\"}], \"calibration\": {\"gain\": 1.1, "
             "\"offset\": \"0.1 W\", \"date\": \"2020-01-31\", \"due\": "
             "\"2021-01-31\", \"certificate\": \"C-17\"}}]",
             dir);
    load(&r, meters);
    s = bench_run(&r.b, 0);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    assert_int_equal(s->result.power.len, 1);
    p = &s->result.power.at[0];
    assert_string_equal(p->meter.s, "rail");
    assert_int_equal(p->primary, 1);
    assert_int_equal(p->power_scope, SCOPE_RAIL);
    assert_int_equal(p->window_source, WINDOW_REPORTED);
    assert_int_equal(p->idle_kind, IDLE_LOADED);
    assert_true(fabs(p->power_full_w - 2.3055) < 0.011);
    assert_true(fabs(p->power_full_raw_w - 2.005) < 0.01);
    assert_true(fabs(p->power_idle_w - 2.3055) < 0.011);
    assert_true(fabs(p->power_base_w - 2.3055) < 0.011);
    assert_true(p->calibration_gain == 1.1 && p->calibration_offset_w == 0.1);
    assert_string_equal(p->calibration.s, "2020-01-31, C-17");
    assert_non_null(strstr(p->power_note.s, "expired on 2021-01-31"));
    assert_true(p->idle_end_s > p->idle_start_s &&
                p->window_start_s > p->idle_end_s - 0.1 &&
                p->window_end_s > p->window_start_s);
    assert_true(p->coverage_pct > 0 && p->coverage_pct <= 100.0001);
    assert_true(p->power_samples > 1);
    assert_true(p->clock_offset_s == 0 && p->clock_bound_s == 0);
    check_energy(p, &s->result.attempt);
    assert_int_equal(s->result.samples.at[s->result.samples.len - 1].channel,
                     CHANNEL_POWER);
    bench_close(&r.b);
    kill(sensor, SIGKILL);
    waitpid(sensor, NULL, 0);
    snprintf(line, sizeof(line), "rm -r %s", dir);
    assert_int_equal(system(line), 0);
}

static void
a_sensor_that_is_not_there_fails_the_cell_unless_optional(void **state)
{
    static const char *const optional[] = { "false", "true" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct runner_bench r;
        char meters[512];
        struct seen *s;

        snprintf(meters, sizeof(meters),
                 ", \"meters\": [{\"name\": \"rail\", \"driver\": \"file\", "
                 "\"primary\": true, \"optional\": %s, \"period\": \"5 ms\", "
                 "\"idle\": \"0.1 s\", \"sources\": [{\"path\": "
                 "\"/nowhere/power1_input\", \"unit\": \"uW\"}]}]",
                 optional[i]);
        load(&r, meters);
        s = bench_run(&r.b, 0);
        assert_int_equal(s->status, i ? STATUS_OK : STATUS_FAILED);
        assert_int_equal(s->result.power.len, 1);
        assert_true(isnan(s->result.power.at[0].power_full_w));
        assert_true(isnan(s->result.power.at[0].energy_j));
        assert_true(s->result.power.at[0].power_note.s[0] != 0);
        assert_true(s->result.attempt.lat_sys_s > 0); /* kept all the same */
        if (!i)
            assert_non_null(strstr(s->text, "meter 'rail'"));
        bench_close(&r.b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_staged_served_and_measured),
        cmocka_unit_test(accuracy_is_made_once_and_joined_to_every_batch),
        cmocka_unit_test(a_damaged_staged_file_is_replaced),
        cmocka_unit_test(a_missing_weights_file_fails_one_cell_by_name),
        cmocka_unit_test(power_is_read_around_and_during_inference),
        cmocka_unit_test(
            a_sensor_that_is_not_there_fails_the_cell_unless_optional),
    };

    if (fs_program_dir(bin_dir, sizeof(bin_dir), NULL))
        return 1;
    strcat(bin_dir, "/../bin");
    if (!getcwd(project_dir, sizeof(project_dir)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
