/* campaign_change.c - amendment, withdrawal, note: appended, synced, applied */
#include "orchestrator/archive/campaign_change.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "orchestrator/archive/campaign_state.h"

/* Append one record and wait for the disk; then it is part of the state. */
static int change_take(struct campaign *campaign, struct journal *journal,
                       enum journal_type type, const struct buf *payload,
                       struct err *err)
{
    struct journal_record record = { .type = type,
                                     .row = JOURNAL_NO_ROW,
                                     .sequence = journal_records(journal),
                                     .offset = journal_size(journal),
                                     .payload = payload->data,
                                     .len = payload->len };
    int rc;

    if (buf_failed(payload))
        return err_set(err, ERR_NOMEM, "no memory for a journal record");
    rc = journal_append(journal, &record, err);
    if (!rc)
        rc = journal_sync(journal, err);
    if (!rc)
        rc = campaign_apply(campaign, &record, err);
    if (!rc)
        campaign->bytes = journal_size(journal);
    return rc;
}

int campaign_amend(struct campaign *campaign, struct journal *journal,
                   const struct plan *plan, const uint64_t *retired,
                   size_t retired_len, const char *documents_json,
                   size_t documents_len, struct err *err)
{
    struct buf bytes = { 0 }, payload = { 0 };
    const char *json = campaign_json(campaign);
    int rc = plan_encode(plan, &bytes, err);

    if (!rc) {
        records_plan_encode(
            &(struct record_plan){ .campaign_json = json,
                                   .campaign_len = strlen(json),
                                   .documents_json = documents_json,
                                   .documents_len = documents_len,
                                   .plan = bytes.data,
                                   .plan_len = bytes.len,
                                   .retired_len = retired_len },
            retired, &payload);
        rc = change_take(campaign, journal, JOURNAL_AMENDMENT, &payload, err);
    }
    buf_free(&bytes);
    buf_free(&payload);
    return rc;
}

/* A sentence that fits its record. */
static int sentence_check(const char *what, const char *text, struct err *err)
{
    if (!*text)
        return err_set(err, ERR_USAGE, "an empty %s", what);
    if (strlen(text) >= RECORDS_REASON_MAX)
        return err_set(err, ERR_USAGE, "a %s of %zu bytes, at most %d fit",
                       what, strlen(text), RECORDS_REASON_MAX - 1);
    return 0;
}

int campaign_withdraw(struct campaign *campaign, struct journal *journal,
                      const uint64_t *cells, size_t cells_len,
                      const char *reason, struct err *err)
{
    struct buf payload = { 0 };
    int rc = sentence_check("reason", reason, err);

    if (rc)
        return rc;
    records_invalidation_encode(reason, clock_unix_ns(), cells, cells_len,
                                &payload);
    rc = change_take(campaign, journal, JOURNAL_INVALIDATION, &payload, err);
    buf_free(&payload);
    return rc;
}

int campaign_note(struct campaign *campaign, struct journal *journal,
                  const char *text, struct err *err)
{
    struct record_note note = { .when_unix_ns = clock_unix_ns() };
    struct buf payload = { 0 };
    int rc = sentence_check("note", text, err);

    if (rc)
        return rc;
    snprintf(note.text, sizeof(note.text), "%s", text);
    records_note_encode(&note, &payload);
    rc = change_take(campaign, journal, JOURNAL_NOTE, &payload, err);
    buf_free(&payload);
    return rc;
}
