/* sshjump.h - a way through a jump host, as a socket
 *
 * For the ssh*.c files only.  A thread of its own owns the connection to the
 * jump host and carries bytes between one channel (direct-tcpip) and one end
 * of a socket pair; the other end is handed out.
 */
#ifndef WORKERS_TRANSPORT_SSHJUMP_H
#define WORKERS_TRANSPORT_SSHJUMP_H

#include <stdint.h>

#include "core/err.h"
#include "workers/transport/ssh_settings.h"
#include "workers/transport/transport.h"

struct sshjump;

/* Log in to the last host of settings->jump (through those before it) and
 * connect from there to settings->host and port.
 *
 * Returns 0, a jump for sshjump_close() and a socket to be closed before it;
 * errors as transport_open(). */
int sshjump_open(const struct transport_target *target,
                 const struct ssh_settings *settings, unsigned depth,
                 int64_t deadline_ns, struct sshjump **ret_jump, int *ret_fd,
                 struct err *err);

/* End the thread and the connection to the jump host.  Blocks until the
 * thread has gone, which is at once when its socket is closed.  NULL is
 * fine. */
void sshjump_close(struct sshjump *jump);

#endif
