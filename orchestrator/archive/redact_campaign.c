/* redact_campaign.c - what is secret in a campaign, by its own records */
#include "orchestrator/archive/redact_campaign.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "inventory/documents.h"

struct learning {
    const struct campaign *campaign;
    struct redact *redact;
};

/* The inventory among the kept documents; each board's host unfolded. */
static int documents_learn(struct learning *c, const char *json, size_t len,
                           struct err *err)
{
    struct documents documents;
    const struct text *text;
    struct json_doc *doc;
    struct json root;
    int rc = documents_from_json(json, len, &documents, err);

    if (rc)
        return rc;
    for (size_t i = 0; !rc && (text = texts_at(documents.texts, i)); i++) {
        rc = redact_add(c->redact, REDACT_PATH, text->base_dir, err);
        if (rc || strcmp(text->role, "inventory") != 0)
            continue;
        rc = json_doc_parse(text->text, text->len, text->name, &doc, err);
        if (rc)
            break;
        root = json_root(doc);
        rc = redact_learn_json(c->redact, &root, err);
        json_doc_destroy(doc);
    }
    for (size_t i = 0; !rc && i < documents.inventory->boards_len; i++) {
        const struct board *board = &documents.inventory->boards[i];

        if (board->host)
            rc = redact_add(c->redact, REDACT_HOST, board->host, err);
        if (!rc && board->user)
            rc = redact_add(c->redact, REDACT_USER, board->user, err);
    }
    documents_close(&documents);
    return rc;
}

static int json_learn(struct learning *c, const char *text, size_t len,
                      struct err *err)
{
    struct json_doc *doc;
    struct json root;
    int rc = json_doc_parse(text, len, "journal", &doc, err);

    if (rc)
        return rc;
    root = json_root(doc);
    rc = redact_learn_json(c->redact, &root, err);
    json_doc_destroy(doc);
    return rc;
}

static int plan_learn(struct learning *c, const struct journal_record *record,
                      struct err *err)
{
    struct record_plan held;
    int rc = records_plan_decode(record->payload, record->len, &held, err);

    if (!rc)
        rc = json_learn(c, held.campaign_json, held.campaign_len, err);
    return rc ? rc
              : documents_learn(c, held.documents_json, held.documents_len,
                                err);
}

/* "host/rank": the host is one. */
static int worker_learn(struct learning *c, const char *worker, struct err *err)
{
    char host[RECORDS_NAME_MAX];
    size_t len = strcspn(worker, "/");

    if (len >= sizeof(host) || !worker[len])
        return 0;
    memcpy(host, worker, len);
    host[len] = 0;
    return redact_add(c->redact, REDACT_HOST, host, err);
}

static int result_learn(struct learning *c, const struct journal_record *record,
                        struct err *err)
{
    struct cursor cur = cursor_of(record->payload, record->len);
    struct attempt_row row;
    int rc = result_decode_attempt(
        campaign_layouts(c->campaign, record->offset), &cur, &row, err);

    if (!rc)
        rc = worker_learn(c, row.worker.s, err);
    return rc ? rc
              : redact_add(c->redact, REDACT_SERIAL, row.board_identity.s, err);
}

static int record_learn(void *arg, const struct journal_record *record,
                        struct err *err)
{
    struct learning *c = arg;
    struct record_attempt attempt;
    struct record_board board;
    int rc;

    switch (record->type) {
    case JOURNAL_PLAN:
    case JOURNAL_AMENDMENT:
        return plan_learn(c, record, err);
    case JOURNAL_BOARD:
        rc = records_board_decode(record->payload, record->len, &board, err);
        return rc ? rc : json_learn(c, board.facts_json, board.facts_len, err);
    case JOURNAL_ATTEMPT:
        rc =
            records_attempt_decode(record->payload, record->len, &attempt, err);
        return rc ? rc : worker_learn(c, attempt.worker, err);
    case JOURNAL_RESULT:
    case JOURNAL_SENTINEL:
        return result_learn(c, record, err);
    case JOURNAL_HEAD:
    case JOURNAL_INVALIDATION:
    case JOURNAL_NOTE:
    case JOURNAL_MODE_INTENT:
    case JOURNAL_MODE_RESTORED:
    case JOURNAL_END:
        break;
    }
    return 0;
}

/* This machine and its user, who most likely ran the campaign. */
static int self_learn(struct redact *redact, struct err *err)
{
    const struct passwd *user = getpwuid(geteuid());
    char host[256] = "";
    int rc = 0;

    if (!gethostname(host, sizeof(host) - 1))
        rc = redact_add(redact, REDACT_HOST, host, err);
    if (!rc && user)
        rc = redact_add(redact, REDACT_USER, user->pw_name, err);
    if (!rc && user)
        rc = redact_add(redact, REDACT_PATH, user->pw_dir, err);
    return rc;
}

int redact_campaign(struct redact *redact, const struct campaign *campaign,
                    struct err *err)
{
    struct learning learning = { campaign, redact };
    int rc = redact_keep(redact, campaign_uuid(campaign), err);

    if (!rc)
        rc = self_learn(redact, err);
    return rc ? rc
              : journal_walk(campaign_dir(campaign), record_learn, &learning,
                             err);
}
