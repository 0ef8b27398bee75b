/* lane_lease.h - a lane's leases: its board, and what the board shares
 *
 * One lease on the board (its lease_dir), and where the board or its meters
 * name exclusive groups, one where all campaigns see it: on the inventory's
 * lease_host, else on this machine (LABSWEEP_LEASE_DIR, else
 * /tmp/labsweep-lease).  Both are kept alive over processes that stay;
 * docs/lane.md tells of the form.
 */
#ifndef WORKERS_LANE_LEASE_H
#define WORKERS_LANE_LEASE_H

#include "core/err.h"
#include "workers/lane_board.h"

/* Take the leases at a contact, waiting as the policy says; what a dead
 * holder ran is ended, and left_moded says whether left_mode is to be
 * restored.  Nothing if the lane's set-up has no lease.
 *
 * Returns 0; ERR_REFUSED and lease.busy if somebody holds one (policy skip
 * or fail, or the lane closes while it waits); ERR_REFUSED if none can be
 * made; ERR_IO, ERR_TIMEOUT; ERR_NOMEM. */
int lane_lease_take(struct lane_board *board, struct err *err);

/* What is due: renew, tell which process group measures, hear answers.
 * Returns when it wants to be called again (CLOCK_MONOTONIC). */
int64_t lane_lease_tend(struct lane_board *board);

/* An event of the keeper on the board. */
void lane_lease_hear(struct lane_board *board, const struct proc_event *event);

/* ERR_IO, link_lost and a sentence if the lease was lost; else 0. */
int lane_lease_check(struct lane_board *board, struct err *err);

/* What follows may take 'seconds' without lane_lease_tend(). */
void lane_lease_hold(struct lane_board *board, double seconds);

/* A job of at most 'total_s' (0: no limit) follows, during which only a kept
 * process can renew. */
void lane_lease_expect(struct lane_board *board, double total_s);

/* Write into the lease that op mode 'before' is to be restored; that it is.
 * Return 0; ERR_IO, ERR_TIMEOUT (link_lost). */
int lane_lease_mode(struct lane_board *board, const char *before,
                    struct err *err);
int lane_lease_restored(struct lane_board *board, struct err *err);

/* Give the leases back, if the link is up and no op mode is left to be
 * restored; what is not given back runs out. */
void lane_lease_release(struct lane_board *board);

/* Let go of keepers and connections; the leases stand. */
void lane_lease_drop(struct lane_board *board);

/* The folder of this machine's own leases. */
const char *lane_lease_host_dir(void);

extern const struct lane_tag lane_lease_tag;

#endif
