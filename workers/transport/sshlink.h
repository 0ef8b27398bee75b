/* sshlink.h - an ssh connection: dialled, its host key checked, logged in
 *
 * For the ssh*.c files only, which are libssh's home.  The session never
 * blocks; who waits does so here, with a deadline.
 */
#ifndef WORKERS_TRANSPORT_SSHLINK_H
#define WORKERS_TRANSPORT_SSHLINK_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"
#include "workers/transport/host_keys.h"
#include "workers/transport/ssh_settings.h"

#define SSHLINK_JUMPS_MAX 8

struct sshjump; /* sshjump.h */

struct sshlink {
    ssh_session session;
    ssh_event event;      /* NULL until the login */
    int fd;               /* the socket */
    ino_t inode;          /* of the socket, see close_socket() */
    struct sshjump *jump; /* what the socket goes through; NULL: direct */
    pid_t proxy;          /* or the ProxyCommand behind it; 0: none */
    char name[320];       /* "host:port", for sentences */
    int64_t heard_ns;     /* when the other side last said anything */
    int64_t asked_ns;     /* when it was last asked whether it is there */
};

/* Open a connection to 'target' and log in; 'is_jump' and 'depth' count
 * the way through jump hosts (false, 0 at first).  'deadline_ns' is
 * INT64_MAX to mean the connect time of the settings.
 * Errors as transport_open(). */
int sshlink_open(const struct transport_target *target, bool is_jump,
                 unsigned depth, int64_t deadline_ns, struct sshlink **ret_link,
                 struct err *err);

/* Close it; NULL is fine. */
void sshlink_close(struct sshlink *link);

/* Connect only as far as the key exchange, asking for the host key type
 * 'type', and describe that key (its base64 is the caller's to free).
 * 'target' lends its keys to jump hosts.  Errors as transport_open(); a
 * server without a key of this type is ERR_IO. */
int sshlink_fetch_key(const struct ssh_settings *settings, const char *type,
                      const struct transport_target *target,
                      struct host_key *ret_key, struct err *err);

/* The key types that sshlink_fetch_key() knows; NULL past the end. */
const char *sshlink_key_type(size_t i);

/* Log in with the keys of the settings.  (sshauth.c)  Returns 0,
 * ERR_REFUSED, ERR_TIMEOUT, ERR_IO. */
int sshlink_login(struct sshlink *link, const struct ssh_settings *settings,
                  int64_t deadline_ns, struct err *err);

/* Ask the server whether it is there if it has said nothing for a while (a
 * request that it must answer; no process is started), and find it dead if
 * it says nothing to that either: a cable cut beyond a jump host and a
 * frozen sshd look alive to TCP.  Sets ret_look_ns to when this is to be
 * called again.  Returns 0 or ERR_IO (dead). */
int sshlink_keep_alive(struct sshlink *link, int64_t *ret_look_ns,
                       struct err *err);

/* Sleep until the socket has something for libssh or 'deadline_ns'; call
 * after SSH_AGAIN.  Returns 0, ERR_TIMEOUT, ERR_IO (link dead). */
int sshlink_settle(struct sshlink *link, int64_t deadline_ns, struct err *err);

/* Let libssh handle what has arrived, without blocking; after the login.
 * Returns 0 or ERR_IO (link dead). */
int sshlink_pump(struct sshlink *link, struct err *err);

/* What to poll the socket for. */
short sshlink_poll_events(const struct sshlink *link);

/* ERR_IO with libssh's words, or 0 while the connection stands. */
int sshlink_check(const struct sshlink *link, struct err *err);

#endif
