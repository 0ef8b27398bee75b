/* lane_stage.h - files and builds onto the board, once, verified there */
#ifndef WORKERS_LANE_STAGE_H
#define WORKERS_LANE_STAGE_H

#include "core/err.h"
#include "hdf5_schema/columns.h"
#include "workers/lane_board.h"

/* See that every file of the adapter's "stage" lies on the board as
 * STAGE_DIR/<sha256>/<name>, and set its name in 'scope' to that path.
 *
 * A file is hashed, asked for and, where it is missing or wrong, uploaded to
 * a temporary name, verified by its SHA-256 on the board and renamed, once a
 * lane.  The row's model and data set digests are set.
 * Returns 0; ERR_NOT_FOUND (no such local file); ERR_REFUSED (the local file
 * is not the pinned one; cancelled); ERR_IO, ERR_TIMEOUT (board or link, see
 * link_lost); ERR_FORMAT (template); ERR_NOMEM. */
int lane_stage(struct lane_board *board, struct scope *scope,
               const struct op_point *point, struct attempt_row *row,
               struct err *err);

/* Put one local file onto the board the same way.  'ret_remote' is borrowed
 * as long as the lane's staged files. */
int lane_stage_file(struct lane_board *board, const char *name,
                    const char *local, unsigned mode, const char **ret_remote,
                    const char **ret_sha256, struct err *err);

/* The path of a labrunner on the board: the adapter's own, else the one for
 * the board's architecture beside the labsweep program, staged now.
 * Returns 0; ERR_NOT_FOUND if there is none for it; as lane_stage_file(). */
int lane_stage_runner(struct lane_board *board, const char **ret_remote,
                      struct err *err);

/* Make what the adapter's "build" lists, unless the board has it for this
 * command, tool version and op mode; sets the names in 'scope'.
 * Returns as lane_command(). */
int lane_build(struct lane_board *board, struct scope *scope, struct err *err);

#endif
