/* test_hostile.c - archives of anybody: truncated, flipped, endless, circular
 *
 * Every one is looked at in a child with a time limit; what it says does not
 * matter, that it ends does.  LABSWEEP_LONG: fifty times as many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/h5_file.h"
#include "orchestrator/archive/h5_reader.h"
#include "orchestrator/archive/h5_writer.h"
#include "tests/unit/archive/made.h"

#define LIMIT_S 20

static void ok(int rc, const struct err *err)
{
    if (rc)
        fail_msg("%s", err->text);
}

/* A small archive of every kind of content in a folder without journal. */
static void archive_make(char *dir, char *path)
{
    const struct made_shape shape = {
        .seed = 41, .latencies = 12, .readings = 9, .raw = true
    };
    struct journal *journal;
    struct err err = { 0 };
    char campaign[MADE_PATH];

    made_dir(campaign);
    made_dir(dir);
    journal = made_begin(campaign, 3);
    for (uint64_t i = 0; i < 5; i++)
        made_append(journal, &shape, i, 1, STATUS_OK);
    ok(journal_close(journal, true, &err), &err);
    assert_true(fs_join(path, FS_PATH_MAX, dir, CAMPAIGN_ARCHIVE));
    ok(archive_publish_to(campaign, path, &err), &err);
    made_dir_remove(campaign);
}

static void damage(struct buf *bytes, uint64_t *random)
{
    size_t flips = 1 + made_random(random) % 8;
    static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

    for (size_t i = 0; i < flips; i++) {
        size_t at = made_random(random) % bytes->len;

        if (made_random(random) % 2)
            bytes->data[at] ^= (uint8_t)(1u << made_random(random) % 8);
        else
            bytes->data[at] = values[made_random(random) % sizeof(values)];
    }
    if (made_random(random) % 8 == 0)
        bytes->len = made_random(random) % bytes->len;
}

static void damaged_archives_end_in_time(void **state)
{
    size_t count = getenv("LABSWEEP_LONG") ? 5000 : 100;
    struct buf whole = { 0 }, bytes = { 0 };
    uint64_t random = 88172645463325252u;
    char dir[MADE_PATH], path[FS_PATH_MAX];
    struct err err = { 0 };

    (void)state;
    archive_make(dir, path);
    ok(archive_check(path, LIMIT_S, &err), &err);
    made_read(dir, CAMPAIGN_ARCHIVE, &whole);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&bytes);
        buf_put(&bytes, whole.data, whole.len);
        damage(&bytes, &random);
        made_write(dir, CAMPAIGN_ARCHIVE, bytes.data, bytes.len);
        archive_check(path, LIMIT_S, &err);
    }
    buf_free(&whole);
    buf_free(&bytes);
    made_dir_remove(dir);
}

/* Groups in circles, links to nothing, a table that is a file, a column
 * longer than any memory, a word that points at its own table. */
static void circle(hid_t file)
{
    H5Ldelete(file, "cells", H5P_DEFAULT);
    H5Lcreate_hard(file, "/", file, "cells", H5P_DEFAULT, H5P_DEFAULT);
}

static void soft_circle(hid_t file)
{
    H5Ldelete(file, "attempts", H5P_DEFAULT);
    H5Lcreate_soft("/attempts", file, "attempts", H5P_DEFAULT, H5P_DEFAULT);
}

static void into_itself(hid_t file)
{
    hid_t cells = H5Gopen2(file, "cells", H5P_DEFAULT);

    H5Lcreate_hard(file, "cells", cells, "again", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(cells);
}

static void elsewhere(hid_t file)
{
    H5Ldelete(file, "power_runs", H5P_DEFAULT);
    H5Lcreate_external("/dev/zero", "/", file, "power_runs", H5P_DEFAULT,
                       H5P_DEFAULT);
}

static void endless(hid_t file)
{
    hsize_t len = 1, most = H5S_UNLIMITED, chunk = 1, huge = UINT64_C(1) << 60;
    hid_t space = H5Screate_simple(1, &len, &most);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), column;

    H5Pset_chunk(list, 1, &chunk);
    H5Ldelete(file, "cells/cell", H5P_DEFAULT);
    column = H5Dcreate2(file, "cells/cell", H5T_STD_I64LE, space, H5P_DEFAULT,
                        list, H5P_DEFAULT);
    H5Dset_extent(column, &huge);
    H5Dclose(column);
    H5Pclose(list);
    H5Sclose(space);
}

static const struct {
    const char *what;
    void (*make)(hid_t file);
} shapes[] = {
    { "a group that is its parent", circle },
    { "a link to itself", soft_circle },
    { "a group in itself", into_itself },
    { "a link into a device", elsewhere },
    { "a column without end", endless },
};

static void circular_and_endless_archives_are_refused(void **state)
{
    (void)state;
    h5_begin();
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        char dir[MADE_PATH], path[FS_PATH_MAX];
        struct dataset *dataset = NULL;
        struct err err = { 0 };
        hid_t file;

        archive_make(dir, path);
        file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
        assert_true(file >= 0);
        shapes[i].make(file);
        H5Fclose(file);
        /* by the child that archive_read() has for foreign files */
        if (!archive_read(path, ARCHIVE_SAMPLES, &dataset, &err))
            fail_msg("%s: was read", shapes[i].what);
        assert_true(*err.text != 0);
        made_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_archives_end_in_time),
        cmocka_unit_test(circular_and_endless_archives_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
