/* lane_board.h - a lane's board: its connection, and which board it is
 *
 * For the lane's own thread.  Everything that a lane knows of its board hangs
 * here; lane_*.c each own a part.
 */
#ifndef WORKERS_LANE_BOARD_H
#define WORKERS_LANE_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fs.h"
#include "core/err.h"
#include "core/vec.h"
#include "inventory/scope.h"
#include "workers/collect/collect.h"
#include "workers/lane.h"
#include "workers/lease_keeper.h"
#include "workers/meter/meter.h"
#include "workers/transport/transport.h"
#include "workers/transport/transport_exec.h"

#define LANE_WORD_MAX   256
#define LANE_MACS_MAX   8
#define LANE_METERS     8
#define LANE_SHORT_S    30.0 /* what a short command may take */
#define LANE_STREAM_MAX ((size_t)16 << 20)

/* What the probe read; "" where the board does not tell. */
struct board_facts {
    char home[LANE_WORD_MAX], arch[64], kernel[128], hostname[128];
    char model[LANE_WORD_MAX], boot_id[64];
    char cpu[LANE_WORD_MAX], cores[16], memory_kib[24];
    char serial[LANE_WORD_MAX], device_tree[LANE_WORD_MAX], machine_id[64];
    char label[LANE_WORD_MAX]; /* ~/.config/labsweep/serial: given by hand */
    char macs[LANE_MACS_MAX][32];
    size_t macs_len;
};

/* A file that is on the board, verified. */
struct staged_file {
    char *local, *remote, *name; /* owned */
    char sha256[65];
};

/* Something made on the board once: a build, or an accuracy. */
struct made_once {
    char *key;               /* owned */
    struct attempt_row *row; /* of an accuracy; owned */
};

/* What an adapter's "facts" command printed. */
struct known_fact {
    const char *name;         /* of the adapter */
    struct json_value *value; /* an object; owned */
};

/* The process of a "serve" adapter. */
struct lane_serve {
    struct proc *proc;
    struct buf out;  /* bytes after the last answer */
    char words[200]; /* its last ones on stderr */
    bool ended;
    int exit_status;
};

/* What an event's process is. */
enum lane_tag_kind {
    LANE_TAG_JOB,
    LANE_TAG_SERVE,
    LANE_TAG_METER,
    LANE_TAG_LEASE,
    LANE_TAG_CLOCK,
    LANE_TAG_HEALTH,
};

struct lane_tag {
    enum lane_tag_kind kind;
    size_t index; /* of a meter */
};

/* The leases of a lane; lane_lease.c's. */
struct lane_lease {
    struct lease_keeper keeper; /* on the board */
    struct lease_keeper host; /* for what is shared; lane_lease.h says where */
    struct transport *host_transport;
    char dir[FS_PATH_MAX]; /* absolute, on the board */
    char token[40], owner[64], host_name[64], name[208];
    char told_text[ERR_TEXT_MAX]; /* said last */
    bool busy;                    /* somebody else holds it */
    bool fresh;                   /* taken anew at this contact */
    bool host_out; /* it was the lease host that could not be had at it */
    bool lost;     /* to: */
    char lost_to[208];
    bool left_moded; /* an earlier holder left the op mode
                                       changed; to be restored is: */
    char left_mode[64];
    int64_t renew_ns, until_ns; /* when to renew; when it would expire */
    int64_t host_ns;            /* the lease host last owed no answer */
    int64_t group;              /* the last one told */
};

/* A request that the guard is told of; lane_guard.c's. */
struct lane_watch {
    struct proc *proc; /* served; NULL: no request */
    double limit_s;
    int64_t start_ns, tell_ns;
    int64_t told_group; /* 0: not told yet */
};

/* One look: the hottest zone, the first processor's clock, how often the
 * processors throttled since the board was booted; NaN: not told. */
struct health_look {
    double temp_degc, freq_hz, throttles;
};

/* The process that looks at the board's temperature; lane_health.c's. */
struct lane_health {
    struct proc *proc;
    struct buf said; /* not yet a whole look */
    bool on, ended;
    int64_t ask_ns; /* when to ask again */
    size_t looks, wanted;
    struct health_look first, last;
};

struct lane_board {
    const struct lane_setup *setup;
    struct collector *collector;
    struct transport *transport; /* NULL while there is no link */
    bool link_lost;              /* found out while something ran */
    int cancel_fd;               /* readable: end what runs */
    struct board_facts facts;
    bool met;                    /* facts are of this board, verified */
    char stage_dir[FS_PATH_MAX]; /* absolute, on the board */
    char tool_version[LANE_WORD_MAX];
    VEC(struct staged_file) staged;
    VEC(struct made_once) built, accuracies;
    VEC(struct known_fact) known;
    struct lane_serve serve;
    bool deaf; /* cancel_fd is not heard: while what runs is ended, and
                  while connecting */
    struct lane_lease lease;
    struct lane_health health;
    struct proc *clock_proc; /* answers with the board's time; NULL: none */
    struct proc *running;    /* what measures; NULL: nothing */
    int64_t running_ns;      /* since */
    int64_t left_group; /* process group of what ran as the link was lost */
    /* of lane_guard.c */
    char guard_fifo[LANE_WORD_MAX]; /* on the board; "": there is no guard */
    int64_t guard_group;            /* its process group */
    bool guard_missed;              /* said that there can be none */
    struct lane_watch guard_watch;
    /* Say that 'mode' is about to be set, and wait until that is on disk;
     * say that 'mode' stands again; say that more facts are known.  Of
     * lane.c. */
    int (*intend)(void *ctx, const char *before, const char *mode,
                  struct err *err);
    void (*restored)(void *ctx, const char *mode);
    void (*learnt)(void *ctx);
    /* Say a sentence that belongs into the journal; ask a person; sleep, false
     * if the lane is to close. */
    void (*note)(void *ctx, const char *text);
    void (*please)(void *ctx, const char *text);
    bool (*pause)(void *ctx, double seconds);
    void *ctx;
    /* op mode */
    char mode_before[64];  /* as read before the first change; "" unknown */
    char mode_asked[64];   /* set by us, "" if none is */
    char mode_granted[64]; /* as read back, "" if it cannot be read */
    bool mode_changed;     /* to be restored */
    /* looked at without a cell: what the board says, and which mode that is
     * (borrowed from the board; NULL: none of the declared ones) */
    char mode_now[64];
    const char *mode_now_is;
    char *programmed; /* the command of "program" that stands; owned, NULL:
                              nothing that we know of */
    /* meters */
    struct meter *meters[LANE_METERS];
    struct lane_tag meter_tags[LANE_METERS];
    size_t meters_len;
    double base_w[LANE_METERS]; /* NaN: not measured */
    bool base_tried;
    int64_t base_cell, base_attempt; /* that took it, in this lane or before;
                                        COLUMN_I64_MISSING: none did */
};

/* How a board is reached, for transport_open(); words are the board's. */
struct transport_target lane_target(const struct board *board,
                                    double connect_limit_s);

/* Connect, tell which board answered, verify it; the link is up afterwards.
 *
 * Blocks at most the connect limit and one short command.  Returns 0;
 * ERR_REFUSED (host key, user key, another board); ERR_IO, ERR_TIMEOUT (no
 * link, worth a retry); ERR_USAGE, ERR_FORMAT, ERR_NOMEM. */
int lane_board_connect(struct lane_board *board, struct err *err);

/* Drop the link and all that runs over it. */
void lane_board_drop(struct lane_board *board);

/* Drop the link and free what is known. */
void lane_board_free(struct lane_board *board);

/* Run a short command to its end; 'what' names it in sentences.
 *
 * Returns 0 and appends its stdout to 'out' (may be NULL) if it ended with
 * status 0; ERR_IO with the board's words, and link_lost set if it is the
 * link's fault; ERR_TIMEOUT; ERR_REFUSED if the lane was cancelled;
 * ERR_NOMEM. */
int lane_command(struct lane_board *board, const char *what,
                 const char *command, double limit_s, struct buf *out,
                 struct err *err);

/* True (and 'err' says "cancelled") once lane_cancel() was called. */
bool lane_cancelled(const struct lane_board *board, struct err *err);

/* The facts as a JSON object for LANE_READY.  Returns 0 or ERR_NOMEM. */
int lane_facts_json(const struct lane_board *board, struct buf *out,
                    struct err *err);

/* One word for the row: what identifies the board best, "" if nothing. */
const char *lane_identity(const struct lane_board *board);

#endif
