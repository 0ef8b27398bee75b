/* coordinator_state.h - the coordinator's inside, shared by its files only */
#ifndef ORCHESTRATOR_COORDINATOR_STATE_H
#define ORCHESTRATOR_COORDINATOR_STATE_H

#include "core/vec.h"
#include "orchestrator/coordinator.h"
#include "orchestrator/fingerprint.h"
#include "orchestrator/progress.h"
#include "orchestrator/publisher.h"
#include "orchestrator/wire/wire.h"

struct peer {
    char name[64]; /* host and process of the worker */
    bool up, lost;
    int64_t heard_ns;
    uint64_t heard_sequence, acked_sequence;
};

struct coordinator {
    const struct coordinator_setup *setup;
    struct sched *sched;
    struct fingerprints *prints;
    struct peer *peers;
    size_t peers_len;
    const struct board **boards; /* of the inventory, by index of the plan */
    struct action_list actions;
    VEC(struct action) given_up; /* to be recorded before the next wait */
    struct buf frame, payload, record;
    uint64_t sequence; /* of the last frame sent */
    int64_t beat_ns, looked_ns, settled_ns;
    bool stopping;
    char campaign[256]; /* HOST:FOLDER, by which leases know us */
    struct err held;    /* by whom, if that ends the sweep */
    struct progress progress;
    struct publisher publisher;
};

/* coordinator_hear.c */
/* Take in one frame: journal what must last, think about it. */
int coordinator_hear(struct coordinator *co, uint32_t peer,
                     const struct buf *frame, struct err *err);
/* Record cells that no board is left for as unreachable. */
int coordinator_record_given_up(struct coordinator *co, struct err *err);

/* coordinator_replay.c */
/* Tell a fresh scheduler what happened before, by the campaign of the
 * set-up, and say what is kept and what runs again. */
int coordinator_replay(struct coordinator *co, struct err *err);

/* coordinator_act.c */
/* Let the scheduler think about one event; its actions are collected. */
int coordinator_think(struct coordinator *co, struct event *event,
                      struct err *err);
/* Acknowledge what is on disk now, and carry out the actions. */
int coordinator_act(struct coordinator *co, struct err *err);
/* Send a frame to a worker; a worker that cannot be reached is only
 * marked. */
int coordinator_send(struct coordinator *co, uint32_t peer, enum wire_type type,
                     const void *payload, size_t len, struct err *err);

#endif
