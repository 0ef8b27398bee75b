/* proxy.h - a ProxyCommand of the user's ssh settings, as a socket */
#ifndef WORKERS_TRANSPORT_PROXY_H
#define WORKERS_TRANSPORT_PROXY_H

#include <sys/types.h>

#include "core/err.h"

/* Run 'command' (tokens expanded already) by /bin/sh, in a session of its
 * own, with one end of a socket pair as its standard input and output.
 *
 * Returns 0, the other end (not blocking; the caller closes it) and the
 * process for proxy_end(); ERR_IO.  Whether it gets anywhere is seen when the
 * server greets. */
int proxy_start(const char *command, int *ret_fd, pid_t *ret_pid,
                struct err *err);

/* End the process group and wait for it; 0 is fine. */
void proxy_end(pid_t pid);

#endif
