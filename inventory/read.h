/* read.h - small readers that the parsers of this room share
 *
 * For the files of this room only.
 */
#ifndef INVENTORY_READ_H
#define INVENTORY_READ_H

#include <stddef.h>

#include "core/err.h"
#include "core/json.h"
#include "experiments/pool.h"

/* A list of strings into the pool; empty where nothing is there.
 * Returns 0, ERR_FORMAT, ERR_NOMEM. */
int read_texts(const struct json *at, struct pool *pool,
               const char *const **ret_list, size_t *ret_len, struct err *err);

/* Zeroed room for the members of 'at'; NULL and ERR_NOMEM without memory. */
void *read_alloc(const struct json *at, struct pool *pool, size_t size,
                 struct err *err);

/* ERR_FORMAT if a member of the object 'at' stands there twice. */
int read_unique(const struct json *at, struct err *err);

#endif
