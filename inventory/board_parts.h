/* board_parts.h - the pieces that board.c is put together from
 *
 * For the files of this room only.
 */
#ifndef INVENTORY_BOARD_PARTS_H
#define INVENTORY_BOARD_PARTS_H

#include "core/err.h"
#include "core/json.h"
#include "experiments/pool.h"
#include "inventory/board.h"

/* What "{name}" and "{n}" stand for, and where paths and memory are. */
struct board_fold {
    const char *name, *number, *base_dir;
    struct pool *pool;
};

/* A string with {name} and {n} filled in; 'value' stays where nothing is
 * there.  Returns 0, ERR_FORMAT, ERR_NOMEM. */
int board_text(const struct board_fold *fold, const struct json *at,
               const char **value, struct err *err);

/* A place of any kind, in which every string has {name} and {n} filled in:
 * 'at' itself where none has, else a copy that the pool keeps, whose errors
 * name the same file and path.  Nothing is there: 'at'. */
int board_unfold(const struct board_fold *fold, const struct json *at,
                 struct json *value, struct err *err);

/* The same for a path: from the inventory's folder, unless it starts with
 * '/' or '~'. */
int board_path(const struct board_fold *fold, const struct json *at,
               const char **value, struct err *err);

/* The same for a list of strings; empty where nothing is there. */
int board_read_list(const struct board_fold *fold, const struct json *at,
                    const char *const **ret_list, size_t *ret_len,
                    struct err *err);

/* "meters"; makes an only meter primary, and refuses several primaries.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int board_read_meters(const struct board_fold *fold, const struct json *at,
                      struct board *board, struct err *err);

/* "power_cycle" of a board whose meters are read.  Returns 0, ERR_FORMAT. */
int board_read_power_cycle(const struct board_fold *fold, const struct json *at,
                           struct board *board, struct err *err);

/* "calibration", "accuracy" and "range" of a meter's entry, or what holds
 * without them.  Returns 0, ERR_FORMAT. */
int board_read_calibration(const struct json *at, struct board_meter *meter,
                           struct err *err);

#endif
