/* campaign_open.c - a campaign from a folder: read, begun or gone on with */
#include "orchestrator/archive/campaign_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/clock.h"
#include "orchestrator/archive/journal_form.h"

/* Take the reader's next record in.  Returns 1, 0 if there is none whole,
 * or a failure. */
static int record_take(struct campaign *campaign, struct err *err)
{
    struct journal_record record;
    int rc = journal_reader_next(campaign->reader, &record, err);
    bool skip;

    if (rc <= 0)
        return rc;
    skip = campaign->headers_only &&
           (record.type == JOURNAL_RESULT || record.type == JOURNAL_ATTEMPT ||
            record.type == JOURNAL_SENTINEL);
    rc = skip ? 0 : journal_reader_load(campaign->reader, &record, err);
    if (rc == ERR_FORMAT)
        return 0; /* torn or damaged: the tail says */
    if (!rc)
        rc = campaign_apply(campaign, &record, err);
    if (!rc)
        campaign->bytes = record.offset + journal_record_bytes(record.len);
    return rc ? rc : 1;
}

int campaign_refresh(struct campaign *campaign, size_t *ret_records,
                     struct err *err)
{
    enum journal_tail tail = JOURNAL_TAIL_NONE;
    uint64_t offset, bytes;
    size_t count = 0;
    int rc;

    while ((rc = record_take(campaign, err)) == 1)
        count++;
    if (!rc)
        rc = journal_reader_tail(campaign->reader, &tail, &offset, &bytes, err);
    if (!rc && tail == JOURNAL_TAIL_DAMAGE)
        rc =
            err_set(err, ERR_FORMAT,
                    "the journal of '%s' is damaged at offset %llu, after %llu "
                    "whole records",
                    campaign->dir, (unsigned long long)offset,
                    (unsigned long long)campaign->records);
    if (!rc && !campaign->plan)
        rc = err_set(err, ERR_FORMAT, "the journal of '%s' has no plan yet",
                     campaign->dir);
    if (!rc && ret_records)
        *ret_records = count;
    return rc;
}

int campaign_replay(const char *dir, bool headers_only,
                    struct campaign **ret_campaign, struct err *err)
{
    struct campaign *campaign = campaign_create(headers_only);
    int rc;

    if (!campaign)
        return err_set(err, ERR_NOMEM, "no memory for a campaign");
    snprintf(campaign->dir, sizeof(campaign->dir), "%s", dir);
    rc = journal_reader_open(dir, &campaign->reader, err);
    if (!rc)
        rc = campaign_refresh(campaign, NULL, err);
    if (rc)
        campaign_destroy(campaign);
    else
        *ret_campaign = campaign;
    return rc;
}

/* A random UUID (RFC 4122, version 4). */
static int uuid_make(char uuid[CAMPAIGN_UUID_BYTES], struct err *err)
{
    uint8_t r[16];

    if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
        return err_set_errno(err, ERR_IO, "no random numbers");
    r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
    snprintf(uuid, CAMPAIGN_UUID_BYTES,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10],
             r[11], r[12], r[13], r[14], r[15]);
    return 0;
}

static int extra_add(struct json_value *object, const char *extra_json,
                     struct err *err)
{
    struct json_doc *doc;
    struct json root;
    size_t i = 0;
    int rc =
        json_doc_parse(extra_json, strlen(extra_json), "campaign", &doc, err);

    if (rc)
        return rc;
    root = json_root(doc);
    for (struct json e = json_first(&root); json_there(&e);
         e = json_next(&root, &e, ++i))
        json_set(object, json_key(&e), json_copy(&e));
    json_doc_destroy(doc);
    return 0;
}

/* The JSON object that says which campaign this is. */
static int campaign_json_make(const char *extra_json, struct buf *out,
                              struct err *err)
{
    struct json_value *object = json_new_object();
    int64_t now = clock_unix_ns();
    char uuid[CAMPAIGN_UUID_BYTES], text[32], host[256] = "";
    int rc = uuid_make(uuid, err);

    gethostname(host, sizeof(host) - 1);
    json_set_string(object, "campaign", rc ? "" : uuid);
    json_set_string(object, "created", clock_format_utc(now, text));
    snprintf(text, sizeof(text), "%lld", (long long)now);
    json_set_string(object, "created_unix_ns", text);
    json_set_string(object, "host", host);
    json_set_string(object, "software", LABSWEEP_VERSION);
    if (!rc && extra_json)
        rc = extra_add(object, extra_json, err);
    if (!rc)
        rc = json_print(object, false, out, err);
    json_value_destroy(object);
    return rc;
}

static int append(struct journal *journal, enum journal_type type,
                  struct buf *payload, struct err *err)
{
    struct journal_record record = { .type = type,
                                     .row = JOURNAL_NO_ROW,
                                     .payload = payload->data,
                                     .len = payload->len };

    if (buf_failed(payload))
        return err_set(err, ERR_NOMEM, "no memory for a journal record");
    return journal_append(journal, &record, err);
}

static int head_append(struct journal *journal, struct err *err)
{
    struct buf head = { 0 };
    int rc = records_head_encode(&head, err);

    if (!rc)
        rc = append(journal, JOURNAL_HEAD, &head, err);
    buf_free(&head);
    return rc;
}

static int plan_append(struct journal *journal, const struct plan *plan,
                       const char *documents_json, size_t documents_len,
                       const char *extra_json, struct err *err)
{
    struct buf json = { 0 }, bytes = { 0 }, payload = { 0 };
    int rc = campaign_json_make(extra_json, &json, err);

    if (!rc)
        rc = plan_encode(plan, &bytes, err);
    if (!rc) {
        records_plan_encode(
            &(struct record_plan){ .campaign_json = buf_text(&json),
                                   .campaign_len = json.len,
                                   .documents_json = documents_json,
                                   .documents_len = documents_len,
                                   .plan = bytes.data,
                                   .plan_len = bytes.len },
            NULL, &payload);
        rc = append(journal, JOURNAL_PLAN, &payload, err);
    }
    buf_free(&json);
    buf_free(&bytes);
    buf_free(&payload);
    return rc;
}

/* Stop at the first plan. */
static int plan_seen(void *arg, const struct journal_record *record,
                     struct err *err)
{
    (void)arg;
    return record->type == JOURNAL_PLAN ? err_set(err, ERR_REFUSED, "a plan")
                                        : 0;
}

bool campaign_began(const char *dir)
{
    struct journal_reader *reader = NULL;
    enum journal_tail tail = JOURNAL_TAIL_DAMAGE;
    uint64_t offset, bytes;
    struct err err = { 0 };
    int rc = journal_walk(dir, plan_seen, NULL, &err);

    if (rc == ERR_NOT_FOUND)
        return false;
    if (rc || journal_locked(dir) || journal_reader_open(dir, &reader, NULL))
        return true;
    rc = journal_reader_tail(reader, &tail, &offset, &bytes, NULL);
    journal_reader_close(reader);
    return rc || tail == JOURNAL_TAIL_DAMAGE;
}

/* Take away a journal that no campaign ever began in. */
static void begun_clear(const char *dir)
{
    char path[FS_PATH_MAX];

    if (fs_join(path, sizeof(path), dir, JOURNAL_NAME) && fs_exists(path) &&
        !campaign_began(dir))
        unlink(path);
}

int campaign_begin(const char *dir, const struct plan *plan,
                   const char *documents_json, size_t documents_len,
                   const char *campaign_extra_json,
                   struct journal **ret_journal, struct err *err)
{
    struct journal *journal;
    int rc = fs_make_dirs(dir, err);

    if (!rc) {
        begun_clear(dir);
        rc = journal_create(dir, &journal, err);
    }
    if (rc)
        return rc;
    rc = head_append(journal, err);
    if (!rc)
        rc = plan_append(journal, plan, documents_json, documents_len,
                         campaign_extra_json, err);
    if (!rc)
        rc = journal_sync(journal, err);
    if (rc)
        journal_close(journal, false, NULL);
    else
        *ret_journal = journal;
    return rc;
}

/* Whether the column lists in effect are not our own. */
static int head_needed(const struct campaign *campaign, bool *ret_needed,
                       struct err *err)
{
    struct buf head = { 0 };
    int rc = records_head_encode(&head, err);

    if (!rc)
        *ret_needed = campaign->head_digest != hash_u64(head.data, head.len);
    buf_free(&head);
    return rc;
}

int campaign_continue(const char *dir, struct journal **ret_journal,
                      struct campaign **ret_campaign, struct err *err)
{
    struct campaign *campaign = campaign_create(false);
    struct journal *journal = NULL;
    bool needed = false;
    int rc;

    if (!campaign)
        return err_set(err, ERR_NOMEM, "no memory for a campaign");
    snprintf(campaign->dir, sizeof(campaign->dir), "%s", dir);
    rc = journal_open(dir, campaign_apply, campaign, &journal, err);
    if (!rc && !campaign->plan)
        rc = err_set(err, ERR_FORMAT, "the journal of '%s' has no plan", dir);
    if (!rc)
        rc = head_needed(campaign, &needed, err);
    if (!rc && needed)
        rc = head_append(journal, err);
    if (!rc && needed)
        rc = journal_sync(journal, err);
    if (rc) {
        journal_close(journal, false, NULL);
        campaign_destroy(campaign);
        return rc;
    }
    campaign->bytes = journal_size(journal);
    *ret_journal = journal;
    *ret_campaign = campaign;
    return 0;
}
