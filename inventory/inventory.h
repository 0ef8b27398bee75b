/* inventory.h - the lab: platforms, boards and adapters, parsed and checked
 *
 * A value: read-only, all its texts live as long as it.
 */
#ifndef INVENTORY_INVENTORY_H
#define INVENTORY_INVENTORY_H

#include <stddef.h>

#include "core/err.h"
#include "experiments/texts.h"
#include "inventory/adapter.h"
#include "inventory/board.h"
#include "inventory/platform.h"

struct inventory {
    const char *lab, *help;   /* "" if not said */
    const char *file;         /* as it was opened */
    const char *base_dir;     /* absolute folder of it */
    const char *known_hosts;  /* path; NULL: the user's own */
    struct board *lease_host; /* where what boards share is leased; NULL: on
                                 each worker's own machine */
    const struct platform *platforms;
    size_t platforms_len;
    struct board *boards; /* unfolded, in the order of the file */
    size_t boards_len;
    struct adapter **adapters; /* each once */
    size_t adapters_len;
    struct pool *pool;
    struct json_doc *doc;
};

/* Open and parse 'path' and the adapters it names (NAME means
 * adapters/NAME.json beside the inventory; with a '/' it is a path), all
 * through 'texts', which keeps them; if 'path' is NULL the kept inventory.
 * Returns 0 and an inventory for inventory_destroy(); ERR_NOT_FOUND, ERR_IO,
 * ERR_FORMAT, ERR_NOMEM. */
int inventory_load(struct texts *texts, const char *path,
                   struct inventory **ret_inventory, struct err *err);
void inventory_destroy(struct inventory *inventory); /* NULL is fine */

/* By name, borrowed; NULL if unknown.  A platform is also found by one of
 * its aliases. */
const struct platform *inventory_platform(const struct inventory *inventory,
                                          const char *name);
const struct board *inventory_board(const struct inventory *inventory,
                                    const char *name);
const struct adapter *inventory_adapter(const struct inventory *inventory,
                                        const char *name);

/* The i-th board of a platform that can be driven (transport not "none"),
 * borrowed; NULL beyond the last. */
const struct board *inventory_platform_board(const struct inventory *inventory,
                                             const char *platform, size_t i);

#endif
