/* options.c - options by name, and what is wrong with them */
#include "workers/meter/options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/text.h"

int meter_unknown(const char *what, const char *name, const char *const *names,
                  struct err *err)
{
    const char *near = text_nearest(name, names);

    return err_set(err, ERR_USAGE, "unknown %s '%s'%s%s%s", what, name,
                   near ? ", did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

int meter_option_keys(const struct board_meter *config, const char *const *keys,
                      struct err *err)
{
    if (!config->options.doc || !json_there(&config->options))
        return 0;
    return json_check_keys(&config->options, keys, err);
}

int meter_option(const struct board_meter *config, const char *key, bool needed,
                 const char **text, struct err *err)
{
    struct json at = { 0 };

    if (config->options.doc)
        at = json_get(&config->options, key);
    if (needed && !json_there(&at))
        return err_set(err, ERR_USAGE, "options need \"%s\"", key);
    return json_opt_string(&at, text, err);
}

int meter_option_path(const struct board_meter *config, const char *key,
                      char path[FS_PATH_MAX], struct err *err)
{
    const char *text = "", *dir = config->dir ? config->dir : ".";
    const char *home = getenv("HOME");
    int rc = meter_option(config, key, false, &text, err);

    path[0] = 0;
    if (rc || !*text)
        return rc;
    if (!strncmp(text, "~/", 2) && home) {
        text += 2;
        dir = home;
    }
    if (fs_join(path, FS_PATH_MAX, dir, text))
        return 0;
    return err_set(err, ERR_USAGE, "%s: its path is too long", key);
}

/* Never says what is in the file. */
static int read_secret(const char *path, char *secret, size_t size,
                       struct err *err)
{
    struct buf text = { 0 };
    struct stat st;
    size_t len;
    int rc = fs_read_file(path, 4096, &text, err);

    len = rc ? 0 : strcspn(buf_text(&text), "\r\n");
    if (!rc && (stat(path, &st) || st.st_mode & 077))
        rc = err_set(err, ERR_USAGE, "'%s' may be read by others: chmod 600",
                     path);
    else if (!rc && len >= size)
        rc = err_set(err, ERR_USAGE, "'%s': longer than %zu bytes", path,
                     size - 1);
    if (!rc) {
        memcpy(secret, buf_text(&text), len);
        secret[len] = 0;
    }
    if (text.data)
        explicit_bzero(text.data, text.len);
    buf_free(&text);
    return rc;
}

int meter_option_secret(const struct board_meter *config, const char *key,
                        char *secret, size_t size, struct err *err)
{
    char path[FS_PATH_MAX];
    int rc = meter_option_path(config, key, path, err);

    if (!rc && *path)
        rc = read_secret(path, secret, size, err);
    if (rc)
        err_prefix(err, "%s", key);
    return rc;
}

int meter_option_i64(const struct board_meter *config, const char *key,
                     int64_t low, int64_t high, int64_t *value, struct err *err)
{
    struct json at = { 0 };

    if (config->options.doc)
        at = json_get(&config->options, key);
    return json_opt_i64(&at, low, high, value, err);
}
