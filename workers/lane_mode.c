/* lane_mode.c - intention, set, verify, restore */
#include "workers/lane_mode.h"

#include <stdio.h>
#include <string.h>

#include "workers/lane_lease.h"

#define MODE_LIMIT_S 120.0 /* nvpmodel and the like take their time */

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
    rc = run(b, scope, "setting the op mode", m->set, NULL, err);
    if (!rc)
        rc = verify(b, scope, mode, err);
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
    if (!m->set)
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

/* Run the adapter's "restore"; names of the mode we leave are still known
 * where there is a scope. */
static int restore(struct lane_board *b, struct scope *scope, const char *mode,
                   struct err *err)
{
    const struct lane_setup *s = b->setup;
    const struct adapter_op_mode *m = modes_of(b);
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
    if (!rc)
        rc = run(b, scope, "restoring the op mode", m->restore, NULL, err);
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
