/* test_journal.c - what was synced is never lost, what is damaged is never
 * believed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/vec.h"
#include "orchestrator/archive/journal.h"
#include "tests/unit/archive/made.h"

#define RECORDS    8
#define KILLS      30
#define KILLS_LONG 600 /* with LABSWEEP_LONG in the environment */

/* The payload of record 'i': its length and bytes follow from it. */
static size_t payload_make(uint64_t i, uint8_t *payload, size_t most)
{
    uint64_t random = i * 2654435761u + 88172645463325252u;
    size_t len = i % 5 == 4 ? 450 : (size_t)(i * 37 % 90);

    assert_true(len <= most);
    for (size_t k = 0; k < len; k++)
        payload[k] = (uint8_t)made_random(&random);
    return len;
}

static int append(struct journal *journal, uint64_t i, struct err *err)
{
    uint8_t payload[8192];
    struct journal_record record = { .type = JOURNAL_RESULT,
                                     .status = (uint8_t)(i % 11),
                                     .attempt = (uint16_t)(i % 7),
                                     .row = i * 3,
                                     .payload = payload };

    record.len = payload_make(i, payload, sizeof(payload));
    return journal_append(journal, &record, err);
}

/* True if the record is what append() wrote as number 'i'. */
static bool record_same(const struct journal_record *record, uint64_t i)
{
    uint8_t payload[8192];
    size_t len = payload_make(i, payload, sizeof(payload));

    return record->type == JOURNAL_RESULT && record->status == i % 11 &&
           record->attempt == i % 7 && record->row == i * 3 &&
           record->sequence == i && record->len == len &&
           (!len || !memcmp(record->payload, payload, len));
}

struct count {
    uint64_t records;
    bool wrong, ended;
};

static int count_record(void *arg, const struct journal_record *record,
                        struct err *err)
{
    struct count *count = arg;

    (void)err;
    if (record->type == JOURNAL_END)
        count->ended = true;
    else if (!record_same(record, count->records++))
        count->wrong = true;
    return 0;
}

/* Open, count, close without a word. */
static int reopen(const char *dir, struct count *count, struct err *err)
{
    struct journal *journal;
    int rc;

    *count = (struct count){ 0, false, false };
    rc = journal_open(dir, count_record, count, &journal, err);
    if (!rc)
        journal_close(journal, false, NULL);
    return rc;
}

static void make(const char *dir, uint64_t records, bool clean)
{
    struct journal *journal;
    struct err err = { 0 };

    assert_int_equal(journal_create(dir, &journal, &err), 0);
    for (uint64_t i = 0; i < records; i++) {
        assert_int_equal(append(journal, i, &err), 0);
        if (i % 3 == 2)
            assert_int_equal(journal_sync(journal, &err), 0);
    }
    assert_int_equal(journal_sync(journal, &err), 0);
    assert_int_equal(journal_close(journal, clean, &err), 0);
}

static void what_was_appended_is_replayed(void **state)
{
    struct count count;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    make(dir, RECORDS, true);
    assert_int_equal(reopen(dir, &count, &err), 0);
    assert_int_equal(count.records, RECORDS);
    assert_false(count.wrong);
    assert_true(count.ended);
    made_dir_remove(dir);
}

static void a_second_journal_is_refused(void **state)
{
    struct journal *journal;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    make(dir, 1, true);
    assert_int_equal(journal_create(dir, &journal, &err), ERR_REFUSED);
    assert_non_null(strstr(err.text, "there already"));
    made_dir_remove(dir);
    assert_int_equal(journal_open(dir, NULL, NULL, &journal, &err),
                     ERR_NOT_FOUND);
}

/* The lock is of the open file: a child has its own and is refused. */
static void a_second_writer_is_refused(void **state)
{
    struct journal *journal, *other;
    struct err err = { 0 };
    char dir[MADE_PATH];
    int status;
    pid_t child;

    (void)state;
    made_dir(dir);
    assert_false(journal_locked(dir));
    assert_int_equal(journal_create(dir, &journal, &err), 0);
    assert_true(journal_locked(dir));
    assert_int_equal(journal_open(dir, NULL, NULL, &other, &err), ERR_REFUSED);
    child = fork();
    if (!child)
        _exit(journal_open(dir, NULL, NULL, &other, NULL) == ERR_REFUSED &&
                      journal_locked(dir)
                  ? 0
                  : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    journal_close(journal, false, NULL);
    assert_false(journal_locked(dir));
    made_dir_remove(dir);
}

/* Cut anywhere, what is whole before the cut is there, and the journal can
 * be gone on with. */
static void a_torn_tail_is_cut_wherever_it_tears(void **state)
{
    struct buf whole = { 0 };
    char dir[MADE_PATH];
    uint64_t before = 0;

    (void)state;
    made_dir(dir);
    make(dir, RECORDS, true);
    made_read(dir, JOURNAL_NAME, &whole);
    for (size_t len = 40; len <= whole.len; len++) {
        struct journal *journal;
        struct count count;
        struct err err = { 0 };

        made_write(dir, JOURNAL_NAME, whole.data, len);
        if (reopen(dir, &count, &err))
            fail_msg("cut at %zu: %s", len, err.text);
        assert_false(count.wrong);
        assert_true(count.records >= before);
        before = count.records;
        if (len % 97)
            continue;
        assert_int_equal(journal_open(dir, NULL, NULL, &journal, &err), 0);
        if (!count.ended)
            assert_int_equal(append(journal, count.records, &err), 0);
        assert_int_equal(journal_close(journal, true, &err), 0);
        assert_int_equal(reopen(dir, &count, &err), 0);
        assert_false(count.wrong);
    }
    assert_int_equal(before, RECORDS);
    for (size_t len = 0; len < 40; len++) {
        struct count count;

        made_write(dir, JOURNAL_NAME, whole.data, len);
        assert_int_equal(reopen(dir, &count, NULL), ERR_FORMAT);
    }
    buf_free(&whole);
    made_dir_remove(dir);
}

/* Garbage behind the last record is no record. */
static void a_tail_of_zeros_or_noise_is_cut(void **state)
{
    struct buf whole = { 0 };
    uint64_t random = 12345;
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    make(dir, RECORDS, false);
    made_read(dir, JOURNAL_NAME, &whole);
    for (int i = 0; i < 200; i++) {
        struct buf longer = { 0 };
        struct count count;

        buf_put(&longer, whole.data, whole.len);
        for (int k = 0; k < 1 + i * 7; k++)
            buf_put_u8(&longer,
                       i % 2 ? (uint8_t)made_random(&random) : (uint8_t)0);
        made_write(dir, JOURNAL_NAME, longer.data, longer.len);
        assert_int_equal(reopen(dir, &count, NULL), 0);
        assert_int_equal(count.records, RECORDS);
        assert_false(count.wrong);
        buf_free(&longer);
    }
    buf_free(&whole);
    made_dir_remove(dir);
}

/* With a clean end every flipped bit of a record that counts is noticed. */
static void a_flipped_bit_is_refused_or_cut_never_believed(void **state)
{
    struct buf whole = { 0 };
    uint64_t random = 99;
    size_t refused = 0, end;
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    make(dir, RECORDS, true);
    made_read(dir, JOURNAL_NAME, &whole);
    end = whole.len - 48; /* of END, which nothing vouches for */
    for (size_t at = 0; at < whole.len; at += 1 + made_random(&random) % 5) {
        uint8_t bit = (uint8_t)(1u << (made_random(&random) % 8));
        struct count count;
        struct err err = { 0 };
        int rc;

        whole.data[at] ^= bit;
        made_write(dir, JOURNAL_NAME, whole.data, whole.len);
        rc = reopen(dir, &count, &err);
        whole.data[at] ^= bit;
        assert_false(count.wrong);
        refused += rc == ERR_FORMAT;
        if (at >= end)
            assert_true(!rc && count.records == RECORDS);
        else if (!rc) /* a zero that pads: nothing was lost */
            assert_int_equal(count.records, RECORDS);
        else
            assert_int_equal(rc, ERR_FORMAT);
    }
    assert_true(refused > 100);
    buf_free(&whole);
    made_dir_remove(dir);
}

static void damage_says_where_and_what_is_left(void **state)
{
    struct buf whole = { 0 };
    struct count count;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    make(dir, RECORDS, true);
    made_read(dir, JOURNAL_NAME, &whole);
    whole.data[40 + 48 + 48 + 40 + 3] ^= 4; /* in the header of record 1 or 2 */
    made_write(dir, JOURNAL_NAME, whole.data, whole.len);
    assert_int_equal(reopen(dir, &count, &err), ERR_FORMAT);
    assert_non_null(strstr(err.text, "damaged at offset"));
    assert_non_null(strstr(err.text, "more from offset"));
    buf_free(&whole);
    made_dir_remove(dir);
}

/* Everything but the damaged record can be saved, in its order. */
static void a_damaged_journal_can_be_saved_but_for_one(void **state)
{
    struct buf whole = { 0 };
    uint64_t saved = 0, lost = 0;
    struct journal_reader *reader;
    struct journal_record record;
    struct err err = { 0 };
    char dir[MADE_PATH], to[MADE_PATH];
    uint64_t i = 0;

    (void)state;
    made_dir(dir);
    made_dir(to);
    make(dir, RECORDS, true);
    made_read(dir, JOURNAL_NAME, &whole);
    whole.data[40 + 48 + 48 + 2] ^= 4; /* in the payload of record 1 */
    made_write(dir, JOURNAL_NAME, whole.data, whole.len);
    if (journal_salvage(dir, to, &saved, &lost, &err))
        fail_msg("%s", err.text);
    assert_int_equal(saved, RECORDS); /* END among them */
    assert_int_equal(lost, 1);
    assert_int_equal(journal_reader_open(to, &reader, &err), 0);
    while (journal_reader_next(reader, &record, &err) == 1) {
        assert_int_equal(journal_reader_load(reader, &record, &err), 0);
        if (record.type == JOURNAL_END)
            break;
        i += i == 1;
        record.sequence = i;
        assert_true(record_same(&record, i++));
    }
    assert_int_equal(i, RECORDS);
    journal_reader_close(reader);
    buf_free(&whole);
    made_dir_remove(dir);
    made_dir_remove(to);
}

/* Blocks of a deleted journal have another seed. */
static void records_of_another_journal_are_no_records(void **state)
{
    struct buf a = { 0 }, b = { 0 }, both = { 0 };
    struct count count;
    char dir[MADE_PATH], other[MADE_PATH];

    (void)state;
    made_dir(dir);
    made_dir(other);
    make(dir, 3, false);
    make(other, RECORDS, false);
    made_read(dir, JOURNAL_NAME, &a);
    made_read(other, JOURNAL_NAME, &b);
    buf_put(&both, a.data, a.len);
    buf_put(&both, b.data + a.len, b.len - a.len);
    made_write(dir, JOURNAL_NAME, both.data, both.len);
    assert_int_equal(reopen(dir, &count, NULL), 0);
    assert_int_equal(count.records, 3);
    buf_free(&a);
    buf_free(&b);
    buf_free(&both);
    made_dir_remove(dir);
    made_dir_remove(other);
}

static void a_reader_sees_what_is_new_and_cuts_nothing(void **state)
{
    struct journal_reader *reader;
    struct journal_record record;
    enum journal_tail tail;
    struct journal *journal;
    uint64_t offset, bytes;
    struct buf whole = { 0 };
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    assert_int_equal(journal_create(dir, &journal, &err), 0);
    assert_int_equal(journal_reader_open(dir, &reader, &err), 0);
    for (uint64_t i = 0; i < 200; i++) {
        assert_int_equal(journal_reader_next(reader, &record, &err), 0);
        assert_int_equal(append(journal, i, &err), 0);
        assert_int_equal(journal_flush(journal, &err), 0);
        assert_int_equal(journal_reader_next(reader, &record, &err), 1);
        assert_null(record.payload);
        if (i % 2) /* headers alone do as well */
            continue;
        assert_int_equal(journal_reader_load(reader, &record, &err), 0);
        assert_true(record_same(&record, i));
    }
    journal_close(journal, false, NULL);
    made_read(dir, JOURNAL_NAME, &whole);
    buf_put(&whole, whole.data + 40, 60); /* half a record */
    made_write(dir, JOURNAL_NAME, whole.data, whole.len);
    assert_int_equal(journal_reader_next(reader, &record, &err), 0);
    assert_int_equal(journal_reader_tail(reader, &tail, &offset, &bytes, &err),
                     0);
    assert_int_equal(tail, JOURNAL_TAIL_TORN);
    assert_int_equal(bytes, 60);
    journal_reader_close(reader);
    buf_free(&whole);
    made_dir_remove(dir);
}

/* Write results and acknowledge each, once synced, by a byte. */
static _Noreturn void writer_run(const char *dir, int acknowledge)
{
    struct journal *journal;
    struct count count = { 0, false, false };
    uint64_t i;

    if (journal_open(dir, count_record, &count, &journal, NULL))
        _exit(1);
    for (i = count.records; i < 1000000; i++) {
        if (append(journal, i, NULL))
            _exit(1);
        if (i % 4 == 3 && journal_sync(journal, NULL))
            _exit(1);
        if (i % 4 == 3 && write(acknowledge, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
    _exit(0);
}

static void killed_at_any_instant_nothing_acknowledged_is_lost(void **state)
{
    uint64_t random = (uint64_t)getpid() * 2654435761u + 1, last = 0, got;
    int most = getenv("LABSWEEP_LONG") ? KILLS_LONG : KILLS;
    struct err err = { 0 };
    char dir[MADE_PATH];

    (void)state;
    made_dir(dir);
    make(dir, 0, false);
    for (int kills = 0; kills < most; kills++) {
        struct count count;
        int fds[2], status;
        pid_t child;

        assert_int_equal(pipe(fds), 0);
        child = fork();
        if (!child)
            writer_run(dir, fds[1]);
        close(fds[1]);
        /* so many acknowledgements, then at an instant nobody chose */
        for (uint64_t n = 1 + made_random(&random) % 20; n; n--)
            if (read(fds[0], &got, sizeof(got)) == sizeof(got))
                last = got + 1;
        usleep((useconds_t)(made_random(&random) % 500));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(fds[0], &got, sizeof(got)) == sizeof(got))
            last = got + 1;
        close(fds[0]);
        if (reopen(dir, &count, &err))
            fail_msg("%s", err.text);
        assert_false(count.wrong);
        assert_true(count.records >= last);
    }
    assert_true(last > 0);
    made_dir_remove(dir);
}

/* A full disk, as a limit of the file's size gives it: the failure is final,
 * what was synced is there. */
static void a_failed_write_is_final_and_costs_nothing_synced(void **state)
{
    struct rlimit limit = { 60000, RLIM_INFINITY };
    uint64_t synced = 0;
    struct count count;
    char dir[MADE_PATH];
    int fds[2], status;
    pid_t child;

    (void)state;
    made_dir(dir);
    make(dir, 0, false);
    assert_int_equal(pipe(fds), 0);
    child = fork();
    if (!child) {
        struct journal *journal;
        struct err err = { 0 };
        int rc = 0;

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) ||
            journal_open(dir, NULL, NULL, &journal, NULL))
            _exit(1);
        for (uint64_t i = 0; !rc; i++) {
            rc = append(journal, i, &err);
            rc = rc ? rc : journal_sync(journal, &err);
            if (!rc && write(fds[1], &i, sizeof(i)) != sizeof(i))
                _exit(2);
        }
        if (rc != ERR_IO || !strstr(err.text, "File too large"))
            _exit(3);
        limit.rlim_cur = RLIM_INFINITY; /* room again: still final */
        setrlimit(RLIMIT_FSIZE, &limit);
        if (append(journal, 0, &err) != ERR_IO ||
            journal_sync(journal, &err) != ERR_IO ||
            journal_close(journal, true, &err) != ERR_IO)
            _exit(4);
        _exit(0);
    }
    close(fds[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    for (uint64_t i; read(fds[0], &i, sizeof(i)) == sizeof(i);)
        synced = i + 1;
    close(fds[0]);
    assert_true(synced > 10);
    assert_int_equal(reopen(dir, &count, NULL), 0);
    assert_false(count.wrong);
    assert_true(count.records >= synced);
    made_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_appended_is_replayed),
        cmocka_unit_test(a_second_journal_is_refused),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(a_torn_tail_is_cut_wherever_it_tears),
        cmocka_unit_test(a_tail_of_zeros_or_noise_is_cut),
        cmocka_unit_test(a_flipped_bit_is_refused_or_cut_never_believed),
        cmocka_unit_test(damage_says_where_and_what_is_left),
        cmocka_unit_test(a_damaged_journal_can_be_saved_but_for_one),
        cmocka_unit_test(records_of_another_journal_are_no_records),
        cmocka_unit_test(a_reader_sees_what_is_new_and_cuts_nothing),
        cmocka_unit_test(killed_at_any_instant_nothing_acknowledged_is_lost),
        cmocka_unit_test(a_failed_write_is_final_and_costs_nothing_synced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
