/* lane_mode.c - intention, set, verify, restore */
#include "workers/lane_mode.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "workers/lane_lease.h"
#include "workers/lane_program.h"
#include "workers/lane_run.h"

#define MODE_LIMIT_S 120.0 /* nvpmodel and the like take their time */
#define ASK_AGAIN_S  2.0   /* between looks whether a person has done it */
#define LOOK_S       1.0   /* between looks at a board that may boot */
#define SETTLE_S     10.0  /* a boot begins within */

static const struct adapter_op_mode *modes_of(const struct lane_board *b)
{
    return &b->setup->board->adapter->op_mode;
}

/* Run a template of the adapter. */
static int run(struct lane_board *b, struct scope *scope, const char *what,
               const char *template, struct buf *out, struct err *err)
{
    struct buf command = { 0 };
    int rc = scope_expand(scope, template, TEMPLATE_SHELL, &command, err);

    if (!rc)
        rc = lane_command(b, what, buf_text(&command), MODE_LIMIT_S, out, err);
    else
        err_prefix(err, "%s", what);
    buf_free(&command);
    return rc;
}

static int read_mode(struct lane_board *b, struct scope *scope,
                     const struct adapter_probe *probe, const char *what,
                     char *mode, size_t size, struct err *err)
{
    struct buf out = { 0 };
    int rc = run(b, scope, what, probe->run, &out, err);

    if (!rc) {
        rc = collect_first(probe->pattern, out.data, out.len, mode, size, err);
        if (rc)
            err_prefix(err, "%s", what);
    }
    buf_free(&out);
    return rc;
}

/* What cannot be read back is not granted, unless the link is to blame. */
static int unverified(const struct lane_board *b, int rc, const char *mode,
                      struct err *err)
{
    if (!rc || b->link_lost || rc == ERR_NOMEM || rc == ERR_REFUSED)
        return rc;
    err_prefix(err, "op mode '%s' cannot be verified", mode);
    if (err)
        err->code = ERR_REFUSED;
    return ERR_REFUSED;
}

static int verify(struct lane_board *b, struct scope *scope, const char *mode,
                  struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    const struct adapter_probe *probe = m->verify.run ? &m->verify : &m->read;
    char granted[sizeof(b->mode_granted)];
    struct buf expected = { 0 };
    int rc;

    if (!probe->run)
        return 0; /* nobody can tell */
    rc = read_mode(b, scope, probe, "reading the op mode back", granted,
                   sizeof(granted), err);
    rc = unverified(b, rc, mode, err);
    if (!rc)
        memcpy(b->mode_granted, granted, sizeof(granted));
    if (!rc && probe->expect)
        rc = scope_expand(scope, probe->expect, TEMPLATE_RAW, &expected, err);
    if (!rc && probe->expect && strcmp(buf_text(&expected), granted) != 0)
        rc = err_set(err, ERR_REFUSED,
                     "op mode '%s' was not granted: the board says '%s', "
                     "expected '%s'",
                     mode, granted, buf_text(&expected));
    buf_free(&expected);
    return rc;
}

/* ---- a person, a boot */

/* Ask a person by a sentence, and look every so often whether it is done. */
static int ask_person(struct lane_board *b, struct scope *scope,
                      const char *mode, struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    int64_t until = clock_mono_ns() + S_TO_NS(m->ask_limit_s);
    struct buf words = { 0 };
    int rc = scope_expand(scope, m->ask, TEMPLATE_RAW, &words, err);

    if (!rc)
        b->please(b->ctx, buf_text(&words));
    buf_free(&words);
    while (!rc) {
        rc = verify(b, scope, mode, err);
        if (rc != ERR_REFUSED || lane_cancelled(b, err))
            break;
        if (clock_mono_ns() >= until) {
            err_prefix(err, "nobody did it within %g s", m->ask_limit_s);
            break;
        }
        rc = lane_idle(b, ASK_AGAIN_S, NULL, err);
    }
    return rc;
}

/* Until the next look.  Only a cancellation ends it early. */
static int look_later(struct lane_board *b, struct err *err)
{
    struct pollfd cancel = { .fd = b->deaf ? -1 : b->cancel_fd,
                             .events = POLLIN };

    if (b->transport && !b->link_lost)
        lane_idle(b, LOOK_S, NULL, NULL);
    else
        poll(&cancel, 1, (int)(LOOK_S * 1000));
    return !b->deaf && lane_cancelled(b, err) ? ERR_REFUSED : 0;
}

/* The set command of a mode that may need a boot has ended, or took the link
 * along: stay in touch until the board was booted, or plainly is not. */
static int await_boot(struct lane_board *b, const char *boot_id,
                      struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    int64_t settled = clock_mono_ns() + S_TO_NS(SETTLE_S);
    int64_t until = clock_mono_ns() + S_TO_NS(m->boot_limit_s);
    bool lost = b->link_lost;
    int rc = 0;

    for (;;) {
        rc = b->link_lost || !b->transport
                 ? lane_board_connect(b, err)
                 : lane_command(b, "waiting for a boot", ":", LANE_SHORT_S,
                                NULL, err);
        lost |= b->link_lost;
        if (rc == ERR_REFUSED)
            return rc; /* another board, or cancelled */
        if (!rc && (lost || strcmp(boot_id, b->facts.boot_id) != 0))
            return 0; /* it went and came back; who it is was looked at */
        if (!rc && clock_mono_ns() >= settled)
            return 0; /* none was needed */
        if (clock_mono_ns() >= until) {
            b->link_lost = true;
            return err_set(err, ERR_TIMEOUT,
                           "the board did not come back within %g s",
                           m->boot_limit_s);
        }
        rc = look_later(b, err);
        if (rc)
            return rc;
    }
}

static int run_set(struct lane_board *b, struct scope *scope, struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    char boot_id[sizeof(b->facts.boot_id)];
    int rc;

    if (!m->set)
        return 0;
    memcpy(boot_id, b->facts.boot_id, sizeof(boot_id));
    rc = run(b, scope, "setting the op mode", m->set, NULL, err);
    if (m->may_boot && (!rc || b->link_lost))
        rc = await_boot(b, boot_id, err);
    return rc;
}

static int change(struct lane_board *b, struct scope *scope, const char *mode,
                  struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    int rc = 0;

    if (!b->mode_before[0] && m->read.run)
        rc = read_mode(b, scope, &m->read, "reading the op mode",
                       b->mode_before, sizeof(b->mode_before), err);
    if (!rc)
        rc = scope_set(scope, "mode_before", b->mode_before, err);
    if (!rc)
        rc = b->intend(b->ctx, b->mode_before, mode, err);
    if (!rc && m->restore)
        rc = lane_lease_mode(b, b->mode_before, err);
    if (rc)
        return rc;
    b->mode_changed = true; /* even if setting it fails half-way */
    lane_program_forget(b); /* clocks and fabrics may start anew */
    rc = run_set(b, scope, err);
    if (!rc)
        rc = m->ask ? ask_person(b, scope, mode, err)
                    : verify(b, scope, mode, err);
    if (!rc)
        snprintf(b->mode_asked, sizeof(b->mode_asked), "%s", mode);
    return rc;
}

int lane_mode_set(struct lane_board *b, struct scope *scope, const char *mode,
                  struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    bool plain = !*mode || !strcmp(mode, "default");
    int rc;

    if (!plain && !board_mode(b->setup->board, mode))
        return err_set(err, ERR_REFUSED, "board '%s' has no op mode '%s'",
                       b->setup->board->name, mode);
    if (!m->set && !m->ask)
        return m->read.run && !b->mode_granted[0] ? verify(b, scope, mode, err)
                                                  : 0;
    if (!plain && !strcmp(b->mode_asked, mode))
        return 0;
    rc = lane_mode_restore(b, scope, err);
    if (!rc && !plain)
        rc = change(b, scope, mode, err);
    else if (!rc && !b->mode_granted[0] && m->read.run)
        rc = read_mode(b, scope, &m->read, "reading the op mode",
                       b->mode_granted, sizeof(b->mode_granted), err);
    return rc;
}

/* What was read before must be read again. */
static int verify_restored(struct lane_board *b, struct scope *scope,
                           const char *mode, struct err *err)
{
    const struct adapter_op_mode *m = modes_of(b);
    char now[sizeof(b->mode_granted)];
    int rc;

    if (!m->read.run || !*mode)
        return 0;
    rc = read_mode(b, scope, &m->read, "reading the restored op mode", now,
                   sizeof(now), err);
    if (!rc && strcmp(now, mode) != 0)
        rc = err_set(err, ERR_REFUSED,
                     "the op mode was not restored: the board says '%s', "
                     "before it was '%s'",
                     now, mode);
    return rc;
}

/* Run the adapter's "restore"; names of the mode we leave are still known
 * where there is a scope. */
static int restore(struct lane_board *b, struct scope *scope, const char *mode,
                   struct err *err)
{
    const struct lane_setup *s = b->setup;
    const struct adapter_op_mode *m = modes_of(b);
    char boot_id[sizeof(b->facts.boot_id)];
    struct scope *own = NULL;
    int rc = 0;

    if (!m->restore)
        return 0;
    if (!scope) {
        scope = own = scope_create();
        if (!own)
            return err_set(err, ERR_NOMEM, "no memory for names");
        rc = scope_fill(own, s->experiment, s->board, NULL, s->bin_dir,
                        s->project_dir, err);
    }
    if (!rc)
        rc = scope_set(scope, "mode_before", mode, err);
    lane_program_forget(b);
    memcpy(boot_id, b->facts.boot_id, sizeof(boot_id));
    if (!rc)
        rc = run(b, scope, "restoring the op mode", m->restore, NULL, err);
    if (m->may_boot && (!rc || b->link_lost))
        rc = await_boot(b, boot_id, err);
    if (!rc)
        rc = verify_restored(b, scope, mode, err);
    scope_destroy(own);
    return rc;
}

int lane_mode_restore(struct lane_board *b, struct scope *scope,
                      struct err *err)
{
    int rc;

    if (!b->mode_changed)
        return 0;
    rc = restore(b, scope, b->mode_before, err);
    if (!rc)
        rc = lane_lease_restored(b, err);
    if (rc)
        return rc;
    b->mode_changed = false;
    b->mode_asked[0] = 0;
    b->mode_granted[0] = 0;
    b->restored(b->ctx, b->mode_before);
    return 0;
}

int lane_mode_restore_left(struct lane_board *b, const char *mode,
                           struct err *err)
{
    int rc = restore(b, NULL, mode, err);

    if (!rc)
        rc = lane_lease_restored(b, err);
    if (!rc)
        b->restored(b->ctx, mode);
    return rc;
}

int lane_mode_inherit(struct lane_board *b, const char *mode, struct err *err)
{
    const struct adapter *adapter = b->setup->board->adapter;

    if (adapter->op_mode.restore)
        return lane_mode_restore_left(b, mode, err);
    return err_set(err, ERR_REFUSED,
                   "an earlier holder left its op mode changed (it was '%s'), "
                   "which adapter '%s' cannot restore: `labsweep boards "
                   "restore` with the inventory that set it",
                   mode, adapter->name);
}

/* ---- looking */

/* Names as a cell at 'mode' (NULL: no cell) would have them. */
static int make_scope(struct lane_board *b, const char *mode,
                      struct scope **ret_scope, struct err *err)
{
    const struct lane_setup *s = b->setup;
    const struct experiment *e = s->experiment;
    size_t at = axes_index(e->axes, e->axes_len, "op_mode");
    struct op_point point = { 0 };
    struct scope *scope = scope_create();
    int rc;

    if (!scope)
        return err_set(err, ERR_NOMEM, "no memory for names");
    if (mode && at < e->axes_len) {
        point.at[at].there = true;
        snprintf(point.at[at].text, sizeof(point.at[at].text), "%s", mode);
    }
    rc = scope_fill(scope, e, s->board, mode ? &point : NULL, s->bin_dir,
                    s->project_dir, err);
    if (rc)
        scope_destroy(scope);
    else
        *ret_scope = scope;
    return rc;
}

static bool is_mode(struct lane_board *b, const char *mode)
{
    const struct adapter_op_mode *m = modes_of(b);
    struct buf expected = { 0 };
    struct scope *scope;
    bool same;

    if (make_scope(b, mode, &scope, NULL))
        return false;
    same =
        !scope_expand(scope, m->verify.expect, TEMPLATE_RAW, &expected, NULL) &&
        !strcmp(buf_text(&expected), b->mode_now);
    scope_destroy(scope);
    buf_free(&expected);
    return same;
}

int lane_mode_look(struct lane_board *b, struct err *err)
{
    const struct board *board = b->setup->board;
    const struct adapter_op_mode *m = modes_of(b);
    const struct adapter_probe *probe = m->verify.run ? &m->verify : &m->read;
    struct scope *scope;
    int rc;

    if (!probe->run)
        return 0;
    rc = make_scope(b, NULL, &scope, err);
    if (rc)
        return rc;
    rc = read_mode(b, scope, probe, "reading the op mode", b->mode_now,
                   sizeof(b->mode_now), err);
    if (rc && !b->link_lost && rc != ERR_NOMEM)
        rc = ERR_REFUSED; /* the board's own answer */
    scope_destroy(scope);
    for (size_t i = 0; !rc && m->verify.expect && i < board->modes_len; i++)
        if (is_mode(b, board->modes[i].name))
            b->mode_now_is = board->modes[i].name;
    return rc;
}
