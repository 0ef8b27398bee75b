/* test_plan.c - cells matched to boards, ordered, kept as bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/documents.h"
#include "orchestrator/sched/sched.h"

/* One lab for all cases: two TX2 in a group, one CPU, a published NCS. */
static const char lab[] =
    "{\"platforms\": {\"TX2\": {\"type\": \"GPU\", \"op_modes\": {\"maxn\": "
    "{}, \"maxq\": {}}}, \"CPU\": {\"type\": \"CPU\"}, \"NCS\": {\"type\": "
    "\"VLIW\"}, \"TPU\": {\"type\": \"TPU\"}}, \"boards\": ["
    "{\"name\": \"tx2-[1-2]\", \"platform\": \"TX2\", \"transport\": "
    "\"local\", \"adapter\": \"a\", \"exclusive\": [\"hub\", \"hub\"], "
    "\"op_modes\": {\"maxn\": {\"id\": 0}}},"
    "{\"name\": \"cpu\", \"platform\": \"CPU\", \"transport\": \"local\", "
    "\"adapter\": \"a\", \"sisters\": \"s\"},"
    "{\"name\": \"ncs\", \"platform\": \"NCS\", \"transport\": \"none\"}]}";
static const char adapter_a[] =
    "{\"adapter\": \"a\", \"values\": {\"precision\": {\"INT8\": {}, "
    "\"FP16\": {}}}, \"jobs\": [{\"name\": \"j\", \"run\": \"true\"}, "
    "{\"name\": \"k\", \"run\": \"true\", \"for_each\": {\"l\": [\"1\", "
    "\"2\"]}}]}";

struct lab {
    struct texts *texts;
    struct experiment *experiment;
    struct inventory *inventory;
};

static void lab_open(const char *experiment, struct lab *ret_lab)
{
    struct lab l = { .texts = texts_create() };
    struct err err = { 0 };

    assert_non_null(l.texts);
    texts_add(l.texts, "experiment", "e", "/lab", experiment,
              strlen(experiment), NULL);
    texts_add(l.texts, "inventory", "i", "/lab", lab, strlen(lab), NULL);
    texts_add(l.texts, "adapter", "a", "/lab/adapters", adapter_a,
              strlen(adapter_a), NULL);
    if (experiment_load(l.texts, NULL, &l.experiment, &err) ||
        inventory_load(l.texts, NULL, &l.inventory, &err))
        fail_msg("%s", err.text);
    *ret_lab = l;
}

static void lab_close(struct lab *l)
{
    experiment_destroy(l->experiment);
    inventory_destroy(l->inventory);
    texts_destroy(l->texts);
}

static struct plan *plan_of(const char *experiment, struct lab *l)
{
    struct plan *plan = NULL;
    struct err err = { 0 };

    lab_open(experiment, l);
    if (plan_create(l->experiment, l->inventory, &plan, &err))
        fail_msg("%s", err.text);
    return plan;
}

#define MATRIX(rest) "{\"experiment\": \"x\", \"matrix\": [{" rest "}]}"

static const struct {
    const char *what, *experiment;
    const char *boards;    /* of cell 0, names joined by commas */
    const char *na_reason; /* of cell 0, or NULL */
} matches[] = {
    { "all boards of the platform",
      MATRIX("\"platform\": \"TX2\", \"precision\": \"INT8\""), "tx2-1,tx2-2",
      NULL },
    { "an op mode that the boards have",
      MATRIX("\"platform\": \"TX2\", \"precision\": \"INT8\", \"op_mode\": "
             "\"maxn\""),
      "tx2-1,tx2-2", NULL },
    { "an op mode that only the platform has",
      MATRIX("\"platform\": \"TX2\", \"precision\": \"INT8\", \"op_mode\": "
             "\"maxq\""),
      "", "board tx2-1 has no op mode maxq" },
    { "an op mode that nobody has",
      MATRIX("\"platform\": \"TX2\", \"precision\": \"INT8\", \"op_mode\": "
             "\"maxx\""),
      "", "platform TX2 has no op mode maxx" },
    { "a precision that the adapter does not map",
      MATRIX("\"platform\": \"CPU\", \"precision\": \"FP32\""), "",
      "adapter a cannot run precision FP32" },
    { "no precision where the adapter maps it", MATRIX("\"platform\": \"CPU\""),
      "", "adapter a needs the axis precision" },
    { "a platform whose board has no address",
      MATRIX("\"platform\": \"NCS\", \"precision\": \"INT8\""), "",
      "no board of platform NCS can be driven: ncs has no address" },
    { "a platform without a board",
      MATRIX("\"platform\": \"TPU\", \"precision\": \"INT8\""), "",
      "no board of platform TPU" },
    { "a misspelt platform",
      MATRIX("\"platform\": \"TX3\", \"precision\": \"INT8\""), "",
      "the inventory has no platform 'TX3', did you mean 'TX2'?" },
    { "no platform", MATRIX("\"batch\": 1"), "",
      "the op point names no platform" },
    { "the experiment's own reason comes first",
      "{\"experiment\": \"x\", \"matrix\": [{\"platform\": \"CPU\", "
      "\"precision\": \"INT8\"}], \"na\": [{\"where\": {\"platform\": "
      "\"CPU\"}, \"reason\": \"too slow\"}]}",
      "", "too slow" },
    { "a network that cannot be pruned so",
      "{\"experiment\": \"x\", \"topologies\": {\"N\": {\"input\": 3, "
      "\"layers\": [{\"dense\": 3, \"pruned\": true}]}}, \"matrix\": "
      "[{\"topology\": \"N\", \"platform\": \"CPU\", \"precision\": "
      "\"INT8\", \"pruning_factor_pct\": 50}]}",
      "", "e: topologies.N: layers[0]: 50 % of 3 channels is no whole number" },
};

static void cells_find_their_boards_or_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
        struct lab l;
        struct plan *plan = plan_of(matches[i].experiment, &l);
        struct plan_cell cell;
        struct buf boards = { 0 };

        assert_int_equal(plan_cells(plan), 1);
        plan_cell(plan, 0, &cell);
        for (size_t k = 0; k < cell.boards_len; k++) {
            struct plan_board board;

            plan_board_at(plan, cell.boards[k], &board);
            buf_printf(&boards, "%s%s", k ? "," : "", board.name);
        }
        if (strcmp(buf_text(&boards), matches[i].boards) != 0 ||
            !cell.na_reason != !matches[i].na_reason ||
            (cell.na_reason &&
             strcmp(cell.na_reason, matches[i].na_reason) != 0) ||
            plan_cell_na(plan, 0) != (cell.na_reason != NULL))
            fail_msg("%s: boards '%s', reason '%s'", matches[i].what,
                     buf_text(&boards), cell.na_reason ? cell.na_reason : "");
        plan_destroy(plan);
        lab_close(&l);
        buf_free(&boards);
    }
}

/* Seconds until all is done, as the scheduler sees it. */
static double forecast_of(const struct plan *plan)
{
    struct sched_settings settings = sched_defaults();
    struct sched_counts counts;
    struct sched *sched;

    assert_int_equal(sched_create(plan, &settings, &sched, NULL), 0);
    sched_counts(sched, &counts);
    sched_destroy(sched);
    return counts.remaining_s;
}

static void a_cell_knows_its_network_bits_and_time(void **state)
{
    struct documents d;
    struct plan *plan = NULL;
    struct plan_cell cell;
    struct plan_board board;
    struct plan_total total;
    double forecast_s;
    size_t at = 99;

    (void)state;
    assert_int_equal(documents_load("experiments/demo.json",
                                    "inventory/loopback.json", &d, NULL),
                     0);
    assert_int_equal(plan_create(d.experiment, d.inventory, &plan, NULL), 0);
    assert_int_equal(plan_cells(plan), 30);
    assert_int_equal(plan_boards(plan), 3);
    plan_cell(plan, 0, &cell);
    assert_null(cell.na_reason);
    assert_int_equal(cell.boards_len, 3);
    assert_int_equal(cell.pinned, PLAN_NONE);
    assert_int_equal(cell.ops_image, 20029440);
    assert_int_equal(cell.params, 10014720);
    assert_int_equal(cell.weight_bits, 2);
    assert_false(cell.is_float);
    assert_true(cell.expected_s > 0.59 && cell.expected_s < 0.61);
    assert_true(plan_find(plan, cell.id, &at));
    assert_int_equal(at, 0);
    assert_false(plan_find(plan, cell.id + 1, &at));
    plan_board_at(plan, 2, &board);
    assert_string_equal(board.name, "loop-3");
    assert_int_equal(board.groups_len, 1);
    assert_string_equal(plan_group_name(plan, board.groups[0]), "this-machine");
    assert_null(plan_group_name(plan, 1));
    /* one group: one board after the other */
    forecast_s = forecast_of(plan);
    assert_true(forecast_s > 17.9 && forecast_s < 18.1);
    assert_true(plan_total_at(plan, 0, &total));
    assert_string_equal(total.platform, "x86-64-CPU");
    assert_string_equal(total.op_mode, "default");
    assert_null(total.na_reason);
    assert_int_equal(total.cells, 30);
    assert_int_equal(total.boards, 3);
    assert_false(plan_total_at(plan, 1, &total));
    plan_destroy(plan);
    documents_close(&d);
}

static void the_published_table_has_424_cells_and_its_na_rows(void **state)
{
    struct documents d;
    struct plan *plan = NULL;
    struct plan_total total;
    size_t cells = 0, rows = 0;

    (void)state;
    assert_int_equal(documents_load("experiments/mnist.json",
                                    "inventory/qutibench.json", &d, NULL),
                     0);
    assert_int_equal(plan_create(d.experiment, d.inventory, &plan, NULL), 0);
    assert_int_equal(plan_cells(plan), 424 + 5);
    assert_int_equal(plan_merged(plan), 0);
    for (size_t i = 0; plan_total_at(plan, i, &total); i++) {
        assert_non_null(total.na_reason); /* published boards only */
        if (strstr(total.na_reason, "published table"))
            rows += total.cells;
        else
            cells += total.cells;
    }
    assert_int_equal(cells, 424);
    assert_int_equal(rows, 5);
    plan_destroy(plan);
    documents_close(&d);
}

static void each_board_gets_its_own_cell(void **state)
{
    struct lab l;
    struct plan *plan = plan_of(
        "{\"experiment\": \"x\", \"boards\": \"each\", \"repeats\": 2, "
        "\"matrix\": [{\"platform\": [\"TX2\", \"NCS\"], \"precision\": "
        "\"INT8\"}]}",
        &l);
    struct plan_cell cell;

    (void)state;
    assert_int_equal(plan_cells(plan), 2 * 2 + 2);
    for (uint32_t i = 0; i < 4; i++) {
        plan_cell(plan, i, &cell);
        assert_int_equal(cell.pinned, i / 2);
        assert_int_equal(cell.boards_len, 1);
        assert_int_equal(cell.boards[0], i / 2);
    }
    assert_true(plan_cell_na(plan, 4));
    plan_destroy(plan);
    lab_close(&l);
}

#define ORDERED(order)                                                         \
    "{\"experiment\": \"x\", \"order\": \"" order "\", \"seed\": 7, "          \
    "\"repeats\": 2, \"matrix\": [{\"platform\": [\"CPU\", \"TX2\"], "         \
    "\"precision\": [\"INT8\", \"FP16\"], \"op_mode\": \"default\"}]}"

static const struct {
    const char *experiment;
    uint32_t order[8]; /* all zero: any permutation but the first */
} orders[] = {
    { ORDERED("planned"), { 0, 2, 4, 6, 1, 3, 5, 7 } },
    { ORDERED("grouped"), { 0, 2, 1, 3, 4, 6, 5, 7 } },
    { ORDERED("shuffled"), { 0 } },
};

static void orders_are_permutations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct lab l;
        struct plan *plan = plan_of(orders[i].experiment, &l);
        struct plan *again = NULL;
        unsigned seen = 0;

        assert_int_equal(plan_cells(plan), 8);
        assert_int_equal(plan_create(l.experiment, l.inventory, &again, NULL),
                         0);
        for (size_t k = 0; k < 8; k++) {
            seen |= 1u << plan_order(plan)[k];
            assert_int_equal(plan_order(again)[k], plan_order(plan)[k]);
            if (orders[i].order[7])
                assert_int_equal(plan_order(plan)[k], orders[i].order[k]);
        }
        assert_int_equal(seen, 0xff);
        if (!orders[i].order[7])
            assert_memory_not_equal(plan_order(plan), orders[0].order,
                                    sizeof(orders[0].order));
        plan_destroy(plan);
        plan_destroy(again);
        lab_close(&l);
    }
}

static void assert_same_plan(const struct plan *a, const struct plan *b)
{
    struct plan_total x, y;

    assert_int_equal(plan_cells(a), plan_cells(b));
    assert_int_equal(plan_boards(a), plan_boards(b));
    assert_int_equal(plan_merged(a), plan_merged(b));
    assert_memory_equal(plan_order(a), plan_order(b),
                        plan_cells(a) * sizeof(uint32_t));
    for (size_t i = 0; i < plan_cells(a); i++) {
        struct plan_cell p, q;

        plan_cell(a, i, &p);
        plan_cell(b, i, &q);
        assert_true(p.id == q.id && p.boards_len == q.boards_len);
        assert_true(p.pinned == q.pinned && p.mode == q.mode);
        assert_true(p.ops_image == q.ops_image && p.params == q.params);
        assert_true(p.expected_s == q.expected_s);
        assert_string_equal(p.platform, q.platform);
        assert_string_equal(p.na_reason ? p.na_reason : "-",
                            q.na_reason ? q.na_reason : "-");
        assert_memory_equal(p.boards, q.boards, p.boards_len * 4);
    }
    for (size_t i = 0; plan_total_at(a, i, &x); i++) {
        assert_true(plan_total_at(b, i, &y));
        assert_true(x.cells == y.cells && x.boards == y.boards);
    }
}

static const char mixed[] =
    "{\"experiment\": \"x\", \"order\": \"shuffled\", \"repeats\": 3, "
    "\"boards\": \"each\", \"axes\": [{\"name\": \"clock\", \"type\": "
    "\"number\", \"unit\": \"MHz\"}], \"matrix\": [{\"platform\": [\"CPU\", "
    "\"TX2\", \"NCS\"], \"precision\": [\"INT8\", \"FP32\"], \"clock\": "
    "[1.5, 2], \"batch\": [1, 2, 4]}], \"na\": [{\"where\": {\"platform\": "
    "\"Z\"}, \"reason\": \"no\"}]}";

static void bytes_give_the_same_plan(void **state)
{
    struct lab l;
    struct plan *plan = plan_of(mixed, &l), *back = NULL;
    struct buf bytes = { 0 };
    struct err err = { 0 };
    struct op_point a, b;
    size_t axes;

    (void)state;
    assert_int_equal(plan_encode(plan, &bytes, NULL), 0);
    lab_close(&l); /* a plan needs neither file any more */
    if (plan_decode(bytes.data, bytes.len, &back, &err))
        fail_msg("%s", err.text);
    assert_same_plan(plan, back);
    plan_axes(plan, &axes);
    for (size_t i = 0; i < plan_cells(plan); i++) {
        plan_cell_point(plan, i, &a);
        plan_cell_point(back, i, &b);
        for (size_t k = 0; k < axes; k++)
            assert_true(axis_same_value(&plan_axes(back, &axes)[k], &a.at[k],
                                        &b.at[k]));
    }
    plan_destroy(plan);
    plan_destroy(back);
    buf_free(&bytes);
}

/* Who only counts gets the same counts from the same bytes. */
static void an_outline_counts_like_the_plan(void **state)
{
    struct lab l;
    struct plan *plan = plan_of(mixed, &l), *outline = NULL;
    struct buf bytes = { 0 };

    (void)state;
    assert_int_equal(plan_encode(plan, &bytes, NULL), 0);
    assert_int_equal(plan_decode_outline(bytes.data, bytes.len, &outline, NULL),
                     0);
    assert_int_equal(plan_cells(outline), plan_cells(plan));
    for (size_t i = 0; i < plan_cells(plan); i++)
        assert_int_equal(plan_cell_na(outline, i), plan_cell_na(plan, i));
    plan_destroy(plan);
    plan_destroy(outline);
    lab_close(&l);
    buf_free(&bytes);
}

static void damaged_bytes_never_give_a_broken_plan(void **state)
{
    struct lab l;
    struct plan *plan = plan_of(mixed, &l);
    struct buf bytes = { 0 };

    (void)state;
    assert_int_equal(plan_encode(plan, &bytes, NULL), 0);
    for (size_t len = 0; len < bytes.len; len++) {
        struct plan *back = NULL;

        assert_int_equal(plan_decode(bytes.data, len, &back, NULL), ERR_FORMAT);
    }
    for (size_t i = 0; i < bytes.len; i++) {
        struct plan *back = NULL;
        struct plan_cell cell;

        bytes.data[i] ^= 0x55;
        if (!plan_decode(bytes.data, bytes.len, &back, NULL))
            for (size_t k = 0; k < plan_cells(back); k++)
                plan_cell(back, k, &cell);
        plan_destroy(back);
        bytes.data[i] ^= 0x55;
    }
    plan_destroy(plan);
    lab_close(&l);
    buf_free(&bytes);
}

static void two_hundred_thousand_cells_stay_small(void **state)
{
    struct lab l;
    struct plan *plan =
        plan_of("{\"experiment\": \"x\", \"repeats\": 50000, \"matrix\": "
                "[{\"platform\": [\"CPU\", \"TX2\"], \"precision\": [\"INT8\", "
                "\"FP16\"]}]}",
                &l);
    struct plan *back = NULL;
    struct buf bytes = { 0 };

    (void)state;
    assert_int_equal(plan_cells(plan), 200000);
    assert_int_equal(plan_encode(plan, &bytes, NULL), 0);
    assert_true(bytes.len < 200000 * 20);
    assert_int_equal(plan_decode(bytes.data, bytes.len, &back, NULL), 0);
    assert_int_equal(plan_cells(back), 200000);
    assert_true(plan_cell_id(back, 199999) == plan_cell_id(plan, 199999));
    plan_destroy(plan);
    plan_destroy(back);
    lab_close(&l);
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_find_their_boards_or_a_reason),
        cmocka_unit_test(a_cell_knows_its_network_bits_and_time),
        cmocka_unit_test(the_published_table_has_424_cells_and_its_na_rows),
        cmocka_unit_test(each_board_gets_its_own_cell),
        cmocka_unit_test(orders_are_permutations),
        cmocka_unit_test(bytes_give_the_same_plan),
        cmocka_unit_test(an_outline_counts_like_the_plan),
        cmocka_unit_test(damaged_bytes_never_give_a_broken_plan),
        cmocka_unit_test(two_hundred_thousand_cells_stay_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
