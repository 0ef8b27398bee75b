/* test_publish.c - an archive holds what its journal holds */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/vec.h"
#include "orchestrator/archive/h5_file.h"
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

static const struct table_column *column(const struct table *table,
                                         const char *name)
{
    const struct table_column *found = table_find(table, name);

    if (!found)
        fail_msg("no column %s", name);
    return found;
}

static void same_column(const struct table_column *a,
                        const struct table_column *b, size_t rows)
{
    assert_int_equal(a->type, b->type);
    assert_string_equal(a->unit, b->unit);
    assert_string_equal(a->help, b->help);
    for (size_t r = 0; r < rows; r++) {
        double x = table_f64(a, r), y = table_f64(b, r);

        assert_true(x == y || (isnan(x) && isnan(y)));
        assert_int_equal(table_i64(a, r), table_i64(b, r));
        if (a->type == COLUMN_TEXT || a->type == COLUMN_FLAG)
            assert_string_equal(table_text(a, r), table_text(b, r));
    }
}

static void columns_come_when_they_are_asked_for(void **state)
{
    const struct made_shape shape = { .seed = 7, .readings = 12 };
    struct dataset *now = NULL, *later = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH], path[FS_PATH_MAX];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, 0, &now, &err), &err);
    ok(archive_read(dir, ARCHIVE_LATER, &later, &err), &err);
    assert_true(fs_join(path, sizeof(path), dir, "archive.h5"));
    assert_int_equal(unlink(path), 0); /* a newer one takes its place */
    for (size_t t = 0; t < 3; t++) {
        const struct table *a = t == 0   ? now->cells
                                : t == 1 ? now->attempts
                                         : now->power_runs;
        const struct table *b = t == 0   ? later->cells
                                : t == 1 ? later->attempts
                                         : later->power_runs;

        assert_int_equal(a->count, b->count);
        assert_int_equal(a->rows, b->rows);
        for (size_t i = 0; i < a->count; i++) {
            assert_true(b->columns[i].later);
            same_column(&a->columns[i], column(b, a->columns[i].name), a->rows);
            assert_false(b->columns[i].later);
        }
    }
    assert_null(table_find(later->cells, "nonesuch"));
    ok(dataset_check(later, &err), &err);
    dataset_destroy(now);
    dataset_destroy(later);
    made_dir_remove(dir);
}

/* Write over the first chunk of a column. */
static void chunk_damage(const char *path, const char *name)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    hsize_t offset, bytes;
    unsigned mask;
    haddr_t at;
    FILE *f;

    assert_true(
        H5Dget_chunk_info(dataset, space, 0, &offset, &mask, &at, &bytes) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
    for (hsize_t i = 0; i < bytes; i++)
        fputc(0xa5, f);
    fclose(f);
}

static void a_column_that_does_not_come_is_named(void **state)
{
    const struct made_shape shape = { .seed = 7 };
    struct dataset *d = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH], path[FS_PATH_MAX];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    assert_true(fs_join(path, sizeof(path), dir, "archive.h5"));
    chunk_damage(path, "cells/fps_sys");
    assert_int_equal(archive_read(dir, 0, &d, &err), ERR_FORMAT);
    ok(archive_read(dir, ARCHIVE_LATER, &d, &err), &err);
    assert_non_null(table_find(d->cells, "lat_sys_s"));
    ok(dataset_check(d, &err), &err);
    for (size_t r = 0; r < d->cells->rows; r++)
        assert_true(isnan(table_f64(column(d->cells, "fps_sys"), r)));
    assert_int_equal(dataset_check(d, &err), ERR_FORMAT);
    assert_non_null(strstr(err.text, "fps_sys"));
    dataset_destroy(d);
    made_dir_remove(dir);
}

static void cells_show_the_accepted_attempt(void **state)
{
    const struct made_shape shape = { .seed = 5, .readings = 12 };
    struct dataset *d = NULL;
    struct result result;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    assert_int_equal(d->n_axes, 12);
    assert_string_equal(table_text(column(d->cells, "platform"), 3), "P0");
    assert_true(table_f64(column(d->cells, "clock_hz"), 3) > 1.49e9);
    assert_int_equal(table_i64(column(d->cells, "batch"), 3), 4);
    made_result(&shape, 0, 2, STATUS_OK, &result);
    assert_int_equal(table_i64(column(d->cells, "attempts"), 0), 2);
    assert_int_equal(table_i64(column(d->cells, "attempt_row"), 0), 1);
    assert_string_equal(table_text(column(d->cells, "kernel"), 0),
                        result.attempt.kernel.s);
    result_free(&result);
    assert_string_equal(table_text(column(d->cells, "status"), 15), "timeout");
    assert_true(isnan(table_f64(column(d->cells, "fps_sys"), 15)));
    made_result(&shape, 15, 1, STATUS_TIMEOUT, &result);
    assert_string_equal(table_text(column(d->cells, "reason"), 15),
                        result.attempt.reason.s);
    result_free(&result);
    assert_string_equal(table_text(column(d->cells, "status"), 17), "planned");
    assert_string_equal(table_text(column(d->cells, "status"), 19), "na");
    assert_string_equal(table_text(column(d->cells, "reason"), 19),
                        "too large");
    dataset_destroy(d);
    made_dir_remove(dir);
}

/* The archive is a function of the journal's bytes alone. */
static void publishing_again_gives_the_same_bytes(void **state)
{
    const struct made_shape shape = {
        .seed = 9, .latencies = 9000, .readings = 20000, .raw = true
    };
    struct buf first = { 0 }, second = { 0 };
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    made_read(dir, CAMPAIGN_ARCHIVE, &first);
    ok(archive_publish(dir, &err), &err);
    made_read(dir, CAMPAIGN_ARCHIVE, &second);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    ok(archive_verify(dir, &err), &err);
    buf_free(&first);
    buf_free(&second);
    made_dir_remove(dir);
}

static void equal_predictions_are_stored_once(void **state)
{
    const struct made_shape shape = { .seed = 21, .predictions = true };
    struct err err = { 0 };
    char dir[MADE_PATH], path[MADE_PATH + 32];
    hid_t file, text;
    size_t bytes = 0;

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(archive_verify(dir, &err), &err); /* each row leads to its own list */
    snprintf(path, sizeof(path), "%s/%s", dir, CAMPAIGN_ARCHIVE);
    file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    ok(h5_open_1d(file, "raw_text/text", &text, &bytes, &err), &err);
    assert_int_equal(bytes, 2 * MADE_IMAGES);
    H5Dclose(text);
    H5Fclose(file);
    made_dir_remove(dir);
}

static void predictions_are_read_by_their_hash(void **state)
{
    const struct made_shape shape = { .seed = 22, .predictions = true };
    const struct predictions *even, *odd;
    struct dataset *dataset;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(archive_read(dir, ARCHIVE_PREDICTIONS, &dataset, &err), &err);
    assert_int_equal(dataset->n_predictions, 2);
    even = dataset_predictions(dataset, "even");
    odd = dataset_predictions(dataset, "odd");
    assert_true(even && odd && !dataset_predictions(dataset, "none"));
    assert_int_equal(even->len, MADE_IMAGES);
    for (size_t i = 0; i < MADE_IMAGES; i++) {
        assert_int_equal(even->classes[i], '0' + (int)(i * 3 % 10));
        assert_int_equal(odd->classes[i], '0' + (int)(i * 4 % 10));
    }
    dataset_destroy(dataset);
    made_dir_remove(dir);
}

/* An archive of an older journal is noticed, whatever has changed. */
static void verify_sees_a_difference(void **state)
{
    const struct made_shape shape = { .seed = 11, .latencies = 50, .raw = 1 };
    struct campaign *campaign;
    struct journal *journal;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(campaign_continue(dir, &journal, &campaign, &err), &err);
    assert_true(archive_current(dir));
    made_append(journal, &shape, 16, 1, STATUS_OK);
    close_clean(journal);
    campaign_destroy(campaign);
    assert_false(archive_current(dir));
    assert_int_equal(archive_verify(dir, &err), ERR_FORMAT);
    ok(archive_publish(dir, &err), &err);
    assert_true(archive_current(dir));
    ok(archive_verify(dir, &err), &err);
    made_dir_remove(dir);
}

/* A withdrawn result stays in /attempts and leaves /cells. */
static void a_withdrawn_result_stays_visible(void **state)
{
    const struct made_shape shape = { .seed = 13, .latencies = 5 };
    const uint64_t cells[] = { 2, 3 };
    struct journal_record record = { .type = JOURNAL_INVALIDATION,
                                     .row = JOURNAL_NO_ROW };
    struct campaign *campaign;
    struct journal *journal;
    struct dataset *d = NULL;
    struct buf payload = { 0 };
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(campaign_continue(dir, &journal, &campaign, &err), &err);
    assert_int_equal(campaign_count(campaign, STATUS_OK), 15);
    records_invalidation_encode("fan was off", 1, cells, 2, &payload);
    record.payload = payload.data;
    record.len = payload.len;
    ok(journal_append(journal, &record, &err), &err);
    made_append(journal, &shape, 3, 2, STATUS_OK);
    close_clean(journal);
    campaign_destroy(campaign);
    ok(archive_publish(dir, &err), &err);
    ok(archive_verify(dir, &err), &err);
    ok(archive_read(dir, 0, &d, &err), &err);
    assert_int_equal(d->attempts->rows, 18);
    assert_string_equal(table_text(column(d->cells, "status"), 2),
                        "invalidated");
    assert_string_equal(table_text(column(d->cells, "reason"), 2),
                        "fan was off");
    assert_int_equal(table_i64(column(d->cells, "attempt_row"), 2),
                     COLUMN_I64_MISSING);
    assert_string_equal(table_text(column(d->cells, "status"), 3), "ok");
    assert_int_equal(table_i64(column(d->cells, "attempt_row"), 3), 17);
    dataset_destroy(d);
    buf_free(&payload);
    made_dir_remove(dir);
}

/* Gaps and padding never exceed the samples, in the worst order too. */
static void padding_never_exceeds_the_samples(void **state)
{
    static const size_t counts[] = { 1,     8193,  5,    8191,  8192,  2,
                                     13107, 13108, 7000, 16385, 24577, 3 };
    struct journal *journal;
    struct dataset *d = NULL;
    struct err err = { 0 };
    uint64_t samples = 0;
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    journal = made_begin(dir, 20);
    for (uint64_t i = 0; i < 36; i++) {
        const struct made_shape shape = { .seed = 17,
                                          .latencies = counts[i * 7 % 12] };

        made_append(journal, &shape, i, 1, STATUS_OK);
        samples += shape.latencies;
        if (i % 5)
            continue;
        ok(journal_sync(journal, &err), &err);
        ok(archive_publish(dir, &err), &err);
        ok(archive_read(dir, ARCHIVE_SAMPLES, &d, &err), &err);
        assert_true(d->lat_sys.count >= samples);
        assert_true(d->lat_sys.count <= 2 * samples);
        dataset_destroy(d);
    }
    close_clean(journal);
    ok(archive_publish(dir, &err), &err);
    ok(archive_verify(dir, &err), &err);
    made_dir_remove(dir);
}

/* A reader of a live campaign: publishing needs no lock and no end. */
static void a_growing_journal_can_be_published(void **state)
{
    const struct made_shape shape = { .seed = 19, .latencies = 10 };
    struct journal *journal;
    struct dataset *d = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    journal = made_begin(dir, 10);
    for (uint64_t i = 0; i < 10; i++) {
        made_append(journal, &shape, i, 1, STATUS_OK);
        ok(journal_flush(journal, &err), &err);
        ok(archive_publish(dir, &err), &err);
        ok(archive_read(dir, 0, &d, &err), &err);
        assert_int_equal(d->attempts->rows, i + 1);
        dataset_destroy(d);
    }
    close_clean(journal);
    made_dir_remove(dir);
}

/* Truncated or flipped: an error, never a hang, a crash, or wrong numbers
 * passed off as right (deflate's own checksum sees those in the columns). */
static void a_damaged_archive_is_refused_in_time(void **state)
{
    const struct made_shape shape = { .seed = 23, .latencies = 10 };
    struct buf whole = { 0 };
    uint64_t random = 77;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    ok(archive_check(dir, 20, &err), &err);
    made_read(dir, CAMPAIGN_ARCHIVE, &whole);
    for (size_t len = 0; len < whole.len; len += whole.len / 9) {
        made_write(dir, CAMPAIGN_ARCHIVE, whole.data, len);
        assert_true(archive_check(dir, 20, &err) < 0);
    }
    for (int i = 0; i < 40; i++) {
        size_t at = made_random(&random) % whole.len;

        whole.data[at] ^= 0x10;
        made_write(dir, CAMPAIGN_ARCHIVE, whole.data, whole.len);
        whole.data[at] ^= 0x10;
        archive_check(dir, 20, &err); /* ends, whatever it says */
    }
    buf_free(&whole);
    made_dir_remove(dir);
}

/* Killed while it publishes: readers see the archive before or the one
 * after, whole, and nothing is left lying about but one temporary. */
static void killed_while_publishing_the_archive_is_whole(void **state)
{
    const struct made_shape shape = { .seed = 29, .latencies = 9000 };
    uint64_t random = (uint64_t)getpid() * 2654435761u + 1;
    struct err err = { 0 };
    char dir[MADE_PATH];
    int files = 0;
    DIR *folder;

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    for (int kills = 0; kills < 12; kills++) {
        int status;
        pid_t child = fork();

        if (!child)
            for (;;)
                archive_publish(dir, NULL);
        usleep((useconds_t)(made_random(&random) % 60000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        ok(archive_verify(dir, &err), &err);
    }
    folder = opendir(dir);
    for (struct dirent *entry; (entry = readdir(folder));)
        files += entry->d_name[0] != '.';
    closedir(folder);
    assert_in_range(files, 2, 3);
    ok(archive_publish(dir, &err), &err);
    made_dir_remove(dir);
}

/* No room for the new archive: the old one stands. */
static void a_full_disk_leaves_the_old_archive(void **state)
{
    const struct made_shape shape = { .seed = 31, .latencies = 9000 };
    struct err err = { 0 };
    char dir[MADE_PATH];
    int status;
    pid_t child;

    (void)state;
    made_dir(dir);
    campaign_make(dir, &shape);
    ok(archive_publish(dir, &err), &err);
    child = fork();
    if (!child) {
        struct rlimit limit = { 20000, RLIM_INFINITY };

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(archive_publish(dir, NULL) == ERR_IO ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ok(archive_verify(dir, &err), &err);
    made_dir_remove(dir);
}

static void what_is_no_archive_is_said_to_be_none(void **state)
{
    struct dataset *d = NULL;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    assert_int_equal(archive_read(dir, 0, &d, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no campaign folder"));
    assert_int_equal(archive_publish(dir, &err), ERR_NOT_FOUND);
    made_write(dir, JOURNAL_NAME, "none", 4);
    assert_int_equal(archive_read(dir, 0, &d, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "labsweep archive publish"));
    made_write(dir, CAMPAIGN_ARCHIVE, "no HDF5", 7);
    assert_int_equal(archive_read(dir, 0, &d, &err), ERR_FORMAT);
    made_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_reads_back),
        cmocka_unit_test(columns_come_when_they_are_asked_for),
        cmocka_unit_test(a_column_that_does_not_come_is_named),
        cmocka_unit_test(cells_show_the_accepted_attempt),
        cmocka_unit_test(publishing_again_gives_the_same_bytes),
        cmocka_unit_test(verify_sees_a_difference),
        cmocka_unit_test(equal_predictions_are_stored_once),
        cmocka_unit_test(predictions_are_read_by_their_hash),
        cmocka_unit_test(a_withdrawn_result_stays_visible),
        cmocka_unit_test(padding_never_exceeds_the_samples),
        cmocka_unit_test(a_growing_journal_can_be_published),
        cmocka_unit_test(a_damaged_archive_is_refused_in_time),
        cmocka_unit_test(killed_while_publishing_the_archive_is_whole),
        cmocka_unit_test(a_full_disk_leaves_the_old_archive),
        cmocka_unit_test(what_is_no_archive_is_said_to_be_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
