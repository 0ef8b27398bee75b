/* coordinator_hear.c - frames become journal records and events */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "experiments/op_point.h"
#include "orchestrator/archive/records.h"
#include "orchestrator/coordinator_state.h"
#include "orchestrator/wire/lane_report.h"
#include "orchestrator/wire/result.h"

static int append(struct coordinator *co, enum journal_type type,
                  const struct event *event, const void *payload, size_t len,
                  struct err *err)
{
    bool cell = type == JOURNAL_RESULT || type == JOURNAL_SENTINEL;
    struct journal_record record = {
        .type = type,
        .status = (uint8_t)(cell ? event->status : 0),
        .attempt = (uint16_t)(cell ? event->attempt : 0),
        .row = cell ? event->cell : JOURNAL_NO_ROW,
        .payload = payload,
        .len = len,
    };

    return journal_append(co->setup->journal, &record, err);
}

/* One line for a person when a cell did not end well. */
static void say_failure(struct coordinator *co, const struct event *event)
{
    struct buf label = { 0 };
    struct op_point point;
    size_t axes_len;
    const struct axis *axes = plan_axes(co->setup->plan, &axes_len);

    if (co->setup->quiet || event->status == STATUS_OK)
        return;
    plan_cell_point(co->setup->plan, event->cell, &point);
    op_point_label(axes, axes_len, &point, &label);
    progress_say(&co->progress, "%s on %s: %s: %s", buf_text(&label),
                 co->boards[event->board]->name,
                 columns_flag_word("status", event->status), event->reason);
    buf_free(&label);
}

static void tell_result(struct coordinator *co, const struct event *event,
                        const char *sentinel)
{
    co->ended_ns = clock_mono_ns();
    co->stalled = false;
    coordinator_tell_cell(
        co, "result",
        &(struct told_cell){ .cell = event->cell,
                             .attempt = event->attempt,
                             .board = co->boards[event->board]->name,
                             .status =
                                 columns_flag_word("status", event->status),
                             .sentinel = sentinel,
                             .text = event->reason,
                             .duration_s = event->duration_s });
}

/* What the attempt made is told to the lanes that open later. */
static int learn(struct coordinator *co, const struct wire_lane *lane,
                 struct err *err)
{
    return known_learn(&co->known, &co->layouts,
                       cursor_of(lane->payload, lane->payload_len), err);
}

/* The result of a sentinel says in its row what it was run for. */
static int hear_sentinel(struct coordinator *co, const struct wire_lane *lane,
                         enum occasion occasion, struct event *event,
                         struct err *err)
{
    struct cursor cur = cursor_of(lane->payload, lane->payload_len);
    struct result result;
    int rc = result_decode(&co->layouts, &cur, &result, err);

    if (!rc) {
        column_text_set(&result.attempt.sentinel, occasion_word(occasion));
        buf_clear(&co->record);
        rc = result_encode(&result, &co->record, err);
        result_free(&result);
    }
    event->kind = EVENT_SENTINEL;
    tell_result(co, event, occasion_word(occasion));
    if (!rc)
        rc = append(co, JOURNAL_SENTINEL, event, co->record.data,
                    co->record.len, err);
    if (!rc)
        rc = learn(co, lane, err);
    return rc ? rc : coordinator_think(co, event, err);
}

static int hear_result(struct coordinator *co, const struct wire_lane *lane,
                       struct event *event, struct err *err)
{
    enum occasion occasion =
        sched_sentinel(co->sched, lane->board, lane->cell, lane->attempt);
    int rc;

    if (occasion != OCCASION_NONE)
        return hear_sentinel(co, lane, occasion, event, err);
    /* a repeated or late one: known already, or run elsewhere since */
    if (!sched_expects(co->sched, lane->cell, lane->attempt))
        return 0;
    event->kind = EVENT_RESULT;
    tell_result(co, event, NULL);
    rc = append(co, JOURNAL_RESULT, event, lane->payload, lane->payload_len,
                err);
    if (!rc)
        rc = learn(co, lane, err);
    if (!rc)
        rc = coordinator_think(co, event, err);
    if (!rc)
        say_failure(co, event);
    return rc;
}

static int hear_mode(struct coordinator *co, const struct wire_lane *lane,
                     struct event *event, struct err *err)
{
    bool intent = lane->kind == LANE_MODE_INTENT;
    struct record_mode mode = { .when_unix_ns = clock_unix_ns() };
    int rc;

    event->kind = intent ? EVENT_MODE_INTENT : EVENT_MODE_RESTORED;
    snprintf(event->mode, sizeof(event->mode), "%.*s",
             (int)sizeof(event->mode) - 1, lane->text);
    snprintf(mode.board, sizeof(mode.board), "%s",
             co->boards[event->board]->name);
    snprintf(mode.mode, sizeof(mode.mode), "%s", intent ? lane->mode : "");
    snprintf(mode.before, sizeof(mode.before), "%.*s",
             (int)sizeof(mode.before) - 1, lane->text);
    buf_clear(&co->record);
    records_mode_encode(&mode, &co->record);
    rc = append(co, intent ? JOURNAL_MODE_INTENT : JOURNAL_MODE_RESTORED, event,
                co->record.data, co->record.len, err);
    return rc ? rc : coordinator_think(co, event, err);
}

/* True if the board's facts have another boot id than those before. */
static bool came_up_anew(struct coordinator *co, const struct wire_lane *lane)
{
    char *known = co->watched[lane->board].boot;
    const char *name = co->boards[lane->board]->name, *boot;
    struct json_doc *doc = NULL;
    struct json root, at;
    bool anew = false;

    if (json_doc_parse(lane->payload, lane->payload_len, "facts", &doc, NULL))
        return false;
    root = json_root(doc);
    at = json_get(&root, "boot_id");
    if (!json_string(&at, &boot, NULL) && *boot) {
        anew = *known && strcmp(known, boot) != 0;
        snprintf(known, sizeof(co->watched->boot), "%s", boot);
    }
    json_doc_destroy(doc);
    if (anew)
        coordinator_tell(co, "reboot", name, NULL);
    if (anew && !co->setup->quiet)
        progress_say(&co->progress, "%s: it was booted", name);
    return anew;
}

/* A board's facts, as it came up or learnt since. */
static int hear_facts(struct coordinator *co, const struct wire_lane *lane,
                      struct event *event, struct err *err)
{
    struct record_board facts = {
        .facts_json = (const char *)lane->payload,
        .facts_len = lane->payload_len,
    };
    int rc = 0;

    event->kind = EVENT_BOARD_READY; /* once more is no news */
    snprintf(facts.board, sizeof(facts.board), "%s",
             co->boards[event->board]->name);
    if (lane->payload_len) {
        event->rebooted = came_up_anew(co, lane);
        buf_clear(&co->record);
        records_board_encode(&facts, &co->record);
        rc = append(co, JOURNAL_BOARD, event, co->record.data, co->record.len,
                    err);
    }
    return rc ? rc : coordinator_think(co, event, err);
}

static int hear_down(struct coordinator *co, const struct wire_lane *lane,
                     struct event *event, struct err *err)
{
    event->kind = EVENT_BOARD_DOWN;
    event->refused = !lane->transport_failed;
    if (!co->setup->quiet)
        progress_say(&co->progress, "%s: %s", co->boards[event->board]->name,
                     event->reason);
    return coordinator_think(co, event, err);
}

/* Somebody else holds the board: down, and by the policy the end. */
static int hear_held(struct coordinator *co, const struct wire_lane *lane,
                     struct event *event, struct err *err)
{
    struct event stop = { .kind = EVENT_STOP };
    int rc = hear_down(co, lane, event, err);

    if (rc || co->setup->lease != LEASE_FAIL || co->held.code)
        return rc;
    err_set(&co->held, ERR_REFUSED, "board '%s' %.300s",
            co->boards[event->board]->name, lane->text);
    co->stopping = true;
    return coordinator_think(co, &stop, err);
}

static int hear_note(struct coordinator *co, const struct wire_lane *lane,
                     const struct event *event, struct err *err)
{
    const char *board = co->boards[event->board]->name;
    struct record_note note = { .when_unix_ns = clock_unix_ns() };

    if (lane->kind == LANE_ASK) { /* also where it is quiet */
        progress_say(&co->progress, "%s: PLEASE: %s", board, lane->text);
        coordinator_notify(co, "ask", board, lane->text);
    } else if (!co->setup->quiet) {
        progress_say(&co->progress, "%s: %s", board, lane->text);
    }
    snprintf(note.text, sizeof(note.text), "%.190s: %.300s", board, lane->text);
    buf_clear(&co->record);
    records_note_encode(&note, &co->record);
    return append(co, JOURNAL_NOTE, event, co->record.data, co->record.len,
                  err);
}

static int hear_lane(struct coordinator *co, uint32_t peer,
                     const struct wire_lane *lane, struct err *err)
{
    struct event event = {
        .cell = lane->cell,
        .attempt = lane->attempt,
        .board = lane->board,
        .worker = peer,
        .status = lane->status,
        .transport_failed = lane->transport_failed,
        .duration_s = lane->duration_s,
    };

    if (lane->board >= plan_boards(co->setup->plan) ||
        lane->cell >= plan_cells(co->setup->plan))
        return err_set(
            err, ERR_FORMAT, "worker %s reports cell %llu on board %u",
            co->peers[peer].name, (unsigned long long)lane->cell, lane->board);
    snprintf(event.reason, sizeof(event.reason), "%.*s",
             (int)sizeof(event.reason) - 1, lane->text);
    switch ((enum lane_report_kind)lane->kind) {
    case LANE_READY:
    case LANE_FACTS:
        return hear_facts(co, lane, &event, err);
    case LANE_STARTED:
        return 0;
    case LANE_RESULT:
        return hear_result(co, lane, &event, err);
    case LANE_MODE_INTENT:
    case LANE_MODE_RESTORED:
        return hear_mode(co, lane, &event, err);
    case LANE_DOWN:
        return hear_down(co, lane, &event, err);
    case LANE_HELD:
        return hear_held(co, lane, &event, err);
    case LANE_ASK:
    case LANE_NOTE:
        return hear_note(co, lane, &event, err);
    case LANE_CLOSED:
        event.kind = EVENT_BOARD_CLOSED;
        return coordinator_think(co, &event, err);
    }
    return err_set(err, ERR_FORMAT, "worker %s sends report %u",
                   co->peers[peer].name, lane->kind);
}

static int hear_hello(struct coordinator *co, uint32_t peer,
                      const void *payload, size_t len, struct err *err)
{
    struct event up = { .kind = EVENT_WORKER_UP, .worker = peer };
    struct wire_hello hello;
    int rc = wire_hello_decode(payload, len, &hello, err);

    if (rc)
        return rc;
    if (strcmp(hello.software, LABSWEEP_VERSION) != 0)
        return err_set(err, ERR_REFUSED,
                       "worker %s runs labsweep %s, this is %s", hello.worker,
                       hello.software, LABSWEEP_VERSION);
    memcpy(co->peers[peer].name, hello.worker, sizeof(hello.worker));
    co->peers[peer].up = true;
    memcpy(up.site, hello.site, sizeof(up.site));
    coordinator_tell(co, "worker", hello.worker, NULL);
    return coordinator_think(co, &up, err);
}

/* A worker that was given up and wakes again: its boards are others' now. */
static int dismiss(struct coordinator *co, uint32_t peer, struct err *err)
{
    if (co->peers[peer].told)
        return 0;
    co->peers[peer].told = true;
    log_line(LOG_WARN, "coordinator", "worker %s is back and is sent away",
             co->peers[peer].name);
    return coordinator_send(co, peer, WIRE_QUIT, "1", 1, err);
}

int coordinator_hear(struct coordinator *co, uint32_t peer,
                     const struct buf *frame, struct err *err)
{
    const uint8_t *payload = frame->data + WIRE_HEAD;
    struct wire_head head;
    struct wire_lane lane;
    int rc = wire_head_decode(frame->data, frame->len, &head, err);

    if (!rc && head.len != frame->len - WIRE_HEAD)
        rc = err_set(err, ERR_FORMAT, "a frame of %zu bytes says %u",
                     frame->len - WIRE_HEAD, head.len);
    if (rc)
        return rc;
    co->peers[peer].heard_ns = clock_mono_ns();
    if (head.type == WIRE_HELLO)
        return hear_hello(co, peer, payload, head.len, err);
    if (co->peers[peer].lost)
        return dismiss(co, peer, err);
    if (head.type != WIRE_LANE)
        return 0;
    rc = wire_lane_decode(payload, head.len, &lane, err);
    if (!rc)
        rc = hear_lane(co, peer, &lane, err);
    if (!rc && head.sequence > co->peers[peer].heard_sequence)
        co->peers[peer].heard_sequence = head.sequence;
    return rc;
}

static int record_unrun(struct coordinator *co, const struct action *action,
                        struct err *err)
{
    bool dropped = action->kind == ACTION_DROP;
    struct event event = {
        .kind = EVENT_RESULT,
        .cell = action->cell,
        .attempt = action->attempt,
        .board = action->board,
        .status = dropped ? STATUS_FAILED : STATUS_UNREACHABLE,
    };
    struct attempt_row *row;
    struct result result;
    int rc;

    snprintf(event.reason, sizeof(event.reason), "%s",
             dropped ? "cancelled: it had not ended when the sweep was"
                     : sched_board_reason(co->sched, action->board));
    result_init(&result);
    row = &result.attempt;
    row->cell = (int64_t)action->cell;
    row->attempt = action->attempt;
    row->status = event.status;
    row->provenance = co->boards[action->board]->emulated ? PROVENANCE_EMULATED
                                                          : PROVENANCE_MEASURED;
    row->start_unix_ns = clock_unix_ns();
    column_text_set(&row->reason, event.reason);
    column_text_set(&row->board, co->boards[action->board]->name);
    column_text_set(&row->worker, "coordinator");
    tell_result(co, &event, NULL);
    buf_clear(&co->record);
    rc = result_encode(&result, &co->record, err);
    if (!rc)
        rc = append(co, JOURNAL_RESULT, &event, co->record.data, co->record.len,
                    err);
    if (!rc)
        rc = coordinator_think(co, &event, err);
    result_free(&result);
    return rc;
}

int coordinator_record_unrun(struct coordinator *co, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < co->unrun.len; i++)
        rc = record_unrun(co, &co->unrun.at[i], err);
    co->unrun.len = 0;
    return rc;
}
