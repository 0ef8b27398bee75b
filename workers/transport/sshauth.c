/* sshauth.c - logging in: agent and key files */
#include <libssh/libssh.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "workers/transport/sshlink.h"

/* One attempt to log in. */
struct login {
    struct sshlink *link;
    const struct ssh_settings *settings;
    int64_t deadline_ns;
    struct buf tried; /* for the sentence */
};

static bool accepted(int auth)
{
    return auth == SSH_AUTH_SUCCESS;
}

/* A private key that others may read is nobody's; ssh(1) refuses it, too. */
static int check_private(struct login *login, const char *path, bool *ret_open,
                         struct err *err)
{
    struct stat st;

    *ret_open = !stat(path, &st) && st.st_uid == getuid() && (st.st_mode & 077);
    if (!*ret_open)
        return 0;
    if (login->settings->only_key)
        return err_set(err, ERR_REFUSED,
                       "the key '%s' may be read by others (mode %04o): chmod "
                       "600 it",
                       path, (unsigned)st.st_mode & 07777);
    buf_printf(&login->tried, "%s%s (passed over: others may read it)",
               login->tried.len ? ", " : "", path);
    return 0;
}

/* Offer a private key that lies in a file; a file that is not there, or that
 * needs a pass phrase, is passed over (the agent may have it).
 * Sets ret_auth.  Returns 0, ERR_IO or ERR_TIMEOUT. */
static int offer_file(struct login *login, const char *path, int *ret_auth,
                      struct err *err)
{
    ssh_key key = NULL;
    bool open;
    int rc = 0;

    *ret_auth = SSH_AUTH_DENIED;
    if (access(path, R_OK)) {
        if (login->settings->only_key)
            return err_set_errno(err, ERR_REFUSED, "cannot read the key '%s'",
                                 path);
        return 0;
    }
    rc = check_private(login, path, &open, err);
    if (rc || open)
        return rc;
    /* an empty pass phrase, or libssh would ask the terminal */
    if (ssh_pki_import_privkey_file(path, "", NULL, NULL, &key) != SSH_OK) {
        buf_printf(&login->tried, "%s%s (not readable without a pass phrase)",
                   login->tried.len ? ", " : "", path);
        return 0;
    }
    buf_printf(&login->tried, "%s%s", login->tried.len ? ", " : "", path);
    for (;;) {
        *ret_auth = ssh_userauth_publickey(login->link->session, NULL, key);
        if (*ret_auth != SSH_AUTH_AGAIN)
            break;
        rc = sshlink_settle(login->link, login->deadline_ns, err);
        if (rc)
            break;
    }
    ssh_key_free(key);
    return rc;
}

static int offer_agent(struct login *login, int *ret_auth, struct err *err)
{
    *ret_auth = SSH_AUTH_DENIED;
    if (!login->settings->agent[0] || access(login->settings->agent, W_OK))
        return 0;
    buf_printf(&login->tried, "%sthe agent", login->tried.len ? ", " : "");
    for (;;) {
        *ret_auth = ssh_userauth_agent(login->link->session, NULL);
        if (*ret_auth != SSH_AUTH_AGAIN)
            return 0;
        int rc = sshlink_settle(login->link, login->deadline_ns, err);
        if (rc)
            return rc;
    }
}

/* Agent first, as ssh(1) does, unless only the named keys may be offered;
 * then it is asked last, for keys with a pass phrase. */
static int try_all(struct login *login, int *auth, struct err *err)
{
    const struct ssh_settings *settings = login->settings;
    bool files_first = settings->only_key || settings->identities_only;
    int rc = 0;

    if (!files_first)
        rc = offer_agent(login, auth, err);
    for (size_t i = 0; !rc && !accepted(*auth) && i < settings->identities.len;
         i++) {
        rc = offer_file(login, settings->identities.at[i], auth, err);
        if (*auth == SSH_AUTH_ERROR)
            return rc;
    }
    if (!rc && files_first && !accepted(*auth) &&
        strstr(buf_text(&login->tried), "pass phrase"))
        rc = offer_agent(login, auth, err);
    return rc;
}

/* What the server would take: "publickey,password". */
static void wanted_methods(ssh_session session, struct buf *out)
{
    static const struct {
        int bit;
        const char *word;
    } methods[] = {
        { SSH_AUTH_METHOD_PUBLICKEY, "publickey" },
        { SSH_AUTH_METHOD_PASSWORD, "password" },
        { SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive" },
        { SSH_AUTH_METHOD_HOSTBASED, "hostbased" },
        { SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic" },
    };
    int bits = ssh_userauth_list(session, NULL);

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (bits & methods[i].bit)
            buf_printf(out, "%s%s", out->len ? "," : "", methods[i].word);
}

int sshlink_login(struct sshlink *link, const struct ssh_settings *settings,
                  int64_t deadline_ns, struct err *err)
{
    struct login login = { link, settings, deadline_ns, { 0 } };
    struct buf methods = { 0 };
    int auth = SSH_AUTH_DENIED;

    int rc = try_all(&login, &auth, err);
    if (rc) {
        err_prefix(err, "%s: user '%s'", link->name, settings->user);
    } else if (!accepted(auth) && sshlink_check(link, NULL)) {
        rc = err_set(err, ERR_IO, "%s: lost while logging in as '%s': %s",
                     link->name, settings->user, ssh_get_error(link->session));
    } else if (!accepted(auth)) {
        wanted_methods(link->session, &methods);
        rc = err_set(err, ERR_REFUSED,
                     "%s: no key was accepted for user '%s' (offered: %s; the "
                     "server takes %s)",
                     link->name, settings->user,
                     login.tried.len ? buf_text(&login.tried) : "none found",
                     methods.len ? buf_text(&methods) : "publickey");
    }
    buf_free(&methods);
    buf_free(&login.tried);
    return rc;
}
