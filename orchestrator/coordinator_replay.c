/* coordinator_replay.c - what the journal said, and so what is kept */
#include <stdio.h>
#include <string.h>

#include "orchestrator/coordinator_state.h"

static bool is_stale(struct coordinator *co, size_t cell,
                     const struct campaign_cell *state)
{
    const char *kept = campaign_text(co->setup->campaign, state->fingerprint);
    char now[HASH_HEX];
    struct op_point point;
    struct plan_cell row;

    if (!*kept)
        return false;
    plan_cell(co->setup->plan, cell, &row);
    plan_cell_point(co->setup->plan, cell, &point);
    for (size_t i = 0; i < row.boards_len; i++)
        if (!fingerprint_of(co->prints, co->boards[row.boards[i]], &point, now,
                            NULL) &&
            !strcmp(now, kept))
            return false;
    return row.boards_len > 0;
}

/* Why cells are kept or run again, counted. */
struct why {
    size_t kept, failed, open, stale, missing, withdrawn;
};

static void say_whys(const struct coordinator *co, const struct why *why)
{
    if (co->setup->quiet)
        return;
    fprintf(stderr, "%zu cells kept", why->kept);
    if (why->failed)
        fprintf(stderr, ", %zu failed ones run again", why->failed);
    if (why->open)
        fprintf(stderr, ", %zu that had not ended run again", why->open);
    if (why->stale)
        fprintf(stderr,
                ", %zu stale ones run again (adapter, runner, model or data "
                "set changed)",
                why->stale);
    if (why->withdrawn)
        fprintf(stderr, ", %zu withdrawn ones run again", why->withdrawn);
    if (why->missing)
        fprintf(stderr, ", %zu never tried", why->missing);
    fprintf(stderr, "%s\n", co->setup->say_why ? "" : "; --why tells of each");
}

static void say_why(struct coordinator *co, size_t cell, int status,
                    const char *why)
{
    struct buf label = { 0 };
    struct op_point point;
    size_t axes_len;
    const struct axis *axes = plan_axes(co->setup->plan, &axes_len);

    coordinator_tell_cell(
        co, "why",
        &(struct told_cell){ .cell = cell,
                             .status = columns_flag_word("status", status),
                             .text = why });
    if (!co->setup->say_why || co->setup->quiet)
        return;
    plan_cell_point(co->setup->plan, cell, &point);
    op_point_label(axes, axes_len, &point, &label);
    fprintf(stderr, "%s: %s: %s\n", buf_text(&label),
            columns_flag_word("status", status), why);
    buf_free(&label);
}

/* What a cell was, and so whether it is kept: the journal's events over. */
static int replay_cell(struct coordinator *co, size_t cell, struct why *why,
                       struct err *err)
{
    const struct campaign_cell *state =
        campaign_cell(co->setup->campaign, cell);
    struct event event = { .kind = EVENT_STARTED,
                           .cell = cell,
                           .board = PLAN_NONE,
                           .attempt = state->attempts,
                           .status = state->status };
    int rc = 0;

    if (state->status == STATUS_RETIRED || state->status == STATUS_NA)
        return 0; /* as the scheduler knows from the plan */
    if (!state->attempts) {
        why->missing++;
        return 0;
    }
    if (state->results && state->status != STATUS_RUNNING)
        event.kind = EVENT_RESULT;
    event.board = 0;
    rc = sched_step(co->sched, &event, NULL, err);
    if (rc || event.kind == EVENT_STARTED) {
        why->open++;
        say_why(co, cell, STATUS_RUNNING, "run again, it had not ended");
        return rc;
    }
    if (state->status == STATUS_INVALIDATED) {
        why->withdrawn++;
        say_why(co, cell, state->status,
                campaign_text(co->setup->campaign, state->withdrawn));
    } else if (state->status != STATUS_OK) {
        why->failed++;
        say_why(co, cell, state->status, "run again");
    } else if (is_stale(co, cell, state)) {
        event.kind = EVENT_STALE;
        why->stale++;
        rc = sched_step(co->sched, &event, NULL, err);
        say_why(co, cell, STATUS_STALE,
                "run again, adapter, runner, model or data set changed");
    } else {
        why->kept++;
        say_why(co, cell, STATUS_OK, "kept");
    }
    return rc;
}

uint32_t coordinator_board(const struct coordinator *co, const char *name)
{
    struct plan_board board;

    for (uint32_t i = 0; i < plan_boards(co->setup->plan); i++) {
        plan_board_at(co->setup->plan, i, &board);
        if (!strcmp(board.name, name))
            return i;
    }
    return PLAN_NONE;
}

int coordinator_replay(struct coordinator *co, struct err *err)
{
    struct campaign_intent intent;
    struct why why = { 0 };
    int rc = 0;

    for (size_t i = 0; !rc && i < plan_cells(co->setup->plan); i++)
        rc = replay_cell(co, i, &why, err);
    if (!rc)
        say_whys(co, &why);
    for (size_t i = 0;
         !rc && campaign_intent_at(co->setup->campaign, i, &intent); i++) {
        struct event event = { .kind = EVENT_MODE_INTENT,
                               .board = coordinator_board(co, intent.board) };

        if (event.board == PLAN_NONE)
            continue;
        snprintf(event.mode, sizeof(event.mode), "%s", intent.before);
        rc = sched_step(co->sched, &event, NULL, err);
    }
    if (!rc)
        rc = sched_resume(co->sched, err);
    return rc;
}
