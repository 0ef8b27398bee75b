/* driver.h - the other side of the door: what a transport driver provides
 *
 * For the files of this folder only.  A driver's own structs begin with
 * struct transport and struct proc, which transport.c fills.
 */
#ifndef WORKERS_TRANSPORT_DRIVER_H
#define WORKERS_TRANSPORT_DRIVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "workers/transport/transport.h"

/* How long a process whose status is known may still hold its output open
 * (by children that live on) before PROC_EXIT comes all the same. */
#define TRANSPORT_EXIT_GRACE_NS INT64_C(2000000000)

struct transport {
    const struct transport_driver *driver;
    struct proc *procs; /* all of them, by 'next'; who waited longest first */
    size_t n_procs;
    bool fd_was_last; /* the last event was PROC_FD: now processes first */
};

struct proc {
    struct transport *transport;
    struct proc *next;
    void *tag;
    int64_t group; /* 0: not known */
    bool over;     /* PROC_EXIT was delivered */
};

struct transport_driver {
    const char *name; /* as written in a board file */
    const char *help;
    /* Contracts as of transport.h's functions of these names.  transport.c
     * keeps the list of processes: open and start make, close and release
     * free; close finds the list empty. */
    int (*open)(const struct transport_target *target,
                struct transport **ret_transport, struct err *err);
    void (*close)(struct transport *transport);
    int (*start)(struct transport *transport, const char *command,
                 struct proc **ret_proc, struct err *err);
    /* 'only' NULL: of any process. */
    int (*wait)(struct transport *transport, struct proc *only,
                struct pollfd *extra, size_t n_extra, int64_t deadline_ns,
                struct proc_event *ret_event, struct err *err);
    int (*write)(struct proc *proc, const void *data, size_t len,
                 size_t *ret_written, struct err *err);
    int (*close_stdin)(struct proc *proc, struct err *err);
    int (*kill_group)(struct proc *proc, int signal, struct err *err);
    void (*release)(struct proc *proc); /* frees it; kill has been tried */
};

/* The time-out for poll() that ends at 'deadline_ns' (INT64_MAX: -1),
 * rounded up. */
int transport_poll_ms(int64_t deadline_ns);

/* The first of 'extra' with revents, as an event.  False if none has. */
bool transport_extra_event(const struct pollfd *extra, size_t n_extra,
                           struct proc_event *ret_event);

#endif
