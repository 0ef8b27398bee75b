/* options.h - the "options" of a meter's entry; for this room only */
#ifndef WORKERS_METER_OPTIONS_H
#define WORKERS_METER_OPTIONS_H

#include "core/err.h"
#include "core/fs.h"
#include "core/json.h"
#include "inventory/board.h"

/* Say that 'name' is none of 'names' (ends with NULL), and the nearest of
 * them.  Returns ERR_USAGE. */
int meter_unknown(const char *what, const char *name, const char *const *names,
                  struct err *err);

/* Refuse options that are not in 'keys' (ends with NULL).  Returns 0 or
 * ERR_FORMAT with the nearest. */
int meter_option_keys(const struct board_meter *config, const char *const *keys,
                      struct err *err);

/* A text, borrowed; 'text' stays as it is where none is said, ERR_USAGE if
 * it is 'needed'.  Returns 0, ERR_FORMAT, ERR_USAGE. */
int meter_option(const struct board_meter *config, const char *key, bool needed,
                 const char **text, struct err *err);

/* A path: from the inventory's folder, unless it starts with '/' or '~'; ""
 * where none is said.  Returns 0, ERR_FORMAT, ERR_USAGE (too long). */
int meter_option_path(const struct board_meter *config, const char *key,
                      char path[FS_PATH_MAX], struct err *err);

/* The first line of the file that option 'key' names: a secret, which an
 * inventory must not hold, for it goes into every journal.  'secret' stays
 * as it is where no file is named.  Returns 0; ERR_NOT_FOUND, ERR_IO,
 * ERR_USAGE (others may read it, or it is longer than 'size'), ERR_FORMAT,
 * ERR_NOMEM. */
int meter_option_secret(const struct board_meter *config, const char *key,
                        char *secret, size_t size, struct err *err);

/* A whole number from 'low' to 'high', the same way. */
int meter_option_i64(const struct board_meter *config, const char *key,
                     int64_t low, int64_t high, int64_t *value,
                     struct err *err);

#endif
