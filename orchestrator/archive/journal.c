/* journal.c - writing the journal: create, recover, append, sync */
#include "orchestrator/archive/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fs.h"
#include "orchestrator/archive/journal_form.h"

#define PENDING_MOST (1u << 20) /* written out when it is longer */

struct journal {
    int fd;
    uint32_t crc_start;
    uint64_t size;    /* with what is pending */
    uint64_t durable; /* known to be on disk */
    uint64_t sequence;
    uint64_t cut;
    struct buf pending;
    bool needs_sync;
    bool ended;  /* the last record is END */
    bool failed; /* a write or sync failed: nothing more is written */
    char path[FS_PATH_MAX];
};

static struct journal *journal_new(const char *dir, struct err *err)
{
    struct journal *journal = calloc(1, sizeof(*journal));

    if (!journal) {
        err_set(err, ERR_NOMEM, "no memory for a journal");
        return NULL;
    }
    journal->fd = -1;
    if (!fs_join(journal->path, sizeof(journal->path), dir, JOURNAL_NAME)) {
        err_set(err, ERR_USAGE, "path '%s' is too long", dir);
        free(journal);
        return NULL;
    }
    return journal;
}

static void journal_free(struct journal *journal)
{
    if (journal->fd >= 0)
        close(journal->fd);
    buf_free(&journal->pending);
    free(journal);
}

/* Any failed write or sync is final: after one, the page cache may hold
 * what the disk does not, and a later success would prove nothing. */
static int journal_fail(struct journal *journal, struct err *err,
                        const char *what)
{
    journal->failed = true;
    return err_set_errno(err, ERR_IO, "cannot %s '%s'", what, journal->path);
}

/* A lock of the open file: not lost when another part of this process
 * closes the journal, and to be asked about without being taken. */
static int lock_take(int fd, const char *path, struct err *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (!fcntl(fd, F_OFD_SETLK, &lock))
        return 0;
    if (errno == EAGAIN || errno == EACCES)
        return err_set(err, ERR_REFUSED,
                       "'%s' is being written by another process", path);
    return err_set_errno(err, ERR_IO, "cannot lock '%s'", path);
}

bool journal_locked(const char *dir)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char path[FS_PATH_MAX];
    bool held = false;
    int fd;

    if (!fs_join(path, sizeof(path), dir, JOURNAL_NAME))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (!fcntl(fd, F_OFD_GETLK, &lock))
        held = lock.l_type != F_UNLCK;
    close(fd);
    return held;
}

/* Give the finished temporary its name, unless that is taken. */
static int name_take(const char *temp, const char *path, struct err *err)
{
    int failed = renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE);

    if (failed && (errno == EINVAL || errno == ENOSYS)) {
        failed = link(temp, path); /* a file system without NOREPLACE */
        if (!failed)
            unlink(temp);
    }
    if (failed && errno == EEXIST)
        return err_set(err, ERR_REFUSED,
                       "'%s' is there already: resume it, or choose another "
                       "folder",
                       path);
    if (failed)
        return err_set_errno(err, ERR_IO, "cannot create '%s'", path);
    return 0;
}

static int file_create(struct journal *journal, const char *dir, char *temp,
                       struct err *err)
{
    uint8_t head[JOURNAL_FILE_HEAD];
    uint64_t seed;
    int rc;

    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        return err_set_errno(err, ERR_IO, "no random numbers");
    journal->fd = mkostemp(temp, O_CLOEXEC);
    if (journal->fd < 0)
        return err_set_errno(err, ERR_IO, "cannot create '%s'", temp);
    journal->crc_start = journal_crc_start(seed);
    journal_file_head_put(head, seed);
    if (fchmod(journal->fd, 0644) ||
        write(journal->fd, head, sizeof(head)) != (ssize_t)sizeof(head) ||
        fsync(journal->fd))
        rc = err_set_errno(err, ERR_IO, "cannot write '%s'", temp);
    else
        rc = lock_take(journal->fd, temp, err);
    if (!rc)
        rc = name_take(temp, journal->path, err);
    if (rc)
        unlink(temp);
    else
        rc = fs_sync_dir(dir, err);
    return rc;
}

int journal_create(const char *dir, struct journal **ret_journal,
                   struct err *err)
{
    struct journal *journal = journal_new(dir, err);
    char temp[FS_PATH_MAX + 8];
    int rc;

    if (!journal)
        return ERR_NOMEM;
    snprintf(temp, sizeof(temp), "%s.XXXXXX", journal->path);
    rc = file_create(journal, dir, temp, err);
    journal->size = journal->durable = JOURNAL_FILE_HEAD;
    if (rc)
        journal_free(journal);
    else
        *ret_journal = journal;
    return rc;
}

/* Hand every whole record to 'replay'. */
static int replay_all(struct journal *journal, struct journal_reader *reader,
                      journal_replay_f *replay, void *arg, struct err *err)
{
    struct journal_record record;
    int rc;

    while ((rc = journal_reader_next(reader, &record, err)) == 1) {
        rc = journal_reader_load(reader, &record, NULL);
        if (rc == ERR_FORMAT)
            return 0; /* torn or damaged: the tail is looked at next */
        if (rc)
            return err_set(err, (enum err_code)rc, "cannot read '%s'",
                           journal->path);
        if (replay)
            rc = replay(arg, &record, err);
        if (rc)
            return rc;
        journal->ended = record.type == JOURNAL_END;
    }
    return rc;
}

/* Refuse what no crash explains. */
static int damage_refuse(const struct journal *journal, uint64_t offset,
                         uint64_t sequence, struct err *err)
{
    struct journal_behind behind = { 0, 0, 0 };
    int rc = journal_search(journal->fd, journal->crc_start, offset, sequence,
                            &behind, err);

    if (rc || behind.durable <= offset)
        return rc;
    return err_set(
        err, ERR_FORMAT,
        "'%s' is damaged at offset %llu, below what was once on "
        "disk (%llu): the %llu records before it are whole, %llu "
        "more from offset %llu on can be read; `labsweep archive "
        "salvage` copies them into a new campaign",
        journal->path, (unsigned long long)offset,
        (unsigned long long)behind.durable, (unsigned long long)sequence,
        (unsigned long long)behind.records, (unsigned long long)behind.first);
}

/* Cut what a crash left behind the last whole record, and sync before
 * anybody relies on what was read. */
static int tail_cut(struct journal *journal,
                    const struct journal_reader *reader, struct err *err)
{
    uint64_t offset = journal_reader_offset(reader);
    struct stat st;
    int rc;

    if (fstat(journal->fd, &st))
        return err_set_errno(err, ERR_IO, "cannot read '%s'", journal->path);
    if ((uint64_t)st.st_size > offset) {
        rc = damage_refuse(journal, offset, journal_reader_sequence(reader),
                           err);
        if (rc)
            return rc;
        journal->cut = (uint64_t)st.st_size - offset;
        if (ftruncate(journal->fd, (off_t)offset))
            return err_set_errno(err, ERR_IO, "cannot cut '%s' at %llu",
                                 journal->path, (unsigned long long)offset);
    }
    if (fsync(journal->fd))
        return err_set_errno(err, ERR_IO, "cannot sync '%s'", journal->path);
    if (lseek(journal->fd, (off_t)offset, SEEK_SET) < 0)
        return err_set_errno(err, ERR_IO, "cannot seek in '%s'", journal->path);
    journal->size = journal->durable = offset;
    journal->sequence = journal_reader_sequence(reader);
    return 0;
}

int journal_open(const char *dir, journal_replay_f *replay, void *arg,
                 struct journal **ret_journal, struct err *err)
{
    struct journal *journal = journal_new(dir, err);
    struct journal_reader *reader = NULL;
    int rc;

    if (!journal)
        return ERR_NOMEM;
    journal->fd = open(journal->path, O_RDWR | O_CLOEXEC);
    if (journal->fd < 0)
        rc = journal_missing(journal->path, err);
    else
        rc = lock_take(journal->fd, journal->path, err);
    if (!rc)
        rc = journal_reader_open(journal->path, &reader, err);
    if (!rc) {
        journal->crc_start = journal_reader_crc_start(reader);
        rc = replay_all(journal, reader, replay, arg, err);
    }
    if (!rc)
        rc = tail_cut(journal, reader, err);
    journal_reader_close(reader);
    if (rc)
        journal_free(journal);
    else
        *ret_journal = journal;
    return rc;
}

int journal_flush(struct journal *journal, struct err *err)
{
    const uint8_t *at = journal->pending.data;
    size_t left = journal->pending.len;

    if (journal->failed)
        return err_set(err, ERR_IO, "'%s' could not be written before",
                       journal->path);
    while (left > 0) {
        ssize_t put = write(journal->fd, at, left);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return journal_fail(journal, err, "write");
        at += put;
        left -= (size_t)put;
    }
    buf_clear(&journal->pending);
    return 0;
}

int journal_append(struct journal *journal, const struct journal_record *record,
                   struct err *err)
{
    static const uint8_t zeros[8] = { 0 };
    struct journal_head head = {
        .type = (uint8_t)record->type,
        .status = record->status,
        .attempt = record->attempt,
        .row = record->row,
        .sequence = journal->sequence,
        .durable = journal->durable,
        .len = (uint32_t)record->len,
        .payload_crc =
            journal_crc(journal->crc_start, record->payload, record->len),
    };
    uint8_t bytes[JOURNAL_RECORD_HEAD];
    uint64_t all = journal_record_bytes(record->len);

    if (journal->failed)
        return journal_flush(journal, err);
    if (record->len > JOURNAL_PAYLOAD_MAX)
        return err_set(err, ERR_USAGE, "a record of %zu bytes is too long",
                       record->len);
    if (!buf_reserve(&journal->pending, all))
        return err_set(err, ERR_NOMEM, "no memory for a record of %zu bytes",
                       record->len);
    journal_head_put(bytes, journal->crc_start, &head);
    buf_put(&journal->pending, bytes, sizeof(bytes));
    buf_put(&journal->pending, record->payload, record->len);
    buf_put(&journal->pending, zeros, all - JOURNAL_RECORD_HEAD - record->len);
    journal->sequence++;
    journal->size += all;
    journal->ended = record->type == JOURNAL_END;
    if (record->type != JOURNAL_ATTEMPT && record->type != JOURNAL_NOTE)
        journal->needs_sync = true;
    if (journal->pending.len > PENDING_MOST)
        return journal_flush(journal, err);
    return 0;
}

bool journal_needs_sync(const struct journal *journal)
{
    return journal->needs_sync;
}

int journal_sync(struct journal *journal, struct err *err)
{
    int rc = journal_flush(journal, err);

    if (rc)
        return rc;
    if (fdatasync(journal->fd))
        return journal_fail(journal, err, "sync");
    journal->durable = journal->size;
    journal->needs_sync = false;
    return 0;
}

uint64_t journal_size(const struct journal *journal)
{
    return journal->size;
}

uint64_t journal_records(const struct journal *journal)
{
    return journal->sequence;
}

uint64_t journal_cut_bytes(const struct journal *journal)
{
    return journal->cut;
}

int journal_close(struct journal *journal, bool clean, struct err *err)
{
    struct journal_record end = { .type = JOURNAL_END, .row = JOURNAL_NO_ROW };
    int rc = 0;

    if (!journal)
        return 0;
    if (clean) {
        rc = journal_sync(journal, err); /* END vouches for what is before */
        if (!rc && !journal->ended && journal->sequence > 0)
            rc = journal_append(journal, &end, err);
        if (!rc)
            rc = journal_sync(journal, err);
    }
    journal_free(journal);
    return rc;
}
