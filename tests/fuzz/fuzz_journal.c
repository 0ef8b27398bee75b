/* fuzz_journal.c - a journal file of any content: read, searched, opened */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "orchestrator/archive/journal_form.h"
#include "tests/fuzz/fuzz.h"

/* The second half of inputs is put behind a header that is right, so that
 * more than its check is reached: the CRCs of records are made to fit. */
static void crcs_mend(uint8_t *data, size_t size)
{
    journal_file_head_put(data, 7);
    for (size_t at = JOURNAL_FILE_HEAD; at + JOURNAL_RECORD_HEAD <= size;) {
        struct journal_head head;
        size_t left = size - at - JOURNAL_RECORD_HEAD;

        memset(&head, 0, sizeof(head));
        head.type = data[at + 4];
        head.status = data[at + 5];
        head.attempt = data[at + 6];
        head.row = data[at + 8];
        head.sequence = data[at + 16];
        head.durable = data[at + 24];
        head.len = (uint32_t)(data[at + 32] % 200);
        if (head.len > left)
            head.len = (uint32_t)left;
        head.payload_crc =
            journal_crc(7, data + at + JOURNAL_RECORD_HEAD, head.len);
        journal_head_put(data + at, 7, &head);
        at += journal_record_bytes(head.len);
    }
}

static void read_all(const char *path)
{
    struct journal_reader *reader;
    struct journal_record record;
    enum journal_tail tail;
    uint64_t offset, bytes;

    if (journal_reader_open(path, &reader, NULL))
        return;
    while (journal_reader_next(reader, &record, NULL) == 1)
        if (journal_reader_load(reader, &record, NULL))
            break;
    journal_reader_tail(reader, &tail, &offset, &bytes, NULL);
    for (uint64_t at = 40; at < 400; at += 8)
        if (journal_reader_at(reader, at, &record, NULL) == 1)
            journal_reader_load(reader, &record, NULL);
    journal_reader_close(reader);
}

void fuzz_one(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    int fd = memfd_create("journal", MFD_CLOEXEC);
    char path[64];

    if (!copy || fd < 0)
        abort();
    memcpy(copy, data, size);
    if (size > JOURNAL_FILE_HEAD && data[size - 1] & 1)
        crcs_mend(copy, size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (write(fd, copy, size) == (ssize_t)size)
        read_all(path);
    close(fd);
    free(copy);
}
