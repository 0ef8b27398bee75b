/* test_lane_local.c - a lane over the local transport, command by command */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "core/vec.h"
#include "tests/unit/workers/lane_bench.h"

#define PLATFORM                                                               \
    "\"platforms\": {\"P\": {\"type\": \"CPU\", \"engine\": \"batched\", "     \
    "\"weights\": \"dram\", \"activations\": \"dram\"}}"

static const char inventory[] =
    "{\"lab\": \"L\", " PLATFORM ", \"boards\": [{\"name\": \"b\", "
    "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": \"c\"}]}";

static const char experiment[] =
    "{\"experiment\": \"e\", \"axes\": [{\"name\": \"command\", \"type\": "
    "\"text\"}], \"matrix\": [{\"platform\": [\"P\"], \"batch\": [1, 8], "
    "\"command\": [\"true\", \"exit 3\", \"report\", \"garbage\", "
    "\"sleep\", \"kill\"]}], \"measure\": {\"min_time\": \"0.1 s\", "
    "\"max_time\": \"0.5 s\", \"total_limit\": \"5 s\"}, "
    "\"capture\": [\"raw_output\", \"power\"]}";

/* What the words of axis 'command' do. */
static const char adapter[] =
    "{\"adapter\": \"c\", \"values\": {\"command\": {"
    "\"true\": {\"line\": \"true\"}, "
    "\"exit 3\": {\"line\": \"echo out; echo the tool broke >&2; exit 3\"}, "
    "\"report\": {\"line\": \"echo log; echo '{\\\"lat\\\": 2.5, \\\"n\\\": "
    "4}'\"}, "
    "\"garbage\": {\"line\": \"head -c 3000 /dev/urandom\"}, "
    "\"sleep\": {\"line\": \"echo begun; sleep 100\"}, "
    "\"kill\": {\"line\": \"kill -9 $$\"}}}, "
    "\"jobs\": [{\"name\": \"measure\", \"run\": \"exec sh -c {line}\"}], "
    "\"collect\": [{\"column\": \"lat_sys_s\", \"unit\": \"ms\", \"path\": "
    "\"lat\", \"optional\": true}, {\"column\": \"batches\", \"path\": "
    "\"n\", \"optional\": true}], "
    "\"derive\": [{\"column\": \"fps_sys\", \"unit\": \"1/s\", \"value\": "
    "\"batch / lat_sys_s\"}]}";

static void load(struct bench *b, const char *lab)
{
    bench_prepare(b);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", lab);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
}

static const struct {
    const char *what;
    size_t row;
    enum cell_status status;
    const char *reason; /* contained in it */
} cells[] = {
    { "a command that does nothing", 0, STATUS_OK, "" },
    { "an exit status with the tool's words", 1, STATUS_FAILED,
      "exited with status 3: the tool broke" },
    { "values are read", 2, STATUS_OK, "" },
    { "garbage fails nothing by itself", 3, STATUS_OK, "" },
    { "a command that hangs", 4, STATUS_TIMEOUT,
      "took longer than its limit of 5 s: begun" },
    { "a signal", 5, STATUS_FAILED, "signal 9" },
    { "the lane goes on after all that", 0, STATUS_OK, "" },
};

static void every_end_of_a_command_is_told(void **state)
{
    struct bench b;

    (void)state;
    load(&b, inventory);
    bench_open(&b);
    bench_wait(&b, LANE_READY);
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        struct seen *s = bench_run(&b, cells[i].row);

        if (s->status != (int)cells[i].status ||
            !strstr(s->text, cells[i].reason) ||
            (!*cells[i].reason && *s->text))
            fail_msg("%s: got %s, '%s'", cells[i].what,
                     columns_flag_word("status", s->status), s->text);
        assert_int_equal(s->result.attempt.status, cells[i].status);
        assert_string_equal(s->result.attempt.board.s, "b");
        assert_string_equal(s->result.attempt.fingerprint.s, "f00d");
        assert_int_equal(s->result.attempt.cell, (int64_t)cells[i].row);
        assert_false(s->transport_failed);
    }
    bench_close(&b);
}

static void numbers_units_and_raw_output_are_kept(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b, inventory);
    b.experiment->thermal_limit_degc = 190; /* looked at, never reached */
    bench_open(&b);
    s = bench_run(&b, 8); /* batch 8, "report" */
    assert_int_equal(s->status, STATUS_OK);
    assert_true(s->result.attempt.lat_sys_s == 2.5e-3);
    assert_int_equal(s->result.attempt.batches, 4);
    assert_true(fabs(s->result.attempt.fps_sys - 3200) < 1e-9);
    assert_true(isnan(s->result.attempt.lat_comp_s));
    assert_int_equal(s->result.attempt.exit_code, 0);
    assert_int_equal(s->result.attempt.exit_signal, COLUMN_I64_MISSING);
    assert_int_equal(s->result.raw.len, 1);
    assert_string_equal(s->result.raw.at[0].job, "measure");
    assert_string_equal(s->result.raw.at[0].stream, "stdout");
    assert_non_null(strstr(s->result.raw.at[0].text, "\"lat\": 2.5"));
    assert_int_equal(s->result.power.len, 1); /* never 0 W */
    assert_string_equal(s->result.power.at[0].power_note.s, "no sensor");
    assert_true(isnan(s->result.power.at[0].power_full_w));
    bench_close(&b);
}

static void a_cancelled_command_ends_and_the_queue_is_dropped(void **state)
{
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b, inventory);
    b.experiment->measure.total_limit_s = 50;
    bench_open(&b);
    bench_submit(&b, 4, 1); /* sleeps */
    bench_submit(&b, 0, 1);
    bench_wait(&b, LANE_STARTED);
    lane_cancel(b.lane);
    s = bench_wait(&b, LANE_RESULT);
    assert_int_equal(s->status, STATUS_FAILED);
    assert_string_equal(s->text, "cancelled");
    assert_int_equal(s->cell, 4);
    s = bench_run(&b, 2); /* and not the dropped one */
    assert_int_equal(s->cell, 2);
    assert_int_equal(s->status, STATUS_OK);
    bench_close(&b);
}

static void closing_finishes_the_queue(void **state)
{
    struct bench b;

    (void)state;
    load(&b, inventory);
    bench_open(&b);
    bench_submit(&b, 0, 1);
    bench_submit(&b, 2, 1);
    lane_close(b.lane);
    assert_int_equal(bench_wait(&b, LANE_RESULT)->cell, 0);
    assert_int_equal(bench_wait(&b, LANE_RESULT)->cell, 2);
    bench_wait(&b, LANE_CLOSED);
    assert_int_equal(lane_submit(b.lane, &(struct lane_job){ 0 }), ERR_REFUSED);
    bench_close(&b);
}

static void another_board_is_refused(void **state)
{
    static const char wrong[] =
        "{\"lab\": \"L\", " PLATFORM ", \"boards\": [{\"name\": \"b\", "
        "\"platform\": \"P\", \"transport\": \"local\", \"adapter\": \"c\", "
        "\"identity\": {\"machine_id\": \"0123\"}}]}";
    struct bench b;
    struct seen *s;

    (void)state;
    load(&b, wrong);
    bench_open(&b);
    s = bench_wait(&b, LANE_DOWN);
    assert_false(s->transport_failed);
    assert_non_null(strstr(s->text, "another board answered: machine_id"));
    assert_non_null(strstr(s->text, "expected '0123'"));
    lane_close(b.lane);
    bench_wait(&b, LANE_CLOSED);
    bench_close(&b);
}

static void a_meter_without_a_labrunner_is_named(void **state)
{
    static const char *const optional[] = { "false", "true" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bench b;
        struct seen *s;
        char lab[1024];

        snprintf(lab, sizeof(lab),
                 "{\"lab\": \"L\", " PLATFORM ", \"boards\": [{\"name\": "
                 "\"b\", \"platform\": \"P\", \"transport\": \"local\", "
                 "\"adapter\": \"c\", \"meters\": [{\"name\": \"rail\", "
                 "\"driver\": \"file\", \"primary\": true, \"optional\": "
                 "%s, \"sources\": [{\"path\": \"/x\", \"unit\": \"W\"}]}]}]}",
                 optional[i]);
        load(&b, lab);
        bench_open(&b);
        s = bench_run(&b, 2);
        assert_int_equal(s->status, i ? STATUS_OK : STATUS_FAILED);
        if (!i) {
            assert_non_null(strstr(s->text, "there is no labrunner-"));
        } else {
            assert_int_equal(s->result.power.len, 1);
            assert_string_equal(s->result.power.at[0].meter.s, "rail");
            assert_non_null(strstr(s->result.power.at[0].power_note.s,
                                   "it needs a labrunner on the board"));
            assert_true(isnan(s->result.power.at[0].power_full_w));
        }
        bench_close(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_of_a_command_is_told),
        cmocka_unit_test(numbers_units_and_raw_output_are_kept),
        cmocka_unit_test(a_cancelled_command_ends_and_the_queue_is_dropped),
        cmocka_unit_test(closing_finishes_the_queue),
        cmocka_unit_test(another_board_is_refused),
        cmocka_unit_test(a_meter_without_a_labrunner_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
