/* test_lane_ssh.c - lanes over real sshd boards: cells, crashes, identity */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vec.h"
#include "tests/unit/transport/boards.h"
#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"axes\": [{\"name\": \"command\", \"type\": "
    "\"text\"}], \"matrix\": [{\"platform\": [\"P\"], \"command\": [\"true\", "
    "\"pwd\", \"sleep 100\"]}], \"measure\": {\"min_time\": \"0.1 s\", "
    "\"max_time\": \"50 s\", \"total_limit\": \"60 s\"}}";

static const char adapter[] =
    "{\"adapter\": \"c\", \"stage\": [{\"name\": \"note\", \"file\": "
    "\"{project_dir}/note\", \"role\": \"other\"}], \"jobs\": [{\"name\": "
    "\"measure\", \"run\": \"test -s {note} && {!command}\"}]}";

static void load(struct bench *b, int i, const char *more)
{
    char inventory[1024], path[FS_PATH_MAX];

    bench_prepare(b);
    snprintf(path, sizeof(path), "%s/note", b->dir);
    assert_int_equal(fs_write_atomic(path, "hello", 5, NULL), 0);
    snprintf(
        inventory, sizeof(inventory),
        "{\"lab\": \"L\", \"known_hosts\": \"%s\", \"platforms\": {\"P\": "
        "{\"type\": \"CPU\", \"engine\": \"batched\", \"weights\": "
        "\"dram\", \"activations\": \"dram\"}}, \"boards\": [{\"name\": "
        "\"b\", \"platform\": \"P\", \"transport\": \"ssh\", \"host\": "
        "\"%s.%d\", \"port\": %d, \"key\": \"%s\", \"adapter\": \"c\"%s}]}",
        boards.known_hosts, boards.base, i, boards.port, boards.key, more);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    b->experiment->capture_raw_output = true;
    bench_open(b);
}

static void cells_run_at_home_over_one_connection(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    load(&b, 1, "");
    s = bench_run(&b, 0);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    s = bench_run(&b, 1);
    assert_int_equal(s->status, STATUS_OK);
    assert_non_null(strstr(s->result.raw.at[0].text, "/boards/1/home"));
    assert_true(s->result.attempt.board_identity.s[0] != 0);
    bench_close(&b);
}

static void a_board_that_crashes_fails_its_cell_and_comes_back(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    load(&b, 2, "");
    assert_int_equal(bench_run(&b, 0)->status, STATUS_OK);
    bench_submit(&b, 2, 1); /* sleeps */
    bench_wait(&b, LANE_STARTED);
    assert_int_equal(boards_lab("crash %s 2 >/dev/null", boards.dir), 0);
    assert_int_equal(boards_lab("restart %s 2 >/dev/null", boards.dir), 0);
    s = bench_wait(&b, LANE_RESULT);
    assert_true(s->transport_failed);
    assert_int_equal(s->status, STATUS_UNREACHABLE);
    assert_non_null(strstr(s->text, "the link to the board was lost"));
    s = bench_run(&b, 0);
    if (s->status != STATUS_OK)
        fail_msg("%s", s->text);
    bench_close(&b);
}

static void cut_the_link_and_come_back(void)
{
    struct bench b;
    struct seen *s;
    char line[200];

    load(&b, 1, "");
    assert_int_equal(bench_run(&b, 0)->status, STATUS_OK);
    bench_submit(&b, 2, 1);
    bench_wait(&b, LANE_STARTED);
    snprintf(line, sizeof(line),
             "for i in $(seq 300); do tests/lab/lab ps %s 1 | grep -q 'sleep "
             "100' && exit 0; done; exit 1",
             boards.dir);
    assert_int_equal(system(line), 0); /* it runs */
    assert_int_equal(boards_lab("kill %s 1 >/dev/null", boards.dir), 0);
    assert_int_equal(boards_lab("restart %s 1 >/dev/null", boards.dir), 0);
    s = bench_wait(&b, LANE_RESULT);
    assert_true(s->transport_failed);
    assert_int_equal(bench_run(&b, 0)->status, STATUS_OK);
    snprintf(line, sizeof(line),
             "! tests/lab/lab ps %s 1 | grep -q 'sleep 100'", boards.dir);
    assert_int_equal(system(line), 0);
    bench_close(&b);
}

static void
what_ran_when_the_link_was_cut_is_ended_at_the_next_contact(void **state)
{
    (void)state;
    if (!boards.up)
        skip();
    cut_the_link_and_come_back();
    /* a board whose commands are read by dash, as Debian's /bin/sh is */
    assert_int_equal(
        boards_lab("restart %s 1 --set 'ForceCommand=exec dash -c \"cd; eval "
                   "\\\"\\$SSH_ORIGINAL_COMMAND\\\"\"' >/dev/null",
                   boards.dir),
        0);
    cut_the_link_and_come_back();
}

static void wrong_boards_and_keys_are_refused_for_good(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    if (!boards.up)
        skip();
    load(&b, 1, ", \"identity\": {\"serial\": \"not-this-one\"}");
    s = bench_wait(&b, LANE_DOWN);
    assert_false(s->transport_failed);
    assert_non_null(strstr(s->text, "another board answered: serial"));
    bench_close(&b);
    assert_int_equal(boards_lab("rekey %s 1 >/dev/null", boards.dir), 0);
    load(&b, 1, "");
    s = bench_wait(&b, LANE_DOWN);
    assert_false(s->transport_failed);
    assert_non_null(strstr(s->text, "host key"));
    bench_close(&b);
}

static int start(void **state)
{
    (void)state;
    if (boards_have_sshd() && boards_start(2))
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
        cmocka_unit_test(cells_run_at_home_over_one_connection),
        cmocka_unit_test(a_board_that_crashes_fails_its_cell_and_comes_back),
        cmocka_unit_test(
            what_ran_when_the_link_was_cut_is_ended_at_the_next_contact),
        cmocka_unit_test(wrong_boards_and_keys_are_refused_for_good),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
