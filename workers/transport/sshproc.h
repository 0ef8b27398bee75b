/* sshproc.h - a process behind one ssh channel
 *
 * For the ssh*.c files only.  Knows nothing of waiting: libssh's callbacks
 * note what happened, sshproc_event() hands it out.
 */
#ifndef WORKERS_TRANSPORT_SSHPROC_H
#define WORKERS_TRANSPORT_SSHPROC_H

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "workers/transport/driver.h"

#define SSHPROC_CHUNK 65536

struct sshproc {
    struct proc base;
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    char *asked;       /* the exec request, until it is answered */
    bool has[2];       /* stdout, stderr: libssh holds data */
    bool eof, closed;  /* the other side said so */
    bool status_known; /* status and signal */
    int status, signal;
    bool seeking;    /* the group's line has not been found yet */
    struct buf head; /* stdout kept while seeking, then to be handed out */
    size_t head_at;
    bool wanted; /* PROC_WRITABLE is owed */
    int64_t quiet_since_ns;
};

/* Take an open channel over and ask for 'command', which begins by saying
 * its group if 'seeking'.  Does not wait for the answer.  Returns 0 and a
 * process for sshproc_destroy(), or ERR_NOMEM, ERR_IO (the channel is then
 * the caller's still). */
int sshproc_create(ssh_channel own_channel, const char *command, bool seeking,
                   struct sshproc **ret_proc, struct err *err);

/* Close the channel and free; what runs lives on.  NULL is fine. */
void sshproc_destroy(struct sshproc *proc);

/* Hand out the next thing that has happened, data in 'chunk' (of
 * SSHPROC_CHUNK bytes).  False if nothing has. */
bool sshproc_event(struct sshproc *proc, uint8_t *chunk,
                   struct proc_event *ret_event);

/* Read on until the group is found, as far as data are there. */
void sshproc_seek_group(struct sshproc *proc, uint8_t *chunk);

/* When sshproc_event() must be asked again though nothing arrives;
 * INT64_MAX for never. */
int64_t sshproc_look_ns(const struct sshproc *proc);

/* Write without blocking as much as the window allows; see proc_write(). */
int sshproc_write(struct sshproc *proc, const void *data, size_t len,
                  size_t *ret_written);

/* End its standard input. */
void sshproc_close_stdin(struct sshproc *proc);

#endif
