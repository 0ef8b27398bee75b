/* sshlink.c - an ssh connection: dialled, its host key checked */
#include "workers/transport/sshlink.h"

#include <libssh/server.h> /* ssh_send_keepalive() */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "workers/transport/driver.h"
#include "workers/transport/known_hosts.h"
#include "workers/transport/proxy.h"
#include "workers/transport/sshjump.h"
#include "workers/transport/tcp.h"

#define KNOWN_HOSTS_MAX ((size_t)16 << 20)

/* A socket event may have been seen inside a libssh call: look again at
 * least this often while a handshake is under way. */
#define SETTLE_LOOK_NS MS_TO_NS(200)

/* A server too busy to greet (MaxStartups) is called again after this, and
 * twice as long each time, and up to as much again by chance. */
#define RETRY_FIRST_NS MS_TO_NS(100)

/* A server that is silent for so long is asked whether it is there, and
 * again; after the third time without an answer it is not. */
#define ALIVE_ASK_NS  (5 * NS_PER_S)
#define ALIVE_DEAD_NS (15 * NS_PER_S)

/* Key types as known_hosts has them, and the algorithms to ask for. */
static const struct {
    const char *type, *algorithms;
} key_types[] = {
    { "ssh-ed25519", "ssh-ed25519" },
    { "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
    { "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
    { "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
    { "ssh-rsa", "rsa-sha2-512,rsa-sha2-256" },
};

const char *sshlink_key_type(size_t i)
{
    return i < ARRAY_LEN(key_types) ? key_types[i].type : NULL;
}

int sshlink_check(const struct sshlink *link, struct err *err)
{
    const int ends = SSH_CLOSED | SSH_CLOSED_ERROR;

    if (ssh_is_connected(link->session) &&
        !(ssh_get_status(link->session) & ends))
        return 0;
    const char *words = ssh_get_error(link->session);
    return err_set(err, ERR_IO, "%s: link lost: %s", link->name,
                   words && *words ? words : "closed by the other side");
}

short sshlink_poll_events(const struct sshlink *link)
{
    int flags = ssh_get_poll_flags(link->session);

    return (short)(POLLIN | (flags & SSH_WRITE_PENDING ? POLLOUT : 0));
}

int sshlink_settle(struct sshlink *link, int64_t deadline_ns, struct err *err)
{
    struct pollfd fd = { .fd = link->fd, .events = sshlink_poll_events(link) };
    int64_t now_ns = clock_mono_ns();
    int64_t look_ns = now_ns + SETTLE_LOOK_NS;

    if (now_ns >= deadline_ns)
        return err_set(err, ERR_TIMEOUT, "%s: no answer in time", link->name);
    poll(&fd, 1,
         transport_poll_ms(look_ns < deadline_ns ? look_ns : deadline_ns));
    if (fd.revents & POLLIN)
        link->heard_ns = clock_mono_ns();
    return link->event ? sshlink_pump(link, err) : 0;
}

int sshlink_keep_alive(struct sshlink *link, int64_t *ret_look_ns,
                       struct err *err)
{
    int64_t now_ns = clock_mono_ns();
    int64_t quiet_ns = now_ns - link->heard_ns;

    /* nobody listened meanwhile: what is silent is us */
    if (!link->heard_ns || now_ns - link->asked_ns > 2 * ALIVE_ASK_NS)
        link->heard_ns = link->asked_ns = now_ns;
    else if (quiet_ns >= ALIVE_DEAD_NS)
        return err_set(err, ERR_IO,
                       "%s: link lost: it no longer answers, since %.0f s",
                       link->name, NS_TO_S(quiet_ns));
    else if (now_ns - link->asked_ns >= ALIVE_ASK_NS) {
        /* twice: the first may only take note of the last answer */
        for (int i = 0; quiet_ns >= ALIVE_ASK_NS && i < 2; i++)
            ssh_send_keepalive(link->session);
        link->asked_ns = now_ns;
    }
    *ret_look_ns = link->asked_ns + ALIVE_ASK_NS;
    return 0;
}

int sshlink_pump(struct sshlink *link, struct err *err)
{
    ssh_event_dopoll(link->event, 0);
    return sshlink_check(link, err);
}

/* A file in which anybody may write keys proves nothing. */
static int check_file(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) || !S_ISREG(st.st_mode) || !(st.st_mode & S_IWOTH))
        return 0;
    return err_set(err, ERR_REFUSED,
                   "anybody may write host keys into '%s' (mode %04o): chmod "
                   "o-w it",
                   path, (unsigned)st.st_mode & 07777);
}

/* Look the key up in all known_hosts files of the settings. */
static int search_files(const struct ssh_settings *settings, const char *type,
                        const char *base64, struct known_hosts_finding *finding,
                        struct err *err)
{
    char name[320];
    int rc = 0;

    known_hosts_name(settings->alias, settings->port, name, sizeof(name));
    for (size_t i = 0; !rc && i < settings->known_hosts.len; i++) {
        struct buf text = { 0 };
        rc = check_file(settings->known_hosts.at[i], err);
        if (rc)
            break;
        rc = fs_read_file(settings->known_hosts.at[i], KNOWN_HOSTS_MAX, &text,
                          err);
        if (!rc)
            known_hosts_search(buf_text(&text), text.len, name, type, base64,
                               finding);
        else if (rc == ERR_NOT_FOUND)
            rc = 0;
        buf_free(&text);
    }
    return rc;
}

/* The algorithms to ask for: of key types that known_hosts lists first, so
 * that a server shows the key that is known. */
static int choose_algorithms(const struct ssh_settings *settings,
                             struct buf *out, struct err *err)
{
    struct buf types = { 0 };
    struct known_hosts_finding finding = { .types = &types };

    int rc = search_files(settings, "", "", &finding, err);
    for (int listed = 1; !rc && listed >= 0; listed--)
        for (size_t i = 0; i < ARRAY_LEN(key_types); i++)
            if ((strstr(buf_text(&types), key_types[i].type) != NULL) == listed)
                buf_printf(out, "%s%s", out->len ? "," : "",
                           key_types[i].algorithms);
    if (!rc && (buf_failed(out) || buf_failed(&types)))
        rc = err_set(err, ERR_NOMEM, "no memory for host key types");
    buf_free(&types);
    return rc;
}

/* Describe the key that the server has shown. */
static int describe_key(const struct sshlink *link,
                        const struct ssh_settings *settings,
                        struct host_key *ret_key, struct err *err)
{
    struct known_hosts_finding finding = { 0 };
    unsigned char *hash = NULL;
    char *fingerprint = NULL, *base64 = NULL;
    size_t hash_len = 0;
    ssh_key key = NULL;
    int rc = ERR_IO;

    if (ssh_get_server_publickey(link->session, &key) != SSH_OK ||
        ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK ||
        ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash,
                               &hash_len) != SSH_OK)
        goto out;
    fingerprint =
        ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, hash_len);
    struct host_key shown = { .base64 = strdup(base64) };
    if (!fingerprint || !shown.base64) {
        free(shown.base64);
        goto out;
    }
    snprintf(shown.type, sizeof(shown.type), "%s",
             ssh_key_type_to_char(ssh_key_type(key)));
    snprintf(shown.fingerprint, sizeof(shown.fingerprint), "%s", fingerprint);
    known_hosts_name(settings->alias, settings->port, shown.known_as,
                     sizeof(shown.known_as));
    rc = search_files(settings, shown.type, base64, &finding, err);
    if (rc) {
        free(shown.base64);
        goto done;
    }
    shown.verdict = known_hosts_verdict(&finding);
    *ret_key = shown;
out:
    if (rc)
        err_set(err, rc, "%s: cannot read its host key: %s", link->name,
                ssh_get_error(link->session));
done:
    ssh_string_free_char(fingerprint);
    ssh_string_free_char(base64);
    ssh_clean_pubkey_hash(&hash);
    ssh_key_free(key);
    return rc;
}

static int judge_key(const struct sshlink *link,
                     const struct ssh_settings *settings, struct err *err)
{
    static const char *const verdicts[] = {
        [KNOWN_HOSTS_UNKNOWN] = "is not listed",
        [KNOWN_HOSTS_CHANGED] = "differs from the one listed",
        [KNOWN_HOSTS_REVOKED] = "is marked as revoked",
    };
    struct host_key key = { 0 };

    int rc = describe_key(link, settings, &key, err);
    if (rc)
        return rc;
    if (key.verdict != KNOWN_HOSTS_OK) {
        size_t n = settings->known_hosts.len;
        rc = err_set(err, ERR_REFUSED,
                     "%s: its host key (%s %s) %s for %s in %s%s: compare the "
                     "fingerprint, then 'labsweep boards trust'",
                     link->name, key.type, key.fingerprint,
                     verdicts[key.verdict], key.known_as,
                     n ? settings->known_hosts.at[0] : "any file",
                     n > 1 ? " and others" : "");
    }
    free(key.base64);
    return rc;
}

/* A new session on the connected socket link->fd. */
static int make_session(struct sshlink *link,
                        const struct ssh_settings *settings,
                        const char *algorithms, struct err *err)
{
    const int no = 0, yes = 1, quiet = SSH_LOG_NONE;

    link->session = ssh_new();
    if (!link->session)
        return err_set(err, ERR_NOMEM, "no memory for an ssh session");
    ssh_options_set(link->session, SSH_OPTIONS_LOG_VERBOSITY, &quiet);
    ssh_options_set(link->session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    ssh_options_set(link->session, SSH_OPTIONS_NODELAY, &yes);
    /* only to name it; libssh is choosy about names, and need not know */
    ssh_options_set(link->session, SSH_OPTIONS_HOST, settings->host);
    ssh_options_set(link->session, SSH_OPTIONS_PORT, &settings->port);
    /* the files are searched by us */
    ssh_options_set(link->session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
    ssh_options_set(link->session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
    if (settings->agent[0])
        ssh_options_set(link->session, SSH_OPTIONS_IDENTITY_AGENT,
                        settings->agent);
    if (ssh_options_set(link->session, SSH_OPTIONS_USER, settings->user) ||
        ssh_options_set(link->session, SSH_OPTIONS_HOSTKEYS, algorithms) ||
        ssh_options_set(link->session, SSH_OPTIONS_FD, &link->fd))
        return err_set(err, ERR_IO, "%s: %s", link->name,
                       ssh_get_error(link->session));
    ssh_set_blocking(link->session, 0);
    return 0;
}

static ino_t inode_of(int fd)
{
    struct stat info;

    return fstat(fd, &info) ? 0 : info.st_ino;
}

/* libssh 0.10 closes a descriptor that it was given when the connection
 * fails, and leaves it open when it ends well.  By now the number may be
 * another thread's file, so close it only if it still is our socket. */
static void close_socket(struct sshlink *link)
{
    if (link->fd >= 0 && link->inode && inode_of(link->fd) == link->inode)
        close(link->fd);
    link->fd = -1;
}

static void drop_session(struct sshlink *link)
{
    if (link->event)
        ssh_event_free(link->event);
    link->event = NULL;
    if (link->session) {
        ssh_disconnect(link->session);
        ssh_free(link->session);
    }
    link->session = NULL;
    close_socket(link);
    sshjump_close(link->jump);
    link->jump = NULL;
    proxy_end(link->proxy);
    link->proxy = 0;
}

/* Greeting and key exchange.  Sets ret_again if the server hung up before
 * it greeted. */
static int exchange_keys(struct sshlink *link, int64_t deadline_ns,
                         bool *ret_again, struct err *err)
{
    int rc = 0, got;

    while ((got = ssh_connect(link->session)) == SSH_AGAIN && !rc)
        rc = sshlink_settle(link, deadline_ns, err);
    *ret_again = !rc && !ssh_get_serverbanner(link->session);
    if (!rc && got != SSH_OK)
        rc = err_set(err, ERR_IO, "%s: ssh: %s", link->name,
                     ssh_get_error(link->session));
    return rc;
}

/* Sleep a while before calling again; not all at once, where many lanes
 * were turned away together. */
static void pause_before_retry(const struct sshlink *link, unsigned attempt)
{
    int64_t base_ns = RETRY_FIRST_NS << (attempt < 5 ? attempt : 5);
    uint64_t chance = (uint64_t)clock_mono_ns() * UINT64_C(2654435761) ^
                      (uint64_t)(uintptr_t)link;
    int64_t ns = base_ns + (int64_t)(chance % (uint64_t)base_ns);

    poll(NULL, 0, (int)(ns / 1000000));
}

/* Get a socket to the server, in the way that the settings say. */
static int reach(struct sshlink *link, const struct transport_target *target,
                 const struct ssh_settings *settings, unsigned depth,
                 int64_t deadline_ns, struct err *err)
{
    int rc;

    if (settings->jump[0])
        rc = sshjump_open(target, settings, depth, deadline_ns, &link->jump,
                          &link->fd, err);
    else if (settings->proxy_command[0])
        rc = proxy_start(settings->proxy_command, &link->fd, &link->proxy, err);
    else
        rc = tcp_dial(settings->host, settings->port, settings->family,
                      deadline_ns, &link->fd, err);
    if (!rc)
        link->inode = inode_of(link->fd);
    return rc;
}

/* Reach the server and exchange keys. */
static int shake_hands(struct sshlink *link,
                       const struct transport_target *target,
                       const struct ssh_settings *settings,
                       const char *algorithms, unsigned depth,
                       int64_t deadline_ns, struct err *err)
{
    int rc = 0;

    for (unsigned attempt = 0;; attempt++) {
        bool again = false;
        rc = reach(link, target, settings, depth, deadline_ns, err);
        if (!rc)
            rc = make_session(link, settings, algorithms, err);
        if (!rc)
            rc = exchange_keys(link, deadline_ns, &again, err);
        if (!rc)
            return 0;
        if (link->proxy) /* its own end, not a busy server's */
            again = false;
        drop_session(link);
        if (!again || clock_mono_ns() + 2 * RETRY_FIRST_NS > deadline_ns)
            return rc;
        pause_before_retry(link, attempt);
    }
}

static int make_link(const struct ssh_settings *settings,
                     struct sshlink **ret_link, struct err *err)
{
    struct sshlink *link = calloc(1, sizeof(*link));

    if (!link)
        return err_set(err, ERR_NOMEM, "no memory for an ssh connection");
    link->fd = -1;
    snprintf(link->name, sizeof(link->name), "%s:%d", settings->host,
             settings->port);
    *ret_link = link;
    return 0;
}

int sshlink_open(const struct transport_target *target, bool is_jump,
                 unsigned depth, int64_t deadline_ns, struct sshlink **ret_link,
                 struct err *err)
{
    struct ssh_settings settings = { 0 };
    struct buf algorithms = { 0 };
    struct sshlink *link = NULL;

    int rc = ssh_settings_find(target, is_jump, &settings, err);
    if (!rc)
        rc = choose_algorithms(&settings, &algorithms, err);
    if (!rc)
        rc = make_link(&settings, &link, err);
    if (rc)
        goto out;
    if (deadline_ns == INT64_MAX)
        deadline_ns = clock_mono_ns() + S_TO_NS(settings.connect_s);
    rc = shake_hands(link, target, &settings, buf_text(&algorithms), depth,
                     deadline_ns, err);
    if (!rc)
        rc = judge_key(link, &settings, err);
    if (!rc)
        rc = sshlink_login(link, &settings, deadline_ns, err);
    if (!rc) {
        link->event = ssh_event_new();
        if (!link->event ||
            ssh_event_add_session(link->event, link->session) != SSH_OK)
            rc = err_set(err, ERR_NOMEM, "no memory for an ssh connection");
    }
out:
    if (rc)
        sshlink_close(link);
    else
        *ret_link = link;
    buf_free(&algorithms);
    ssh_settings_free(&settings);
    return rc;
}

void sshlink_close(struct sshlink *link)
{
    if (!link)
        return;
    drop_session(link);
    free(link);
}

int sshlink_fetch_key(const struct ssh_settings *settings, const char *type,
                      const struct transport_target *target,
                      struct host_key *ret_key, struct err *err)
{
    int64_t deadline_ns = clock_mono_ns() + S_TO_NS(settings->connect_s);
    const char *algorithms = NULL;
    struct sshlink *link = NULL;
    struct host_key key = { 0 };

    for (size_t i = 0; i < ARRAY_LEN(key_types); i++)
        if (!strcmp(type, key_types[i].type))
            algorithms = key_types[i].algorithms;
    if (!algorithms)
        return err_set(err, ERR_USAGE, "no host key type '%s'", type);
    int rc = make_link(settings, &link, err);
    if (rc)
        return rc;
    rc = shake_hands(link, target, settings, algorithms, 0, deadline_ns, err);
    if (!rc)
        rc = describe_key(link, settings, &key, err);
    sshlink_close(link);
    if (rc)
        return rc;
    *ret_key = key;
    return 0;
}
