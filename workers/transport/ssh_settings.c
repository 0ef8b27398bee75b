/* ssh_settings.c - the user's own ssh settings for a host, by `ssh -G` */
#include "workers/transport/ssh_settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/text.h"
#include "workers/transport/transport_exec.h"

#define ASK_LIMIT_S 10.0

/* The names that `ssh -G` prints and we use. */
enum setting {
    SETTING_HOSTNAME,
    SETTING_USER,
    SETTING_PORT,
    SETTING_FAMILY,
    SETTING_JUMP,
    SETTING_PROXY_COMMAND,
    SETTING_IDENTITY,
    SETTING_IDENTITIES_ONLY,
    SETTING_AGENT,
    SETTING_ALIAS,
    SETTING_USER_FILES,
    SETTING_GLOBAL_FILES,
    SETTING_CONNECT,
    SETTING_COUNT
};

/* clang-format off */
static const char *const setting_words[SETTING_COUNT] = {
    [SETTING_HOSTNAME] = "hostname",
    [SETTING_USER] = "user",
    [SETTING_PORT] = "port",
    [SETTING_FAMILY] = "addressfamily",
    [SETTING_JUMP] = "proxyjump",
    [SETTING_PROXY_COMMAND] = "proxycommand",
    [SETTING_IDENTITY] = "identityfile",
    [SETTING_IDENTITIES_ONLY] = "identitiesonly",
    [SETTING_AGENT] = "identityagent",
    [SETTING_ALIAS] = "hostkeyalias",
    [SETTING_USER_FILES] = "userknownhostsfile",
    [SETTING_GLOBAL_FILES] = "globalknownhostsfile",
    [SETTING_CONNECT] = "connecttimeout",
};
/* clang-format on */

static bool given(const char *text)
{
    return text && text[0];
}

/* Replace an owned text.  False without memory. */
static bool set_text(char **text, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        return false;
    free(*text);
    *text = copy;
    return true;
}

static bool add_name(struct ssh_names *names, const char *name)
{
    char *copy = strdup(name);

    if (copy && VEC_PUSH(names, copy))
        return true;
    free(copy);
    return false;
}

static void free_names(struct ssh_names *names)
{
    for (size_t i = 0; i < names->len; i++)
        free(names->at[i]);
    VEC_FREE(names);
}

/* ~, %d, %h, %r, %u, %p, %n and %% in a file name, as ssh_config(5) says;
 * other tokens stay. */
static void expand(const struct ssh_settings *settings, const char *home,
                   const char *name, struct buf *out)
{
    if (!strncmp(name, "~/", 2)) {
        buf_printf(out, "%s", home);
        name++;
    }
    for (; *name; name++) {
        if (name[0] != '%' || !name[1]) {
            buf_put_u8(out, (uint8_t)*name);
            continue;
        }
        name++;
        if (*name == 'd')
            buf_printf(out, "%s", home);
        else if (*name == 'h')
            buf_printf(out, "%s", settings->host);
        else if (*name == 'n')
            buf_printf(out, "%s", settings->given);
        else if (*name == 'r')
            buf_printf(out, "%s", settings->user);
        else if (*name == 'p')
            buf_printf(out, "%d", settings->port);
        else if (*name == '%')
            buf_put_u8(out, '%');
        else
            buf_printf(out, "%%%c", *name);
    }
}

/* Add the expanded names of a list parted by blanks. */
static bool add_files(struct ssh_settings *settings, const char *home,
                      char *list, struct ssh_names *names)
{
    char *save = NULL;
    bool fits = true;

    for (char *name = strtok_r(list, " ", &save); fits && name;
         name = strtok_r(NULL, " ", &save)) {
        struct buf path = { 0 };
        expand(settings, home, name, &path);
        fits = !buf_failed(&path);
        if (fits && strcmp(buf_text(&path), "none"))
            fits = add_name(names, buf_text(&path));
        buf_free(&path);
    }
    return fits;
}

static bool set_agent(struct ssh_settings *settings, const char *home,
                      const char *value)
{
    const char *name = value;
    struct buf path = { 0 };

    if (!strcmp(value, "none"))
        return set_text(&settings->agent, "");
    if (!strcmp(value, "SSH_AUTH_SOCK"))
        return true; /* which is there from the start */
    if (value[0] == '$') {
        name = getenv(value + 1);
        return set_text(&settings->agent, name ? name : "");
    }
    expand(settings, home, name, &path);
    bool fits =
        !buf_failed(&path) && set_text(&settings->agent, buf_text(&path));
    buf_free(&path);
    return fits;
}

/* "none" is how ssh -G says that nothing is set. */
static const char *or_nothing(const char *value)
{
    return strcmp(value, "none") ? value : "";
}

static bool set_proxy(struct ssh_settings *settings, const char *home,
                      const char *value)
{
    struct buf command = { 0 };

    expand(settings, home, value, &command);
    bool fits = !buf_failed(&command) &&
                set_text(&settings->proxy_command, buf_text(&command));
    buf_free(&command);
    return fits;
}

static bool apply(struct ssh_settings *settings, enum setting setting,
                  char *value, const char *home)
{
    double seconds;

    switch (setting) {
    case SETTING_HOSTNAME:
        return set_text(&settings->host, value);
    case SETTING_USER:
        return set_text(&settings->user, value);
    case SETTING_PORT:
        settings->port = atoi(value);
        return true;
    case SETTING_FAMILY:
        settings->family = !strcmp(value, "inet")    ? AF_INET
                           : !strcmp(value, "inet6") ? AF_INET6
                                                     : AF_UNSPEC;
        return true;
    case SETTING_JUMP:
        return set_text(&settings->jump, or_nothing(value));
    case SETTING_PROXY_COMMAND:
        return set_proxy(settings, home, or_nothing(value));
    case SETTING_IDENTITY:
        return add_files(settings, home, value, &settings->identities);
    case SETTING_IDENTITIES_ONLY:
        settings->identities_only = !strcmp(value, "yes");
        return true;
    case SETTING_AGENT:
        return set_agent(settings, home, value);
    case SETTING_ALIAS:
        return set_text(&settings->alias, value);
    case SETTING_USER_FILES:
    case SETTING_GLOBAL_FILES:
        return add_files(settings, home, value, &settings->known_hosts);
    case SETTING_CONNECT:
        if (text_to_f64(value, &seconds) && seconds > 0)
            settings->connect_s = seconds;
        return true;
    case SETTING_COUNT:
        break;
    }
    return true;
}

/* The lines come sorted by ssh's own taste; file names and commands may hold
 * tokens of host and user, so those are applied in a first pass. */
static bool has_tokens(enum setting setting)
{
    return setting == SETTING_IDENTITY || setting == SETTING_AGENT ||
           setting == SETTING_USER_FILES || setting == SETTING_GLOBAL_FILES ||
           setting == SETTING_PROXY_COMMAND;
}

static bool parse_pass(char *text, const char *home,
                       struct ssh_settings *settings, bool files)
{
    char *save = NULL;
    bool fits = true;

    for (char *line = strtok_r(text, "\r\n", &save); fits && line;
         line = strtok_r(NULL, "\r\n", &save)) {
        char *value = strchr(line, ' ');
        if (!value)
            continue;
        *value++ = '\0';
        for (int i = 0; fits && i < SETTING_COUNT; i++) {
            if (has_tokens((enum setting)i) == files &&
                !strcmp(line, setting_words[i]))
                fits = apply(settings, (enum setting)i, value, home);
        }
    }
    return fits;
}

int ssh_settings_parse(const char *text, size_t len, const char *home,
                       struct ssh_settings *settings, struct err *err)
{
    bool fits = true;

    for (int files = 0; fits && files < 2; files++) {
        char *copy = strndup(text, len);
        fits = copy && parse_pass(copy, home, settings, files);
        free(copy);
    }
    if (!fits)
        return err_set(err, ERR_NOMEM, "no memory for ssh settings");
    return 0;
}

/* Fill in the user's name and home folder. */
static int who_am_i(struct buf *name, struct buf *home, struct err *err)
{
    char space[4096];
    struct passwd entry, *found = NULL;

    getpwuid_r(getuid(), &entry, space, sizeof(space), &found);
    const char *said = getenv("HOME");
    buf_printf(name, "%s", found ? found->pw_name : "");
    buf_printf(home, "%s", given(said) ? said : found ? found->pw_dir : "/");
    if (buf_failed(name) || buf_failed(home))
        return err_set(err, ERR_NOMEM, "no memory for ssh settings");
    return 0;
}

/* What holds where ssh(1) says nothing else. */
static int set_defaults(struct ssh_settings *settings, const char *host,
                        const char *user, struct err *err)
{
    const char *agent = getenv("SSH_AUTH_SOCK");

    *settings = (struct ssh_settings){ .port = 22,
                                       .family = AF_UNSPEC,
                                       .connect_s = SSH_SETTINGS_CONNECT_S };
    if (set_text(&settings->host, host) && set_text(&settings->given, host) &&
        set_text(&settings->alias, "") && set_text(&settings->user, user) &&
        set_text(&settings->jump, "") &&
        set_text(&settings->proxy_command, "") &&
        set_text(&settings->agent, agent ? agent : ""))
        return 0;
    return err_set(err, ERR_NOMEM, "no memory for ssh settings");
}

/* Run `ssh -G` and apply what it says; without ssh(1), its defaults. */
static int ask_ssh(const struct transport_target *target, const char *home,
                   struct ssh_settings *settings, struct err *err)
{
    static const char missing[] = "identityfile ~/.ssh/id_rsa\n"
                                  "identityfile ~/.ssh/id_ecdsa\n"
                                  "identityfile ~/.ssh/id_ed25519\n"
                                  "globalknownhostsfile "
                                  "/etc/ssh/ssh_known_hosts\n"
                                  "userknownhostsfile ~/.ssh/known_hosts\n";
    const struct exec_limits limits = { .total_s = ASK_LIMIT_S };
    struct exec_result result = { 0 };
    struct transport *here = NULL;
    struct buf command = { 0 };

    buf_printf(&command, "exec ssh -G");
    if (target->port)
        buf_printf(&command, " -p %d", target->port);
    if (given(target->user)) {
        buf_printf(&command, " -l ");
        text_quote_shell(&command, target->user);
    }
    buf_printf(&command, " -- ");
    text_quote_shell(&command, target->host);
    int rc = transport_open("local", target, &here, err);
    if (!rc)
        rc = transport_exec(here, buf_text(&command), NULL, 0, &limits, -1,
                            &result, err);
    if (!rc && result.end == EXEC_EXITED && result.exit_status == 127)
        rc = ssh_settings_parse(missing, strlen(missing), home, settings, err);
    else if (!rc)
        rc = exec_result_check(&result, "ssh -G", err);
    if (!rc)
        rc = ssh_settings_parse((const char *)result.out.data, result.out.len,
                                home, settings, err);
    if (rc)
        err_prefix(err, "ssh settings for '%s'", target->host);
    exec_result_free(&result);
    transport_close(here);
    buf_free(&command);
    return rc;
}

/* The target's own words win. */
static int apply_target(const struct transport_target *target, bool is_jump,
                        struct ssh_settings *settings, struct err *err)
{
    struct ssh_names rest = { 0 };
    bool fits = true;

    if (given(target->user))
        fits = set_text(&settings->user, target->user);
    if (target->port)
        settings->port = target->port;
    if (target->connect_timeout_s > 0)
        settings->connect_s = target->connect_timeout_s;
    if (given(target->jump)) {
        fits = fits && set_text(&settings->jump, or_nothing(target->jump)) &&
               set_text(&settings->proxy_command, "");
    }
    if (given(target->key)) {
        rest = settings->identities;
        settings->identities = (struct ssh_names){ 0 };
        settings->only_key = !is_jump;
        fits = fits && add_name(&settings->identities, target->key);
        for (size_t i = 0; fits && is_jump && i < rest.len; i++)
            fits = add_name(&settings->identities, rest.at[i]);
        free_names(&rest);
    }
    if (given(target->known_hosts)) {
        if (!is_jump)
            free_names(&settings->known_hosts);
        fits = fits && add_name(&settings->known_hosts, target->known_hosts);
    }
    if (fits && !settings->alias[0])
        fits = set_text(&settings->alias, settings->host);
    if (!fits)
        return err_set(err, ERR_NOMEM, "no memory for ssh settings");
    return 0;
}

int ssh_settings_find(const struct transport_target *target, bool is_jump,
                      struct ssh_settings *ret_settings, struct err *err)
{
    struct buf name = { 0 }, home = { 0 };

    *ret_settings = (struct ssh_settings){ 0 };
    if (!given(target->host) || target->host[0] == '-')
        return err_set(err, ERR_USAGE, "'%s' is no host name",
                       target->host ? target->host : "");
    int rc = who_am_i(&name, &home, err);
    if (!rc)
        rc = set_defaults(ret_settings, target->host, buf_text(&name), err);
    if (!rc)
        rc = ask_ssh(target, buf_text(&home), ret_settings, err);
    if (!rc)
        rc = apply_target(target, is_jump, ret_settings, err);
    buf_free(&name);
    buf_free(&home);
    return rc;
}

void ssh_settings_free(struct ssh_settings *settings)
{
    if (!settings)
        return;
    free(settings->host);
    free(settings->given);
    free(settings->alias);
    free(settings->user);
    free(settings->jump);
    free(settings->agent);
    free(settings->proxy_command);
    free_names(&settings->identities);
    free_names(&settings->known_hosts);
    *settings = (struct ssh_settings){ 0 };
}

/* Where the port stands in HOST:PORT, [HOST]:PORT or HOST; a bare IPv6
 * address has none.  Sets the place and length of the host. */
static const char *find_port(const char *text, const char **ret_host,
                             size_t *ret_len)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = strrchr(text, ':');

    *ret_host = end ? text + 1 : text;
    if (end) {
        *ret_len = (size_t)(end - text - 1);
        return end[1] == ':' ? end + 2 : NULL;
    }
    if (colon && colon == strchr(text, ':')) {
        *ret_len = (size_t)(colon - text);
        return colon + 1;
    }
    *ret_len = strlen(text);
    return NULL;
}

int ssh_settings_split_jump(const char *jump, char **ret_host, char **ret_user,
                            int *ret_port, char **ret_rest, struct err *err)
{
    const char *comma = strrchr(jump, ',');
    const char *hop = comma ? comma + 1 : jump, *host;
    size_t host_len;
    int64_t number = 0;

    if (!strncmp(hop, "ssh://", 6))
        hop += 6;
    const char *at = strrchr(hop, '@');
    const char *port = find_port(at ? at + 1 : hop, &host, &host_len);
    if (!host_len || host[0] == '-' ||
        (port && (!text_to_i64(port, &number) || number < 1 || number > 65535)))
        return err_set(err, ERR_USAGE,
                       "jump host '%s': expected [USER@]HOST[:PORT]", hop);
    char *its_host = strndup(host, host_len);
    char *user = strndup(hop, at ? (size_t)(at - hop) : 0);
    char *rest = strndup(jump, comma ? (size_t)(comma - jump) : 0);
    if (!its_host || !user || !rest) {
        free(its_host);
        free(user);
        free(rest);
        return err_set(err, ERR_NOMEM, "no memory for a jump host");
    }
    *ret_host = its_host;
    *ret_user = user;
    *ret_port = (int)number;
    *ret_rest = rest;
    return 0;
}
