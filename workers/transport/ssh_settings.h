/* ssh_settings.h - the user's own ssh settings for a host, by `ssh -G`
 *
 * libssh reads ssh_config in its own way; asking the ssh(1) that the user
 * knows, and setting each option explicitly, gives what the user expects.
 */
#ifndef WORKERS_TRANSPORT_SSH_SETTINGS_H
#define WORKERS_TRANSPORT_SSH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/vec.h"
#include "workers/transport/transport.h"

#define SSH_SETTINGS_CONNECT_S 10.0 /* where nobody says another time */

struct ssh_names {
    char **at;
    size_t len, cap;
};

/* Everything a connection needs; owned texts, "" where nothing is set. */
struct ssh_settings {
    char *host;  /* to connect to */
    char *given; /* as the caller named it */
    char *alias; /* to look up in known_hosts; host if nothing is set */
    char *user;
    int port;
    int family;          /* AF_UNSPEC, AF_INET, AF_INET6 */
    char *jump;          /* [USER@]HOST[:PORT],...; "" for none */
    char *agent;         /* its socket; "" for none */
    char *proxy_command; /* tokens expanded; "" for none */
    bool identities_only;
    bool only_key;                /* offer identities[0] and nothing else */
    struct ssh_names identities;  /* private key files, in order */
    struct ssh_names known_hosts; /* files, in order; none need exist */
    double connect_s;
};

/* Find the settings for 'target': its own fields win over what `ssh -G`
 * says, which wins over OpenSSH's defaults (where ssh(1) is missing).
 *
 * 'is_jump': for a hop on the way, whose key and known_hosts of the target
 * are offered first, and the user's own too.  Blocks while ssh -G runs, 10 s
 * at most.  Returns 0 and settings for ssh_settings_free(), which is fine
 * with failed ones too; ERR_USAGE, ERR_IO, ERR_NOMEM.
 */
int ssh_settings_find(const struct transport_target *target, bool is_jump,
                      struct ssh_settings *ret_settings, struct err *err);

/* Free the texts; fine with {0} and NULL. */
void ssh_settings_free(struct ssh_settings *settings);

/* Apply the output of `ssh -G`, 'len' bytes; keys that are not ours are
 * skipped.  'home' is what ~ means.  Pure.  Returns 0 or ERR_NOMEM. */
int ssh_settings_parse(const char *text, size_t len, const char *home,
                       struct ssh_settings *settings, struct err *err);

/* Split the last hop off a jump list "a,u@b:22": sets ret_host, ret_user
 * ("" if none) and ret_port (0 if none), and ret_rest (the hops before it,
 * "" if none); texts are the caller's to free.  Returns 0, ERR_USAGE (no
 * host, a port that is none), ERR_NOMEM. */
int ssh_settings_split_jump(const char *jump, char **ret_host, char **ret_user,
                            int *ret_port, char **ret_rest, struct err *err);

#endif
