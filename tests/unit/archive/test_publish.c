/* test_publish.c - an archive holds what its journal holds */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "tests/unit/archive/made.h"

static void ok(int rc, const struct err *err)
{
    if (rc)
        fail_msg("%s", err->text);
}

static void close_clean(struct journal *journal)
{
    struct err err = { 0 };

    ok(journal_close(journal, true, &err), &err);
}

/* A campaign in which every kind of thing happens. */
static void campaign_make(const char *dir, const struct made_shape *shape)
{
    struct journal *journal = made_begin(dir, 10);

    made_append(journal, shape, 0, 1, STATUS_FAILED);
    made_append(journal, shape, 0, 2, STATUS_OK);
    for (uint64_t i = 1; i < 15; i++)
        made_append(journal, shape, i, 1, STATUS_OK);
    made_append(journal, shape, 14, 1, STATUS_OK); /* sent again */
    made_append(journal, shape, 15, 1, STATUS_TIMEOUT);
    close_clean(journal);
}

static void an_archive_reads_back(void **state)
{
    const struct made_shape shape = {
        .seed = 3, .latencies = 100, .readings = 30, .raw = true
    };
    struct dataset *dataset = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, ARCHIVE_SAMPLES, &dataset, &err), &err);
    assert_int_equal(dataset->cells->rows, 20);
    assert_int_equal(dataset->attempts->rows, 17);
    assert_int_equal(dataset->power_runs->rows, 34);
    assert_string_equal(dataset->title, "Made up");
    assert_string_equal(dataset->lab, "made");
    dataset_destroy(dataset);
    ok(archive_verify(dir, &err), &err);
    made_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
