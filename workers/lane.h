/* lane.h - one board, one thread: cells go in, reports come out
 *
 * A lane owns its board's connection.  It connects, verifies which board
 * answered, and then runs one cell at a time: op mode, stage, build,
 * accuracy, idle power, the adapter's jobs beside the power samplers,
 * collect; docs/lane.md shows the order.  Everything it has to say comes
 * through one callback, on the lane's own thread.
 */
#ifndef WORKERS_LANE_H
#define WORKERS_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "experiments/experiment.h"
#include "experiments/op_point.h"
#include "inventory/inventory.h"
#include "orchestrator/wire/known.h"
#include "orchestrator/wire/lane_report.h"
#include "orchestrator/wire/lease_policy.h"

struct lane;

/* One attempt at one cell. */
struct lane_job {
    uint64_t cell;         /* row of the plan */
    uint32_t attempt;      /* from 1 */
    struct op_point point; /* over the experiment's axes */
    char fingerprint[65];  /* the offline digest, kept in the row */
};

struct lane_report {
    enum lane_report_kind kind;
    const char *board;
    uint64_t cell;
    uint32_t attempt;
    int status;            /* enum cell_status */
    bool transport_failed; /* the board, not the cell, is to blame */
    double duration_s;
    const char *text;       /* as the kind says, else the reason; never NULL */
    const char *mode;       /* never NULL */
    const uint8_t *payload; /* LANE_RESULT: an encoded struct result */
    size_t len;
};

#define LANE_LEASE_EXPIRY_S 60.0

/* How a lane leases its board. */
struct lane_lease_setup {
    enum lease_policy policy;
    bool force;           /* take it though somebody holds it */
    const char *campaign; /* HOST:FOLDER; its own earlier leases are taken over
                             at once */
    double expiry_s;      /* renewed every third of it */
};

/* What a lane works with; everything is borrowed until lane_destroy(). */
struct lane_setup {
    const struct experiment *experiment;
    const struct inventory *inventory;
    const struct board *board;
    const char *bin_dir;      /* folder of the labsweep program */
    const char *project_dir;  /* source tree or data folder */
    const char *worker_name;  /* host and rank, for the rows */
    const char *restore_mode; /* "", or the mode that an earlier run, which
                                 ended without restoring, found: is restored
                                 before the first cell */
    const struct lane_lease_setup *lease; /* NULL: no lease is taken */
    const struct known_facts *known;      /* what the campaign has of the board:
                                        is not made again; NULL: nothing */
    bool look; /* no cells come: LANE_READY's facts tell the op mode, and a
                  board whose op mode cannot be read goes down */
    /* Called on the lane's thread; what it points to is borrowed for the
     * call. */
    void (*report)(void *ctx, const struct lane_report *report);
    void *ctx;
};

/* Start the lane's thread.  Returns at once with 0 and a lane for
 * lane_destroy(), ERR_NOMEM, ERR_IO (no thread), ERR_USAGE (the board has no
 * adapter or no transport).  LANE_READY or LANE_DOWN follows. */
int lane_open(const struct lane_setup *setup, struct lane **ret_lane,
              struct err *err);

/* Queue one attempt (copied); from any thread.  Returns 0; ERR_REFUSED if
 * the lane is closing or down; ERR_NOMEM. */
int lane_submit(struct lane *lane, const struct lane_job *job);

/* The intention last reported is on disk: the lane may set the op mode.
 * From any thread. */
void lane_mode_acknowledged(struct lane *lane);

/* End the running command (its process group on the board) and drop the
 * queue; from any thread.  The running attempt still gives a LANE_RESULT
 * (status failed, "cancelled"); dropped ones give none. */
void lane_cancel(struct lane *lane);

/* Take no more jobs, finish those that are queued, restore the op mode, run
 * the post command; LANE_CLOSED follows.  From any thread, twice is fine;
 * does not block. */
void lane_close(struct lane *lane);

/* lane_close(), lane_cancel() what still runs, wait for the thread's end and
 * free.  NULL is fine. */
void lane_destroy(struct lane *lane);

#endif
