/* journal_reader.c - reading a journal, also while it grows */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fs.h"
#include "orchestrator/archive/journal_form.h"

#define WINDOW_LEAST 4096
#define WINDOW_MOST  (256 * 1024)

/* A window of the file is kept; it doubles while records follow one another
 * closely, and shrinks when headers lie far apart. */
struct journal_reader {
    int fd;
    uint32_t crc_start;
    uint64_t offset, sequence; /* of the next record */
    struct journal_head head;  /* of the record given last */
    uint64_t at;               /* and its offset */
    bool in_order;             /* it was given by journal_reader_next() */
    uint8_t *window;
    uint64_t window_at;
    size_t window_len, window_size;
    uint8_t *payload;
    size_t payload_cap;
};

/* pread() until 'len' bytes or the end.  Returns the count, or -1. */
static ssize_t read_at(int fd, void *data, size_t len, uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = pread(fd, (uint8_t *)data + done, len - done,
                            (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static int head_check(struct journal_reader *reader, const char *path,
                      struct err *err)
{
    uint8_t head[JOURNAL_FILE_HEAD];
    uint64_t seed;
    uint32_t version;
    ssize_t got = read_at(reader->fd, head, sizeof(head), 0);

    if (got < 0)
        return err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    if (got < (ssize_t)sizeof(head))
        return err_set(err, ERR_FORMAT,
                       "'%s' is no journal: %zd bytes, a header has %d", path,
                       got, JOURNAL_FILE_HEAD);
    if (!journal_file_head_get(head, &seed, &version))
        return err_set(err, ERR_FORMAT,
                       "'%s' is no journal, or its header (bytes 0 to %d) is "
                       "damaged: found magic %02x%02x%02x%02x",
                       path, JOURNAL_FILE_HEAD - 1, head[0], head[1], head[2],
                       head[3]);
    if (version != JOURNAL_VERSION)
        return err_set(err, ERR_FORMAT,
                       "'%s' is a journal of version %u, expected %d", path,
                       version, JOURNAL_VERSION);
    reader->crc_start = journal_crc_start(seed);
    return 0;
}

int journal_reader_open(const char *path, struct journal_reader **ret_reader,
                        struct err *err)
{
    struct journal_reader *reader;
    char file[FS_PATH_MAX];
    int rc = journal_path(path, file, sizeof(file), err);

    if (rc)
        return rc;
    reader = calloc(1, sizeof(*reader));
    if (!reader)
        return err_set(err, ERR_NOMEM, "no memory to read a journal");
    reader->window = malloc(WINDOW_MOST);
    reader->window_size = WINDOW_LEAST;
    reader->offset = JOURNAL_FILE_HEAD;
    reader->fd = open(file, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0)
        rc = journal_missing(file, err);
    else if (!reader->window)
        rc = err_set(err, ERR_NOMEM, "no memory to read a journal");
    else
        rc = head_check(reader, file, err);
    if (rc)
        journal_reader_close(reader);
    else
        *ret_reader = reader;
    return rc;
}

void journal_reader_close(struct journal_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->window);
    free(reader->payload);
    free(reader);
}

/* 'len' bytes at 'offset' (at most WINDOW_LEAST), from the window or newly
 * read.  Returns NULL with rc 0 if the file ends before. */
static const uint8_t *window_get(struct journal_reader *reader, uint64_t offset,
                                 size_t len, int *rc, struct err *err)
{
    uint64_t end = reader->window_at + reader->window_len;
    ssize_t got;

    *rc = 0;
    if (offset >= reader->window_at && offset + len <= end)
        return reader->window + (offset - reader->window_at);
    if (offset >= reader->window_at && offset <= end + WINDOW_LEAST)
        reader->window_size = reader->window_size < WINDOW_MOST
                                  ? reader->window_size * 2
                                  : WINDOW_MOST;
    else
        reader->window_size = WINDOW_LEAST;
    got = read_at(reader->fd, reader->window, reader->window_size, offset);
    reader->window_at = offset;
    reader->window_len = got > 0 ? (size_t)got : 0;
    if (got < 0)
        *rc = err_set_errno(err, ERR_IO, "cannot read the journal at %llu",
                            (unsigned long long)offset);
    return got >= (ssize_t)len ? reader->window : NULL;
}

/* Read the header at 'offset'.  Returns 1, 0 if none is there, ERR_IO. */
static int head_read(struct journal_reader *reader, uint64_t offset,
                     struct journal_head *ret_head, struct err *err)
{
    uint64_t bytes;
    struct stat st;
    int rc;
    const uint8_t *at =
        window_get(reader, offset, JOURNAL_RECORD_HEAD, &rc, err);

    if (!at || !journal_head_get(at, reader->crc_start, ret_head)) {
        reader->window_len = 0; /* look anew next time: it may grow */
        return rc;
    }
    bytes = journal_record_bytes(ret_head->len);
    if (offset + bytes <= reader->window_at + reader->window_len)
        return 1;
    if (fstat(reader->fd, &st))
        return err_set_errno(err, ERR_IO, "cannot read the journal");
    return (uint64_t)st.st_size >= offset + bytes;
}

static void record_fill(const struct journal_reader *reader,
                        struct journal_record *record)
{
    *record = (struct journal_record){
        .type = (enum journal_type)reader->head.type,
        .status = reader->head.status,
        .attempt = reader->head.attempt,
        .row = reader->head.row,
        .sequence = reader->head.sequence,
        .offset = reader->at,
        .len = reader->head.len,
    };
}

int journal_reader_next(struct journal_reader *reader,
                        struct journal_record *ret_record, struct err *err)
{
    struct journal_head head;
    int rc = head_read(reader, reader->offset, &head, err);

    if (rc <= 0)
        return rc;
    if (head.sequence != reader->sequence)
        return 0;
    reader->head = head;
    reader->at = reader->offset;
    reader->in_order = true;
    reader->offset += journal_record_bytes(head.len);
    reader->sequence++;
    record_fill(reader, ret_record);
    return 1;
}

int journal_reader_at(struct journal_reader *reader, uint64_t offset,
                      struct journal_record *ret_record, struct err *err)
{
    struct journal_head head;
    int rc = head_read(reader, offset, &head, err);

    if (rc <= 0)
        return rc;
    reader->head = head;
    reader->at = offset;
    reader->in_order = false;
    record_fill(reader, ret_record);
    return 1;
}

static int payload_reserve(struct journal_reader *reader, struct err *err)
{
    size_t need = reader->head.len ? reader->head.len : 1;
    uint8_t *larger;

    if (need <= reader->payload_cap)
        return 0;
    larger = realloc(reader->payload, need);
    if (!larger)
        return err_set(err, ERR_NOMEM, "no memory for a record of %zu bytes",
                       need);
    reader->payload = larger;
    reader->payload_cap = need;
    return 0;
}

/* Where the payload lies in memory; NULL with rc set if it cannot be had. */
static const uint8_t *payload_get(struct journal_reader *reader, int *rc,
                                  struct err *err)
{
    uint64_t at = reader->at + JOURNAL_RECORD_HEAD;
    size_t len = reader->head.len;
    ssize_t got;

    *rc = 0;
    if (len <= WINDOW_LEAST)
        return window_get(reader, at, len, rc, err);
    *rc = payload_reserve(reader, err);
    if (*rc)
        return NULL;
    got = read_at(reader->fd, reader->payload, len, at);
    if (got < 0)
        *rc = err_set_errno(err, ERR_IO, "cannot read the journal");
    return got == (ssize_t)len ? reader->payload : NULL;
}

int journal_reader_load(struct journal_reader *reader,
                        struct journal_record *record, struct err *err)
{
    int rc;
    const uint8_t *payload = payload_get(reader, &rc, err);

    if (rc)
        return rc;
    if (!payload || journal_crc(reader->crc_start, payload, reader->head.len) !=
                        reader->head.payload_crc) {
        if (reader->in_order) {
            reader->offset = reader->at;
            reader->sequence = reader->head.sequence;
        }
        reader->window_len = 0;
        return err_set(err, ERR_FORMAT,
                       "the record at offset %llu is not whole",
                       (unsigned long long)reader->at);
    }
    record->payload = payload;
    return 0;
}

int journal_walk(const char *path, journal_replay_f *replay, void *arg,
                 struct err *err)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    int rc = journal_reader_open(path, &reader, err);

    while (!rc && (rc = journal_reader_next(reader, &record, err)) == 1) {
        rc = journal_reader_load(reader, &record, err);
        if (!rc)
            rc = replay(arg, &record, err);
    }
    journal_reader_close(reader);
    return rc;
}

/* True if the record at the reader's place is whole now: a live writer went
 * on while the bytes behind it were searched. */
static bool whole_now(struct journal_reader *reader)
{
    struct journal_reader before = *reader;
    struct journal_record record;
    bool whole = journal_reader_next(reader, &record, NULL) == 1 &&
                 journal_reader_load(reader, &record, NULL) == 0;

    reader->offset = before.offset;
    reader->sequence = before.sequence;
    return whole;
}

int journal_reader_tail(struct journal_reader *reader,
                        enum journal_tail *ret_tail, uint64_t *ret_offset,
                        uint64_t *ret_bytes, struct err *err)
{
    struct journal_behind behind = { 0, 0, 0 };
    struct stat st;
    uint64_t size;
    int rc = journal_search(reader->fd, reader->crc_start, reader->offset,
                            reader->sequence, &behind, err);

    if (rc)
        return rc;
    if (fstat(reader->fd, &st))
        return err_set_errno(err, ERR_IO, "cannot read the journal");
    size = (uint64_t)st.st_size;
    *ret_offset = reader->offset;
    *ret_bytes = size > reader->offset ? size - reader->offset : 0;
    if (behind.durable > reader->offset && !whole_now(reader))
        *ret_tail = JOURNAL_TAIL_DAMAGE;
    else
        *ret_tail = *ret_bytes ? JOURNAL_TAIL_TORN : JOURNAL_TAIL_NONE;
    return 0;
}

uint32_t journal_reader_crc_start(const struct journal_reader *reader)
{
    return reader->crc_start;
}

int journal_reader_fd(const struct journal_reader *reader)
{
    return reader->fd;
}

uint64_t journal_reader_offset(const struct journal_reader *reader)
{
    return reader->offset;
}

uint64_t journal_reader_sequence(const struct journal_reader *reader)
{
    return reader->sequence;
}
