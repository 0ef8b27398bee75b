/* iolog.h - what this process did to one folder: writes, syncs, renames
 *
 * The calls are wrapped by the linker (--wrap), so that the code under test is
 * the code that ships.  What a library writes by itself (HDF5 into its
 * temporary) is seen as one write when the file is synced or renamed.
 */
#ifndef TESTS_DURABILITY_IOLOG_H
#define TESTS_DURABILITY_IOLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define IOLOG_NAME  256
#define IOLOG_FILES 256

enum io_kind {
    IO_CREATE,   /* file, name */
    IO_WRITE,    /* file, offset, data */
    IO_TRUNCATE, /* file, offset */
    IO_SYNC,     /* file */
    IO_RENAME,   /* name, to */
    IO_UNLINK,   /* name */
    IO_SYNC_DIR,
    IO_ACK,      /* offset: bytes of the journal acknowledged */
    IO_PUBLISHED /* file: the archive that publishing left */
};

struct io_event {
    enum io_kind kind;
    int file; /* number of the file, whatever its name is */
    uint64_t offset;
    struct buf data;
    char name[IOLOG_NAME], to[IOLOG_NAME]; /* in the folder */
};

/* A call that is made, but not recorded: the bug that the test must see. */
enum io_bug {
    IO_BUG_NONE,
    IO_BUG_ARCHIVE_SYNC, /* fsync of anything but the journal */
    IO_BUG_JOURNAL_SYNC, /* fdatasync */
};

/* Record from now on what happens in 'dir'. */
void iolog_start(const char *dir, enum io_bug bug);
/* Record no more. */
void iolog_stop(void);

/* Note what the caller was told is safe. */
void iolog_ack(uint64_t journal_bytes);
/* The same of a published file, by its name. */
void iolog_published(const char *name);

/* How many events were noted, and the i-th, borrowed. */
/* Events noted so far; one of them, borrowed until the next is noted. */
size_t iolog_len(void);
/* Event 'i'. */
const struct io_event *iolog_at(size_t i);

#endif
