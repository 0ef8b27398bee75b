/* journal_salvage.c - what a damaged journal still holds */
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrator/archive/journal_form.h"

struct salvage {
    struct journal_reader *reader;
    struct journal *journal;
    uint64_t sequence; /* of the next record, as it was */
    uint64_t saved, lost;
};

/* Take the record at 'offset', if a whole one is there that comes later than
 * the last one taken.  Returns its bytes, 0 if there is none, or a
 * failure. */
static int64_t record_take(struct salvage *s, uint64_t offset, struct err *err)
{
    struct journal_record record;
    int rc = journal_reader_at(s->reader, offset, &record, err);

    if (rc <= 0 || record.sequence < s->sequence)
        return rc < 0 ? rc : 0;
    rc = journal_reader_load(s->reader, &record, err);
    if (rc == ERR_FORMAT)
        return 0;
    if (!rc && record.type != JOURNAL_END)
        rc = journal_append(s->journal, &record, err);
    if (rc)
        return rc;
    s->lost += record.sequence - s->sequence;
    s->sequence = record.sequence + 1;
    s->saved++;
    return (int64_t)journal_record_bytes(record.len);
}

static int records_take(struct salvage *s, struct err *err)
{
    uint64_t offset = JOURNAL_FILE_HEAD;
    struct stat st;
    int64_t bytes;

    if (fstat(journal_reader_fd(s->reader), &st))
        return err_set_errno(err, ERR_IO, "cannot read the journal");
    while (offset + JOURNAL_RECORD_HEAD <= (uint64_t)st.st_size) {
        bytes = record_take(s, offset, err);
        if (bytes < 0)
            return (int)bytes;
        offset += bytes ? (uint64_t)bytes : 8;
    }
    return 0;
}

int journal_salvage(const char *dir, const char *to, uint64_t *ret_saved,
                    uint64_t *ret_lost, struct err *err)
{
    struct salvage s = { .reader = NULL };
    int rc = journal_reader_open(dir, &s.reader, err);

    if (!rc)
        rc = journal_create(to, &s.journal, err);
    if (!rc)
        rc = records_take(&s, err);
    if (rc) {
        journal_close(s.journal, false, NULL);
    } else {
        rc = journal_close(s.journal, true, err);
        *ret_saved = s.saved;
        *ret_lost = s.lost;
    }
    journal_reader_close(s.reader);
    return rc;
}
