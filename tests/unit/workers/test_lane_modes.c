/* test_lane_modes.c - op modes on a board whose mode is a file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"matrix\": [{\"platform\": [\"P\"], \"op_mode\": "
    "[\"default\", \"fast\", \"slow\", \"stuck\", \"unknown\"]}], "
    "\"measure\": {\"min_time\": \"0.1 s\", \"max_time\": \"1 s\", "
    "\"total_limit\": \"20 s\"}}";

static const char adapter[] =
    "{\"adapter\": \"c\", \"op_mode\": {"
    "\"read\": {\"run\": \"cat {param.dir}/mode\", \"pattern\": "
    "\"MODE=(.*)\"}, "
    "\"set\": \"test {mode.id} = 9 || echo MODE={mode.id} > "
    "{param.dir}/mode\", "
    "\"verify\": {\"run\": \"cat {param.dir}/mode\", \"pattern\": "
    "\"MODE=(.*)\", \"expect\": \"{mode.id}\"}, "
    "\"restore\": \"echo MODE={mode_before} > {param.dir}/mode\"}, "
    "\"jobs\": [{\"name\": \"measure\", \"run\": \"cat {param.dir}/mode\"}]}";

static void load(struct bench *b, const char *restore_mode)
{
    char inventory[1024];

    bench_prepare(b);
    snprintf(inventory, sizeof(inventory),
             "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"CPU\", "
             "\"engine\": \"batched\", \"weights\": \"dram\", "
             "\"activations\": \"dram\"}}, \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": "
             "\"c\", \"parameters\": {\"dir\": \"%s\"}, \"op_modes\": "
             "{\"fast\": {\"id\": 2}, \"slow\": {\"id\": 1}, \"stuck\": "
             "{\"id\": 9}}}]}",
             b->dir);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    b->setup.restore_mode = restore_mode;
}

static void set_mode(const struct bench *b, const char *text)
{
    char path[FS_PATH_MAX];

    snprintf(path, sizeof(path), "%s/mode", b->dir);
    assert_int_equal(fs_write_atomic(path, text, strlen(text), NULL), 0);
}

static void assert_mode(const struct bench *b, const char *text)
{
    struct buf content = { 0 };
    char path[FS_PATH_MAX];

    snprintf(path, sizeof(path), "%s/mode", b->dir);
    assert_int_equal(fs_read_file(path, 100, &content, NULL), 0);
    assert_string_equal(buf_text(&content), text);
    buf_free(&content);
}

static void a_mode_is_announced_set_verified_and_restored(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b, "");
    set_mode(&b, "MODE=0\n");
    bench_open(&b);
    bench_submit(&b, 1, 1);
    s = bench_wait(&b, LANE_MODE_INTENT);
    assert_string_equal(s->text, "0");
    assert_string_equal(s->mode, "fast");
    s = bench_wait(&b, LANE_RESULT);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    assert_string_equal(s->result.attempt.op_mode_granted.s, "2");
    assert_mode(&b, "MODE=2\n");
    bench_submit(&b, 2, 1); /* another mode: back first, then on */
    s = bench_wait(&b, LANE_MODE_RESTORED);
    assert_string_equal(s->text, "0");
    s = bench_wait(&b, LANE_MODE_INTENT);
    assert_string_equal(s->mode, "slow");
    s = bench_wait(&b, LANE_RESULT);
    assert_string_equal(s->result.attempt.op_mode_granted.s, "1");
    lane_close(b.lane);
    s = bench_wait(&b, LANE_MODE_RESTORED);
    assert_string_equal(s->text, "0");
    bench_wait(&b, LANE_CLOSED);
    assert_mode(&b, "MODE=0\n");
    bench_close(&b);
}

static void nothing_is_set_before_it_is_acknowledged(void **state)
{
    struct bench b;

    (void)state;
    load(&b, "");
    b.acknowledge = false;
    set_mode(&b, "MODE=0\n");
    bench_open(&b);
    bench_submit(&b, 1, 1);
    bench_wait(&b, LANE_MODE_INTENT);
    assert_mode(&b, "MODE=0\n");
    lane_mode_acknowledged(b.lane);
    assert_int_equal(bench_wait(&b, LANE_RESULT)->status, STATUS_OK);
    bench_close(&b);
}

static void a_lane_that_is_never_acknowledged_can_be_destroyed(void **state)
{
    struct bench b;

    (void)state;
    load(&b, "");
    b.acknowledge = false;
    set_mode(&b, "MODE=0\n");
    bench_open(&b);
    bench_submit(&b, 1, 1);
    bench_wait(&b, LANE_MODE_INTENT);
    lane_cancel(b.lane);
    assert_string_equal(bench_wait(&b, LANE_RESULT)->text, "cancelled");
    assert_mode(&b, "MODE=0\n");
    bench_submit(&b, 1, 1);
    bench_wait(&b, LANE_MODE_INTENT);
    bench_close(&b);
}

static void a_mode_that_is_not_granted_makes_the_cell_invalid(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b, "");
    set_mode(&b, "MODE=0\n");
    bench_open(&b);
    s = bench_run(&b, 3);
    assert_int_equal(s->status, STATUS_INVALID);
    assert_non_null(strstr(s->text, "op mode 'stuck' was not granted: the "
                                    "board says '0', expected '9'"));
    s = bench_run(&b, 4);
    assert_int_equal(s->status, STATUS_INVALID);
    assert_non_null(strstr(s->text, "has no op mode 'unknown'"));
    s = bench_run(&b, 0);
    assert_int_equal(s->status, STATUS_OK);
    assert_string_equal(s->result.attempt.op_mode_granted.s, "0");
    bench_close(&b);
}

static void what_an_earlier_run_left_is_restored_first(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b, "7");
    set_mode(&b, "MODE=2\n");
    bench_open(&b);
    s = bench_wait(&b, LANE_MODE_RESTORED);
    assert_string_equal(s->text, "7");
    bench_wait(&b, LANE_READY);
    assert_mode(&b, "MODE=7\n");
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mode_is_announced_set_verified_and_restored),
        cmocka_unit_test(nothing_is_set_before_it_is_acknowledged),
        cmocka_unit_test(a_lane_that_is_never_acknowledged_can_be_destroyed),
        cmocka_unit_test(a_mode_that_is_not_granted_makes_the_cell_invalid),
        cmocka_unit_test(what_an_earlier_run_left_is_restored_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
