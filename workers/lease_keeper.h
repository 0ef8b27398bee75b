/* lease_keeper.h - the process that holds a lease, and the talk with it
 *
 * lease_keeper.sh, started over a connection and kept: a line out, an answer
 * back, one round trip.  Where a board allows one process at a time, each
 * request starts it anew.
 */
#ifndef WORKERS_LEASE_KEEPER_H
#define WORKERS_LEASE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "workers/transport/transport.h"

/* What a keeper says of itself; borrowed for the call. */
struct lease_words {
    const char *dir, *token, *name, *campaign, *owner, *host, *reason;
    const char *names; /* leased together, blanks between; the board first */
};

struct lease_keeper {
    struct transport *transport; /* borrowed; NULL: no keeper */
    struct proc *proc;           /* NULL: one command at a time */
    char *command;               /* owned */
    struct buf said;             /* not yet a whole answer */
    size_t pending;              /* requests whose answers nobody awaits */
    bool ended;
};

/* Start a keeper; 'tag' comes back in its events, which the caller hands to
 * lease_keeper_hear().  Blocks for a round trip.  Returns 0; ERR_IO,
 * ERR_TIMEOUT (the link); ERR_NOMEM. */
int lease_keeper_open(struct lease_keeper *keeper, struct transport *transport,
                      void *tag, const struct lease_words *words,
                      struct err *err);

/* Let go of the process (the lease, unless released, runs out by itself). */
void lease_keeper_close(struct lease_keeper *keeper);

/* Append the shell command that a keeper is. */
void lease_keeper_command(const struct lease_words *words, struct buf *out);

/* An event of the keeper's process. */
void lease_keeper_hear(struct lease_keeper *keeper,
                       const struct proc_event *event);

/* Send a request without waiting; its answer comes by lease_keeper_answer(),
 * unless the request is one without.  Returns 0, ERR_IO, ERR_NOMEM. */
int lease_keeper_send(struct lease_keeper *keeper, const char *request,
                      bool answered, struct err *err);

/* The next whole answer to lease_keeper_send() is moved to 'out'; false if
 * none has come. */
bool lease_keeper_answer(struct lease_keeper *keeper, struct buf *out);

/* Send a request and wait for its answer, at most 'limit_s'.  Returns 0 and
 * the answer in 'out', without its last line; ERR_IO, ERR_TIMEOUT,
 * ERR_NOMEM. */
int lease_keeper_ask(struct lease_keeper *keeper, const char *request,
                     double limit_s, struct buf *out, struct err *err);

/* The first word of the last line of an answer. */
const char *lease_answer_word(struct buf *answer, char word[16]);

#endif
