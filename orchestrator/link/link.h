/* link.h - the door between coordinator and workers: frames to peers
 *
 * A link is used by one thread, except for link_wake().  The coordinator's
 * peers are workers 0 .. link_peers()-1; a worker has one peer, 0, the
 * coordinator.  Drivers: MPI (ranks), loop (two threads of one process).
 */
#ifndef ORCHESTRATOR_LINK_LINK_H
#define ORCHESTRATOR_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

struct link;

struct link_driver {
    const char *name, *help;
    int (*send)(struct link *link, uint32_t peer, const void *data, size_t len,
                struct err *err);
    int (*receive)(struct link *link, int64_t timeout_ns, uint32_t *ret_peer,
                   struct buf *frame, struct err *err);
    int (*flush)(struct link *link, struct err *err); /* NULL: no need */
    void (*wake)(struct link *link);
    void (*close)(struct link *link);
};

/* What every driver's own struct begins with. */
struct link {
    const struct link_driver *driver;
    uint32_t peers;
    bool dismissed; /* the peers were told that it is over */
    bool lost;      /* a rank is gone: no orderly end of MPI */
};

/* Queue a frame; the bytes are copied or gone on return, which does not
 * wait for the peer.  It leaves with others by link_flush() at the latest.
 * Returns 0, ERR_IO, ERR_NOMEM. */
int link_send(struct link *link, uint32_t peer, const void *data, size_t len,
              struct err *err);

/* Let go what is queued; does not wait for the peers.  Receiving and closing
 * do it first.  Returns 0, ERR_IO, ERR_NOMEM. */
int link_flush(struct link *link, struct err *err);

/* Wait at most 'timeout_ns' for a frame, asleep, and put it into 'frame'
 * (cleared first).  Returns 0 and sets ret_peer; ERR_TIMEOUT if none came
 * or link_wake() was called; ERR_IO if the other side is gone. */
int link_receive(struct link *link, int64_t timeout_ns, uint32_t *ret_peer,
                 struct buf *frame, struct err *err);

/* Make a link_receive() that sleeps, or the next one, return.  From any
 * thread. */
void link_wake(struct link *link);

/* How many are at the other ends, this one not counted. */
uint32_t link_peers(const struct link *link);

/* Send what is queued and free; NULL is fine. */
void link_close(struct link *link);

/* Both ends of a loop: coordinator's and the one worker's.
 * Returns 0, ERR_NOMEM. */
int link_loop_open(struct link **ret_coordinator, struct link **ret_worker,
                   struct err *err);

/* This rank's end over MPI_COMM_WORLD, which is initialised: rank 0 is the
 * coordinator, rank i + 1 worker i.  Returns 0, ERR_USAGE (one rank only),
 * ERR_NOMEM. */
int link_mpi_open(struct link **ret_link, struct err *err);

#endif
