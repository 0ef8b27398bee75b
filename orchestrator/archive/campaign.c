/* campaign.c - the state that a journal says, record by record */
#include "orchestrator/archive/campaign_state.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

struct campaign *campaign_create(bool headers_only)
{
    struct campaign *campaign = calloc(1, sizeof(*campaign));

    if (!campaign)
        return NULL;
    campaign->headers_only = headers_only;
    campaign->texts = table_create(0);
    if (!campaign->texts ||
        !table_add(campaign->texts, "text", COLUMN_TEXT, "", "")) {
        campaign_destroy(campaign);
        return NULL;
    }
    return campaign;
}

void campaign_destroy(struct campaign *campaign)
{
    if (!campaign)
        return;
    for (size_t i = 0; i < campaign->layouts.len; i++)
        result_layouts_free(&campaign->layouts.at[i].layouts);
    for (size_t i = 0; i < campaign->boards.len; i++) {
        free(campaign->boards.at[i].board);
        free(campaign->boards.at[i].json);
    }
    for (size_t i = 0; i < campaign->amendments.len; i++)
        free(campaign->amendments.at[i]);
    VEC_FREE(&campaign->layouts);
    VEC_FREE(&campaign->intents);
    VEC_FREE(&campaign->boards);
    VEC_FREE(&campaign->notes);
    VEC_FREE(&campaign->amendments);
    known_free(&campaign->known);
    table_destroy(campaign->texts);
    journal_reader_close(campaign->reader);
    plan_destroy(campaign->plan);
    free(campaign->cells);
    free(campaign->json);
    free(campaign->documents);
    free(campaign);
}

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory for the state of a campaign");
}

static int head_apply(struct campaign *campaign,
                      const struct journal_record *record, struct err *err)
{
    struct layouts_from from = { .offset = record->offset };
    int rc =
        records_head_decode(record->payload, record->len, &from.layouts, err);

    if (!rc && !VEC_PUSH(&campaign->layouts, from)) {
        result_layouts_free(&from.layouts);
        rc = no_memory(err);
    }
    if (!rc)
        campaign->head_digest = hash_u64(record->payload, record->len);
    return rc;
}

static void status_set(struct campaign *campaign, struct campaign_cell *cell,
                       int status)
{
    campaign->counts[cell->status]--;
    cell->status = (uint8_t)status;
    campaign->counts[cell->status]++;
}

/* What a cell is that no amendment retired. */
static int status_of(const struct campaign *campaign, size_t row)
{
    const struct campaign_cell *cell = &campaign->cells[row];

    if (cell->accepted)
        return STATUS_OK;
    if (plan_cell_na(campaign->plan, row))
        return STATUS_NA;
    return cell->results ? cell->ended : STATUS_PLANNED;
}

/* Make 'plan' (taken over) the campaign's; old rows keep what they have. */
static int plan_take(struct campaign *campaign, struct plan *own_plan,
                     const struct record_plan *record, struct err *err)
{
    size_t count = plan_cells(own_plan), old = campaign->cells_len;
    struct campaign_cell *cells;

    if (count < old)
        return err_set(err, ERR_FORMAT,
                       "an amendment of %zu cells, but there were %zu", count,
                       old);
    cells = realloc(campaign->cells, (count + !count) * sizeof(*cells));
    if (!cells)
        return no_memory(err);
    campaign->cells = cells;
    campaign->cells_len = count;
    plan_destroy(campaign->plan);
    campaign->plan = own_plan;
    for (size_t i = old; i < count; i++) {
        cells[i] = (struct campaign_cell){ .fingerprint = CAMPAIGN_NO_TEXT,
                                           .withdrawn = CAMPAIGN_NO_TEXT };
        campaign->counts[STATUS_PLANNED]++;
    }
    for (size_t i = 0; i < count; i++)
        status_set(campaign, &cells[i], status_of(campaign, i));
    for (size_t i = 0; i < record->retired_len; i++) {
        uint64_t row = record_plan_retired(record, i);

        if (row >= count)
            return err_set(err, ERR_FORMAT, "retired cell %llu of %zu",
                           (unsigned long long)row, count);
        status_set(campaign, &cells[row], STATUS_RETIRED);
    }
    return 0;
}

/* Read what the campaign's own JSON says. */
static int json_take(struct campaign *campaign, const char *text, size_t len,
                     struct err *err)
{
    struct json_doc *doc;
    struct json root, uuid_at, created_at;
    const char *uuid = "", *created = "";
    int rc = json_doc_parse(text, len, "journal plan", &doc, err);

    if (rc)
        return rc;
    root = json_root(doc);
    uuid_at = json_get(&root, "campaign");
    created_at = json_get(&root, "created_unix_ns");
    rc = json_string(&uuid_at, &uuid, err);
    if (!rc && strlen(uuid) != CAMPAIGN_UUID_BYTES - 1)
        rc = json_fail(&uuid_at, err, "found '%s', expected a UUID", uuid);
    if (!rc)
        rc = json_string(&created_at, &created, err);
    if (!rc && !text_to_i64(created, &campaign->created_unix_ns))
        rc = json_fail(&created_at, err, "found '%s', expected ns since 1970",
                       created);
    if (!rc)
        memcpy(campaign->uuid, uuid, CAMPAIGN_UUID_BYTES);
    json_doc_destroy(doc);
    return rc;
}

static int texts_take(struct campaign *campaign,
                      const struct record_plan *record, struct err *err)
{
    char *json = strndup(record->campaign_json, record->campaign_len);
    char *documents = strndup(record->documents_json, record->documents_len);

    if (!json || !documents) {
        free(json);
        free(documents);
        return no_memory(err);
    }
    free(campaign->json);
    free(campaign->documents);
    campaign->json = json;
    campaign->documents = documents;
    return 0;
}

static int plan_apply(struct campaign *campaign,
                      const struct journal_record *record, struct err *err)
{
    bool amends = record->type == JOURNAL_AMENDMENT;
    struct plan *plan = NULL;
    struct record_plan held;
    char *before = NULL;
    int rc = records_plan_decode(record->payload, record->len, &held, err);

    if (!rc && amends != (campaign->plan != NULL))
        rc = err_set(err, ERR_FORMAT, "%s",
                     amends ? "an amendment before a plan" : "a second plan");
    if (!rc && !amends)
        rc = json_take(campaign, held.campaign_json, held.campaign_len, err);
    if (!rc && amends) {
        before = campaign->documents;
        if (!VEC_PUSH(&campaign->amendments, before))
            return no_memory(err);
        campaign->documents = NULL;
    }
    if (!rc)
        rc = texts_take(campaign, &held, err);
    if (!rc && campaign->headers_only)
        rc = plan_decode_outline(held.plan, held.plan_len, &plan, err);
    else if (!rc)
        rc = plan_decode(held.plan, held.plan_len, &plan, err);
    if (!rc)
        rc = plan_take(campaign, plan, &held, err);
    if (rc && plan != campaign->plan)
        plan_destroy(plan);
    return rc;
}

static int cell_of(const struct campaign *campaign,
                   const struct journal_record *record,
                   struct campaign_cell **ret_cell, struct err *err)
{
    if (record->row >= campaign->cells_len)
        return err_set(err, ERR_FORMAT, "cell %llu of a plan of %zu",
                       (unsigned long long)record->row, campaign->cells_len);
    if (!record->attempt)
        return err_set(err, ERR_FORMAT, "cell %llu: an attempt without number",
                       (unsigned long long)record->row);
    *ret_cell = &campaign->cells[record->row];
    return 0;
}

static int attempt_apply(struct campaign *campaign,
                         const struct journal_record *record, struct err *err)
{
    struct campaign_cell *cell = NULL;
    int rc = cell_of(campaign, record, &cell, err);

    if (rc)
        return rc;
    if (record->attempt > cell->attempts)
        cell->attempts = record->attempt;
    if (!cell->accepted && record->attempt > cell->results)
        status_set(campaign, cell, STATUS_RUNNING);
    return 0;
}

static int fingerprint_take(struct campaign *campaign,
                            struct campaign_cell *cell, const char *fingerprint,
                            struct err *err)
{
    int64_t code = table_label(&campaign->texts->columns[0], fingerprint);

    if (code < 0)
        return no_memory(err);
    cell->fingerprint = (uint32_t)code;
    return 0;
}

/* What the attempt's row says: an accepted one's fingerprint, and what it
 * made for all that come later.  Only of an accepted one must it be whole. */
static int row_take(struct campaign *campaign, struct campaign_cell *cell,
                    const struct journal_record *record, struct err *err)
{
    const struct result_layouts *layouts =
        campaign_layouts(campaign, record->offset);
    bool accepted =
        record->type == JOURNAL_RESULT && record->status == STATUS_OK;
    struct cursor cur = cursor_of(record->payload, record->len), rest = cur;
    struct attempt_row row;
    struct err why;
    int rc;

    if (campaign->headers_only)
        return 0;
    rc = result_decode_attempt(layouts, &rest, &row, &why);
    if (rc && !accepted)
        return 0;
    if (rc && err)
        *err = why;
    if (!rc && accepted)
        rc = fingerprint_take(campaign, cell, row.fingerprint.s, err);
    return rc ? rc : known_learn_row(&campaign->known, layouts, cur, &row, err);
}

static int result_apply(struct campaign *campaign,
                        const struct journal_record *record, struct err *err)
{
    struct campaign_cell *cell = NULL;
    int rc = cell_of(campaign, record, &cell, err);

    if (rc)
        return rc;
    if (!campaign->layouts.len)
        return err_set(err, ERR_FORMAT, "a result before the column lists");
    if (record->status > STATUS_INVALIDATED)
        return err_set(err, ERR_FORMAT, "cell %llu: unknown status %u",
                       (unsigned long long)record->row, record->status);
    if (record->attempt <= cell->results)
        return 0; /* sent again before it was acknowledged */
    rc = row_take(campaign, cell, record, err);
    if (rc)
        return rc;
    campaign->results++;
    cell->results = record->attempt;
    if (cell->attempts < record->attempt)
        cell->attempts = record->attempt;
    cell->last = record->offset;
    cell->ended = record->status;
    if (record->status == STATUS_OK)
        cell->accepted = record->offset;
    if (!cell->accepted || record->status == STATUS_OK)
        status_set(campaign, cell, record->status);
    return 0;
}

/* A row of its own in /attempts; its number is used, nothing else. */
static int sentinel_apply(struct campaign *campaign,
                          const struct journal_record *record, struct err *err)
{
    struct campaign_cell *cell = NULL;
    int rc = cell_of(campaign, record, &cell, err);

    if (rc)
        return rc;
    if (!campaign->layouts.len)
        return err_set(err, ERR_FORMAT, "a result before the column lists");
    rc = row_take(campaign, cell, record, err);
    if (rc)
        return rc;
    campaign->results++;
    if (cell->attempts < record->attempt)
        cell->attempts = record->attempt;
    return 0;
}

static int invalidation_apply(struct campaign *campaign,
                              const struct journal_record *record,
                              struct err *err)
{
    struct record_invalidation held;
    int64_t reason;
    int rc =
        records_invalidation_decode(record->payload, record->len, &held, err);

    if (rc)
        return rc;
    reason = table_label(&campaign->texts->columns[0], held.reason);
    if (reason < 0)
        return no_memory(err);
    for (size_t i = 0; !rc && i < held.cells_len; i++) {
        uint64_t row = record_invalidation_cell(&held, i);
        struct campaign_cell *cell;

        if (row >= campaign->cells_len)
            return err_set(err, ERR_FORMAT, "withdrawn cell %llu of %zu",
                           (unsigned long long)row, campaign->cells_len);
        cell = &campaign->cells[row];
        cell->accepted = 0;
        cell->fingerprint = CAMPAIGN_NO_TEXT;
        cell->withdrawn = (uint32_t)reason;
        cell->ended = STATUS_INVALIDATED;
        known_forget(&campaign->known, row);
        status_set(campaign, cell, STATUS_INVALIDATED);
    }
    return rc;
}

static int mode_apply(struct campaign *campaign,
                      const struct journal_record *record, struct err *err)
{
    struct record_mode mode;
    size_t i = 0;
    int rc = records_mode_decode(record->payload, record->len, &mode, err);

    if (rc)
        return rc;
    while (i < campaign->intents.len &&
           strcmp(campaign->intents.at[i].board, mode.board) != 0)
        i++;
    if (record->type == JOURNAL_MODE_RESTORED) {
        if (i < campaign->intents.len)
            campaign->intents.at[i] =
                campaign->intents.at[--campaign->intents.len];
    } else if (i < campaign->intents.len) {
        campaign->intents.at[i] = mode;
    } else if (!VEC_PUSH(&campaign->intents, mode)) {
        return no_memory(err);
    }
    return 0;
}

static int board_apply(struct campaign *campaign,
                       const struct journal_record *record, struct err *err)
{
    struct board_facts facts = { NULL, NULL };
    struct record_board board;
    size_t i = 0;
    int rc = records_board_decode(record->payload, record->len, &board, err);

    if (rc)
        return rc;
    facts.json = strndup(board.facts_json, board.facts_len);
    if (!facts.json)
        return no_memory(err);
    while (i < campaign->boards.len &&
           strcmp(campaign->boards.at[i].board, board.board) != 0)
        i++;
    if (i < campaign->boards.len) {
        free(campaign->boards.at[i].json);
        campaign->boards.at[i].json = facts.json;
        return 0;
    }
    facts.board = strdup(board.board);
    if (!facts.board || !VEC_PUSH(&campaign->boards, facts)) {
        free(facts.board);
        free(facts.json);
        return no_memory(err);
    }
    return 0;
}

static int note_apply(struct campaign *campaign,
                      const struct journal_record *record, struct err *err)
{
    struct record_note note;
    int rc = records_note_decode(record->payload, record->len, &note, err);

    if (!rc && !VEC_PUSH(&campaign->notes, note))
        rc = no_memory(err);
    return rc;
}

static int record_apply(struct campaign *campaign,
                        const struct journal_record *record, struct err *err)
{
    switch (record->type) {
    case JOURNAL_HEAD:
        return head_apply(campaign, record, err);
    case JOURNAL_PLAN:
    case JOURNAL_AMENDMENT:
        return plan_apply(campaign, record, err);
    case JOURNAL_BOARD:
        return board_apply(campaign, record, err);
    case JOURNAL_ATTEMPT:
        return attempt_apply(campaign, record, err);
    case JOURNAL_RESULT:
        return result_apply(campaign, record, err);
    case JOURNAL_SENTINEL:
        return sentinel_apply(campaign, record, err);
    case JOURNAL_INVALIDATION:
        return invalidation_apply(campaign, record, err);
    case JOURNAL_NOTE:
        return note_apply(campaign, record, err);
    case JOURNAL_MODE_INTENT:
    case JOURNAL_MODE_RESTORED:
        return mode_apply(campaign, record, err);
    case JOURNAL_END:
        break;
    }
    return 0; /* an end, or a type of a later version */
}

int campaign_apply(void *campaign, const struct journal_record *record,
                   struct err *err)
{
    struct campaign *c = campaign;
    int rc = record_apply(c, record, err);

    if (rc) {
        err_prefix(err, "journal record %llu at offset %llu",
                   (unsigned long long)record->sequence,
                   (unsigned long long)record->offset);
        return rc;
    }
    c->ended = record->type == JOURNAL_END;
    c->records = record->sequence + 1;
    return 0;
}

const struct plan *campaign_plan(const struct campaign *campaign)
{
    return campaign->plan;
}

const char *campaign_documents(const struct campaign *campaign)
{
    return campaign->documents ? campaign->documents : "";
}

const char *campaign_json(const struct campaign *campaign)
{
    return campaign->json ? campaign->json : "";
}

const char *campaign_uuid(const struct campaign *campaign)
{
    return campaign->uuid;
}

const char *campaign_dir(const struct campaign *campaign)
{
    return campaign->dir;
}

int64_t campaign_created_unix_ns(const struct campaign *campaign)
{
    return campaign->created_unix_ns;
}

size_t campaign_cells(const struct campaign *campaign)
{
    return campaign->cells_len;
}

const struct campaign_cell *campaign_cell(const struct campaign *campaign,
                                          size_t i)
{
    return &campaign->cells[i];
}

const char *campaign_text(const struct campaign *campaign, uint32_t index)
{
    const struct table_column *column = &campaign->texts->columns[0];

    return index < column->n_labels ? column->labels[index] : "";
}

size_t campaign_count(const struct campaign *campaign, enum cell_status status)
{
    return campaign->counts[status];
}

bool campaign_intent_at(const struct campaign *campaign, size_t i,
                        struct campaign_intent *ret_intent)
{
    const struct record_mode *mode;

    if (i >= campaign->intents.len)
        return false;
    mode = &campaign->intents.at[i];
    *ret_intent = (struct campaign_intent){ mode->board, mode->mode,
                                            mode->before, mode->when_unix_ns };
    return true;
}

bool campaign_board_at(const struct campaign *campaign, size_t i,
                       struct campaign_board *ret_board)
{
    if (i >= campaign->boards.len)
        return false;
    *ret_board = (struct campaign_board){ campaign->boards.at[i].board,
                                          campaign->boards.at[i].json };
    return true;
}

const struct record_note *campaign_note_at(const struct campaign *campaign,
                                           size_t i)
{
    return i < campaign->notes.len ? &campaign->notes.at[i] : NULL;
}

const char *campaign_amendment_at(const struct campaign *campaign, size_t i)
{
    return i < campaign->amendments.len ? campaign->amendments.at[i] : NULL;
}

const struct known *campaign_known(const struct campaign *campaign)
{
    return &campaign->known;
}

const struct result_layouts *campaign_layouts(const struct campaign *campaign,
                                              uint64_t offset)
{
    size_t i = campaign->layouts.len;

    while (i > 1 && campaign->layouts.at[i - 1].offset > offset)
        i--;
    return i ? &campaign->layouts.at[i - 1].layouts : NULL;
}

uint64_t campaign_results(const struct campaign *campaign)
{
    return campaign->results;
}

uint64_t campaign_records(const struct campaign *campaign)
{
    return campaign->records;
}

uint64_t campaign_bytes(const struct campaign *campaign)
{
    return campaign->bytes;
}

bool campaign_ended(const struct campaign *campaign)
{
    return campaign->ended;
}
