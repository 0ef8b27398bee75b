/* journal_form.c - the journal's headers as bytes */
#include "orchestrator/archive/journal_form.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/buf.h"
#include "core/fs.h"

#define RECORD_MAGIC 0x4352534cu /* "LSRC" */

/* Line ends inside: a transfer as text shows. */
static const uint8_t file_magic[8] = { 'L', 'S', 'J', 'R', '\r', '\n', 26, 0 };

uint64_t journal_record_bytes(uint64_t len)
{
    return JOURNAL_RECORD_HEAD + ((len + 7) & ~UINT64_C(7));
}

uint32_t journal_crc_start(uint64_t seed)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(seed >> (8 * i));
    return (uint32_t)crc32(0, bytes, sizeof(bytes));
}

uint32_t journal_crc(uint32_t start, const void *data, size_t len)
{
    return len ? (uint32_t)crc32_z(start, data, len) : start;
}

static uint8_t *put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

void journal_file_head_put(uint8_t out[JOURNAL_FILE_HEAD], uint64_t seed)
{
    uint8_t *at = out;

    memcpy(at, file_magic, sizeof(file_magic));
    at = put(at + 8, JOURNAL_VERSION, 4);
    at = put(at, 0, 4);
    at = put(at, seed, 8);
    at = put(at, 0, 8); /* first sequence number */
    at = put(at, 0, 4);
    put(at, journal_crc(journal_crc_start(seed), out, JOURNAL_FILE_HEAD - 4),
        4);
}

bool journal_file_head_get(const uint8_t in[JOURNAL_FILE_HEAD],
                           uint64_t *ret_seed, uint32_t *ret_version)
{
    struct cursor cur = cursor_of(in, JOURNAL_FILE_HEAD);
    const uint8_t *magic = cursor_bytes(&cur, 8);
    uint64_t seed, first;
    uint32_t crc;

    *ret_version = cursor_u32(&cur);
    cursor_u32(&cur);
    seed = cursor_u64(&cur);
    first = cursor_u64(&cur);
    cursor_u32(&cur);
    crc = cursor_u32(&cur);
    if (memcmp(magic, file_magic, sizeof(file_magic)) != 0 || first != 0 ||
        crc != journal_crc(journal_crc_start(seed), in, JOURNAL_FILE_HEAD - 4))
        return false;
    *ret_seed = seed;
    return true;
}

void journal_head_put(uint8_t out[JOURNAL_RECORD_HEAD], uint32_t start,
                      const struct journal_head *head)
{
    uint8_t *at = put(out, RECORD_MAGIC, 4);

    at = put(at, head->type, 1);
    at = put(at, head->status, 1);
    at = put(at, head->attempt, 2);
    at = put(at, head->row, 8);
    at = put(at, head->sequence, 8);
    at = put(at, head->durable, 8);
    at = put(at, head->len, 4);
    at = put(at, head->payload_crc, 4);
    at = put(at, 0, 4);
    put(at, journal_crc(start, out, JOURNAL_RECORD_HEAD - 4), 4);
}

bool journal_head_get(const uint8_t in[JOURNAL_RECORD_HEAD], uint32_t start,
                      struct journal_head *ret_head)
{
    struct cursor cur = cursor_of(in, JOURNAL_RECORD_HEAD);
    struct journal_head head;

    if (cursor_u32(&cur) != RECORD_MAGIC)
        return false;
    head.type = cursor_u8(&cur);
    head.status = cursor_u8(&cur);
    head.attempt = cursor_u16(&cur);
    head.row = cursor_u64(&cur);
    head.sequence = cursor_u64(&cur);
    head.durable = cursor_u64(&cur);
    head.len = cursor_u32(&cur);
    head.payload_crc = cursor_u32(&cur);
    cursor_u32(&cur);
    if (cursor_u32(&cur) != journal_crc(start, in, JOURNAL_RECORD_HEAD - 4) ||
        head.len > JOURNAL_PAYLOAD_MAX)
        return false;
    *ret_head = head;
    return true;
}

int journal_path(const char *path, char *out, size_t size, struct err *err)
{
    bool fits;

    if (fs_is_file(path))
        fits = (size_t)snprintf(out, size, "%s", path) < size;
    else
        fits = fs_join(out, size, path, JOURNAL_NAME);
    if (!fits)
        return err_set(err, ERR_USAGE, "path '%s' is too long", path);
    return 0;
}

int journal_missing(const char *path, struct err *err)
{
    int rc = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    char folder[FS_PATH_MAX];

    fs_dirname(path, folder, sizeof(folder));
    if (rc == ERR_NOT_FOUND && fs_exists(folder))
        return err_set(err, rc, "'%s' is no campaign folder: it has no '%s'",
                       folder, path + strlen(folder) + 1);
    return err_set_errno(err, rc, "cannot open '%s'", path);
}

int journal_search(int fd, uint32_t start, uint64_t offset, uint64_t sequence,
                   struct journal_behind *ret_behind, struct err *err)
{
    struct journal_behind behind = { 0, 0, 0 };
    struct journal_head head;
    uint8_t block[65536 + JOURNAL_RECORD_HEAD];
    ssize_t got;

    for (uint64_t at = offset;; at += 65536) {
        got = pread(fd, block, sizeof(block), (off_t)at);
        if (got < 0)
            return err_set_errno(err, ERR_IO, "cannot read the journal");
        for (ssize_t i = 0; i < 65536 && i + JOURNAL_RECORD_HEAD <= got;
             i += 8) {
            if (!journal_head_get(block + i, start, &head) ||
                head.sequence < sequence)
                continue;
            if (!behind.records++)
                behind.first = at + (uint64_t)i;
            if (head.durable > behind.durable)
                behind.durable = head.durable;
        }
        if (got < (ssize_t)sizeof(block))
            break;
    }
    *ret_behind = behind;
    return 0;
}
