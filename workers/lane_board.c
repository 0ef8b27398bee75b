/* lane_board.c - the link to a board, and short commands over it */
#include "workers/lane_board.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "workers/lane_clock.h"
#include "workers/lane_facts.h"
#include "workers/lane_guard.h"
#include "workers/lane_health.h"
#include "workers/lane_lease.h"
#include "workers/lane_program.h"
#include "workers/lane_probe.h"

/* "~" and "~/x" on the board; relative folders start at the home folder. */
static int find_dir(const struct lane_board *b, const char *what,
                    const char *dir, char path[FS_PATH_MAX], struct err *err)
{
    int n;

    if (*dir == '/')
        n = snprintf(path, FS_PATH_MAX, "%s", dir);
    else
        n = snprintf(path, FS_PATH_MAX, "%s/%s", b->facts.home,
                     !strncmp(dir, "~/", 2) ? dir + 2 : dir);
    if (n < 0 || n >= FS_PATH_MAX)
        return err_set(err, ERR_USAGE, "%s is too long", what);
    return 0;
}

static int find_dirs(struct lane_board *b, struct err *err)
{
    const struct board *board = b->setup->board;
    const char *stage = board->stage_dir, *lease = board->lease_dir;
    int rc;

    rc = find_dir(b, "stage_dir", stage && *stage ? stage : "~/.cache/labsweep",
                  b->stage_dir, err);
    if (!rc)
        rc = find_dir(b, "lease_dir",
                      lease && *lease ? lease : "/tmp/labsweep-lease",
                      b->lease.dir, err);
    return rc;
}

/* What ran as the link was lost still runs, unless the board was booted. */
static void end_left_group(struct lane_board *b, const char *boot_id)
{
    char command[64];

    if (b->left_group > 1 && !strcmp(boot_id, b->facts.boot_id)) {
        /* no "--": dash takes it for a process, busybox too after -s */
        snprintf(command, sizeof(command), "kill -KILL -%lld",
                 (long long)b->left_group);
        lane_command(b, "ending what ran before", command, LANE_SHORT_S, NULL,
                     NULL);
    }
    b->left_group = 0;
}

static void forget_staged(struct lane_board *b)
{
    for (size_t i = 0; i < b->staged.len; i++) {
        free(b->staged.at[i].local);
        free(b->staged.at[i].remote);
        free(b->staged.at[i].name);
    }
    b->staged.len = 0;
    for (size_t i = 0; i < b->built.len; i++)
        free(b->built.at[i].key);
    b->built.len = 0;
}

/* After a boot nothing of what was set or loaded can be relied upon. */
static void after_boot(struct lane_board *b)
{
    forget_staged(b);
    b->mode_asked[0] = 0;
    b->mode_granted[0] = 0;
    b->guard_fifo[0] = 0;
    lane_program_forget(b);
}

/* Our lease is gone.  With a boot that is no wonder, and the duty to restore
 * the op mode stays; else somebody had the board, and did restore it. */
static int after_loss(struct lane_board *b, bool booted, struct err *err)
{
    if (booted && b->mode_changed)
        return lane_lease_mode(b, b->mode_before, err);
    if (booted)
        return 0;
    after_boot(b);
    b->mode_changed = false;
    return 0;
}

/* Ask who is there.  A script of canned replies is nobody: it needs no row
 * for the probe. */
static int probe(struct lane_board *b, struct board_facts *facts,
                 struct err *err)
{
    struct buf out = { 0 };
    int rc;

    *facts = (struct board_facts){ .home = "/", .hostname = "script" };
    if (!strcmp(b->setup->board->transport, "script"))
        return 0;
    rc = lane_command(b, "the probe", lane_probe_command(), LANE_SHORT_S, &out,
                      err);
    if (!rc)
        rc = lane_probe_parse(out.data, out.len, facts, err);
    buf_free(&out);
    return rc;
}

/* The pre command, where the board is new to us or was booted.  What it says
 * is the board's own answer: not to be had like this. */
static int run_pre(struct lane_board *b, struct err *err)
{
    const char *pre = b->setup->board->pre;
    int rc =
        pre ? lane_command(b, "the pre command", pre, LANE_SHORT_S, NULL, err)
            : 0;

    return rc == ERR_IO && !b->link_lost ? ERR_REFUSED : rc;
}

static int meet(struct lane_board *b, struct err *err)
{
    struct board_facts facts;
    int rc = probe(b, &facts, err);
    bool fresh;

    if (!rc)
        rc = lane_probe_verify(&facts, &b->setup->board->identity, err);
    if (rc)
        return rc;
    end_left_group(b, facts.boot_id);
    fresh = !b->met || strcmp(facts.boot_id, b->facts.boot_id) != 0;
    if (b->met && fresh)
        after_boot(b);
    b->facts = facts;
    rc = find_dirs(b, err);
    if (!rc && strcmp(b->setup->board->transport, "script") != 0)
        rc = lane_lease_take(b, err);
    if (!rc && b->met && b->lease.fresh)
        rc = after_loss(b, fresh, err);
    if (!rc)
        rc = lane_guard_start(b, err);
    if (!rc && fresh)
        rc = run_pre(b, err);
    b->met = b->met || !rc;
    return rc;
}

struct transport_target lane_target(const struct board *board,
                                    double connect_limit_s)
{
    return (struct transport_target){
        .host = board->host,
        .port = board->port,
        .user = board->user,
        .key = board->key,
        .known_hosts = board->known_hosts,
        .jump = board->jump,
        .connect_timeout_s = connect_limit_s,
        .script = board->script,
    };
}

int lane_board_connect(struct lane_board *b, struct err *err)
{
    const struct board *board = b->setup->board;
    const struct transport_target target =
        lane_target(board, b->setup->experiment->measure.connect_limit_s);
    int rc;

    lane_board_drop(b);
    b->lease.host_out = false;
    rc = transport_open(board->transport, &target, &b->transport, err);
    if (rc)
        return rc;
    b->link_lost = false;
    b->deaf = true; /* a cancellation is of a cell, not of the link */
    rc = meet(b, err);
    b->deaf = false;
    if (rc)
        lane_board_drop(b);
    return rc;
}

void lane_board_drop(struct lane_board *b)
{
    for (size_t i = 0; i < b->meters_len; i++)
        meter_close(b->meters[i]);
    b->meters_len = 0;
    proc_release(b->serve.proc);
    buf_free(&b->serve.out);
    b->serve = (struct lane_serve){ 0 };
    if (b->transport && !b->link_lost)
        lane_guard_end(b);
    lane_clock_close(b);
    lane_health_close(b);
    lane_lease_drop(b);
    transport_close(b->transport);
    b->transport = NULL;
}

void lane_board_free(struct lane_board *b)
{
    lane_board_drop(b);
    forget_staged(b);
    VEC_FREE(&b->staged);
    VEC_FREE(&b->built);
    for (size_t i = 0; i < b->accuracies.len; i++) {
        free(b->accuracies.at[i].key);
        free(b->accuracies.at[i].row);
    }
    VEC_FREE(&b->accuracies);
    lane_program_forget(b);
    lane_facts_free(b);
    collector_destroy(b->collector);
}

bool lane_cancelled(const struct lane_board *b, struct err *err)
{
    struct pollfd fd = { .fd = b->cancel_fd, .events = POLLIN };

    if (poll(&fd, 1, 0) != 1)
        return false;
    err_set(err, ERR_REFUSED, "cancelled");
    return true;
}

int lane_command(struct lane_board *b, const char *what, const char *command,
                 double limit_s, struct buf *out, struct err *err)
{
    const struct exec_limits limits = { .total_s = limit_s };
    struct exec_result result = { 0 };
    int rc;

    if (!b->transport) {
        b->link_lost = true;
        return err_set(err, ERR_IO, "%s: there is no link to the board", what);
    }
    lane_lease_hold(b, limit_s);
    rc = transport_exec(b->transport, command, NULL, 0, &limits,
                        b->deaf ? -1 : b->cancel_fd, &result, err);
    if (result.end == EXEC_CANCELLED)
        rc = err_set(err, ERR_REFUSED, "cancelled");
    else if (result.end == EXEC_LINK_LOST ||
             (result.end == EXEC_NOT_STARTED && rc != ERR_NOMEM))
        b->link_lost = true;
    if (rc && result.end != EXEC_CANCELLED)
        err_prefix(err, "%s", what);
    if (!rc)
        rc = exec_result_check(&result, what, err);
    if (!rc && out)
        buf_put(out, result.out.data, result.out.len);
    if (!rc && out && buf_failed(out))
        rc = err_set(err, ERR_NOMEM, "no memory for what %s printed", what);
    exec_result_free(&result);
    return rc;
}

int lane_facts_json(const struct lane_board *b, struct buf *out,
                    struct err *err)
{
    const struct board_facts *f = &b->facts;
    struct json_value *object = json_new_object(), *macs = json_new_array();
    int rc;

    json_set_string(object, "board", b->setup->board->name);
    json_set_string(object, "hostname", f->hostname);
    json_set_string(object, "arch", f->arch);
    json_set_string(object, "kernel", f->kernel);
    json_set_string(object, "model", f->model);
    json_set_string(object, "cpu", f->cpu);
    json_set_i64(object, "cores", strtoll(f->cores, NULL, 10));
    json_set_f64(object, "memory_bytes",
                 f->memory_kib[0] ? strtod(f->memory_kib, NULL) * 1024
                                  : (double)NAN);
    json_set_string(object, "boot_id", f->boot_id);
    json_set_string(object, "serial", f->serial[0] ? f->serial : f->label);
    json_set_string(object, "device_tree", f->device_tree);
    json_set_string(object, "machine_id", f->machine_id);
    json_set_string(object, "tool_version", b->tool_version);
    for (size_t i = 0; i < f->macs_len; i++)
        json_push_string(macs, f->macs[i]);
    json_set(object, "macs", macs);
    if (b->mode_now[0]) {
        json_set_string(object, "op_mode", b->mode_now);
        json_set_string(object, "op_mode_is",
                        b->mode_now_is ? b->mode_now_is : "");
    }
    json_set_string(object, "platform", b->setup->board->platform->name);
    for (size_t i = 0; i < b->known.len; i++)
        json_set(object, b->known.at[i].name,
                 json_value_copy(b->known.at[i].value));
    rc = json_print(object, false, out, err);
    json_value_destroy(object);
    return rc;
}

const char *lane_identity(const struct lane_board *b)
{
    const struct board_facts *f = &b->facts;

    if (f->device_tree[0])
        return f->device_tree;
    if (f->serial[0])
        return f->serial;
    if (f->label[0])
        return f->label;
    return f->machine_id[0] ? f->machine_id : f->hostname;
}
