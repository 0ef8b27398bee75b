/* transport.h - the door to a board: processes on a connection
 *
 * One thread owns a connection and runs several processes on it at once (the
 * command, a power sampler, a served runner, a clock probe); it waits for all
 * of them together.  A command is a line for a POSIX shell, run in a process
 * group of its own.  Behind the door is a driver: ssh, local or script
 * (transports.def); docs/transport.md tells how each of them does it.
 *
 * A transport and its processes belong to one thread; different transports
 * may be used by different threads at once.
 */
#ifndef WORKERS_TRANSPORT_TRANSPORT_H
#define WORKERS_TRANSPORT_TRANSPORT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* Where to, and as whom.  Text that is NULL or "", and a port or time that
 * is 0, mean the user's own ssh settings (`ssh -G HOST`). */
struct transport_target {
    const char *host; /* name, alias of the ssh settings, or address */
    int port;
    const char *user;
    const char *key;          /* private key file; then no other is offered */
    const char *known_hosts;  /* then no other file is asked */
    const char *jump;         /* [USER@]HOST[:PORT], several with commas */
    double connect_timeout_s; /* 10 if nobody says another */
    const char *script;       /* script transport: the file of canned replies */
};

struct transport; /* an open connection */
struct proc;      /* a process on it */

/* The most processes that one transport runs at a time (OpenSSH allows ten
 * channels a connection; one is kept for killing). */
#define TRANSPORT_PROCS_MAX 9

enum proc_event_kind {
    PROC_STDOUT,   /* data, len */
    PROC_STDERR,   /* data, len */
    PROC_WRITABLE, /* after a short proc_write(): there is room again */
    PROC_EXIT,     /* exit_status, signal; the last event of a process */
    PROC_FD,       /* extra[fd_index] is ready, its revents are set */
};

struct proc_event {
    enum proc_event_kind kind;
    struct proc *proc; /* NULL for PROC_FD */
    void *tag;         /* as given to transport_start() */
    const uint8_t *data;
    size_t len; /* of data; borrowed until the next call on the transport */
    int exit_status; /* 0 to 255; -1 if a signal ended it, or nobody knows */
    int signal; /* that signal by this machine's number; 0: none, unknown */
    size_t fd_index;
};

/* The name of the i-th driver ("ssh", "local", "script"), NULL past the end,
 * and one line of help about it. */
const char *transport_driver_name(size_t i);
const char *transport_driver_help(size_t i);

/* Open a connection.  Blocks until it stands and can start processes, at
 * most the connect time.
 *
 * ssh: host keys are strict; a connection reset before the greeting (sshd's
 * MaxStartups) is tried again, staggered, within the connect time.
 * Returns 0 and a transport for transport_close(); ERR_REFUSED (host key
 * unknown, changed or revoked; no key of ours was accepted: never worth a
 * retry), ERR_TIMEOUT, ERR_IO (no route, refused by the machine, link lost),
 * ERR_USAGE (no such driver, settings that make no sense), ERR_FORMAT (the
 * script file), ERR_NOMEM.
 */
int transport_open(const char *driver, const struct transport_target *target,
                   struct transport **ret_transport, struct err *err);

/* Kill what still runs, release its processes, close.  Blocks for a few
 * seconds at most.  NULL is fine. */
void transport_close(struct transport *transport);

/* Start 'command' (a POSIX shell's line or script) in a process group of its
 * own.  Blocks for one round trip, at most some seconds.
 *
 * Nothing of the environment is added; the working folder is the login's
 * (local: ours).  'tag' comes back in the events.  Returns 0 and a process
 * for proc_release(); ERR_IO (link dead), ERR_TIMEOUT (no answer:
 * from then on the link counts as dead), ERR_REFUSED (too many processes, or the board allows no more), ERR_NOMEM.
 * A missing program is no error here: the process exits with 127.
 */
int transport_start(struct transport *transport, const char *command, void *tag,
                    struct proc **ret_proc, struct err *err);

/* Wait for the next event of any process or of 'extra' (its revents are
 * set), until 'deadline_ns' (CLOCK_MONOTONIC; a past one only looks,
 * INT64_MAX never comes).  Descriptors in 'extra' are level-triggered:
 * PROC_FD comes again until they are drained; processes are served in turn.
 *
 * Data of a process keep their order within stdout and within stderr.
 * PROC_EXIT follows all its data: it comes when the status is known and both
 * streams have ended, or two silent seconds after the status if children
 * that live on hold them open.
 * Returns 0; ERR_TIMEOUT at the deadline; ERR_IO if the link is dead: then
 * no process will say anything more, and only release and close are left.
 */
int transport_wait(struct transport *transport, struct pollfd *extra,
                   size_t n_extra, int64_t deadline_ns,
                   struct proc_event *ret_event, struct err *err);

/* The same, for the events of 'proc' (and 'extra') only; those of other
 * processes wait, and their senders are held back, until they are asked. */
int transport_wait_for(struct transport *transport, struct proc *proc,
                       struct pollfd *extra, size_t n_extra,
                       int64_t deadline_ns, struct proc_event *ret_event,
                       struct err *err);

/* Write to the process's standard input as much as there is room for, at
 * once.  Sets ret_written (0 to len); after a short count PROC_WRITABLE
 * comes when there is room again.  To a process that no longer reads, bytes
 * are dropped.  Returns 0 or ERR_IO (link dead). */
int proc_write(struct proc *proc, const void *data, size_t len,
               size_t *ret_written, struct err *err);

/* End the process's standard input.  Returns 0 or ERR_IO (link dead). */
int proc_close_stdin(struct proc *proc, struct err *err);

/* Send 'signal' (SIGTERM, SIGKILL, ...) to the process group, also when its
 * leader has exited (children that live on).  ssh: by a command over a
 * second channel, or a second connection if the board allows no second
 * channel; blocks for that round trip, at most five seconds.
 *
 * Returns 0 (sent), ERR_NOT_FOUND (no such group any more), ERR_IO,
 * ERR_TIMEOUT.  PROC_EXIT follows by transport_wait().
 */
int proc_kill_group(struct proc *proc, int signal, struct err *err);

/* The process group's number on the board, to be written into a lease; 0 if
 * it is not known (yet: it comes with the first output or event). */
int64_t proc_group(const struct proc *proc);

/* Forget a process; kills its group (SIGKILL) first unless PROC_EXIT was
 * delivered.  NULL is fine. */
void proc_release(struct proc *proc);

#endif
