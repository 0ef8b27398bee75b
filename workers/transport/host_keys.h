/* host_keys.h - the keys a server shows, for a person to judge
 *
 * Used by `boards trust`: nothing is accepted and nothing is sent but the
 * key exchange.
 */
#ifndef WORKERS_TRANSPORT_HOST_KEYS_H
#define WORKERS_TRANSPORT_HOST_KEYS_H

#include <stddef.h>

#include "core/err.h"
#include "workers/transport/transport.h"

struct host_key {
    char type[48];        /* "ssh-ed25519", as in known_hosts */
    char fingerprint[64]; /* "SHA256:..." as ssh-keygen -l prints it */
    char known_as[300];   /* "[127.0.77.1]:22022": known_hosts' first word */
    char *base64;         /* the public key, as in known_hosts */
    int verdict;          /* enum known_hosts_verdict: what the files say */
};

/* Ask the server of 'target' for its host keys of all types (one connection
 * a type; through its jumps, whose own keys are checked strictly).
 *
 * ret_keys is freed with host_keys_free().  Blocks at most the connect time
 * a type.  Returns 0 and at least one key; ERR_IO, ERR_TIMEOUT, ERR_REFUSED
 * (a jump), ERR_USAGE, ERR_NOMEM.
 */
int transport_host_keys(const struct transport_target *target,
                        struct host_key **ret_keys, size_t *ret_count,
                        struct err *err);

/* Free what transport_host_keys() returned; NULL and 0 are fine. */
void host_keys_free(struct host_key *keys, size_t count);

#endif
