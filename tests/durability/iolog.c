/* iolog.c - wrapped calls, noted down */
#include "tests/durability/iolog.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/vec.h"

#define FDS 1024

int __real_open(const char *path, int flags, ...);
int __real_mkostemp(char *path, int flags);
ssize_t __real_write(int fd, const void *data, size_t len);
int __real_ftruncate(int fd, off_t len);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_rename(const char *from, const char *to);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned flags);
int __real_unlink(const char *path);
int __wrap_open(const char *path, int flags, ...);
int __wrap_mkostemp(char *path, int flags);
ssize_t __wrap_write(int fd, const void *data, size_t len);
int __wrap_ftruncate(int fd, off_t len);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned flags);
int __wrap_unlink(const char *path);

/* The one log of this test program. */
static struct {
    bool on;
    enum io_bug bug;
    char dir[IOLOG_NAME];
    VEC(struct io_event) events;
    int files;
    char names[IOLOG_FILES][IOLOG_NAME]; /* of each file, now */
    int fds[FDS];                        /* file + 1; -1: the folder */
} iolog;

static struct io_event *note(enum io_kind kind, int file)
{
    struct io_event event = { .kind = kind, .file = file };

    if (!VEC_PUSH(&iolog.events, event))
        abort();
    return &iolog.events.at[iolog.events.len - 1];
}

/* The name in the folder, or NULL if the path is elsewhere. */
static const char *name_of(const char *path)
{
    size_t len = strlen(iolog.dir);

    if (!iolog.on || strncmp(path, iolog.dir, len) != 0 || path[len] != '/')
        return NULL;
    return path + len + 1;
}

static int file_find(const char *name)
{
    for (int i = iolog.files - 1; i >= 0; i--)
        if (!strcmp(iolog.names[i], name))
            return i;
    return -1;
}

static int file_create(const char *name)
{
    int file = iolog.files++;

    if (file >= IOLOG_FILES)
        abort();
    snprintf(iolog.names[file], IOLOG_NAME, "%s", name);
    snprintf(note(IO_CREATE, file)->name, IOLOG_NAME, "%s", name);
    return file;
}

/* What a library wrote into a file of ours: all of it, as one write. */
static void content_note(int file)
{
    char path[2 * IOLOG_NAME];
    struct io_event *event = note(IO_WRITE, file);
    uint8_t block[65536];
    ssize_t got;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", iolog.dir, iolog.names[file]);
    fd = __real_open(path, O_RDONLY | O_CLOEXEC);
    while ((got = read(fd, block, sizeof(block))) > 0)
        buf_put(&event->data, block, (size_t)got);
    close(fd);
}

/* The journal's writes are all seen. */
static bool is_journal(int file)
{
    return !strncmp(iolog.names[file], "journal", 7);
}

static void fd_note(int fd, const char *path)
{
    const char *name = name_of(path);

    if (fd < 0 || fd >= FDS)
        return;
    iolog.fds[fd] = 0;
    if (iolog.on && !strcmp(path, iolog.dir))
        iolog.fds[fd] = -1;
    else if (name)
        iolog.fds[fd] =
            1 + (file_find(name) >= 0 ? file_find(name) : file_create(name));
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    int mode, fd;

    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    fd = __real_open(path, flags, mode);
    fd_note(fd, path);
    return fd;
}

int __wrap_mkostemp(char *path, int flags)
{
    int fd = __real_mkostemp(path, flags);

    if (fd >= 0 && fd < FDS)
        iolog.fds[fd] = name_of(path) ? 1 + file_create(name_of(path)) : 0;
    return fd;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t put = __real_write(fd, data, len);

    if (put > 0 && iolog.on && fd < FDS && iolog.fds[fd] > 0) {
        struct io_event *event = note(IO_WRITE, iolog.fds[fd] - 1);

        event->offset = (uint64_t)at;
        buf_put(&event->data, data, (size_t)put);
    }
    return put;
}

int __wrap_ftruncate(int fd, off_t len)
{
    if (iolog.on && fd < FDS && iolog.fds[fd] > 0)
        note(IO_TRUNCATE, iolog.fds[fd] - 1)->offset = (uint64_t)len;
    return __real_ftruncate(fd, len);
}

static void sync_note(int fd)
{
    int file = iolog.on && fd < FDS ? iolog.fds[fd] : 0;
    bool journal;

    if (file < 0)
        note(IO_SYNC_DIR, -1);
    if (file <= 0)
        return;
    journal = is_journal(file - 1);
    if (!journal)
        content_note(file - 1);
    if (iolog.bug != (journal ? IO_BUG_JOURNAL_SYNC : IO_BUG_ARCHIVE_SYNC))
        note(IO_SYNC, file - 1);
}

/* The disk under the test need not wait: the record is what counts. */
int __wrap_fsync(int fd)
{
    sync_note(fd);
    return iolog.on ? 0 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
    sync_note(fd);
    return iolog.on ? 0 : __real_fdatasync(fd);
}

static void rename_note(const char *from, const char *to)
{
    const char *a = name_of(from), *b = name_of(to);
    struct io_event *event;
    int file;

    if (!a || !b)
        return;
    file = file_find(a);
    if (file < 0)
        abort(); /* nothing unseen is renamed */
    event = note(IO_RENAME, file);
    snprintf(event->name, IOLOG_NAME, "%s", a);
    snprintf(event->to, IOLOG_NAME, "%s", b);
    snprintf(iolog.names[file], IOLOG_NAME, "%s", b);
}

int __wrap_rename(const char *from, const char *to)
{
    rename_note(from, to);
    return __real_rename(from, to);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned flags)
{
    int rc = __real_renameat2(from_dir, from, to_dir, to, flags);

    if (!rc)
        rename_note(from, to);
    return rc;
}

int __wrap_unlink(const char *path)
{
    if (name_of(path))
        snprintf(note(IO_UNLINK, -1)->name, IOLOG_NAME, "%s", name_of(path));
    return __real_unlink(path);
}

void iolog_start(const char *dir, enum io_bug bug)
{
    snprintf(iolog.dir, sizeof(iolog.dir), "%s", dir);
    iolog.bug = bug;
    iolog.on = true;
}

void iolog_stop(void)
{
    iolog.on = false;
}

void iolog_ack(uint64_t journal_bytes)
{
    note(IO_ACK, -1)->offset = journal_bytes;
}

void iolog_published(const char *name)
{
    note(IO_PUBLISHED, file_find(name));
}

size_t iolog_len(void)
{
    return iolog.events.len;
}

const struct io_event *iolog_at(size_t i)
{
    return &iolog.events.at[i];
}
