/* ssh.c - the ssh driver: processes on one connection, by libssh
 *
 * A process is a channel.  While one runs, the channel of the next is being
 * opened, so that a command costs one round trip instead of two.
 */
#include <libssh/libssh.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/vec.h"
#include "workers/transport/driver.h"
#include "workers/transport/shell_wrap.h"
#include "workers/transport/sshlink.h"
#include "workers/transport/sshproc.h"

#define START_LIMIT_NS MS_TO_NS(10000)
#define KILL_LIMIT_NS  MS_TO_NS(5000)
#define GROUP_LIMIT_NS MS_TO_NS(1000) /* for a process to say its group */

/* sshd counts a channel until it has read our close: for this long after
 * one, a refusal is asked again. */
#define CLOSING_NS       MS_TO_NS(1000)
#define CLOSING_PAUSE_NS MS_TO_NS(5)

struct ssh {
    struct transport base;
    struct sshlink *link;
    struct transport_target target; /* owned copies: for a second connection */
    struct shell_traits shell;
    ssh_channel spare; /* opened or being opened for the next process */
    bool no_spare;     /* the board allows too few channels for that */
    int64_t freed_ns;  /* when a channel was last closed */
    bool dead;         /* link lost, or so silent that it is as good as */
    struct err why;    /* then */
    VEC(struct pollfd) polls;
    uint8_t chunk[SSHPROC_CHUNK];
};

static struct ssh *ssh_of(struct transport *transport)
{
    return (struct ssh *)transport;
}

static struct sshproc *sshproc_of(struct proc *proc)
{
    return (struct sshproc *)proc;
}

static int is_dead(struct ssh *ssh, struct err *err)
{
    if (!ssh->dead && sshlink_check(ssh->link, &ssh->why))
        ssh->dead = true;
    if (!ssh->dead)
        return 0;
    return err_set(err, ERR_IO, "%s", ssh->why.text);
}

/* A board that does not answer in time is as good as lost: what was asked
 * may still happen, but nobody would hear of it. */
static void give_up(struct ssh *ssh)
{
    ssh->dead = true;
    err_set(&ssh->why, ERR_IO, "%s: link lost: it no longer answers",
            ssh->link->name);
}

/* --- channels ----------------------------------------------------------- */

/* Drive the opening of a channel to its end.  Sets ret_denied. */
static int open_channel(struct ssh *ssh, ssh_channel channel,
                        int64_t deadline_ns, bool *ret_denied, struct err *err)
{
    for (;;) {
        int got = ssh_channel_open_session(channel);
        if (got == SSH_OK)
            return 0;
        int rc = got == SSH_AGAIN ? sshlink_settle(ssh->link, deadline_ns, err)
                                  : is_dead(ssh, err);
        if (rc)
            return rc;
        if (got != SSH_AGAIN) {
            *ret_denied = true;
            return err_set(err, ERR_REFUSED,
                           "%s: the board opens no more channels: %s",
                           ssh->link->name, ssh_get_error(ssh->link->session));
        }
    }
}

/* An open channel: the spare one, or a new one. */
static int take_channel(struct ssh *ssh, int64_t deadline_ns,
                        ssh_channel *ret_channel, struct err *err)
{
    int64_t closing_until_ns = ssh->freed_ns + CLOSING_NS;

    for (;;) {
        bool was_spare = ssh->spare != NULL, denied = false;
        ssh_channel channel = ssh->spare;
        ssh->spare = NULL;
        if (!channel)
            channel = ssh_channel_new(ssh->link->session);
        if (!channel)
            return err_set(err, ERR_NOMEM, "no memory for a channel");
        int rc = open_channel(ssh, channel, deadline_ns, &denied, err);
        if (!rc) {
            *ret_channel = channel;
            return 0;
        }
        ssh_channel_free(channel);
        if (!denied)
            return rc;
        if (was_spare)
            ssh->no_spare = true;
        else if (!ssh->freed_ns || clock_mono_ns() > closing_until_ns)
            return rc;
        else
            poll(NULL, 0, (int)(CLOSING_PAUSE_NS / 1000000));
    }
}

/* Begin to open the channel of the next process. */
static void prepare_spare(struct ssh *ssh)
{
    if (ssh->spare || ssh->no_spare)
        return;
    ssh->spare = ssh_channel_new(ssh->link->session);
    if (ssh->spare)
        ssh_channel_open_session(ssh->spare);
}

static void give_up_spare(struct ssh *ssh)
{
    if (ssh->spare)
        ssh_channel_free(ssh->spare);
    ssh->spare = NULL;
}

/* --- small commands of our own ------------------------------------------ */

/* Run 'command' beside everything else and collect what it says.  Sets
 * ret_status (-1: unknown). */
static int run_aside(struct ssh *ssh, const char *command, int64_t deadline_ns,
                     struct buf *said, int *ret_status, struct err *err)
{
    struct sshproc *proc = NULL;
    ssh_channel channel = NULL;
    bool over = false;

    int rc = take_channel(ssh, deadline_ns, &channel, err);
    if (rc)
        return rc;
    rc = sshproc_create(channel, command, false, &proc, err);
    if (rc) {
        ssh_channel_free(channel);
        return rc;
    }
    while (!rc && !over) {
        struct proc_event event;
        if (!sshproc_event(proc, ssh->chunk, &event)) {
            rc = sshlink_settle(ssh->link, deadline_ns, err);
        } else if (event.kind == PROC_EXIT) {
            *ret_status = event.exit_status;
            over = true;
        } else if (event.len && said->len < SHELL_WRAP_NOISE_MAX) {
            buf_put(said, event.data, event.len);
        }
    }
    sshproc_destroy(proc);
    ssh->freed_ns = clock_mono_ns();
    return rc;
}

static int send_kill(struct ssh *ssh, int64_t group, bool leads, int signal,
                     struct err *err)
{
    int64_t deadline_ns = clock_mono_ns() + KILL_LIMIT_NS;
    struct buf command = { 0 }, plain = { 0 }, said = { 0 };
    int status = -1;

    buf_printf(&plain, "kill -%s %s%lld", sigabbrev_np(signal),
               leads ? "-" : "", (long long)group);
    shell_wrap_plain(&ssh->shell, buf_text(&plain), &command);
    int rc =
        run_aside(ssh, buf_text(&command), deadline_ns, &said, &status, err);
    if (!rc && status) {
        bool gone = strstr(buf_text(&said), "o such process") != NULL;
        rc = err_set(err, gone ? ERR_NOT_FOUND : ERR_IO,
                     "%s: cannot signal process group %lld: %.200s",
                     ssh->link->name, (long long)group, buf_text(&said));
    }
    buf_free(&plain);
    buf_free(&command);
    buf_free(&said);
    return rc;
}

/* --- the driver --------------------------------------------------------- */

static void free_target(struct transport_target *target)
{
    free((char *)target->host);
    free((char *)target->user);
    free((char *)target->key);
    free((char *)target->known_hosts);
    free((char *)target->jump);
}

static bool copy_text(const char *from, const char **to)
{
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

static bool copy_target(const struct transport_target *from,
                        struct transport_target *to)
{
    *to = (struct transport_target){ .port = from->port,
                                     .connect_timeout_s =
                                         from->connect_timeout_s };
    return copy_text(from->host, &to->host) &&
           copy_text(from->user, &to->user) && copy_text(from->key, &to->key) &&
           copy_text(from->known_hosts, &to->known_hosts) &&
           copy_text(from->jump, &to->jump);
}

static void ssh_close(struct transport *transport)
{
    struct ssh *ssh = ssh_of(transport);

    give_up_spare(ssh);
    sshlink_close(ssh->link);
    free_target(&ssh->target);
    VEC_FREE(&ssh->polls);
    free(ssh);
}

/* Learn what the login shell is like.  This first command also makes sshd
 * turn Nagle's delay off. */
static int probe_shell(struct ssh *ssh, struct err *err)
{
    int64_t deadline_ns = clock_mono_ns() + START_LIMIT_NS;
    struct buf said = { 0 };
    int status = -1;

    int rc =
        run_aside(ssh, shell_wrap_probe(), deadline_ns, &said, &status, err);
    if (!rc)
        ssh->shell = shell_wrap_traits(said.data, said.len);
    buf_free(&said);
    return rc;
}

static int ssh_open(const struct transport_target *target,
                    struct transport **ret_transport, struct err *err)
{
    struct ssh *ssh = calloc(1, sizeof(*ssh));
    int rc = 0;

    if (!ssh || !copy_target(target, &ssh->target))
        rc = err_set(err, ERR_NOMEM, "no memory for a transport");
    if (!rc)
        rc = sshlink_open(target, false, 0, INT64_MAX, &ssh->link, err);
    if (!rc)
        rc = probe_shell(ssh, err);
    if (!rc) {
        prepare_spare(ssh);
        *ret_transport = &ssh->base;
    } else if (ssh) {
        ssh_close(&ssh->base);
    }
    return rc;
}

/* Sleep until the link, 'extra' or a process's grace wants to be seen. */
static int sleep_on(struct ssh *ssh, struct proc *only, struct pollfd *extra,
                    size_t n_extra, int64_t deadline_ns, struct err *err)
{
    struct pollfd own = { .fd = ssh->link->fd,
                          .events = sshlink_poll_events(ssh->link) };
    int64_t until_ns = deadline_ns, look_ns = INT64_MAX;
    bool fits;

    if (!ssh->dead && sshlink_keep_alive(ssh->link, &look_ns, &ssh->why))
        ssh->dead = true;
    if (look_ns < until_ns)
        until_ns = look_ns;

    ssh->polls.len = 0;
    fits = VEC_PUSH(&ssh->polls, own);
    for (size_t i = 0; fits && i < n_extra; i++)
        fits = VEC_PUSH(&ssh->polls, extra[i]);
    if (!fits)
        return err_set(err, ERR_NOMEM, "no memory to wait");
    for (struct proc *p = only ? only : ssh->base.procs; p;
         p = only ? NULL : p->next) {
        look_ns = sshproc_look_ns(sshproc_of(p));
        if (look_ns < until_ns)
            until_ns = look_ns;
    }
    if (ssh->dead) /* told after what came before */
        until_ns = 0;
    poll(ssh->polls.at, ssh->polls.len, transport_poll_ms(until_ns));
    for (size_t i = 0; i < n_extra; i++)
        extra[i].revents = ssh->polls.at[i + 1].revents;
    if (ssh->polls.at[0].revents & POLLIN)
        ssh->link->heard_ns = clock_mono_ns();
    if (ssh->polls.at[0].revents && sshlink_pump(ssh->link, &ssh->why))
        ssh->dead = true;
    return 0;
}

static int ssh_start(struct transport *transport, const char *command,
                     struct proc **ret_proc, struct err *err)
{
    struct ssh *ssh = ssh_of(transport);
    struct buf wrapped = { 0 };
    struct sshproc *proc = NULL;
    ssh_channel channel = NULL;

    /* a link that died meanwhile is better known before the command goes
     * out than after, when nobody knows whether it ran */
    int rc = sleep_on(ssh, NULL, NULL, 0, 0, err);
    if (!rc)
        rc = is_dead(ssh, err);
    if (rc)
        return rc;
    shell_wrap_command(&ssh->shell, command, &wrapped);
    if (buf_failed(&wrapped))
        rc = err_set(err, ERR_NOMEM, "no memory for a command");
    if (!rc)
        rc = take_channel(ssh, clock_mono_ns() + START_LIMIT_NS, &channel, err);
    if (!rc) {
        rc = sshproc_create(channel, buf_text(&wrapped), true, &proc, err);
        if (rc)
            ssh_channel_free(channel);
    }
    if (!rc) {
        prepare_spare(ssh);
        *ret_proc = &proc->base;
    } else if (rc == ERR_TIMEOUT) {
        give_up(ssh);
    }
    buf_free(&wrapped);
    return rc;
}

static int ssh_wait(struct transport *transport, struct proc *only,
                    struct pollfd *extra, size_t n_extra, int64_t deadline_ns,
                    struct proc_event *ret_event, struct err *err)
{
    struct ssh *ssh = ssh_of(transport);
    bool fd_first = !transport->fd_was_last, last_look = false;

    /* an 'extra' that is always ready must not keep the link from being
     * looked at */
    int rc = n_extra ? sleep_on(ssh, only, extra, n_extra, 0, err) : 0;
    if (rc)
        return rc;
    for (;;) {
        if (fd_first && transport_extra_event(extra, n_extra, ret_event))
            return 0;
        for (struct proc *p = only ? only : transport->procs; p;
             p = only ? NULL : p->next)
            if (sshproc_event(sshproc_of(p), ssh->chunk, ret_event))
                return 0;
        if (transport_extra_event(extra, n_extra, ret_event))
            return 0;
        rc = is_dead(ssh, err);
        if (rc)
            return rc;
        if (last_look)
            return err_set(err, ERR_TIMEOUT, "nothing happened in time");
        rc = sleep_on(ssh, only, extra, n_extra, deadline_ns, err);
        if (rc)
            return rc;
        last_look = clock_mono_ns() >= deadline_ns;
    }
}

static int ssh_write(struct proc *proc, const void *data, size_t len,
                     size_t *ret_written, struct err *err)
{
    struct ssh *ssh = ssh_of(proc->transport);

    int rc = is_dead(ssh, err);
    if (rc)
        return rc;
    rc = sshproc_write(sshproc_of(proc), data, len, ret_written);
    if (!rc)
        return 0;
    rc = is_dead(ssh, err);
    if (rc)
        return rc;
    *ret_written = len; /* its channel is gone: nobody reads it */
    return 0;
}

static int ssh_close_stdin(struct proc *proc, struct err *err)
{
    int rc = is_dead(ssh_of(proc->transport), err);

    if (!rc)
        sshproc_close_stdin(sshproc_of(proc));
    return rc;
}

/* Wait for the process to have said its group. */
static int await_group(struct ssh *ssh, struct sshproc *proc, struct err *err)
{
    int64_t deadline_ns = clock_mono_ns() + GROUP_LIMIT_NS;
    int rc = 0;

    for (;;) {
        sshproc_seek_group(proc, ssh->chunk);
        if (!proc->seeking || rc)
            break;
        rc = sshlink_settle(ssh->link, deadline_ns, err);
    }
    if (proc->base.group)
        return 0;
    /* the one thing left, where sshd allows it */
    ssh_channel_request_send_signal(proc->channel, "TERM");
    return err_set(err, ERR_NOT_FOUND, "%s: its process group is not known",
                   ssh->link->name);
}

static int ssh_kill_group(struct proc *base, int signal, struct err *err)
{
    struct ssh *ssh = ssh_of(base->transport);
    struct sshproc *proc = sshproc_of(base);
    struct transport *second = NULL;

    int rc = is_dead(ssh, err);
    if (!rc)
        rc = await_group(ssh, proc, err);
    if (rc)
        return rc;
    bool leads = ssh->shell.leads || ssh->shell.setsid || !ssh->shell.posix;
    rc = send_kill(ssh, base->group, leads, signal, err);
    if (rc == ERR_REFUSED) { /* no second channel: a second connection */
        rc = ssh_open(&ssh->target, &second, err);
        if (!rc)
            rc = send_kill(ssh_of(second), base->group, leads, signal, err);
        if (second)
            ssh_close(second);
    } else if (rc == ERR_TIMEOUT) {
        give_up(ssh);
    }
    return rc;
}

static void ssh_release(struct proc *proc)
{
    struct ssh *ssh = ssh_of(proc->transport);

    sshproc_destroy(sshproc_of(proc));
    ssh->freed_ns = clock_mono_ns();
}

const struct transport_driver transport_ssh = {
    .name = "ssh",
    .help = "OpenSSH boards, by libssh; the user's ssh settings hold",
    .open = ssh_open,
    .close = ssh_close,
    .start = ssh_start,
    .wait = ssh_wait,
    .write = ssh_write,
    .close_stdin = ssh_close_stdin,
    .kill_group = ssh_kill_group,
    .release = ssh_release,
};
