/* test_choice.c - cells and boards chosen by words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/vec.h"
#include "inventory/choice.h"

static const struct axis axes[] = {
    { .name = "platform", .type = AXIS_TEXT },
    { .name = "batch", .type = AXIS_I64, .dflt = { .there = true, .i64 = 1 } },
    { .name = "pruning_factor_pct", .type = AXIS_F64 },
    { .name = "board", .type = AXIS_TEXT },
};

static struct op_point point(const char *platform, int64_t batch, double pct,
                             const char *board)
{
    struct op_point p = { 0 };

    p.at[0].there = true;
    snprintf(p.at[0].text, sizeof(p.at[0].text), "%s", platform);
    p.at[1].there = batch > 0;
    p.at[1].i64 = batch;
    p.at[2].there = true;
    p.at[2].f64 = pct;
    p.at[3].there = board != NULL;
    snprintf(p.at[3].text, sizeof(p.at[3].text), "%s", board ? board : "");
    return p;
}

static bool matches(const char *text, const struct op_point *p, bool open)
{
    struct choice *choice;
    struct err err;
    bool yes;

    if (choice_parse(axes, ARRAY_LEN(axes), text, &choice, &err))
        fail_msg("'%s': %s", text, err.text);
    yes = choice_matches(choice, p, open);
    choice_destroy(choice);
    return yes;
}

static void all_terms_must_hold(void **state)
{
    struct op_point p = point("TX2", 8, 12.5, NULL);

    (void)state;
    assert_true(matches("platform=TX2", &p, true));
    assert_true(matches("platform=NCS,TX2,batch=8", &p, true));
    assert_false(matches("platform=NCS,TX2,batch=1", &p, true));
    assert_true(matches("pruning_factor_pct=12.50", &p, true));
    assert_false(matches("platform=tx2", &p, true));
    p = point("TX2", 0, 100, NULL); /* batch at its default */
    assert_true(matches("batch=1", &p, true));
}

static void boards_are_host_lists(void **state)
{
    struct op_point open = point("TX2", 8, 100, NULL);
    struct op_point each = point("TX2", 8, 100, "tx2-03");
    struct choice *choice;

    (void)state;
    assert_true(matches("board=tx2-[01-04],ncs", &each, false));
    assert_false(matches("board=tx2-[01,02],ncs", &each, true));
    assert_true(matches("board=tx2-[01,02]", &open, true));
    assert_false(matches("board=tx2-[01,02]", &open, false));
    assert_int_equal(
        choice_parse(axes, ARRAY_LEN(axes), "board=n[1,3],x", &choice, NULL),
        0);
    assert_true(choice_names_boards(choice) && choice_only_boards(choice));
    assert_true(choice_has_board(choice, "n3"));
    assert_true(choice_has_board(choice, "x"));
    assert_false(choice_has_board(choice, "n2"));
    choice_destroy(choice);
}

static void other_words_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "TX2", "expected AXIS=VALUE" },
        { "", "expected AXIS=VALUE" },
        { "speed=1", "'speed' is no axis" },
        { "batch=many", "many" },
        { "batch=", "" },
        { "board=n[3-1]", "" },
        { "platform=TX2,,", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct choice *choice;
        struct err err = { 0 };

        if (choice_parse(axes, ARRAY_LEN(axes), bad[i].text, &choice, &err) !=
            ERR_USAGE)
            fail_msg("'%s' is taken", bad[i].text);
        if (!strstr(err.text, bad[i].says))
            fail_msg("'%s': %s", bad[i].text, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_terms_must_hold),
        cmocka_unit_test(boards_are_host_lists),
        cmocka_unit_test(other_words_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
