/* coordinator_act.c - thoughts become actions, and actions frames */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "orchestrator/archive/records.h"
#include "orchestrator/coordinator_state.h"

int coordinator_think(struct coordinator *co, struct event *event,
                      struct err *err)
{
    event->now_ns = clock_mono_ns();
    return sched_step(co->sched, event, &co->actions, err);
}

int coordinator_send(struct coordinator *co, uint32_t peer, enum wire_type type,
                     const void *payload, size_t len, struct err *err)
{
    buf_clear(&co->frame);
    wire_frame(type, ++co->sequence, payload, len, &co->frame);
    if (buf_failed(&co->frame))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    return link_send(co->setup->link, peer, co->frame.data, co->frame.len, err);
}

static int acknowledge(struct coordinator *co, uint32_t peer, struct err *err)
{
    struct peer *p = &co->peers[peer];

    if (p->acked_sequence == p->heard_sequence)
        return 0;
    p->acked_sequence = p->heard_sequence;
    buf_clear(&co->payload);
    wire_number_encode(p->heard_sequence, &co->payload);
    return coordinator_send(co, peer, WIRE_ACK, co->payload.data,
                            co->payload.len, err);
}

static int act_open(struct coordinator *co, const struct action *action,
                    struct err *err)
{
    struct wire_open open = { .board = action->board,
                              .lease = (uint8_t)co->setup->lease };
    const struct board *board = co->boards[action->board];

    buf_clear(&co->record);
    known_encode(&co->known, board->name,
                 board->emulated ? PROVENANCE_EMULATED : PROVENANCE_MEASURED,
                 &co->record);
    open.known = co->record.data;
    open.known_len = co->record.len;
    snprintf(open.name, sizeof(open.name), "%s", board->name);
    snprintf(open.restore_mode, sizeof(open.restore_mode), "%s",
             sched_board_restore(co->sched, action->board));
    memcpy(open.campaign, co->campaign, sizeof(open.campaign));
    buf_clear(&co->payload);
    wire_open_encode(&open, &co->payload);
    if (buf_failed(&co->record) || buf_failed(&co->payload))
        return err_set(err, ERR_NOMEM, "no memory for a frame");
    return coordinator_send(co, action->worker, WIRE_OPEN, co->payload.data,
                            co->payload.len, err);
}

/* Write down that the attempt was handed out; a crash may lose it, for only
 * a result is relied on. */
static int note_attempt(struct coordinator *co, const struct action *action,
                        struct err *err)
{
    struct record_attempt attempt = { .start_unix_ns = clock_unix_ns() };
    struct journal_record record = {
        .type = JOURNAL_ATTEMPT,
        .attempt = (uint16_t)action->attempt,
        .row = action->cell,
    };

    snprintf(attempt.board, sizeof(attempt.board), "%s",
             co->boards[action->board]->name);
    snprintf(attempt.worker, sizeof(attempt.worker), "%s",
             co->peers[action->worker].name);
    buf_clear(&co->record);
    records_attempt_encode(&attempt, &co->record);
    record.payload = co->record.data;
    record.len = co->record.len;
    return journal_append(co->setup->journal, &record, err);
}

static int act_run(struct coordinator *co, const struct action *action,
                   struct err *err)
{
    struct wire_run run = { .board = action->board,
                            .attempt = action->attempt,
                            .cell = action->cell };
    int rc;

    plan_axes(co->setup->plan, &run.axes);
    plan_cell_point(co->setup->plan, action->cell, &run.point);
    rc = fingerprint_of(co->prints, co->boards[action->board], &run.point,
                        run.fingerprint, err);
    /* the cell of a sentinel does not run: it stays what it is */
    if (!rc && action->occasion == OCCASION_NONE)
        rc = note_attempt(co, action, err);
    if (rc)
        return rc;
    coordinator_tell_cell(
        co, "start",
        &(struct told_cell){ .cell = action->cell,
                             .attempt = action->attempt,
                             .board = co->boards[action->board]->name,
                             .sentinel = occasion_word(action->occasion) });
    buf_clear(&co->payload);
    wire_run_encode(&run, &co->payload);
    return coordinator_send(co, action->worker, WIRE_RUN, co->payload.data,
                            co->payload.len, err);
}

static int act_board(struct coordinator *co, const struct action *action,
                     enum wire_type type, struct err *err)
{
    buf_clear(&co->payload);
    wire_number_encode(action->board, &co->payload);
    return coordinator_send(co, action->worker, type, co->payload.data,
                            co->payload.len, err);
}

static int act(struct coordinator *co, const struct action *action,
               struct err *err)
{
    switch (action->kind) {
    case ACTION_OPEN:
        return act_open(co, action, err);
    case ACTION_RUN:
        return act_run(co, action, err);
    case ACTION_CLOSE:
        return act_board(co, action, WIRE_CLOSE, err);
    case ACTION_CANCEL:
        return act_board(co, action, WIRE_CANCEL, err);
    case ACTION_GIVE_UP:
    case ACTION_DROP:
        if (!VEC_PUSH(&co->unrun, *action))
            return err_set(err, ERR_NOMEM, "no memory for actions");
        return 0;
    }
    return 0;
}

int coordinator_act(struct coordinator *co, struct err *err)
{
    int rc = 0;

    for (uint32_t i = 0; !rc && i < co->peers_len; i++)
        rc = acknowledge(co, i, err);
    for (size_t i = 0; !rc && i < co->actions.list.len; i++)
        rc = act(co, &co->actions.list.at[i], err);
    co->actions.list.len = 0;
    events_flush(&co->events);
    return rc;
}
