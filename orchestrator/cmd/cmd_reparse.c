/* cmd_reparse.c - kept output read again by the adapters as they are now */
#include <stdio.h>
#include <string.h>

#include "orchestrator/archive/campaign_change.h"
#include "orchestrator/archive/cell_rows.h"
#include "orchestrator/archive/h5_writer.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/reparse.h"
#include "orchestrator/cmd/session.h"
#include "orchestrator/fingerprint.h"
#include "orchestrator/sched/plan.h"

/* A campaign between two descriptions of its boards. */
struct rereading {
    const struct invocation *inv;
    struct session session; /* its documents are the new ones */
    struct documents before;
    struct fingerprints *old_prints, *new_prints;
    struct journal_reader *reader;
    size_t counts[REPARSE_NOT_READ + 1];
    size_t worse; /* changed ones that are not ok any more */
};

/* ---- what is read again */

static int check_deeds(const struct rereading *r, struct err *err)
{
    const struct inventory *inventory = r->session.documents.inventory;

    for (size_t i = 0; i < inventory->boards_len; i++) {
        const struct board *after = &inventory->boards[i];
        const struct board *before =
            inventory_board(r->before.inventory, after->name);
        const char *part;

        if (before && before->adapter && after->adapter &&
            !reparse_same_deeds(before->adapter, after->adapter, &part))
            return err_set(err, ERR_REFUSED,
                           "adapter '%s' of board '%s' does something else "
                           "now ('%s' differs): measure again, with `labsweep "
                           "resume -i`",
                           after->adapter->name, after->name, part);
    }
    return 0;
}

/* The RESULT at 'offset', with all it has. */
static int read_result(struct rereading *r, uint64_t offset,
                       struct result *ret_result, struct err *err)
{
    struct journal_record record;
    struct cursor cur;
    int rc = journal_reader_at(r->reader, offset, &record, err);

    if (rc == 0)
        return err_set(err, ERR_IO, "a result is not in the journal any more");
    if (rc > 0)
        rc = journal_reader_load(r->reader, &record, err);
    if (rc)
        return rc;
    cur = cursor_of(record.payload, record.len);
    return result_decode(campaign_layouts(r->session.campaign, offset), &cur,
                         ret_result, err);
}

/* The fingerprint that the new adapter's cell would have, if the files that
 * were staged are still those that were measured; else it stays. */
static int renew_fingerprint(struct rereading *r, const struct reparse *one,
                             struct attempt_row *row, struct err *err)
{
    char old[HASH_HEX], new[HASH_HEX];
    int rc = fingerprint_of(r->old_prints, one->before, one->point, old, err);

    if (!rc)
        rc = fingerprint_of(r->new_prints, one->after, one->point, new, err);
    if (!rc && !strncmp(row->fingerprint.s, old, strlen(old)))
        column_text_set(&row->fingerprint, new);
    return rc;
}

/* ---- what is written down */

static int append(struct rereading *r, size_t cell, struct result *result,
                  struct err *err)
{
    struct campaign *campaign = r->session.campaign;
    const struct campaign_cell *state = campaign_cell(campaign, cell);
    uint64_t row = cell;
    struct journal_record record = {
        .type = JOURNAL_RESULT,
        .status = (uint8_t)result->attempt.status,
        .attempt = (uint16_t)(state->attempts + 1),
        .row = row,
    };
    struct buf bytes = { 0 };
    int rc = 0;

    if (state->attempts == UINT16_MAX)
        return err_set(err, ERR_USAGE, "cell %zu has no attempts left", cell);
    result->attempt.attempt = record.attempt;
    if (state->accepted && record.status != STATUS_OK)
        rc = campaign_withdraw(campaign, r->session.journal, &row, 1,
                               "read again by a newer adapter", err);
    if (!rc)
        rc = result_encode(result, &bytes, err);
    record.payload = bytes.data;
    record.len = bytes.len;
    if (!rc)
        rc = journal_append(r->session.journal, &record, err);
    buf_free(&bytes);
    return rc;
}

static int reread_cell(struct rereading *r, size_t cell, struct err *err)
{
    const struct plan *plan = campaign_plan(r->session.campaign);
    const struct campaign_cell *state =
        campaign_cell(r->session.campaign, cell);
    uint64_t offset = state->accepted ? state->accepted : state->last;
    struct reparse one = { .experiment = r->session.documents.experiment,
                           .bin_dir = r->inv->bin_dir,
                           .project_dir = r->inv->project_dir };
    enum reparse_end end = REPARSE_SAME;
    struct op_point point;
    struct result result;
    int rc;

    if (!offset || state->status == STATUS_INVALIDATED)
        return 0;
    rc = read_result(r, offset, &result, err);
    if (rc)
        return rc;
    plan_cell_point(plan, cell, &point);
    one.point = &point;
    one.before = inventory_board(r->before.inventory, result.attempt.board.s);
    one.after =
        inventory_board(r->session.documents.inventory, result.attempt.board.s);
    if (one.before && one.after && one.before->adapter && one.after->adapter &&
        strcmp(one.before->adapter->digest, one.after->adapter->digest) != 0) {
        rc = reparse_result(&one, &result, &end, err);
        if (!rc)
            rc = renew_fingerprint(r, &one, &result.attempt, err);
        r->counts[end]++;
        r->worse +=
            end == REPARSE_CHANGED && result.attempt.status != STATUS_OK;
        if (!rc && (end == REPARSE_CHANGED || end == REPARSE_SAME))
            rc = append(r, cell, &result, err);
    }
    result_free(&result);
    return rc;
}

static int reread_all(struct rereading *r, struct err *err)
{
    size_t cells = campaign_cells(r->session.campaign);
    int rc = journal_flush(r->session.journal, err);

    if (!rc)
        rc = journal_reader_open(r->session.dir, &r->reader, err);
    for (size_t i = 0; !rc && i < cells; i++)
        rc = reread_cell(r, i, err);
    journal_reader_close(r->reader);
    return rc;
}

/* ---- around it */

static int open_rereading(struct rereading *r, const char *dir,
                          const char *inventory, struct err *err)
{
    const char *text;
    int rc = session_continue(&r->session, dir, err);

    if (rc)
        return rc;
    text = campaign_documents(r->session.campaign);
    rc = documents_from_json(text, strlen(text), &r->before, err);
    if (!rc) {
        struct documents after = { 0 };

        rc = documents_load_over(&r->before, NULL, inventory, &after, err);
        documents_close(&r->session.documents);
        r->session.documents = after;
    }
    if (!rc)
        rc = check_deeds(r, err);
    if (!rc)
        rc = session_amend(&r->session, NULL, inventory, err);
    r->old_prints =
        fingerprints_create(&r->before, r->inv->bin_dir, r->inv->project_dir);
    r->new_prints = fingerprints_create(&r->session.documents, r->inv->bin_dir,
                                        r->inv->project_dir);
    if (!rc && (!r->old_prints || !r->new_prints))
        rc = err_set(err, ERR_NOMEM, "no memory for digests");
    return rc;
}

static int print(const struct rereading *r, struct err *err)
{
    static const char *const words[] = { "same", "changed", "not_kept",
                                         "not_read" };
    struct json_value *value;

    if (options_has(r->inv->options, "json")) {
        value = json_new_object();
        json_set_string(value, "campaign", r->session.dir);
        for (size_t i = 0; i <= REPARSE_NOT_READ; i++)
            json_set_i64(value, words[i], (int64_t)r->counts[i]);
        json_set_i64(value, "not_ok_now", (int64_t)r->worse);
        return command_print_json(r->inv, value, err);
    }
    printf("%s: %zu cells read as before, %zu otherwise (%zu of them not ok "
           "now), %zu whose output was not all kept, %zu that failed by "
           "something else\n",
           r->session.dir, r->counts[REPARSE_SAME], r->counts[REPARSE_CHANGED],
           r->worse, r->counts[REPARSE_NOT_KEPT], r->counts[REPARSE_NOT_READ]);
    return 0;
}

static int reparse_exec(const struct invocation *inv, struct err *err)
{
    const char *dir = options_arg(inv->options, 0);
    const char *inventory = options_text(inv->options, "inventory", NULL);
    struct rereading r = { .inv = inv, .session = { .inv = inv } };
    int rc;

    if (!inventory)
        return err_set(err, ERR_USAGE,
                       "say with -i which inventory has the adapters that are "
                       "to read");
    rc = open_rereading(&r, dir, inventory, err);
    if (!rc)
        rc = reread_all(&r, err);
    if (!rc) {
        rc = journal_close(r.session.journal, true, err);
        r.session.journal = NULL;
    }
    if (!rc)
        rc = print(&r, err);
    fingerprints_destroy(r.old_prints);
    fingerprints_destroy(r.new_prints);
    documents_close(&r.before);
    session_close(&r.session);
    return rc ? rc : archive_publish(dir, err);
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "whose adapters are to read" },
    { 0 },
};

const struct command cmd_reparse = {
    .name = "reparse",
    .args = "CAMPAIGN",
    .help = "read kept output again with newer adapters; nothing is run",
    .doc = "What tools printed is in the journal (unless 'capture' leaves\n"
           "raw_output out).  Each cell gets another attempt with what the\n"
           "inventory's adapters read now; the earlier one stays visible in\n"
           "/attempts.  Adapters must do what they did: those that run or\n"
           "stage something else are refused.",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .exec = reparse_exec,
};
