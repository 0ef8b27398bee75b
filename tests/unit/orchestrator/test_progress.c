/* test_progress.c - what is drawn on a terminal: a line a board, whatever its
 * width */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/progress.h"

#define CUT_BEGINS "\033[?7l"
#define CUT_ENDS   "\033[?7h"

static struct view_board wide_board(const char *name)
{
    struct view_board board = { .ok = 3 };

    snprintf(board.name, sizeof(board.name), "%s", name);
    strcpy(board.state, "running");
    memset(board.cell, 'c', sizeof(board.cell) - 1);
    return board;
}

/* Wider lines than any terminal's: they must not wrap, or going back up by
 * the lines drawn would leave some. */
static void lines_are_cut_and_counted(void **state)
{
    struct view view = { .counts = { 0 } };
    struct progress progress;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    assert_true(VEC_PUSH(&view.boards, wide_board("b-1")));
    assert_true(VEC_PUSH(&view.boards, wide_board("b-2")));
    progress_begin(&progress, out, false, true, 0, &view);
    progress.terminal = true; /* a memory is none */
    progress_show(&progress, INT64_MAX / 2, &view);
    progress_say(&progress, "a cell failed");
    progress_end(&progress, &view);
    fclose(out);

    const char *first = strstr(text, CUT_BEGINS), *end = strstr(text, CUT_ENDS);
    assert_ptr_equal(first, text);
    assert_non_null(end);
    assert_non_null(strstr(first, "b-2"));
    assert_true(strstr(first, "b-2") < end);
    /* back up by the two lines below the bar, then the sentence */
    assert_ptr_equal(strstr(end, CUT_ENDS "\033[2A\r\033[Ja cell failed\n"),
                     end);
    assert_string_equal(text + len - strlen(CUT_ENDS) - 1, CUT_ENDS "\n");
    free(text);
    view_free(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_cut_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
