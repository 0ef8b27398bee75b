/* lane_mode.h - the board's op mode: set, read back, restored in reverse */
#ifndef WORKERS_LANE_MODE_H
#define WORKERS_LANE_MODE_H

#include "core/err.h"
#include "workers/lane_board.h"

/* Bring the board into op mode 'mode' ("default": as it was found).
 *
 * Where the adapter can set modes: the mode before is read, the intention
 * reported and waited for, the mode set and verified; mode_granted is what
 * was read back.  An adapter that cannot set them uses a mode's parameters
 * in its templates; such a mode must be one of the board's.
 * Returns 0; ERR_REFUSED (the board has no such mode, or did not grant it;
 * cancelled); ERR_IO, ERR_TIMEOUT (see link_lost); ERR_FORMAT; ERR_NOMEM. */
int lane_mode_set(struct lane_board *board, struct scope *scope,
                  const char *mode, struct err *err);

/* Restore the mode that stood before, if we changed it, and report that.
 * 'scope' may be NULL.  Returns as lane_mode_set(). */
int lane_mode_restore(struct lane_board *board, struct scope *scope,
                      struct err *err);

/* The same for a mode that an earlier run found and did not restore. */
int lane_mode_restore_left(struct lane_board *board, const char *mode,
                           struct err *err);

/* The same for a mode that another campaign left, as its lease says.  Also
 * ERR_REFUSED if the adapter cannot restore modes. */
int lane_mode_inherit(struct lane_board *board, const char *mode,
                      struct err *err);

/* Read the op mode that stands, and tell which of the board's declared ones
 * it is (by the adapter's "verify"), into mode_now and mode_now_is; sets
 * nothing.  Returns as lane_mode_set(). */
int lane_mode_look(struct lane_board *board, struct err *err);

#endif
