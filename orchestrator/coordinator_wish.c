/* coordinator_wish.c - what people wish of the sweep while it runs: stop,
 * pause, drain, release, and the hours that boards may be used
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/log.h"
#include "inventory/hours.h"
#include "orchestrator/coordinator_state.h"
#include "orchestrator/signals.h"

static int think_stop(struct coordinator *co, bool cancel, struct err *err)
{
    struct event stop = { .kind = EVENT_STOP, .cancel = cancel };

    co->stopping = true;
    return coordinator_think(co, &stop, err);
}

/* The stop file's first word may be "cancel". */
static int look_for_stop(struct coordinator *co, struct err *err)
{
    char path[FS_PATH_MAX];
    struct buf text = { 0 };
    bool found, cancel;

    if (!co->stopping && signals_wish() == SIGNALS_STOP)
        return think_stop(co, false, err);
    fs_join(path, sizeof(path), co->setup->dir, COORDINATOR_STOP_FILE);
    found = fs_exists(path) && !fs_read_file(path, 4096, &text, NULL);
    cancel = found && !strncmp(buf_text(&text), "cancel", 6);
    buf_free(&text);
    if (!found)
        return 0;
    unlink(path);
    return think_stop(co, cancel, err);
}

static int think_hold(struct coordinator *co, uint32_t board, bool hold,
                      enum event_hold why, struct err *err)
{
    struct event event = { .kind = hold ? EVENT_HOLD : EVENT_RELEASE,
                           .board = board,
                           .hold = why };

    return coordinator_think(co, &event, err);
}

/* One board as it is wished now, against what was done about it. */
static int apply_board(struct coordinator *co,
                       const struct control_board *wished, struct err *err)
{
    struct control_board *done = control_board(&co->control, wished->name);
    uint32_t board = coordinator_board(co, wished->name);
    int rc = 0;

    if (!done)
        return err_set(err, ERR_NOMEM, "no memory for boards");
    if (board == PLAN_NONE) {
        log_line(LOG_WARN, "control", "'%s' is no board of this sweep",
                 wished->name);
    } else if (wished->drained && !done->drained) {
        rc = think_hold(co, board, true, HOLD_DRAINED, err);
    } else if (!wished->drained &&
               (done->drained || wished->released != done->released)) {
        rc = think_hold(co, board, false, HOLD_DRAINED, err);
    }
    *done = *wished;
    return rc;
}

static int apply_control(struct coordinator *co, const struct control *wished,
                         struct err *err)
{
    struct event event = { .kind =
                               wished->paused ? EVENT_PAUSE : EVENT_UNPAUSE };
    int rc = 0;

    if (wished->paused != co->control.paused) {
        rc = coordinator_think(co, &event, err);
        coordinator_tell(co, wished->paused ? "pause" : "resume", NULL, NULL);
    }
    co->control.paused = wished->paused;
    for (size_t i = 0; !rc && i < wished->boards.len; i++)
        rc = apply_board(co, &wished->boards.at[i], err);
    return rc;
}

static int look_for_control(struct coordinator *co, struct err *err)
{
    uint64_t stamp = control_stamp(co->setup->dir);
    struct control wished;
    struct err why;
    int rc;

    if (stamp == co->control_stamp)
        return 0;
    co->control_stamp = stamp;
    if (control_read(co->setup->dir, &wished, &why)) {
        log_line(LOG_WARN, "control", "%s", why.text);
        return 0;
    }
    rc = apply_control(co, &wished, err);
    control_free(&wished);
    return rc;
}

/* Once a minute of the wall clock: boards whose hours begin or are over. */
static int look_for_hours(struct coordinator *co, struct err *err)
{
    time_t now = (time_t)(clock_unix_ns() / NS_PER_S);
    struct tm local;
    int rc = 0;

    if (now / 60 == co->hours_minute || !localtime_r(&now, &local))
        return 0;
    co->hours_minute = now / 60;
    for (uint32_t i = 0; !rc && i < plan_boards(co->setup->plan); i++) {
        const struct board *board = co->boards[i];
        struct sched_board state;
        bool open;

        if (!board->hours_len)
            continue;
        sched_board(co->sched, i, &state);
        open = hours_hold(board->hours, board->hours_len, local.tm_wday,
                          local.tm_hour * 60 + local.tm_min);
        if (open == !(state.hold & HOLD_HOURS))
            continue;
        rc = think_hold(co, i, !open, HOLD_HOURS, err);
    }
    return rc;
}

int coordinator_look_for_wishes(struct coordinator *co, struct err *err)
{
    int rc = look_for_stop(co, err);

    if (!rc)
        rc = look_for_control(co, err);
    return rc ? rc : look_for_hours(co, err);
}
