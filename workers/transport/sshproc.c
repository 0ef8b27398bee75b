/* sshproc.c - a process behind one ssh channel */
#include "workers/transport/sshproc.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/vec.h"
#include "workers/transport/shell_wrap.h"

/* libssh counts in int; more at once gains nothing. */
#define WRITE_MAX ((size_t)1 << 20)

/* Take nothing now: libssh keeps the data, and the window shut in time. */
static int note_data(ssh_session session, ssh_channel channel, void *data,
                     uint32_t len, int is_stderr, void *user)
{
    struct sshproc *proc = user;

    (void)session;
    (void)channel;
    (void)data;
    (void)len;
    proc->has[is_stderr != 0] = true;
    return 0;
}

static void note_eof(ssh_session session, ssh_channel channel, void *user)
{
    (void)session;
    (void)channel;
    ((struct sshproc *)user)->eof = true;
}

static void note_close(ssh_session session, ssh_channel channel, void *user)
{
    (void)session;
    (void)channel;
    ((struct sshproc *)user)->closed = true;
}

static void note_end(struct sshproc *proc, int status, int signal)
{
    proc->status_known = true;
    proc->status = status;
    proc->signal = signal;
    proc->quiet_since_ns = clock_mono_ns();
}

static void note_status(ssh_session session, ssh_channel channel, int status,
                        void *user)
{
    (void)session;
    (void)channel;
    note_end(user, status & 255, 0);
}

/* RFC 4254 6.10 names signals without "SIG"; 0 for one we do not know. */
static int signal_number(const char *name)
{
    for (int i = 1; i < NSIG; i++) {
        const char *known = sigabbrev_np(i);
        if (known && !strcmp(known, name))
            return i;
    }
    return 0;
}

static void note_signal(ssh_session session, ssh_channel channel,
                        const char *signal, int core, const char *message,
                        const char *language, void *user)
{
    (void)session;
    (void)channel;
    (void)core;
    (void)message;
    (void)language;
    note_end(user, -1, signal_number(signal));
}

/* Ask, or look whether the answer has come. */
static void ask(struct sshproc *proc)
{
    int rc = ssh_channel_request_exec(proc->channel, proc->asked);

    if (rc == SSH_AGAIN)
        return;
    free(proc->asked);
    proc->asked = NULL;
    if (rc != SSH_OK) { /* the server will not run it, and says no more */
        proc->eof = proc->closed = true;
        if (!proc->status_known)
            note_end(proc, -1, 0);
    }
}

int sshproc_create(ssh_channel own_channel, const char *command, bool seeking,
                   struct sshproc **ret_proc, struct err *err)
{
    struct sshproc *proc = calloc(1, sizeof(*proc));

    if (proc)
        proc->asked = strdup(command);
    if (!proc || !proc->asked) {
        free(proc);
        return err_set(err, ERR_NOMEM, "no memory for a process");
    }
    proc->channel = own_channel;
    proc->seeking = seeking;
    proc->callbacks.userdata = proc;
    proc->callbacks.channel_data_function = note_data;
    proc->callbacks.channel_eof_function = note_eof;
    proc->callbacks.channel_close_function = note_close;
    proc->callbacks.channel_exit_status_function = note_status;
    proc->callbacks.channel_exit_signal_function = note_signal;
    ssh_callbacks_init(&proc->callbacks);
    if (ssh_set_channel_callbacks(own_channel, &proc->callbacks) != SSH_OK) {
        free(proc->asked);
        free(proc);
        return err_set(err, ERR_IO, "ssh channel without callbacks");
    }
    ask(proc);
    *ret_proc = proc;
    return 0;
}

void sshproc_destroy(struct sshproc *proc)
{
    if (!proc)
        return;
    ssh_remove_channel_callbacks(proc->channel, &proc->callbacks);
    ssh_channel_free(proc->channel);
    buf_free(&proc->head);
    free(proc->asked);
    free(proc);
}

/* Read a chunk of stream 0 or 1; 0 if libssh holds none. */
static size_t read_stream(struct sshproc *proc, int i, uint8_t *chunk)
{
    if (!proc->has[i])
        return 0;
    int got =
        ssh_channel_read_nonblocking(proc->channel, chunk, SSHPROC_CHUNK, i);
    if (got <= 0) {
        proc->has[i] = false;
        return 0;
    }
    proc->quiet_since_ns = clock_mono_ns();
    return (size_t)got;
}

/* Take the group's line, and the noise before it, out of the head. */
static void search_head(struct sshproc *proc)
{
    size_t from, to;

    if (shell_wrap_find_group(proc->head.data, proc->head.len,
                              &proc->base.group, &from, &to)) {
        proc->seeking = false;
        proc->head_at = to;
    } else if (proc->head.len > SHELL_WRAP_NOISE_MAX) {
        proc->seeking = false;
    }
}

void sshproc_seek_group(struct sshproc *proc, uint8_t *chunk)
{
    size_t got;

    while (proc->seeking && (got = read_stream(proc, 0, chunk))) {
        buf_put(&proc->head, chunk, got);
        search_head(proc);
    }
    /* the shell ended without a word of it: what it said is output */
    if (proc->seeking && !proc->has[0] && (proc->eof || proc->closed))
        proc->seeking = false;
}

static bool data_event(struct sshproc *proc, enum proc_event_kind kind,
                       const uint8_t *data, size_t len,
                       struct proc_event *ret_event)
{
    if (!len)
        return false;
    *ret_event = (struct proc_event){
        .kind = kind, .proc = &proc->base, .data = data, .len = len
    };
    return true;
}

static bool stdout_event(struct sshproc *proc, uint8_t *chunk,
                         struct proc_event *ret_event)
{
    sshproc_seek_group(proc, chunk);
    if (proc->seeking)
        return false;
    if (proc->head_at < proc->head.len) {
        size_t len = proc->head.len - proc->head_at;
        if (len > SSHPROC_CHUNK)
            len = SSHPROC_CHUNK;
        memcpy(chunk, proc->head.data + proc->head_at, len);
        proc->head_at += len;
        return data_event(proc, PROC_STDOUT, chunk, len, ret_event);
    }
    if (proc->head.cap)
        buf_free(&proc->head);
    proc->head_at = 0;
    return data_event(proc, PROC_STDOUT, chunk, read_stream(proc, 0, chunk),
                      ret_event);
}

static bool exit_is_due(const struct sshproc *proc)
{
    if (proc->closed || (proc->status_known && proc->eof))
        return true;
    return proc->status_known &&
           clock_mono_ns() >= proc->quiet_since_ns + TRANSPORT_EXIT_GRACE_NS;
}

static bool has_room(const struct sshproc *proc)
{
    return proc->closed || ssh_channel_window_size(proc->channel) > 0;
}

bool sshproc_event(struct sshproc *proc, uint8_t *chunk,
                   struct proc_event *ret_event)
{
    if (proc->base.over)
        return false;
    if (proc->asked)
        ask(proc);
    if (stdout_event(proc, chunk, ret_event) ||
        data_event(proc, PROC_STDERR, chunk, read_stream(proc, 1, chunk),
                   ret_event))
        return true;
    if (proc->wanted && has_room(proc)) {
        proc->wanted = false;
        *ret_event =
            (struct proc_event){ .kind = PROC_WRITABLE, .proc = &proc->base };
        return true;
    }
    if (!exit_is_due(proc))
        return false;
    *ret_event = (struct proc_event){
        .kind = PROC_EXIT,
        .proc = &proc->base,
        .exit_status = proc->status_known ? proc->status : -1,
        .signal = proc->signal,
    };
    return true;
}

int64_t sshproc_look_ns(const struct sshproc *proc)
{
    if (!proc->status_known || proc->base.over)
        return INT64_MAX;
    return proc->quiet_since_ns + TRANSPORT_EXIT_GRACE_NS;
}

int sshproc_write(struct sshproc *proc, const void *data, size_t len,
                  size_t *ret_written)
{
    size_t window = ssh_channel_window_size(proc->channel);
    size_t part = len < window ? len : window;

    if (proc->closed || proc->status_known) {
        *ret_written = len; /* nobody reads it any more */
        return 0;
    }
    if (part > WRITE_MAX)
        part = WRITE_MAX;
    *ret_written = 0;
    if (part) {
        int put = ssh_channel_write(proc->channel, data, (uint32_t)part);
        if (put < 0)
            return ERR_IO;
        *ret_written = (size_t)put;
    }
    proc->wanted = *ret_written < len;
    return 0;
}

void sshproc_close_stdin(struct sshproc *proc)
{
    proc->wanted = false;
    if (!proc->closed)
        ssh_channel_send_eof(proc->channel);
}
