/* lease_show.h - who holds a machine: its leases looked at, none taken */
#ifndef WORKERS_LEASE_SHOW_H
#define WORKERS_LEASE_SHOW_H

#include "core/err.h"
#include "workers/lease_text.h"
#include "workers/transport/transport.h"

/* What a folder of leases holds; buf_free(&text) when done. */
struct lease_list {
    struct buf text; /* as the keeper shows it */
    size_t at;       /* of the next lease in it */
    int64_t uptime_s;
    char boot[64];
};

/* Append the absolute path of a folder at the other end ("~/" is the home
 * there).  Returns 0; ERR_IO, ERR_TIMEOUT. */
int lease_resolve_dir(struct transport *transport, const char *dir,
                      struct buf *path, struct err *err);

/* Show the leases in folder 'dir' ("~/" is the home there) at the other end
 * of 'transport'.  Returns 0; ERR_IO, ERR_TIMEOUT, ERR_FORMAT, ERR_NOMEM. */
int lease_show(struct transport *transport, const char *dir,
               struct lease_list *ret_list, struct err *err);

/* The next lease; false at the end. */
bool lease_list_next(struct lease_list *list, struct lease *ret_lease);

/* Seconds until it expires; 0 or less: it has (or its machine was booted). */
int64_t lease_left_s(const struct lease_list *list, const struct lease *lease);

#endif
