/* transport.c - the door: finds the driver, keeps the list of processes */
#include "workers/transport/transport.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#include "core/clock.h"
#include "core/vec.h"
#include "workers/transport/driver.h"

#define TRANSPORT(name) extern const struct transport_driver transport_##name;
#include "workers/transport/transports.def"
#undef TRANSPORT

static const struct transport_driver *const drivers[] = {
#define TRANSPORT(name) &transport_##name,
#include "workers/transport/transports.def"
#undef TRANSPORT
};

const char *transport_driver_name(size_t i)
{
    return i < ARRAY_LEN(drivers) ? drivers[i]->name : NULL;
}

const char *transport_driver_help(size_t i)
{
    return i < ARRAY_LEN(drivers) ? drivers[i]->help : NULL;
}

int transport_open(const char *driver, const struct transport_target *target,
                   struct transport **ret_transport, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
        if (strcmp(driver, drivers[i]->name))
            continue;
        struct transport *transport = NULL;
        int rc = drivers[i]->open(target, &transport, err);
        if (rc)
            return rc;
        transport->driver = drivers[i];
        *ret_transport = transport;
        return 0;
    }
    return err_set(err, ERR_USAGE, "no transport is called '%s'", driver);
}

void transport_close(struct transport *transport)
{
    if (!transport)
        return;
    while (transport->procs)
        proc_release(transport->procs);
    transport->driver->close(transport);
}

static void list_remove(struct transport *transport, struct proc *proc)
{
    for (struct proc **at = &transport->procs; *at; at = &(*at)->next)
        if (*at == proc) {
            *at = proc->next;
            break;
        }
    proc->next = NULL;
}

static void list_append(struct transport *transport, struct proc *proc)
{
    struct proc **at = &transport->procs;

    while (*at)
        at = &(*at)->next;
    *at = proc;
    proc->next = NULL;
}

int transport_start(struct transport *transport, const char *command, void *tag,
                    struct proc **ret_proc, struct err *err)
{
    struct proc *proc = NULL;

    if (transport->n_procs >= TRANSPORT_PROCS_MAX)
        return err_set(err, ERR_REFUSED,
                       "%d processes run on this connection already, which "
                       "is the most",
                       TRANSPORT_PROCS_MAX);
    int rc = transport->driver->start(transport, command, &proc, err);
    if (rc)
        return rc;
    proc->transport = transport;
    proc->tag = tag;
    list_append(transport, proc);
    transport->n_procs++;
    *ret_proc = proc;
    return 0;
}

int transport_wait(struct transport *transport, struct pollfd *extra,
                   size_t n_extra, int64_t deadline_ns,
                   struct proc_event *ret_event, struct err *err)
{
    return transport_wait_for(transport, NULL, extra, n_extra, deadline_ns,
                              ret_event, err);
}

int transport_wait_for(struct transport *transport, struct proc *proc,
                       struct pollfd *extra, size_t n_extra,
                       int64_t deadline_ns, struct proc_event *ret_event,
                       struct err *err)
{
    struct proc_event event = { 0 };
    int rc = transport->driver->wait(transport, proc, extra, n_extra,
                                     deadline_ns, &event, err);

    if (rc)
        return rc;
    transport->fd_was_last = event.kind == PROC_FD;
    if (event.proc) { /* to the end: all are served in turn */
        event.tag = event.proc->tag;
        list_remove(transport, event.proc);
        list_append(transport, event.proc);
    }
    if (event.kind == PROC_EXIT)
        event.proc->over = true;
    *ret_event = event;
    return 0;
}

int proc_write(struct proc *proc, const void *data, size_t len,
               size_t *ret_written, struct err *err)
{
    return proc->transport->driver->write(proc, data, len, ret_written, err);
}

int proc_close_stdin(struct proc *proc, struct err *err)
{
    return proc->transport->driver->close_stdin(proc, err);
}

int proc_kill_group(struct proc *proc, int signal, struct err *err)
{
    return proc->transport->driver->kill_group(proc, signal, err);
}

int64_t proc_group(const struct proc *proc)
{
    return proc->group;
}

void proc_release(struct proc *proc)
{
    if (!proc)
        return;
    struct transport *transport = proc->transport;
    if (!proc->over)
        proc_kill_group(proc, SIGKILL, NULL);
    list_remove(transport, proc);
    transport->n_procs--;
    transport->driver->release(proc);
}

int transport_poll_ms(int64_t deadline_ns)
{
    if (deadline_ns == INT64_MAX)
        return -1;
    int64_t left = deadline_ns - clock_mono_ns();
    if (left <= 0)
        return 0;
    int64_t ms = (left + 999999) / 1000000;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

bool transport_extra_event(const struct pollfd *extra, size_t n_extra,
                           struct proc_event *ret_event)
{
    for (size_t i = 0; i < n_extra; i++)
        if (extra[i].revents) {
            *ret_event = (struct proc_event){ .kind = PROC_FD, .fd_index = i };
            return true;
        }
    return false;
}
