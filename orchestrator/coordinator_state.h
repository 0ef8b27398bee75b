/* coordinator_state.h - the coordinator's inside, shared by its files only */
#ifndef ORCHESTRATOR_COORDINATOR_STATE_H
#define ORCHESTRATOR_COORDINATOR_STATE_H

#include "core/vec.h"
#include "orchestrator/control.h"
#include "orchestrator/coordinator.h"
#include "orchestrator/events.h"
#include "orchestrator/fingerprint.h"
#include "orchestrator/notify.h"
#include "orchestrator/progress.h"
#include "orchestrator/publisher.h"
#include "orchestrator/wire/known.h"
#include "orchestrator/wire/wire.h"

struct peer {
    char name[64]; /* host and process of the worker */
    bool up, lost;
    bool told; /* that it is lost */
    int64_t heard_ns;
    uint64_t heard_sequence, acked_sequence;
};

/* What was last told of a board. */
struct watched {
    enum board_state state;
    unsigned hold;
    char boot[64]; /* its boot id, "" if not known */
};

struct coordinator {
    const struct coordinator_setup *setup;
    struct sched *sched;
    struct fingerprints *prints;
    struct peer *peers;
    size_t peers_len;
    const struct board **boards; /* of the inventory, by index of the plan */
    struct action_list actions;
    VEC(struct action) unrun; /* to be recorded before the next wait */
    struct buf frame, payload, record;
    uint64_t sequence; /* of the last frame sent */
    int64_t beat_ns, looked_ns, settled_ns;
    bool stopping;
    char campaign[256];            /* HOST:FOLDER, by which leases know us */
    struct result_layouts layouts; /* of workers, which are of our version */
    struct known known;            /* told to lanes as they open */
    struct err held;               /* by whom, if that ends the sweep */
    struct progress progress;
    struct events events;
    struct notify notify;
    struct control control; /* as it was followed */
    uint64_t control_stamp;
    int64_t hours_minute;
    struct view view;
    struct watched *watched;
    int64_t begun_ns, watched_ns, written_ns;
    int64_t ended_ns; /* when a cell ended last */
    bool stalled, view_failed;
    struct publisher publisher;
};

/* coordinator_hear.c */
/* Take in one frame: journal what must last, think about it. */
int coordinator_hear(struct coordinator *co, uint32_t peer,
                     const struct buf *frame, struct err *err);
/* Record cells that no board is left for as unreachable, and those that the
 * end of the sweep cut short as failed. */
int coordinator_record_unrun(struct coordinator *co, struct err *err);

/* coordinator_wish.c */
/* Follow what people wish: stop, control file, hours of boards. */
int coordinator_look_for_wishes(struct coordinator *co, struct err *err);

/* coordinator_watch.c */
/* What is told of a cell; texts may be NULL. */
struct told_cell {
    uint64_t cell;
    uint32_t attempt; /* 0: none */
    const char *board, *status, *sentinel, *text;
    double duration_s;
};
/* Put an event for scripts; texts may be NULL. */
void coordinator_tell(struct coordinator *co, const char *event,
                      const char *board, const char *text);
void coordinator_tell_cell(struct coordinator *co, const char *event,
                           const struct told_cell *told);
/* Run the user's command. */
void coordinator_notify(struct coordinator *co, const char *event,
                        const char *board, const char *text);
/* Show and tell what changed, if it is time to look. */
int coordinator_watch_begin(struct coordinator *co, struct err *err);
int coordinator_watch(struct coordinator *co, struct err *err);
void coordinator_watch_end(struct coordinator *co);

/* coordinator_replay.c */
/* The plan's index of a board; PLAN_NONE if it has none of that name. */
uint32_t coordinator_board(const struct coordinator *co, const char *name);
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
