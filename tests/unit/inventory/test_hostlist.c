/* test_hostlist.c - folded names: unfolded, folded, refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/vec.h"
#include "inventory/hostlist.h"

static const struct {
    const char *folded, *names, *numbers;
} good[] = {
    { "zcu", "zcu", "" },
    { "tx2-[01-03]", "tx2-01 tx2-02 tx2-03", "01 02 03" },
    { "zcu[102,104]", "zcu102 zcu104", "102 104" },
    { "n[0-10/5]", "n0 n5 n10", "0 5 10" },
    { "n[8-11]", "n8 n9 n10 n11", "8 9 10 11" },
    { "a,b[1],c", "a b1 c", " 1 " },
    { "r[1-2]n[01,03]x", "r1n01x r1n03x r2n01x r2n03x", "1-01 1-03 2-01 2-03" },
};

static void lists_unfold_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct hostlist *list = NULL;
        struct err err = { 0 };
        struct buf names = { 0 }, numbers = { 0 };

        if (hostlist_expand(good[i].folded, &list, &err))
            fail_msg("'%s': %s", good[i].folded, err.text);
        for (size_t k = 0; k < hostlist_len(list); k++) {
            buf_printf(&names, "%s%s", k ? " " : "",
                       hostlist_at(list, k)->name);
            buf_printf(&numbers, "%s%s", k ? " " : "",
                       hostlist_at(list, k)->number);
        }
        assert_string_equal(buf_text(&names), good[i].names);
        assert_string_equal(buf_text(&numbers), good[i].numbers);
        assert_null(hostlist_at(list, hostlist_len(list)));
        hostlist_destroy(list);
        buf_free(&names);
        buf_free(&numbers);
    }
}

static const char *const bad[] = {
    "",
    ",a",
    "a,",
    "a[",
    "a[]",
    "a]",
    "a[1",
    "a[1-]",
    "a[-1]",
    "a[3-1]",
    "a[1-3/0]",
    "a[1/2]",
    "a[01-100]",
    "a[1x]",
    "a[1-99999]",
    "a[1-999999999][1-999999999]",
    "a[9999999999]",
    "a b",
    "a'b",
    "a{n}",
    "../a",
    "a[[1]]",
};

static void other_lists_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct hostlist *list = NULL;
        struct err err = { 0 };

        if (hostlist_expand(bad[i], &list, &err) != ERR_FORMAT || list ||
            !*err.text)
            fail_msg("'%s' was taken", bad[i]);
    }
}

static const struct {
    const char *names[8], *folded;
} folds[] = {
    { { "a" }, "a" },
    { { "tx2-01", "tx2-02", "tx2-03" }, "tx2-[01-03]" },
    { { "n8", "n9", "n10", "n12" }, "n[8-10],n12" },
    { { "n08", "n09", "n10" }, "n[08-10]" },
    { { "n09", "n10", "n100" }, "n[09-10],n100" },
    { { "a1x", "a2x", "b3x" }, "a[1-2]x,b3x" },
    { { "a", "b" }, "a,b" },
};

static void neighbours_fold_and_unfold_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folds); i++) {
        struct hostlist *list = NULL;
        struct buf out = { 0 };
        size_t len = 0;

        while (len < 8 && folds[i].names[len])
            len++;
        hostlist_fold(folds[i].names, len, &out);
        assert_string_equal(buf_text(&out), folds[i].folded);
        assert_int_equal(hostlist_expand(buf_text(&out), &list, NULL), 0);
        assert_int_equal(hostlist_len(list), len);
        for (size_t k = 0; k < len; k++)
            assert_string_equal(hostlist_at(list, k)->name, folds[i].names[k]);
        hostlist_destroy(list);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_unfold_in_their_order),
        cmocka_unit_test(other_lists_are_refused),
        cmocka_unit_test(neighbours_fold_and_unfold_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
