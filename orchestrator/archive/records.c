/* records.c - what the journal's records hold, to bytes and back */
#include "orchestrator/archive/records.h"

#include <string.h>

#define ROW_BYTES 8

int records_head_encode(struct buf *out, struct err *err)
{
    struct json_value *head = json_new_object(), *format = json_new_array();
    int rc;

    json_push_f64(format, RECORDS_FORMAT_MAJOR);
    json_push_f64(format, RECORDS_FORMAT_MINOR);
    json_set(head, "format", format);
    json_set_string(head, "software", LABSWEEP_VERSION);
    json_set(head, "attempts", record_layout_to_json(&columns_attempts));
    json_set(head, "power_runs", record_layout_to_json(&columns_power_runs));
    rc = json_print(head, false, out, err);
    json_value_destroy(head);
    return rc;
}

static int format_check(const struct json *root, struct err *err)
{
    struct json format = json_get(root, "format");
    struct json major_at = json_first(&format);
    int64_t major;

    if (json_expect(&format, JSON_ARRAY, err) ||
        json_i64(&major_at, 0, 1000000, &major, err))
        return ERR_FORMAT;
    if (major != RECORDS_FORMAT_MAJOR)
        return json_fail(&major_at, err, "found format %lld, expected %d",
                         (long long)major, RECORDS_FORMAT_MAJOR);
    return 0;
}

int records_head_decode(const void *payload, size_t len,
                        struct result_layouts *ret_layouts, struct err *err)
{
    struct result_layouts layouts = { NULL, NULL };
    struct json_doc *doc;
    struct json root, attempts, power_runs;
    int rc = json_doc_parse(payload, len, "journal head", &doc, err);

    if (rc)
        return rc;
    root = json_root(doc);
    attempts = json_get(&root, "attempts");
    power_runs = json_get(&root, "power_runs");
    rc = format_check(&root, err);
    if (!rc)
        rc = record_layout_from_json(&attempts, &columns_attempts,
                                     &layouts.attempts, err);
    if (!rc)
        rc = record_layout_from_json(&power_runs, &columns_power_runs,
                                     &layouts.power_runs, err);
    json_doc_destroy(doc);
    if (rc)
        result_layouts_free(&layouts);
    else
        *ret_layouts = layouts;
    return rc;
}

static int form_fail(const char *what, struct err *err)
{
    return err_set(err, ERR_FORMAT, "a record '%s' is not of its form", what);
}

/* A u32 count of rows and the rows; borrowed. */
static const uint8_t *rows_decode(struct cursor *cur, size_t *ret_len)
{
    size_t len = cursor_u32(cur);

    *ret_len = len;
    return cursor_bytes(cur, len * ROW_BYTES);
}

static void rows_encode(const uint64_t *rows, size_t len, struct buf *out)
{
    buf_put_u32(out, (uint32_t)len);
    for (size_t i = 0; i < len; i++)
        buf_put_u64(out, rows[i]);
}

static uint64_t row_at(const uint8_t *rows, size_t i)
{
    struct cursor cur = cursor_of(rows + i * ROW_BYTES, ROW_BYTES);

    return cursor_u64(&cur);
}

void records_plan_encode(const struct record_plan *plan,
                         const uint64_t *retired, struct buf *out)
{
    buf_put_block(out, plan->campaign_json, plan->campaign_len);
    buf_put_block(out, plan->documents_json, plan->documents_len);
    buf_put_block(out, plan->plan, plan->plan_len);
    rows_encode(retired, plan->retired_len, out);
}

int records_plan_decode(const void *payload, size_t len,
                        struct record_plan *ret_plan, struct err *err)
{
    struct cursor cur = cursor_of(payload, len);
    struct record_plan plan;

    plan.campaign_json = (const char *)cursor_block(&cur, &plan.campaign_len);
    plan.documents_json = (const char *)cursor_block(&cur, &plan.documents_len);
    plan.plan = cursor_block(&cur, &plan.plan_len);
    plan.retired = rows_decode(&cur, &plan.retired_len);
    if (cur.failed)
        return form_fail("plan", err);
    *ret_plan = plan;
    return 0;
}

uint64_t record_plan_retired(const struct record_plan *plan, size_t i)
{
    return row_at(plan->retired, i);
}

void records_board_encode(const struct record_board *board, struct buf *out)
{
    buf_put_string(out, board->board);
    buf_put_block(out, board->facts_json, board->facts_len);
}

int records_board_decode(const void *payload, size_t len,
                         struct record_board *ret_board, struct err *err)
{
    struct cursor cur = cursor_of(payload, len);
    struct record_board board;

    cursor_string(&cur, board.board, sizeof(board.board));
    board.facts_json = (const char *)cursor_block(&cur, &board.facts_len);
    if (cur.failed)
        return form_fail("board", err);
    *ret_board = board;
    return 0;
}

void records_attempt_encode(const struct record_attempt *attempt,
                            struct buf *out)
{
    buf_put_string(out, attempt->board);
    buf_put_string(out, attempt->worker);
    buf_put_i64(out, attempt->start_unix_ns);
}

int records_attempt_decode(const void *payload, size_t len,
                           struct record_attempt *ret_attempt, struct err *err)
{
    struct cursor cur = cursor_of(payload, len);
    struct record_attempt attempt;

    cursor_string(&cur, attempt.board, sizeof(attempt.board));
    cursor_string(&cur, attempt.worker, sizeof(attempt.worker));
    attempt.start_unix_ns = cursor_i64(&cur);
    if (cur.failed)
        return form_fail("attempt", err);
    *ret_attempt = attempt;
    return 0;
}

void records_invalidation_encode(const char *reason, int64_t when_unix_ns,
                                 const uint64_t *cells, size_t cells_len,
                                 struct buf *out)
{
    buf_put_string(out, reason);
    buf_put_i64(out, when_unix_ns);
    rows_encode(cells, cells_len, out);
}

int records_invalidation_decode(const void *payload, size_t len,
                                struct record_invalidation *ret_invalidation,
                                struct err *err)
{
    struct cursor cur = cursor_of(payload, len);
    struct record_invalidation inv;

    cursor_string(&cur, inv.reason, sizeof(inv.reason));
    inv.when_unix_ns = cursor_i64(&cur);
    inv.cells = rows_decode(&cur, &inv.cells_len);
    if (cur.failed)
        return form_fail("invalidation", err);
    *ret_invalidation = inv;
    return 0;
}

void records_invalidation_shift(const struct record_invalidation *inv,
                                uint64_t by, struct buf *out)
{
    buf_put_string(out, inv->reason);
    buf_put_i64(out, inv->when_unix_ns);
    buf_put_u32(out, (uint32_t)inv->cells_len);
    for (size_t i = 0; i < inv->cells_len; i++)
        buf_put_u64(out, row_at(inv->cells, i) + by);
}

uint64_t record_invalidation_cell(const struct record_invalidation *inv,
                                  size_t i)
{
    return row_at(inv->cells, i);
}

void records_note_encode(const struct record_note *note, struct buf *out)
{
    buf_put_i64(out, note->when_unix_ns);
    buf_put_string(out, note->text);
}

int records_note_decode(const void *payload, size_t len,
                        struct record_note *ret_note, struct err *err)
{
    struct cursor cur = cursor_of(payload, len);
    struct record_note note;

    note.when_unix_ns = cursor_i64(&cur);
    cursor_string(&cur, note.text, sizeof(note.text));
    if (cur.failed)
        return form_fail("note", err);
    *ret_note = note;
    return 0;
}

void records_mode_encode(const struct record_mode *mode, struct buf *out)
{
    buf_put_string(out, mode->board);
    buf_put_string(out, mode->mode);
    buf_put_string(out, mode->before);
    buf_put_i64(out, mode->when_unix_ns);
}

int records_mode_decode(const void *payload, size_t len,
                        struct record_mode *ret_mode, struct err *err)
{
    struct cursor cur = cursor_of(payload, len);
    struct record_mode mode;

    cursor_string(&cur, mode.board, sizeof(mode.board));
    cursor_string(&cur, mode.mode, sizeof(mode.mode));
    cursor_string(&cur, mode.before, sizeof(mode.before));
    mode.when_unix_ns = cursor_i64(&cur);
    if (cur.failed)
        return form_fail("mode", err);
    *ret_mode = mode;
    return 0;
}
