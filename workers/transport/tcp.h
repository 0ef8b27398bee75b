/* tcp.h - a TCP connection that notices when the other side is gone */
#ifndef WORKERS_TRANSPORT_TCP_H
#define WORKERS_TRANSPORT_TCP_H

#include <stdint.h>

#include "core/err.h"

/* Connect to 'host' (name or address) and 'port', trying its addresses in
 * turn until 'deadline_ns' (CLOCK_MONOTONIC; the resolver keeps its own
 * time).  'family' is AF_UNSPEC, AF_INET or AF_INET6.
 *
 * The socket has no Nagle delay and keep-alive set so that a cut link is an
 * error after about fifteen seconds.  Returns 0 and a descriptor to be closed by
 * the caller; ERR_IO (no such host, refused, no route), ERR_TIMEOUT. */
int tcp_dial(const char *host, int port, int family, int64_t deadline_ns,
             int *ret_fd, struct err *err);

#endif
