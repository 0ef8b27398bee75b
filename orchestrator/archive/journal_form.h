/* journal_form.h - the journal's headers as bytes, and the search for the
 * next record; for journal.c and journal_reader.c
 */
#ifndef ORCHESTRATOR_ARCHIVE_JOURNAL_FORM_H
#define ORCHESTRATOR_ARCHIVE_JOURNAL_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "orchestrator/archive/journal.h"

#define JOURNAL_FILE_HEAD   40
#define JOURNAL_RECORD_HEAD 48

/* What a record's header says. */
struct journal_head {
    uint8_t type, status;
    uint16_t attempt;
    uint64_t row, sequence, durable;
    uint32_t len, payload_crc;
};

/* Bytes that a record of 'len' payload bytes takes. */
uint64_t journal_record_bytes(uint64_t len);

/* CRC-32 of 'len' bytes, from the start that journal_crc_start() makes of the
 * run seed. */
uint32_t journal_crc_start(uint64_t seed);
uint32_t journal_crc(uint32_t start, const void *data, size_t len);

/* Fill the bytes of a file header, or read them back: false unless it is
 * whole and of our version ('ret_version' is set in any case). */
void journal_file_head_put(uint8_t out[JOURNAL_FILE_HEAD], uint64_t seed);
bool journal_file_head_get(const uint8_t in[JOURNAL_FILE_HEAD],
                           uint64_t *ret_seed, uint32_t *ret_version);

/* Fill the bytes of a record's header, or read them back: false unless the
 * header is whole. */
void journal_head_put(uint8_t out[JOURNAL_RECORD_HEAD], uint32_t start,
                      const struct journal_head *head);
bool journal_head_get(const uint8_t in[JOURNAL_RECORD_HEAD], uint32_t start,
                      struct journal_head *ret_head);

/* The path of the journal of 'path', a folder or the journal itself.
 * Returns 0; ERR_USAGE if it is too long. */
int journal_path(const char *path, char *out, size_t size, struct err *err);

/* Say why the journal 'path' could not be opened, by errno.  Returns
 * ERR_NOT_FOUND if it is not there, else ERR_IO. */
int journal_missing(const char *path, struct err *err);

/* What a search for whole records behind a bad one found. */
struct journal_behind {
    uint64_t records; /* whole headers */
    uint64_t first;   /* offset of the first */
    uint64_t durable; /* highest durable watermark among them */
};

/* Search 'fd' from 'offset' to its end for record headers, at every
 * multiple of 8.  Returns 0 or ERR_IO. */
int journal_search(int fd, uint32_t start, uint64_t offset, uint64_t sequence,
                   struct journal_behind *ret_behind, struct err *err);

/* What a reader's CRCs start from, and its file, for the writer. */
uint32_t journal_reader_crc_start(const struct journal_reader *reader);
int journal_reader_fd(const struct journal_reader *reader);
/* Offset and sequence number of the next record. */
uint64_t journal_reader_offset(const struct journal_reader *reader);
uint64_t journal_reader_sequence(const struct journal_reader *reader);

#endif
