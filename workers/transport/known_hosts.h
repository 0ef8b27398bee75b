/* known_hosts.h - what known_hosts files say about a server's key
 *
 * Own, because libssh 0.10 takes one file only and ignores @revoked lines.
 * The form is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: patterns,
 * negation, hashed names and @revoked are read; @cert-authority lines are
 * skipped.  A server on another port than 22 must be listed with it.
 */
#ifndef WORKERS_TRANSPORT_KNOWN_HOSTS_H
#define WORKERS_TRANSPORT_KNOWN_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

enum known_hosts_verdict {
    KNOWN_HOSTS_OK,      /* listed with this very key */
    KNOWN_HOSTS_UNKNOWN, /* no key of this type is listed */
    KNOWN_HOSTS_CHANGED, /* another key of this type is listed */
    KNOWN_HOSTS_REVOKED, /* this key is on a @revoked line */
};

/* What one text or several say, together; start with {0}. */
struct known_hosts_finding {
    bool listed;       /* this very key */
    bool other;        /* another key of this type */
    bool revoked;      /* this key */
    struct buf *types; /* if set: key types listed, "a,b", from all lines */
};

/* The first word of a known_hosts line for a server: HOST in lower case, or
 * [HOST]:PORT if the port is not 22.  Cut at 'size'. */
void known_hosts_name(const char *host, int port, char *name, size_t size);

/* Add what 'text' (the content of a file, 'len' bytes, of any make) says
 * about the key 'type', 'base64' of the server called 'name'.  Lines that
 * make no sense are skipped, as ssh(1) does. */
void known_hosts_search(const char *text, size_t len, const char *name,
                        const char *type, const char *base64,
                        struct known_hosts_finding *finding);

/* The verdict on all that was found: a revoked key stays revoked. */
enum known_hosts_verdict
known_hosts_verdict(const struct known_hosts_finding *finding);

#endif
