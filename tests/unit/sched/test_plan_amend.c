/* test_plan_amend.c - a plan that grows keeps its rows, ids and meaning */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/documents.h"
#include "orchestrator/sched/plan_amend.h"

static const char adapter[] =
    "{\"adapter\": \"a\", \"jobs\": [{\"name\": \"j\", \"run\": \"true\"}]}";

#define BOARD(name, platform)                                                  \
    "{\"name\": \"" name "\", \"platform\": \"" platform                       \
    "\", \"transport\": \"local\", \"adapter\": \"a\"}"
#define LAB(boards)                                                            \
    "{\"platforms\": {\"A\": {\"type\": \"CPU\"}, \"B\": {\"type\": "          \
    "\"CPU\"}}, \"boards\": [" boards "]}"
#define EXPERIMENT(axes, rest)                                                 \
    "{\"experiment\": \"x\", \"axes\": [" axes "], \"matrix\": [{" rest "}]}"
#define CLOCK "{\"name\": \"clock\", \"type\": \"integer\", \"unit\": \"MHz\"}"

static struct plan *plan_of(const char *experiment, const char *lab)
{
    struct documents d = { .texts = texts_create() };
    struct plan *plan = NULL;
    struct err err = { 0 };

    texts_add(d.texts, "experiment", "e", "/lab", experiment,
              strlen(experiment), NULL);
    texts_add(d.texts, "inventory", "i", "/lab", lab, strlen(lab), NULL);
    texts_add(d.texts, "adapter", "a", "/lab", adapter, strlen(adapter), NULL);
    if (experiment_load(d.texts, NULL, &d.experiment, &err) ||
        inventory_load(d.texts, NULL, &d.inventory, &err) ||
        plan_create(d.experiment, d.inventory, &plan, &err))
        fail_msg("%s", err.text);
    documents_close(&d);
    return plan;
}

static const struct {
    const char *what, *before, *before_lab, *grown, *grown_lab;
    size_t kept, added, retired, opened, closed;
} cases[] = {
    { "nothing", EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1, 2]"),
      LAB(BOARD("a", "A")),
      EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1, 2]"),
      LAB(BOARD("a", "A")), 2, 0, 0, 0, 0 },
    { "more of an axis, in another order",
      EXPERIMENT("", "\"platform\": \"A\", \"batch\": [4, 2]"),
      LAB(BOARD("a", "A")),
      EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1, 2, 3, 4]"),
      LAB(BOARD("a", "A")), 2, 2, 0, 0, 0 },
    { "a value dropped",
      EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1, 2, 3]"),
      LAB(BOARD("a", "A")),
      EXPERIMENT("", "\"platform\": \"A\", \"batch\": [3, 5]"),
      LAB(BOARD("a", "A")), 1, 1, 2, 0, 0 },
    { "a board for a platform that had none",
      EXPERIMENT("", "\"platform\": [\"A\", \"B\"], \"batch\": [1, 2]"),
      LAB(BOARD("a", "A")),
      EXPERIMENT("", "\"platform\": [\"A\", \"B\"], \"batch\": [1, 2]"),
      LAB(BOARD("b", "B") "," BOARD("a", "A")), 4, 0, 0, 2, 0 },
    { "a board gone", EXPERIMENT("", "\"platform\": [\"A\", \"B\"]"),
      LAB(BOARD("b", "B") "," BOARD("a", "A")),
      EXPERIMENT("", "\"platform\": [\"A\", \"B\"]"), LAB(BOARD("a", "A")), 2,
      0, 0, 0, 1 },
    { "an axis more, old cells without it",
      EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1, 2]"),
      LAB(BOARD("a", "A")),
      EXPERIMENT(CLOCK, "\"platform\": \"A\", \"batch\": [1, 2]}, "
                        "{\"platform\": \"A\", \"clock\": [100, 200]"),
      LAB(BOARD("a", "A")), 2, 2, 0, 0, 0 },
    { "an axis less",
      EXPERIMENT(CLOCK, "\"platform\": \"A\"}, {\"platform\": \"A\", "
                        "\"clock\": [100, 200]"),
      LAB(BOARD("a", "A")), EXPERIMENT("", "\"platform\": \"A\""),
      LAB(BOARD("a", "A")), 1, 0, 2, 0, 0 },
};

/* Each row of 'before' is where it was, with the values it had. */
static void assert_rows_stand(const char *what, const struct plan *before,
                              const struct plan *after)
{
    size_t old_len, len;
    const struct axis *old = plan_axes(before, &old_len);
    const struct axis *new = plan_axes(after, &len);

    for (size_t i = 0; i < plan_cells(before); i++) {
        struct op_point a, b;

        assert_true(plan_cell_id(before, i) == plan_cell_id(after, i));
        plan_cell_point(before, i, &a);
        plan_cell_point(after, i, &b);
        for (size_t k = 0; k < old_len; k++) {
            size_t at = axes_index(new, len, old[k].name);

            if (at == len || !axis_same_value(&old[k], &a.at[k], &b.at[at]))
                fail_msg("%s: row %zu, axis %s", what, i, old[k].name);
        }
        if (op_point_id(new, len, &b) != plan_cell_id(after, i))
            fail_msg("%s: row %zu: its id means something else", what, i);
    }
    assert_string_equal(new[len - 1].name, "repeat");
}

/* An amended plan is one that a journal can hold. */
static void assert_decodes(const struct plan *plan)
{
    struct buf bytes = { 0 };
    struct plan *back = NULL;
    struct err err = { 0 };

    if (plan_encode(plan, &bytes, &err) ||
        plan_decode(bytes.data, bytes.len, &back, &err))
        fail_msg("%s", err.text);
    assert_int_equal(plan_cells(back), plan_cells(plan));
    plan_destroy(back);
    buf_free(&bytes);
}

static void rows_stand_and_new_ones_follow(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plan *before = plan_of(cases[i].before, cases[i].before_lab);
        struct plan *grown = plan_of(cases[i].grown, cases[i].grown_lab);
        struct plan *after = NULL;
        struct plan_change change;
        struct err err = { 0 };

        if (plan_amend(before, grown, &after, &change, &err))
            fail_msg("%s: %s", cases[i].what, err.text);
        if (change.kept != cases[i].kept || change.added != cases[i].added ||
            change.retired_len != cases[i].retired ||
            change.opened != cases[i].opened ||
            change.closed != cases[i].closed)
            fail_msg("%s: %zu kept, %zu added, %zu retired, %zu opened, %zu "
                     "closed",
                     cases[i].what, change.kept, change.added,
                     change.retired_len, change.opened, change.closed);
        assert_int_equal(plan_cells(after),
                         plan_cells(before) + cases[i].added);
        for (size_t k = 0; k < change.retired_len; k++)
            assert_true(plan_cell_na(after, change.retired[k]));
        assert_rows_stand(cases[i].what, before, after);
        assert_decodes(after);
        plan_change_free(&change);
        plan_destroy(before);
        plan_destroy(after);
    }
}

/* What was retired and is asked for again is the same row. */
static void a_retired_cell_comes_back_as_itself(void **state)
{
    const char *two = EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1, 2]");
    const char *one = EXPERIMENT("", "\"platform\": \"A\", \"batch\": [1]");
    const char *lab = LAB(BOARD("a", "A"));
    struct plan *first = plan_of(two, lab), *less, *again;
    struct plan_change change;

    (void)state;
    assert_int_equal(plan_amend(first, plan_of(one, lab), &less, &change, NULL),
                     0);
    assert_int_equal(change.retired_len, 1);
    assert_int_equal(change.retired[0], 1);
    plan_change_free(&change);
    assert_int_equal(plan_amend(less, plan_of(two, lab), &again, &change, NULL),
                     0);
    assert_true(change.kept == 2 && !change.added && change.opened == 1);
    assert_false(plan_cell_na(again, 1));
    plan_change_free(&change);
    plan_destroy(first);
    plan_destroy(less);
    plan_destroy(again);
}

static void an_axis_keeps_its_type(void **state)
{
    struct plan *before =
        plan_of(EXPERIMENT(CLOCK, "\"platform\": \"A\""), LAB(BOARD("a", "A")));
    struct plan *grown =
        plan_of(EXPERIMENT("{\"name\": \"clock\", \"type\": \"number\", "
                           "\"unit\": \"MHz\"}",
                           "\"platform\": \"A\""),
                LAB(BOARD("a", "A")));
    struct plan *after = NULL;
    struct plan_change change;
    struct err err = { 0 };

    (void)state;
    assert_int_equal(plan_amend(before, grown, &after, &change, &err),
                     ERR_FORMAT);
    assert_string_equal(err.text,
                        "axis 'clock': its type was integer, is number");
    plan_destroy(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_and_new_ones_follow),
        cmocka_unit_test(a_retired_cell_comes_back_as_itself),
        cmocka_unit_test(an_axis_keeps_its_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
