/* redact_journal.c - a journal copied record by record */
#include "orchestrator/archive/redact_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/documents.h"
#include "orchestrator/archive/campaign.h"
#include "orchestrator/archive/redact.h"
#include "orchestrator/archive/redact_campaign.h"
#include "orchestrator/sched/plan.h"
#include "orchestrator/sched/plan_rename.h"

struct copying {
    const struct campaign *campaign;
    struct redact *redact; /* NULL: as it is */
    struct journal *to;
    struct buf payload;
    bool headed;
};

/* ---- copying; each appends its payload to 'c->payload' */

/* Replace the text in 'text', which holds 'size' bytes; cut to fit. */
static int field_redact(struct copying *c, char *text, size_t size,
                        struct err *err)
{
    struct buf out = { 0 };
    int rc = redact_text(c->redact, text, strlen(text), &out, err);

    if (!rc)
        snprintf(text, size, "%s", buf_text(&out));
    buf_free(&out);
    return rc;
}

static int json_redact(struct copying *c, const char *text, size_t len,
                       struct buf *out, struct err *err)
{
    struct json_doc *doc;
    struct json_value *value;
    struct json root;
    int rc = json_doc_parse(text, len, "journal", &doc, err);

    if (rc)
        return rc;
    root = json_root(doc);
    value = redact_json(c->redact, &root);
    rc = json_print(value, false, out, err);
    json_value_destroy(value);
    json_doc_destroy(doc);
    return rc;
}

static int rename_text(void *ctx, const char *text, struct buf *out,
                       struct err *err)
{
    return redact_text(ctx, text, strlen(text), out, err);
}

static int plan_bytes_redact(struct copying *c, const struct record_plan *held,
                             struct buf *out, struct err *err)
{
    struct plan *plan = NULL;
    int rc = plan_decode(held->plan, held->plan_len, &plan, err);

    if (!rc)
        rc = plan_rename(plan, rename_text, c->redact, err);
    if (!rc)
        rc = plan_encode(plan, out, err);
    plan_destroy(plan);
    return rc;
}

/* What is redacted must still be read by those who get it. */
static int documents_check(struct buf *json, struct err *err)
{
    struct documents documents;

    if (documents_from_json(buf_text(json), json->len, &documents, err)) {
        err_prefix(err, "a secret is also a word of the documents, which "
                        "cannot be read without it");
        return ERR_FORMAT;
    }
    documents_close(&documents);
    return 0;
}

static int plan_copy(struct copying *c, const struct journal_record *record,
                     struct err *err)
{
    struct buf json = { 0 }, documents = { 0 }, bytes = { 0 };
    struct record_plan held;
    uint64_t *retired = NULL;
    int rc = records_plan_decode(record->payload, record->len, &held, err);

    if (rc)
        return rc;
    retired = malloc((held.retired_len + 1) * sizeof(*retired));
    if (!retired)
        rc = err_set(err, ERR_NOMEM, "no memory for a plan");
    for (size_t i = 0; !rc && i < held.retired_len; i++)
        retired[i] = record_plan_retired(&held, i);
    if (!rc)
        rc = json_redact(c, held.campaign_json, held.campaign_len, &json, err);
    if (!rc)
        rc = json_redact(c, held.documents_json, held.documents_len, &documents,
                         err);
    if (!rc)
        rc = documents_check(&documents, err);
    if (!rc)
        rc = plan_bytes_redact(c, &held, &bytes, err);
    if (!rc)
        records_plan_encode(
            &(struct record_plan){ .campaign_json = buf_text(&json),
                                   .campaign_len = json.len,
                                   .documents_json = buf_text(&documents),
                                   .documents_len = documents.len,
                                   .plan = bytes.data,
                                   .plan_len = bytes.len,
                                   .retired_len = held.retired_len },
            retired, &c->payload);
    free(retired);
    buf_free(&json);
    buf_free(&documents);
    buf_free(&bytes);
    return rc;
}

static int board_copy(struct copying *c, const struct journal_record *record,
                      struct err *err)
{
    struct record_board board;
    struct buf json = { 0 };
    int rc = records_board_decode(record->payload, record->len, &board, err);

    if (!rc)
        rc = field_redact(c, board.board, sizeof(board.board), err);
    if (!rc)
        rc = json_redact(c, board.facts_json, board.facts_len, &json, err);
    if (!rc) {
        board.facts_json = buf_text(&json);
        board.facts_len = json.len;
        records_board_encode(&board, &c->payload);
    }
    buf_free(&json);
    return rc;
}

static int attempt_copy(struct copying *c, const struct journal_record *record,
                        struct err *err)
{
    struct record_attempt attempt;
    int rc =
        records_attempt_decode(record->payload, record->len, &attempt, err);

    if (!rc)
        rc = field_redact(c, attempt.board, sizeof(attempt.board), err);
    if (!rc)
        rc = field_redact(c, attempt.worker, sizeof(attempt.worker), err);
    if (!rc)
        records_attempt_encode(&attempt, &c->payload);
    return rc;
}

/* The text columns of a row. */
static int row_redact(struct copying *c, const struct column_table *list,
                      void *row, struct err *err)
{
    struct buf out = { 0 };
    int rc = 0;

    for (size_t i = 0; !rc && i < list->count; i++) {
        const struct column *column = &list->columns[i];
        const char *text;

        if (column->type != COLUMN_TEXT)
            continue;
        text = columns_text(column, row);
        buf_clear(&out);
        rc = redact_text(c->redact, text, strlen(text), &out, err);
        if (!rc)
            columns_set_text(column, row, buf_text(&out));
    }
    buf_free(&out);
    return rc;
}

static int raw_redact(struct copying *c, struct raw_output *raw,
                      struct err *err)
{
    struct buf out = { 0 };
    char *text = NULL;
    int rc = redact_text(c->redact, raw->text, raw->len, &out, err);

    size_t len = out.len < RESULT_TEXT_MAX ? out.len : RESULT_TEXT_MAX;

    if (!rc)
        text = malloc(len + 1);
    if (!rc && !text)
        rc = err_set(err, ERR_NOMEM, "no memory to redact");
    if (!rc) {
        memcpy(text, buf_text(&out), len);
        text[len] = 0;
        free(raw->text);
        raw->text = text;
        raw->len = len;
    }
    buf_free(&out);
    return rc;
}

static int result_copy(struct copying *c, const struct journal_record *record,
                       struct err *err)
{
    struct cursor cur = cursor_of(record->payload, record->len);
    struct result result;
    int rc;

    result_init(&result);
    rc = result_decode(campaign_layouts(c->campaign, record->offset), &cur,
                       &result, err);
    if (!rc)
        rc = row_redact(c, &columns_attempts, &result.attempt, err);
    for (size_t i = 0; !rc && i < result.power.len; i++)
        rc = row_redact(c, &columns_power_runs, &result.power.at[i], err);
    for (size_t i = 0; !rc && i < result.raw.len; i++)
        rc = raw_redact(c, &result.raw.at[i], err);
    if (!rc)
        rc = result_encode(&result, &c->payload, err);
    result_free(&result);
    return rc;
}

static int note_copy(struct copying *c, const struct journal_record *record,
                     struct err *err)
{
    struct record_note note;
    int rc = records_note_decode(record->payload, record->len, &note, err);

    if (!rc)
        rc = field_redact(c, note.text, sizeof(note.text), err);
    if (!rc)
        records_note_encode(&note, &c->payload);
    return rc;
}

static int mode_copy(struct copying *c, const struct journal_record *record,
                     struct err *err)
{
    struct record_mode mode;
    int rc = records_mode_decode(record->payload, record->len, &mode, err);

    if (!rc)
        rc = field_redact(c, mode.board, sizeof(mode.board), err);
    if (!rc)
        records_mode_encode(&mode, &c->payload);
    return rc;
}

static int invalidation_copy(struct copying *c,
                             const struct journal_record *record,
                             struct err *err)
{
    struct record_invalidation held;
    int rc =
        records_invalidation_decode(record->payload, record->len, &held, err);

    if (!rc)
        rc = field_redact(c, held.reason, sizeof(held.reason), err);
    if (!rc)
        records_invalidation_shift(&held, 0, &c->payload);
    return rc;
}

static int payload_make(struct copying *c, const struct journal_record *record,
                        struct err *err)
{
    switch (record->type) {
    case JOURNAL_HEAD:
        return records_head_encode(&c->payload, err);
    case JOURNAL_PLAN:
    case JOURNAL_AMENDMENT:
        return plan_copy(c, record, err);
    case JOURNAL_BOARD:
        return board_copy(c, record, err);
    case JOURNAL_ATTEMPT:
        return attempt_copy(c, record, err);
    case JOURNAL_RESULT:
    case JOURNAL_SENTINEL:
        return result_copy(c, record, err);
    case JOURNAL_INVALIDATION:
        return invalidation_copy(c, record, err);
    case JOURNAL_NOTE:
        return note_copy(c, record, err);
    case JOURNAL_MODE_INTENT:
    case JOURNAL_MODE_RESTORED:
        return mode_copy(c, record, err);
    case JOURNAL_END:
        break;
    }
    return 0;
}

/* Ends are made anew by closing, records of a later version are not known to
 * be free of secrets. */
static int record_copy(void *arg, const struct journal_record *record,
                       struct err *err)
{
    struct copying *c = arg;
    struct journal_record copy = *record;
    int rc = 0;

    if (record->type == JOURNAL_END ||
        (c->redact && record->type > JOURNAL_SENTINEL) ||
        (c->redact && record->type == JOURNAL_HEAD && c->headed))
        return 0;
    c->headed = c->headed || record->type == JOURNAL_HEAD;
    buf_clear(&c->payload);
    if (c->redact) {
        rc = payload_make(c, record, err);
        copy.payload = c->payload.data;
        copy.len = c->payload.len;
    }
    if (!rc && buf_failed(&c->payload))
        rc = err_set(err, ERR_NOMEM, "no memory to redact");
    return rc ? rc : journal_append(c->to, &copy, err);
}

static int secrets_learn(struct copying *c, struct err *err)
{
    c->redact = redact_create();
    if (!c->redact)
        return err_set(err, ERR_NOMEM, "no memory to redact");
    return redact_campaign(c->redact, c->campaign, err);
}

int campaign_copy(const char *dir, const char *to, bool redact, struct err *err)
{
    struct copying c = { 0 };
    struct campaign *campaign = NULL;
    int rc = campaign_replay(dir, false, &campaign, err);

    c.campaign = campaign;
    if (!rc && redact)
        rc = secrets_learn(&c, err);
    if (!rc)
        rc = journal_create(to, &c.to, err);
    if (!rc)
        rc = journal_walk(dir, record_copy, &c, err);
    if (rc)
        journal_close(c.to, false, NULL);
    else
        rc = journal_close(c.to, true, err);
    redact_destroy(c.redact);
    campaign_destroy(campaign);
    buf_free(&c.payload);
    return rc;
}
