/* journal.h - the append-only file that is a campaign's truth
 *
 * DIR/journal: a file header of 40 bytes, then records of a header of 48
 * bytes and a payload padded with zeros to 8; all little endian.
 *
 *   file    magic[8] version u32, 0 u32, seed u64, first sequence u64,
 *           0 u32, crc u32
 *   record  magic u32, type u8, status u8, attempt u16, row u64,
 *           sequence u64, durable u64, length u32, payload crc u32,
 *           0 u32, header crc u32
 *
 * Every CRC (CRC-32 of zlib) starts from the run seed, so that blocks of a
 * deleted journal never look valid.  'durable' is the offset that was known
 * to be on disk when the record was written: a bad record below the highest
 * 'durable' of the records behind it is media damage and refused; else it is
 * the torn tail of a crash and cut.  docs/archive.md explains.
 */
#ifndef ORCHESTRATOR_ARCHIVE_JOURNAL_H
#define ORCHESTRATOR_ARCHIVE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define JOURNAL_NAME        "journal"
#define JOURNAL_VERSION     1
#define JOURNAL_NO_ROW      UINT64_MAX
#define JOURNAL_PAYLOAD_MAX (512u << 20)

/* The numbers stand in files: append only.  A reader passes over types that
 * it does not know. */
enum journal_type {
    JOURNAL_HEAD = 1,      /* format, software, column lists in effect */
    JOURNAL_PLAN,          /* campaign, documents, plan */
    JOURNAL_AMENDMENT,     /* the same, grown */
    JOURNAL_BOARD,         /* facts about a board */
    JOURNAL_ATTEMPT,       /* an attempt was handed to a board */
    JOURNAL_RESULT,        /* the bytes of result.h */
    JOURNAL_INVALIDATION,  /* cells withdrawn, with a reason */
    JOURNAL_NOTE,          /* a sentence */
    JOURNAL_MODE_INTENT,   /* a board is about to leave its op mode */
    JOURNAL_MODE_RESTORED, /* and is back in it */
    JOURNAL_END,           /* a clean end; more may follow on resume */
    JOURNAL_SENTINEL,      /* as RESULT: a cell run again for drift; the cell
                              stays what it is */
};

/* A record; 'sequence' and 'offset' are set by reading, ignored by
 * journal_append(). */
struct journal_record {
    enum journal_type type;
    uint8_t status;      /* enum cell_status of the row, 0 where none */
    uint16_t attempt;    /* number of the attempt, 0 where none */
    uint64_t row;        /* cell, or JOURNAL_NO_ROW */
    uint64_t sequence;   /* 0, 1, ... over the whole journal */
    uint64_t offset;     /* of the record's header in the file */
    const void *payload; /* borrowed; NULL while not loaded */
    size_t len;
};

/* The writer.  One process at a time; its calls come from one thread. */
struct journal;

/* Called for each record in order; a failure ends the replay. */
typedef int journal_replay_f(void *arg, const struct journal_record *record,
                             struct err *err);

/* Begin a journal in the existing folder 'dir'.  Returns 0; ERR_REFUSED if
 * there is one already, ERR_IO, ERR_NOMEM. */
int journal_create(const char *dir, struct journal **ret_journal,
                   struct err *err);

/* Open the journal of 'dir' to append to it: take the lock, replay every
 * record with its payload (borrowed for the call; 'replay' may be NULL),
 * cut a torn tail, fsync.  What was replayed may be relied on only when
 * this has returned 0.  ERR_NOT_FOUND; ERR_REFUSED if another process
 * writes it; ERR_FORMAT if it is damaged, with the offset and what can be
 * saved; ERR_IO; ERR_NOMEM; or what 'replay' returned. */
int journal_open(const char *dir, journal_replay_f *replay, void *arg,
                 struct journal **ret_journal, struct err *err);

/* True if a process holds the journal of 'dir' open for writing: a sweep
 * runs.  Takes no lock. */
bool journal_locked(const char *dir);

/* Append one record to the journal's buffer (payload copied), or write it
 * if the buffer is full.  Not on disk before journal_sync() returned 0.
 * Returns 0; ERR_IO, which is final: every later call fails with it too;
 * ERR_USAGE beyond JOURNAL_PAYLOAD_MAX. */
int journal_append(struct journal *journal, const struct journal_record *record,
                   struct err *err);

/* True if a record was appended since the last sync that must be on disk
 * before anyone acts on it (all but ATTEMPT and NOTE). */
bool journal_needs_sync(const struct journal *journal);

/* Write out and wait until all appended is on disk (fdatasync).
 * Returns 0 or ERR_IO, which is final. */
int journal_sync(struct journal *journal, struct err *err);

/* Write out, so that readers see it, without waiting for the disk.
 * Returns 0 or ERR_IO, which is final. */
int journal_flush(struct journal *journal, struct err *err);

/* Bytes appended so far, header included; records so far. */
uint64_t journal_size(const struct journal *journal);
uint64_t journal_records(const struct journal *journal);

/* Bytes of torn tail that journal_open() cut. */
uint64_t journal_cut_bytes(const struct journal *journal);

/* Close.  With 'clean' everything is synced and an END record written
 * before; without, what is not written out is dropped.  The journal is gone
 * in any case.  NULL is fine.  Returns 0 or ERR_IO. */
int journal_close(struct journal *journal, bool clean, struct err *err);

/* The reader: takes no lock, changes nothing, any number at a time, also
 * while the journal grows. */
struct journal_reader;

/* Open 'path', a journal or a campaign folder.  Returns 0; ERR_NOT_FOUND,
 * ERR_IO, ERR_FORMAT if it is no journal of a version known here,
 * ERR_NOMEM. */
int journal_reader_open(const char *path, struct journal_reader **ret_reader,
                        struct err *err);
void journal_reader_close(struct journal_reader *reader); /* NULL is fine */

/* The header of the next record, its payload not loaded (NULL).  Returns 1
 * and a record; 0 if nothing whole is there, now: call again later to read
 * what is new; ERR_IO. */
int journal_reader_next(struct journal_reader *reader,
                        struct journal_record *ret_record, struct err *err);

/* Load the payload of the record that journal_reader_next() gave last, and
 * check it; borrowed until the next call.  Returns 0; ERR_FORMAT if it is
 * not whole: the reader then stands before that record again; ERR_IO,
 * ERR_NOMEM. */
int journal_reader_load(struct journal_reader *reader,
                        struct journal_record *record, struct err *err);

/* Go to the record at 'offset' (as given by a record read before), out of
 * order.  Returns as journal_reader_next(). */
int journal_reader_at(struct journal_reader *reader, uint64_t offset,
                      struct journal_record *ret_record, struct err *err);

/* Read the journal of 'path' from its start to its last whole record, each
 * with its payload.  Returns 0; as journal_reader_open(); what 'replay'
 * returned. */
int journal_walk(const char *path, journal_replay_f *replay, void *arg,
                 struct err *err);

/* What lies behind the last whole record. */
enum journal_tail {
    JOURNAL_TAIL_NONE,   /* nothing: the file ends with a whole record */
    JOURNAL_TAIL_TORN,   /* a record being written, or torn by a crash */
    JOURNAL_TAIL_DAMAGE, /* a damaged record with durable ones behind it */
};

/* Look behind the last whole record that was read (reads to the end of the
 * file).  Returns 0; ERR_IO.  'ret_offset' is where it starts, 'ret_bytes'
 * its length. */
int journal_reader_tail(struct journal_reader *reader,
                        enum journal_tail *ret_tail, uint64_t *ret_offset,
                        uint64_t *ret_bytes, struct err *err);

/* Copy every whole record of the journal of 'dir', damaged or not, into a
 * new journal in the existing folder 'to', which ends clean; what was lost
 * between is a cell to measure again.  Takes no lock.  Sets the numbers of
 * records saved and known to be lost.  Returns 0; as journal_reader_open()
 * and journal_create(). */
int journal_salvage(const char *dir, const char *to, uint64_t *ret_saved,
                    uint64_t *ret_lost, struct err *err);

#endif
