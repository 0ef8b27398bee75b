/* make_campaign.c - a small campaign of every kind of content, published
 *
 *     make_campaign DIR     DIR is new; the same content every time
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "orchestrator/archive/h5_writer.h"
#include "tests/unit/archive/made.h"

static void note_append(struct journal *journal)
{
    struct record_note note = { .when_unix_ns = 1, .text = "a note" };
    struct buf payload = { 0 };

    records_note_encode(&note, &payload);
    assert_int_equal(
        journal_append(journal,
                       &(struct journal_record){ .type = JOURNAL_NOTE,
                                                 .row = JOURNAL_NO_ROW,
                                                 .payload = payload.data,
                                                 .len = payload.len },
                       NULL),
        0);
    buf_free(&payload);
}

int main(int argc, char **argv)
{
    const struct made_shape shape = {
        .seed = 1, .latencies = 9000, .readings = 300, .raw = true
    };
    struct journal *journal;
    struct err err = { 0 };

    if (argc != 2) {
        fprintf(stderr, "usage: make_campaign DIR\n");
        return 2;
    }
    journal = made_begin(argv[1], 10);
    made_append(journal, &shape, 0, 1, STATUS_FAILED);
    for (uint64_t i = 0; i < 16; i++)
        made_append(journal, &shape, i, 2,
                    i % 6 == 5 ? STATUS_TIMEOUT : STATUS_OK);
    note_append(journal);
    if (journal_close(journal, true, &err) || archive_publish(argv[1], &err)) {
        fprintf(stderr, "make_campaign: %s\n", err.text);
        return 1;
    }
    return 0;
}
