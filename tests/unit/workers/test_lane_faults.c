/* test_lane_faults.c - links that die, boards that refuse, tools that babble
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/vec.h"
#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"axes\": [{\"name\": \"command\", \"type\": "
    "\"text\"}], \"matrix\": [{\"platform\": [\"P\"], \"command\": "
    "[\"good\", \"drop\", \"hang\", \"endless\", \"half\", \"fine\"]}], "
    "\"measure\": {\"min_time\": \"0.1 s\", \"max_time\": \"0.2 s\", "
    "\"total_limit\": \"4 s\"}}";

static const char adapter[] =
    "{\"adapter\": \"c\", \"jobs\": [{\"name\": \"measure\", \"run\": "
    "\"{!command}\"}], \"collect\": [{\"column\": \"lat_sys_s\", \"unit\": "
    "\"s\", \"path\": \"lat\"}]}";

#define ROWS                                                                   \
    "{\"match\": \"good\", \"stdout\": \"{\\\"lat\\\": 1}\\n\"}, "             \
    "{\"match\": \"fine\", \"stdout\": \"{\\\"lat\\\": 2}\\n\"}, "             \
    "{\"match\": \"drop\", \"stdout\": \"so far\\n\", \"drop\": true}, "       \
    "{\"match\": \"hang\", \"stdout\": \"begun\\n\", \"hang\": true}, "        \
    "{\"match\": \"endless\", \"stdout\": "                                    \
    "\"0123456789012345678901234567\\n\","                                     \
    " \"repeat\": 1000000000}, "                                               \
    "{\"match\": \"half\", \"stdout\": \"{\\\"lat\\\": 1\"}"

static void load(struct bench *b, const char *script, const char *more)
{
    char path[FS_PATH_MAX], inventory[1024];

    bench_prepare(b);
    snprintf(path, sizeof(path), "%s/script.json", b->dir);
    assert_int_equal(fs_write_atomic(path, script, strlen(script), NULL), 0);
    snprintf(inventory, sizeof(inventory),
             "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"CPU\", "
             "\"engine\": \"batched\", \"weights\": \"dram\", "
             "\"activations\": \"dram\"}}, \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"script\", \"script\": "
             "\"%s\", \"adapter\": \"c\"%s}]}",
             path, more);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", inventory);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    bench_open(b);
}

static const struct {
    const char *what;
    size_t row;
    enum cell_status status;
    bool transport_failed;
    const char *reason;
} cells[] = {
    { "a good cell", 0, STATUS_OK, false, "" },
    { "the link drops", 1, STATUS_UNREACHABLE, true,
      "the link to the board was lost during job 'measure': link lost" },
    { "the lane has mended it", 0, STATUS_OK, false, "" },
    { "a tool that hangs", 2, STATUS_TIMEOUT, false,
      "took longer than its limit of 4 s: begun" },
    { "a tool that never stops", 3, STATUS_FAILED, false,
      "printed more than 16 MiB" },
    { "half a JSON value", 4, STATUS_FAILED, false,
      "no whole JSON object, only one without an end at byte 0" },
    { "the lane goes on", 5, STATUS_OK, false, "" },
};

static void a_bad_cell_never_hurts_the_next(void **state)
{
    struct bench b;

    (void)state;
    load(&b, "[" ROWS "]", "");
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        struct seen *s = bench_run(&b, cells[i].row);

        if (s->status != (int)cells[i].status ||
            s->transport_failed != cells[i].transport_failed ||
            !strstr(s->text, cells[i].reason) ||
            (!*cells[i].reason && *s->text))
            fail_msg("%s: got %s, '%s'", cells[i].what,
                     columns_flag_word("status", s->status), s->text);
        assert_int_equal(s->result.attempt.provenance, PROVENANCE_EMULATED);
    }
    bench_close(&b);
}

static const struct {
    const char *what, *script, *more, *text;
    bool transport_failed;
} downs[] = {
    { "refused for good", "{\"open\": \"refused\", \"replies\": []}", "",
      "refused, as scripted", false },
    { "a script that is none", "{", "", "not valid JSON", false },
    { "the pre command fails",
      "[{\"match\": \"prepare\", \"stderr\": \"no device\\n\", \"exit\": 1}]",
      ", \"pre\": \"prepare\"", "the pre command", false },
};

static void a_board_that_cannot_be_had_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(downs); i++) {
        struct bench b;
        struct seen *s;

        load(&b, downs[i].script, downs[i].more);
        s = bench_wait(&b, LANE_DOWN);
        if (!strstr(s->text, downs[i].text) ||
            s->transport_failed != downs[i].transport_failed)
            fail_msg("%s: got '%s' (%d)", downs[i].what, s->text,
                     s->transport_failed);
        lane_close(b.lane);
        bench_wait(&b, LANE_CLOSED);
        bench_close(&b);
    }
}

static void a_lane_closes_while_it_waits_to_try_again(void **state)
{
    struct bench b;
    struct seen *s;
    int64_t start = clock_mono_ns();

    (void)state;
    load(&b, "{\"open\": \"io\", \"replies\": []}", "");
    lane_close(b.lane);
    s = bench_wait(&b, LANE_DOWN);
    assert_true(s->transport_failed);
    bench_wait(&b, LANE_CLOSED);
    bench_close(&b);
    assert_true(NS_TO_S(clock_mono_ns() - start) < BENCH_WAIT_S);
}

static void many_lanes_are_opened_and_destroyed_at_any_moment(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct bench b;

        load(&b, "[" ROWS "]", "");
        if (i % 3)
            bench_submit(&b, (size_t)(i % 5), 1);
        if (i % 4 == 1)
            lane_cancel(b.lane);
        if (i % 4 == 2)
            bench_wait(&b, LANE_READY);
        bench_close(&b); /* with whatever is going on */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_cell_never_hurts_the_next),
        cmocka_unit_test(a_board_that_cannot_be_had_says_why),
        cmocka_unit_test(a_lane_closes_while_it_waits_to_try_again),
        cmocka_unit_test(many_lanes_are_opened_and_destroyed_at_any_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
