/* test_lane_known.c - accuracy and base power made once, told to later lanes
 *
 * The board is a script that answers the accuracy's command once a
 * connection, or not at all: what is made a second time fails the cell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "core/vec.h"
#include "tests/unit/workers/lane_bench.h"

static const char experiment[] =
    "{\"experiment\": \"e\", \"matrix\": [{\"platform\": [\"P\"], "
    "\"precision\": [\"INT8\", \"INT4\"], \"batch\": [1, 8], \"op_mode\": "
    "[\"default\", \"fast\"]}], \"measure\": {\"min_time\": \"0.1 s\", "
    "\"max_time\": \"0.2 s\", \"total_limit\": \"4 s\"}, "
    "\"capture\": [\"power\"], \"declared_accuracy\": [{\"where\": "
    "{\"precision\": \"INT4\"}, \"top1_pct\": 88.5, \"source\": \"a paper\"}]}";

/* only INT8 can be looked at; INT4 is declared */
static const char adapter[] =
    "{\"adapter\": \"c\", \"tool_version\": {\"run\": \"version\", "
    "\"pattern\": \"v(.*)\"}, \"values\": {\"precision\": {\"INT8\": "
    "{\"look\": "
    "\"1\"}, \"INT4\": {}}}, "
    "\"jobs\": [{\"name\": \"measure\", \"run\": \"go\"}], \"accuracy\": "
    "{\"if\": \"look\", \"key\": [\"precision\"], \"job\": {\"run\": "
    "\"look\"}, \"collect\": [{\"column\": \"top1_pct\", \"unit\": "
    "\"percent\", \"pattern\": \"right (.*)\"}]}, \"collect\": "
    "[{\"column\": \"lat_sys_s\", \"unit\": \"s\", \"path\": \"lat\"}]}";

/* A bench whose board says 'version' and answers "look" if 'look'. */
static void load(struct bench *b, const char *version, const char *look,
                 const struct known_facts *known)
{
    char path[FS_PATH_MAX], text[1024];

    bench_prepare(b);
    snprintf(path, sizeof(path), "%s/script.json", b->dir);
    snprintf(text, sizeof(text),
             "[{\"match\": \"version\", \"stdout\": \"v%s\\n\"}, {\"match\": "
             "\"go\", \"stdout\": \"{\\\"lat\\\": 1}\\n\"}%s%s%s]",
             version,
             look ? ", {\"match\": \"look\", \"times\": 1, "
                    "\"stdout\": \"right "
                  : "",
             look ? look : "", look ? "\\n\"}" : "");
    assert_int_equal(fs_write_atomic(path, text, strlen(text), NULL), 0);
    snprintf(text, sizeof(text),
             "{\"lab\": \"L\", \"platforms\": {\"P\": {\"type\": \"CPU\", "
             "\"engine\": \"batched\", \"weights\": \"dram\", "
             "\"activations\": \"dram\"}}, \"boards\": [{\"name\": \"b\", "
             "\"platform\": \"P\", \"transport\": \"script\", \"script\": "
             "\"%s\", \"adapter\": \"c\", \"op_modes\": {\"fast\": {}}, "
             "\"meters\": [{\"name\": \"wall\", \"driver\": \"fake\", "
             "\"primary\": true, \"on_board\": false, \"scope\": \"wall\", "
             "\"period\": \"10 ms\", \"idle\": \"0.1 s\", \"optional\": true, "
             "\"options\": {\"low\": \"3 W\", \"high\": \"3 W\"}, \"sources\": "
             "[{\"path\": \"wave\", \"unit\": \"W\"}]}]}]}",
             path);
    bench_add(b, "experiment", "e.json", experiment);
    bench_add(b, "inventory", "i.json", text);
    bench_add(b, "adapter", "c", adapter);
    bench_parse(b);
    b->setup.known = known;
    bench_open(b);
}

/* Rows of the matrix. */
enum {
    INT8_B1,
    INT8_B8,
    INT4_B1,
    INT8_B1_FAST = 4
};

static const struct attempt_row *run(struct bench *b, size_t row,
                                     uint32_t attempt)
{
    struct seen *s;

    bench_submit(b, row, attempt);
    s = bench_wait(b, LANE_RESULT);
    if (s->status != STATUS_OK)
        fail_msg("row %zu: %s", row, s->text);
    return &s->result.attempt;
}

/* What a lane's result teaches, as the coordinator tells it. */
static void teach(const struct seen *s, struct known_facts *facts)
{
    struct known known = { .boards = { 0 } };
    struct result_layouts layouts;
    struct buf bytes = { 0 };

    assert_int_equal(result_layouts_own(&layouts, NULL), 0);
    assert_int_equal(result_encode(&s->result, &bytes, NULL), 0);
    assert_int_equal(
        known_learn(&known, &layouts, cursor_of(bytes.data, bytes.len), NULL),
        0);
    buf_clear(&bytes);
    known_encode(&known, "b", PROVENANCE_EMULATED, &bytes);
    assert_int_equal(known_decode(bytes.data, bytes.len, facts, NULL), 0);
    buf_free(&bytes);
    known_free(&known);
    result_layouts_free(&layouts);
}

/* The facts of a lane that ran one cell, its third attempt. */
static void first_lane(struct known_facts *facts)
{
    const struct attempt_row *row;
    static struct bench b;

    load(&b, "1", "97.5", NULL);
    row = run(&b, INT8_B1, 3);
    assert_true(row->top1_pct == 97.5);
    assert_int_equal(row->accuracy_cell, INT8_B1);
    assert_int_equal(row->accuracy_attempt, 3);
    assert_int_equal(row->power_base_attempt, 3);
    row = run(&b, INT8_B8, 1); /* in the same lane */
    assert_int_equal(row->accuracy_cell, INT8_B1);
    assert_int_equal(row->accuracy_attempt, 3);
    teach(&b.seen[b.taken - 1], facts);
    bench_close(&b);
}

static void a_later_lane_takes_over(void **state)
{
    struct known_facts facts;
    const struct attempt_row *row;
    static struct bench b;

    (void)state;
    first_lane(&facts);
    assert_int_equal(facts.base.len, 1);
    facts.base.at[0].power_base_w = 2; /* told from what the meter says */
    load(&b, "1", NULL, &facts);
    row = run(&b, INT8_B8, 5);
    assert_true(row->top1_pct == 97.5);
    assert_int_equal(row->accuracy_source, ACCURACY_ON_BOARD);
    assert_int_equal(row->accuracy_cell, INT8_B1);
    assert_int_equal(row->accuracy_attempt, 3);
    assert_int_equal(row->power_base_cell, INT8_B1);
    assert_int_equal(row->power_base_attempt, 3);
    assert_true(b.seen[b.taken - 1].result.power.at[0].power_base_w == 2);
    bench_close(&b);
    known_facts_free(&facts);
}

static const struct {
    const char *what, *version;
    size_t row;
} others[] = {
    { "another tool version", "2", INT8_B1 },
    { "another op mode", "1", INT8_B1_FAST },
};

static void what_changed_makes_it_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct known_facts facts;
        const struct attempt_row *row;
        struct bench b;

        first_lane(&facts);
        load(&b, others[i].version, "60", &facts);
        row = run(&b, others[i].row, 1);
        if (row->top1_pct > 60 || row->accuracy_cell != (int64_t)others[i].row)
            fail_msg("%s: %g", others[i].what, row->top1_pct);
        bench_close(&b);
        known_facts_free(&facts);
    }
}

static void another_board_has_another_base(void **state)
{
    struct known_facts facts;
    const struct attempt_row *row;
    static struct bench b;

    (void)state;
    first_lane(&facts);
    facts.base.at[0].power_base_w = 2;
    column_text_set(&facts.base_of.board_identity, "another one");
    load(&b, "1", "50", &facts);
    row = run(&b, INT8_B1, 7);
    assert_int_equal(row->power_base_attempt, 7);
    assert_true(b.seen[b.taken - 1].result.power.at[0].power_base_w == 3);
    bench_close(&b);
    known_facts_free(&facts);
}

static void where_none_is_made_it_is_declared(void **state)
{
    const struct attempt_row *row;
    static struct bench b;

    (void)state;
    load(&b, "1", NULL, NULL);
    row = run(&b, INT4_B1, 1);
    assert_true(row->top1_pct == 88.5);
    assert_int_equal(row->accuracy_source, ACCURACY_DECLARED);
    assert_string_equal(row->accuracy_reference.s, "a paper");
    assert_string_equal(row->accuracy_key.s, "");
    assert_int_equal(row->accuracy_cell, COLUMN_I64_MISSING);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_later_lane_takes_over),
        cmocka_unit_test(what_changed_makes_it_again),
        cmocka_unit_test(another_board_has_another_base),
        cmocka_unit_test(where_none_is_made_it_is_declared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
