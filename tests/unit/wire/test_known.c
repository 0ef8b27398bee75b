/* test_known.c - what attempts made is told to later lanes, and only to those
 * that it holds for
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "orchestrator/wire/known.h"

/* An attempt, and what its row says it made or took over. */
struct told {
    const char *board, *key; /* NULL: no accuracy */
    int64_t cell, from;      /* the accuracy's; attempt 1 */
    double top1;
    int64_t base_from; /* -1: no base */
    double base_w;     /* NaN: its meter was silent */
    enum provenance provenance;
};

static void learn(struct known *known, const struct told *told)
{
    struct result_layouts layouts;
    struct power_row power;
    struct result result;
    struct buf bytes = { 0 };

    result_init(&result);
    column_text_set(&result.attempt.board, told->board);
    column_text_set(&result.attempt.board_identity, "serial 7");
    result.attempt.provenance = told->provenance;
    result.attempt.cell = told->cell;
    result.attempt.attempt = 1;
    if (told->key) {
        column_text_set(&result.attempt.accuracy_key, told->key);
        result.attempt.accuracy_cell = told->from;
        result.attempt.accuracy_attempt = 1;
        result.attempt.top1_pct = told->top1;
    }
    if (told->base_from >= 0) {
        result.attempt.power_base_cell = told->base_from;
        result.attempt.power_base_attempt = 1;
        columns_clear(&columns_power_runs, &power);
        column_text_set(&power.meter, "rail");
        power.power_base_w = told->base_w;
        assert_true(VEC_PUSH(&result.power, power));
        column_text_set(&power.meter, "silent");
        power.power_base_w = NAN;
        assert_true(VEC_PUSH(&result.power, power));
    }
    assert_int_equal(result_encode(&result, &bytes, NULL), 0);
    assert_int_equal(result_layouts_own(&layouts, NULL), 0);
    assert_int_equal(
        known_learn(known, &layouts, cursor_of(bytes.data, bytes.len), NULL),
        0);
    result_layouts_free(&layouts);
    result_free(&result);
    buf_free(&bytes);
}

static struct known_facts facts_of(const struct known *known, const char *board,
                                   enum provenance provenance)
{
    struct known_facts facts;
    struct buf bytes = { 0 };

    known_encode(known, board, provenance, &bytes);
    assert_int_equal(known_decode(bytes.data, bytes.len, &facts, NULL), 0);
    for (size_t i = 0; i < bytes.len; i++) /* cut anywhere: refused */
        assert_int_equal(
            known_decode(bytes.data, i, &(struct known_facts){ 0 }, NULL),
            ERR_FORMAT);
    buf_free(&bytes);
    return facts;
}

/* clang-format off */
static const struct told story[] = {
    { "a", "int8",  0, 0, 97, 0,  2.5, PROVENANCE_MEASURED },
    { "a", "int8",  1, 0, 97, 0,  2.5, PROVENANCE_MEASURED },
    { "a", "int4",  2, 2, 90, 0,  2.5, PROVENANCE_MEASURED },
    { "b", "int8",  3, 3, 96, 3,  NAN, PROVENANCE_MEASURED },
    { "c", "int8",  4, 4, 11, 4,  9,   PROVENANCE_EMULATED },
    { "d", NULL,    5, 0, 0,  -1, 0,   PROVENANCE_MEASURED },
};
/* clang-format on */

static void tell_story(struct known *known)
{
    *known = (struct known){ .boards = { 0 } };
    for (size_t i = 0; i < ARRAY_LEN(story); i++)
        learn(known, &story[i]);
}

static void a_board_is_told_what_was_made_on_it(void **state)
{
    struct known known;
    struct known_facts facts;

    (void)state;
    tell_story(&known);
    facts = facts_of(&known, "a", PROVENANCE_MEASURED);
    assert_int_equal(facts.accuracies.len, 2);
    assert_string_equal(facts.accuracies.at[0].accuracy_key.s, "int8");
    assert_int_equal(facts.accuracies.at[0].accuracy_cell, 0);
    assert_true(facts.accuracies.at[0].top1_pct == 97);
    assert_true(facts.accuracies.at[1].top1_pct == 90);
    assert_int_equal(facts.base.len, 1); /* the silent meter has none */
    assert_true(facts.base.at[0].power_base_w == 2.5);
    assert_int_equal(facts.base_of.power_base_cell, 0);
    assert_string_equal(facts.base_of.board_identity.s, "serial 7");
    known_facts_free(&facts);
    known_free(&known);
}

static void nothing_is_told_of_another(void **state)
{
    static const struct {
        const char *board;
        enum provenance provenance;
        size_t accuracies, base;
    } rows[] = {
        { "b", PROVENANCE_MEASURED, 1, 0 }, /* base was not read */
        { "c", PROVENANCE_MEASURED, 0, 0 }, /* emulated is not measured */
        { "c", PROVENANCE_EMULATED, 1, 1 },
        { "a", PROVENANCE_EMULATED, 0, 0 },
        { "d", PROVENANCE_MEASURED, 0, 0 },
        { "nobody", PROVENANCE_MEASURED, 0, 0 },
    };
    struct known known;

    (void)state;
    tell_story(&known);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct known_facts facts =
            facts_of(&known, rows[i].board, rows[i].provenance);

        assert_int_equal(facts.accuracies.len, rows[i].accuracies);
        assert_int_equal(facts.base.len, rows[i].base);
        known_facts_free(&facts);
    }
    known_free(&known);
}

static void what_a_withdrawn_cell_made_is_forgotten(void **state)
{
    const struct told again = {
        "a", "int8", 7, 7, 98, 7, 3, PROVENANCE_MEASURED
    };
    struct known known, copy = { .boards = { 0 } };
    struct known_facts facts;

    (void)state;
    tell_story(&known);
    known_forget(&known, 0);
    assert_int_equal(known_copy(&copy, &known, NULL), 0);
    facts = facts_of(&copy, "a", PROVENANCE_MEASURED);
    assert_int_equal(facts.accuracies.len, 1);
    assert_string_equal(facts.accuracies.at[0].accuracy_key.s, "int4");
    assert_int_equal(facts.base.len, 0);
    known_facts_free(&facts);
    learn(&copy, &again);
    facts = facts_of(&copy, "a", PROVENANCE_MEASURED);
    assert_int_equal(facts.accuracies.len, 2);
    assert_true(facts.accuracies.at[1].top1_pct == 98);
    assert_true(facts.base.at[0].power_base_w == 3);
    known_facts_free(&facts);
    known_free(&known);
    known_free(&copy);
}

static void what_is_newer_replaces(void **state)
{
    const struct told again = {
        "a", "int8", 8, 8, 95, 8, 4, PROVENANCE_MEASURED
    };
    struct known known;
    struct known_facts facts;

    (void)state;
    tell_story(&known);
    learn(&known, &again);
    facts = facts_of(&known, "a", PROVENANCE_MEASURED);
    assert_int_equal(facts.accuracies.len, 2);
    assert_int_equal(facts.accuracies.at[0].accuracy_cell, 8);
    assert_int_equal(facts.base_of.power_base_cell, 8);
    known_facts_free(&facts);
    known_free(&known);
}

static void bytes_that_are_no_result_teach_nothing(void **state)
{
    struct known known = { .boards = { 0 } };
    struct result_layouts layouts;

    (void)state;
    assert_int_equal(result_layouts_own(&layouts, NULL), 0);
    assert_int_equal(known_learn(&known, &layouts, cursor_of(NULL, 0), NULL),
                     0);
    assert_int_equal(
        known_learn(&known, &layouts, cursor_of("\1\377\377", 3), NULL), 0);
    assert_int_equal(known.boards.len, 0);
    result_layouts_free(&layouts);
    known_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_is_told_what_was_made_on_it),
        cmocka_unit_test(nothing_is_told_of_another),
        cmocka_unit_test(what_a_withdrawn_cell_made_is_forgotten),
        cmocka_unit_test(what_is_newer_replaces),
        cmocka_unit_test(bytes_that_are_no_result_teach_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
