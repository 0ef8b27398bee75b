/* test_lane_switch.c - switches that take a person, a boot, or a program */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"axes\": [{\"name\": \"net\", \"type\": "
    "\"text\"}], \"matrix\": [{\"platform\": [\"P\"], \"op_mode\": "
    "[\"default\", \"fast\"], \"net\": [\"a\", \"b\"]}], \"measure\": "
    "{\"min_time\": \"0.1 s\", \"max_time\": \"1 s\", \"total_limit\": "
    "\"20 s\"}}";

enum row {
    A,
    B,
    FAST_A,
    FAST_B
};

#define READ "\"run\": \"cat {param.dir}/mode\", \"pattern\": \"(.*)\""

static const char ask_adapter[] =
    "{\"adapter\": \"c\", \"op_mode\": {\"read\": {" READ "}, \"ask\": "
    "\"turn switch 6 of {board} to {mode.id}\", \"ask_limit\": \"%s\", "
    "\"verify\": {" READ ", \"expect\": \"{mode.id}\"}}, "
    "\"jobs\": [{\"name\": \"measure\", \"run\": \"true\"}]}";

static const char program_adapter[] =
    "{\"adapter\": \"c\", \"op_mode\": {\"read\": {" READ "}, \"set\": "
    "\"echo {mode.id} > {param.dir}/mode\", \"verify\": {" READ
    ", \"expect\": \"{mode.id}\"}, \"restore\": \"echo {mode_before} > "
    "{param.dir}/mode\", \"cost\": \"30 s\"}, \"program\": {\"run\": \"echo "
    "{net} "
    ">> {param.dir}/loads; echo %s > {param.dir}/loaded\", \"verify\": "
    "{\"run\": \"cat {param.dir}/loaded\", \"pattern\": \"(.*)\", \"expect\": "
    "\"{net}\"}, \"key\": [\"net\"], \"cost\": \"3 s\"}, \"jobs\": "
    "[{\"name\": \"measure\", \"run\": \"true\"}]}";

/* The set command takes the board down, as a boot would, and up again. */
static const char boot_adapter[] =
    "{\"adapter\": \"c\", \"op_mode\": {\"read\": {" READ "}, \"set\": "
    "\"echo {mode.id} > {param.dir}/mode; env -i PATH=\\\"$PATH\\\" setsid sh "
    "{param.dir}/boot >/dev/null 2>&1 </dev/null &\", \"verify\": {" READ
    ", \"expect\": \"{mode.id}\"}, \"restore\": \"echo {mode_before} > "
    "{param.dir}/mode\", \"boot_limit\": \"40 s\"}, \"jobs\": [{\"name\": "
    "\"measure\", \"run\": \"true\"}]}";

static void put(const struct bench *b, const char *name, const char *text)
{
    char path[FS_PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", b->dir, name);
    assert_int_equal(fs_write_atomic(path, text, strlen(text), NULL), 0);
}

static void assert_file(const struct bench *b, const char *name,
                        const char *text)
{
    struct buf content = { 0 };
    char path[FS_PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", b->dir, name);
    assert_int_equal(fs_read_file(path, 4096, &content, NULL), 0);
    assert_string_equal(buf_text(&content), text);
    buf_free(&content);
}

/* 'where' is the rest of the board's entry. */
static void load(struct bench *b, const char *adapter, const char *where)
{
    char inventory[2048];

    bench_prepare(b);
    put(b, "mode", "0\n");
    snprintf(inventory, sizeof(inventory),
             "{\"lab\": \"L\", \"known_hosts\": \"%s\", \"platforms\": {\"P\": "
             "{\"type\": \"CPU\", \"engine\": \"batched\", \"weights\": "
             "\"dram\", \"activations\": \"dram\"}}, \"boards\": [{\"name\": "
             "\"b\", \"platform\": \"P\", %s, \"adapter\": \"c\", "
             "\"parameters\": {\"dir\": \"%s\"}, \"op_modes\": {\"fast\": "
             "{\"id\": 2}}}]}",
             boards.up ? boards.known_hosts : "none", where, b->dir);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
}

static void a_person_is_asked_and_the_switch_looked_at(void **state)
{
    static struct bench b;
    char adapter[1000];
    struct seen *s;

    (void)state;
    snprintf(adapter, sizeof(adapter), ask_adapter, "50 s");
    load(&b, adapter, "\"transport\": \"local\"");
    bench_open(&b);
    bench_submit(&b, FAST_A, 1);
    bench_wait(&b, LANE_MODE_INTENT);
    s = bench_wait(&b, LANE_ASK);
    assert_string_equal(s->text, "turn switch 6 of b to 2");
    put(&b, "mode", "2\n");
    s = bench_wait(&b, LANE_RESULT);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    assert_string_equal(s->result.attempt.op_mode_granted.s, "2");
    bench_close(&b);
}

static void nobody_came_and_the_cell_is_invalid(void **state)
{
    static struct bench b;
    char adapter[1000];
    struct seen *s;

    (void)state;
    snprintf(adapter, sizeof(adapter), ask_adapter, "0.1 s");
    load(&b, adapter, "\"transport\": \"local\"");
    bench_open(&b);
    s = bench_run(&b, FAST_A);
    assert_int_equal(s->status, STATUS_INVALID);
    assert_non_null(strstr(s->text, "nobody did it within 0.1 s: op mode "
                                    "'fast' was not granted"));
    bench_close(&b);
}

static void what_is_loaded_stays_until_another_is(void **state)
{
    static struct bench b;
    char adapter[1500];

    (void)state;
    snprintf(adapter, sizeof(adapter), program_adapter, "{net}");
    load(&b, adapter, "\"transport\": \"local\"");
    bench_open(&b);
    for (int i = 0; i < 3; i++)
        assert_int_equal(bench_run(&b, A)->status, STATUS_OK);
    assert_file(&b, "loads", "a\n");
    assert_int_equal(bench_run(&b, B)->status, STATUS_OK);
    assert_int_equal(bench_run(&b, B)->status, STATUS_OK);
    assert_file(&b, "loads", "a\nb\n");
    assert_int_equal(bench_run(&b, FAST_B)->status, STATUS_OK); /* anew */
    assert_file(&b, "loads", "a\nb\nb\n");
    bench_close(&b);
}

static void another_load_than_asked_makes_the_cell_invalid(void **state)
{
    static struct bench b;
    char adapter[1500];
    struct seen *s;

    (void)state;
    snprintf(adapter, sizeof(adapter), program_adapter, "other");
    load(&b, adapter, "\"transport\": \"local\"");
    bench_open(&b);
    s = bench_run(&b, A);
    assert_int_equal(s->status, STATUS_INVALID);
    assert_non_null(strstr(s->text, "'other' is loaded, expected 'a'"));
    bench_close(&b);
}

static void switches_have_declared_costs(void **state)
{
    static struct bench b;
    const struct adapter *adapter;
    char text[1500];

    (void)state;
    snprintf(text, sizeof(text), program_adapter, "{net}");
    load(&b, text, "\"transport\": \"local\"");
    adapter = b.inventory->boards[0].adapter;
    assert_true(adapter->op_mode.cost_s == 30);
    assert_true(adapter->program.cost_s == 3);
    bench_close(&b);
}

/* A board whose set command boots it; 'more' is the rest of its entry and
 * 'then' what happens while it is down. */
static void load_booting(struct bench *b, const char *more, const char *then)
{
    char where[600], script[800], here[300];

    assert_non_null(getcwd(here, sizeof(here)));
    snprintf(where, sizeof(where),
             "\"transport\": \"ssh\", \"host\": \"%s.1\", \"port\": %d, "
             "\"key\": \"%s\"%s",
             boards.base, boards.port, boards.key, more);
    load(b, boot_adapter, where);
    snprintf(script, sizeof(script),
             "sleep 0.5; cd %s; tests/lab/lab crash %s 1; %s sleep 1; "
             "tests/lab/lab restart %s 1\n",
             here, boards.dir, then, boards.dir);
    put(b, "boot", script);
}

static void a_mode_that_boots_the_board_is_waited_for(void **state)
{
    static struct bench b;
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    load_booting(&b, "", "");
    bench_open(&b);
    s = bench_run(&b, FAST_A);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    assert_string_equal(s->result.attempt.op_mode_granted.s, "2");
    assert_int_equal(bench_run(&b, FAST_B)->status, STATUS_OK);
    lane_close(b.lane);
    bench_wait(&b, LANE_MODE_RESTORED);
    bench_wait(&b, LANE_CLOSED);
    assert_file(&b, "mode", "0\n");
    bench_close(&b);
}

static void another_board_after_the_boot_is_refused(void **state)
{
    static struct bench b;
    struct seen *s;
    char label[200], then[300];

    (void)state;
    if (!boards.up)
        skip();
    snprintf(label, sizeof(label), "%s/boards/1/home/.config/labsweep",
             boards.dir);
    assert_int_equal(fs_make_dirs(label, NULL), 0);
    snprintf(then, sizeof(then), "echo this-one > %s/serial", label);
    assert_int_equal(system(then), 0);
    snprintf(then, sizeof(then), "echo another > %s/serial;", label);
    load_booting(&b, ", \"identity\": {\"serial\": \"this-one\"}", then);
    bench_open(&b);
    s = bench_next(&b);
    if (s->kind == LANE_DOWN) {
        bench_close(&b);
        skip(); /* this machine has a serial number of its own */
    }
    s = bench_run(&b, FAST_A);
    assert_int_not_equal(s->status, STATUS_OK);
    assert_non_null(strstr(s->text, "another board answered"));
    bench_close(&b);
}

static int start(void **state)
{
    (void)state;
    if (boards_have_sshd() && boards_start(1))
        return -1;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    boards_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_asked_and_the_switch_looked_at),
        cmocka_unit_test(nobody_came_and_the_cell_is_invalid),
        cmocka_unit_test(what_is_loaded_stays_until_another_is),
        cmocka_unit_test(another_load_than_asked_makes_the_cell_invalid),
        cmocka_unit_test(switches_have_declared_costs),
        cmocka_unit_test(a_mode_that_boots_the_board_is_waited_for),
        cmocka_unit_test(another_board_after_the_boot_is_refused),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
