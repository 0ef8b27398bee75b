/* fuzz_record.c - payloads of every type of journal record */
#include <stdlib.h>

#include "orchestrator/archive/campaign.h"
#include "tests/fuzz/fuzz.h"

/* Inputs are records one behind the other: type, status, attempt, row,
 * length (u16), payload. */
void fuzz_one(const uint8_t *data, size_t size)
{
    struct campaign *campaign = campaign_create(false);
    struct cursor cur = cursor_of(data, size);
    struct buf head = { 0 };
    struct journal_record record = { .type = JOURNAL_HEAD };

    if (!campaign || records_head_encode(&head, NULL))
        abort();
    record.payload = head.data;
    record.len = head.len;
    campaign_apply(campaign, &record, NULL);
    while (cursor_left(&cur) > 6) {
        record.type = (enum journal_type)cursor_u8(&cur);
        record.status = cursor_u8(&cur);
        record.attempt = cursor_u8(&cur);
        record.row = cursor_u8(&cur);
        record.len = cursor_u16(&cur);
        record.offset += 48;
        if (record.len > cursor_left(&cur))
            record.len = cursor_left(&cur);
        record.payload = cursor_bytes(&cur, record.len);
        if (campaign_apply(campaign, &record, NULL))
            break;
    }
    campaign_destroy(campaign);
    buf_free(&head);
}
