/* test_files.c - what coordinator and other commands say to each other by
 * files of the campaign */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/control.h"
#include "orchestrator/view.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/labsweep-files-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
    static const char *const names[] = { CONTROL_NAME, VIEW_NAME };
    char path[FS_PATH_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        fs_join(path, sizeof(path), dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

static void wishes_come_back(void **state)
{
    struct control control, read;
    struct control_board *board;
    uint64_t before = control_stamp(dir);

    (void)state;
    assert_int_equal(control_read(dir, &control, NULL), 0);
    assert_false(control.paused);
    control.paused = true;
    board = control_board(&control, "b-1");
    board->drained = true;
    control_board(&control, "b-2")->released = 3;
    assert_int_equal(control_write(dir, &control, NULL), 0);
    control_free(&control);
    assert_int_not_equal(control_stamp(dir), before);
    assert_int_equal(control_read(dir, &read, NULL), 0);
    assert_true(read.paused);
    assert_int_equal(read.boards.len, 2);
    assert_true(control_board(&read, "b-1")->drained);
    assert_int_equal(control_board(&read, "b-2")->released, 3);
    control_free(&read);
}

static void other_files_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{\"paused\": 1}",
        "{\"boards\": {\"b\": {\"drained\": \"yes\"}}}",
        "{\"boards\": {\"b\": {\"released\": -1}}}",
        "{\"stop\": true}",
    };
    char path[FS_PATH_MAX];

    (void)state;
    fs_join(path, sizeof(path), dir, CONTROL_NAME);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct control control;
        struct err err;

        assert_int_equal(fs_write_atomic(path, bad[i], strlen(bad[i]), NULL),
                         0);
        assert_int_equal(control_read(dir, &control, &err), ERR_FORMAT);
        assert_non_null(strstr(err.text, path));
    }
}

static struct view_board busy = { .name = "tx2-1",
                                  .state = "ready",
                                  .cell = "MLP INT8 batch 8",
                                  .since_s = 61,
                                  .ok = 7,
                                  .failed = 1 };
static struct view_board away = { .name = "ncs",
                                  .state = "quarantine",
                                  .reason = "connection refused",
                                  .since_s = NAN };

static void a_view_comes_back(void **state)
{
    struct view view = { .spent_s = 90 }, read;

    (void)state;
    view.counts = (struct sched_counts){ .cells = 50,
                                         .na = 5,
                                         .left_out = 5,
                                         .planned = 31,
                                         .running = 1,
                                         .ok = 10,
                                         .failed = 3,
                                         .boards_quarantined = 1,
                                         .remaining_s = 120,
                                         .remaining_err_s = NAN };
    assert_true(VEC_PUSH(&view.boards, busy) && VEC_PUSH(&view.boards, away));
    assert_int_equal(view_write(dir, &view, NULL), 0);
    assert_int_equal(view_read(dir, &read, NULL), 0);
    assert_int_equal(view_done(&read), 13);
    assert_int_equal(view_work(&read), 40);
    assert_true(isnan(read.counts.remaining_err_s));
    assert_int_equal(read.boards.len, 2);
    assert_string_equal(read.boards.at[1].reason, "connection refused");
    assert_true(read.boards.at[0].since_s == 61);
    view_free(&view);
    view_free(&read);
}

static void views_are_for_people(void **state)
{
    struct view view = { .spent_s = 90 };
    struct buf out = { 0 };

    (void)state;
    view.counts = (struct sched_counts){ .cells = 40,
                                         .ok = 10,
                                         .running = 2,
                                         .boards_held = 1,
                                         .remaining_s = 120,
                                         .remaining_err_s = 12 };
    view_put_words(&view, &out);
    assert_string_equal(buf_text(&out),
                        "10 of 40 cells, 10 ok, 0 failed, 90 s spent, "
                        "2 min 00 s ± 12 s left  held 1");
    buf_clear(&out);
    view.counts.remaining_err_s = NAN;
    view_put_bar(&view, &out);
    assert_non_null(strstr(buf_text(&out), "10/40  ok 10  failed 0  running 2"
                                           "  left about 2 min 00 s"));
    buf_clear(&out);
    view_put_board(&busy, &out);
    assert_non_null(strstr(buf_text(&out), "MLP INT8 batch 8, since 61 s"));
    buf_clear(&out);
    view_put_board(&away, &out);
    assert_non_null(strstr(buf_text(&out), "connection refused"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wishes_come_back, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(other_files_are_refused, make_dir,
                                        drop_dir),
        cmocka_unit_test_setup_teardown(a_view_comes_back, make_dir, drop_dir),
        cmocka_unit_test(views_are_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
