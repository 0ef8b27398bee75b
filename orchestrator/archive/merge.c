/* merge.c - journals copied one behind the other, rows shifted */
#include "orchestrator/archive/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"
#include "orchestrator/archive/campaign_change.h"
#include "orchestrator/archive/merge_documents.h"
#include "orchestrator/sched/plan.h"
#include "orchestrator/sched/plan_merge.h"

struct merge {
    struct merge_part *parts;
    size_t len, part;
    uint64_t base; /* row of the part's first cell */
    struct plan *plan;
    struct journal *to;
    struct buf payload;
    VEC(uint64_t) retired; /* in the merged plan */
};

static int no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "no memory to merge");
}

/* ---- records */

static int result_shift(struct merge *m, const struct journal_record *record,
                        struct err *err)
{
    const struct campaign *campaign = m->parts[m->part].campaign;
    struct cursor cur = cursor_of(record->payload, record->len);
    int64_t base = (int64_t)m->base;
    struct result result;
    int rc;

    result_init(&result);
    rc = result_decode(campaign_layouts(campaign, record->offset), &cur,
                       &result, err);
    if (!rc) {
        columns_shift_cells(&columns_attempts, &result.attempt, base);
        for (size_t i = 0; i < result.power.len; i++)
            columns_shift_cells(&columns_power_runs, &result.power.at[i], base);
        rc = result_encode(&result, &m->payload, err);
    }
    result_free(&result);
    return rc;
}

static int withdrawal_shift(struct merge *m,
                            const struct journal_record *record,
                            struct err *err)
{
    struct record_invalidation held;
    int rc =
        records_invalidation_decode(record->payload, record->len, &held, err);

    if (!rc)
        records_invalidation_shift(&held, m->base, &m->payload);
    return rc;
}

/* Plan and ends are made anew; an op mode left behind is for the campaign
 * that left it to restore. */
static bool is_carried(enum journal_type type)
{
    return type == JOURNAL_BOARD || type == JOURNAL_ATTEMPT ||
           type == JOURNAL_RESULT || type == JOURNAL_SENTINEL ||
           type == JOURNAL_INVALIDATION || type == JOURNAL_NOTE;
}

static int record_carry(void *arg, const struct journal_record *record,
                        struct err *err)
{
    struct merge *m = arg;
    struct journal_record copy = *record;
    bool is_result =
        record->type == JOURNAL_RESULT || record->type == JOURNAL_SENTINEL;
    int rc = 0;

    if (!is_carried(record->type))
        return 0;
    buf_clear(&m->payload);
    if (is_result)
        rc = result_shift(m, record, err);
    else if (record->type == JOURNAL_INVALIDATION)
        rc = withdrawal_shift(m, record, err);
    else
        buf_put(&m->payload, record->payload, record->len);
    if (!rc && buf_failed(&m->payload))
        rc = no_memory(err);
    copy.payload = m->payload.data;
    copy.len = m->payload.len;
    if (record->row != JOURNAL_NO_ROW)
        copy.row += m->base;
    return rc ? rc : journal_append(m->to, &copy, err);
}

static int parts_carry(struct merge *m, struct err *err)
{
    int rc = 0;

    for (m->part = 0; !rc && m->part < m->len; m->part++) {
        const struct campaign *campaign = m->parts[m->part].campaign;

        rc = journal_walk(campaign_dir(campaign), record_carry, m, err);
        for (size_t i = 0; !rc && i < campaign_cells(campaign); i++)
            if (campaign_cell(campaign, i)->status == STATUS_RETIRED &&
                !VEC_PUSH(&m->retired, m->base + i))
                rc = no_memory(err);
        m->base += campaign_cells(campaign);
    }
    return rc;
}

/* ---- the new campaign */

/* {"merged": [{"campaign": UUID, "created_unix_ns"}, ...]} */
static int origin_make(const struct merge *m, struct buf *out, struct err *err)
{
    struct json_value *all = json_new_object(), *list = json_new_array();
    char when[32];
    int rc;

    for (size_t i = 0; i < m->len; i++) {
        struct json_value *item = json_new_object();

        json_set_string(item, "campaign", campaign_uuid(m->parts[i].campaign));
        snprintf(when, sizeof(when), "%lld",
                 (long long)campaign_created_unix_ns(m->parts[i].campaign));
        json_set_string(item, "created_unix_ns", when);
        json_push(list, item);
    }
    json_set(all, "merged", list);
    rc = json_print(all, false, out, err);
    json_value_destroy(all);
    return rc;
}

/* What was retired is so again, and conflicts are told of. */
static int end_write(struct merge *m, const char *to, struct buf *documents,
                     const char *conflicts, struct err *err)
{
    struct campaign *campaign = NULL;
    struct journal *journal = NULL;
    char line[RECORDS_REASON_MAX];
    int rc = campaign_continue(to, &journal, &campaign, err);

    if (!rc && m->retired.len)
        rc = campaign_amend(campaign, journal, m->plan, m->retired.at,
                            m->retired.len, buf_text(documents), documents->len,
                            err);
    while (!rc && *conflicts) {
        size_t len = strcspn(conflicts, "\n");

        snprintf(line, sizeof(line), "merged: %.*s", (int)len, conflicts);
        rc = campaign_note(campaign, journal, line, err);
        conflicts += len + (conflicts[len] != 0);
    }
    if (rc)
        journal_close(journal, false, NULL);
    else
        rc = journal_close(journal, true, err);
    campaign_destroy(campaign);
    return rc;
}

static int campaign_write(struct merge *m, const char *to,
                          struct buf *documents, const char *conflicts,
                          struct err *err)
{
    struct buf origin = { 0 };
    int rc = origin_make(m, &origin, err);

    if (!rc)
        rc = campaign_begin(to, m->plan, buf_text(documents), documents->len,
                            buf_text(&origin), &m->to, err);
    if (!rc)
        rc = parts_carry(m, err);
    if (rc)
        journal_close(m->to, false, NULL);
    else
        rc = journal_close(m->to, true, err);
    buf_free(&origin);
    return rc ? rc : end_write(m, to, documents, conflicts, err);
}

static int plan_make(struct merge *m, struct err *err)
{
    struct plan_part *parts = calloc(m->len, sizeof(*parts));
    int rc = parts ? 0 : no_memory(err);

    for (size_t i = 0; !rc && i < m->len; i++) {
        const struct documents *d = &m->parts[i].documents;

        parts[i] = (struct plan_part){
            .plan = campaign_plan(m->parts[i].campaign),
            .campaign = campaign_uuid(m->parts[i].campaign),
            .lab = *d->experiment->lab ? d->experiment->lab : d->inventory->lab,
        };
        for (size_t k = 0; !rc && k < i; k++)
            if (!strcmp(parts[k].campaign, parts[i].campaign))
                rc = err_set(err, ERR_FORMAT,
                             "'%s' and '%s' are the same campaign",
                             campaign_dir(m->parts[k].campaign),
                             campaign_dir(m->parts[i].campaign));
    }
    if (!rc)
        rc = plan_merge(parts, m->len, &m->plan, err);
    free(parts);
    return rc;
}

static int part_open(struct merge_part *part, const char *dir, struct err *err)
{
    const char *text;
    int rc = campaign_replay(dir, false, &part->campaign, err);

    if (rc)
        return rc;
    text = campaign_documents(part->campaign);
    return documents_from_json(text, strlen(text), &part->documents, err);
}

static int merge_checked(struct merge *m, const char *to, bool keep,
                         struct buf *conflicts, struct err *err)
{
    struct merge_names *names = merge_names_create();
    struct buf documents = { 0 };
    int rc = names ? plan_make(m, err) : no_memory(err);

    if (!rc)
        rc = merge_documents(m->parts, m->len, names, conflicts, &documents,
                             err);
    if (!rc)
        rc = merge_digests(m->parts, m->len, names, conflicts, err);
    if (!rc && conflicts->len && !keep)
        rc = err_set(err, ERR_REFUSED,
                     "names mean different things in these campaigns, see "
                     "above; --keep-conflicts merges them all the same");
    if (!rc)
        rc = campaign_write(m, to, &documents, buf_text(conflicts), err);
    merge_names_destroy(names);
    buf_free(&documents);
    return rc;
}

int campaigns_merge(const char *const *dirs, size_t len, const char *to,
                    bool keep, struct buf *conflicts, struct err *err)
{
    struct merge m = { .len = len };
    int rc = 0;

    m.parts = calloc(len + 1, sizeof(*m.parts));
    if (!m.parts)
        return no_memory(err);
    for (size_t i = 0; !rc && i < len; i++)
        rc = part_open(&m.parts[i], dirs[i], err);
    if (!rc)
        rc = merge_checked(&m, to, keep, conflicts, err);
    for (size_t i = 0; i < len; i++) {
        campaign_destroy(m.parts[i].campaign);
        documents_close(&m.parts[i].documents);
    }
    plan_destroy(m.plan);
    VEC_FREE(&m.retired);
    buf_free(&m.payload);
    free(m.parts);
    return rc;
}
