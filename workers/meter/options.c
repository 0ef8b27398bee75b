/* options.c - options by name, and what is wrong with them */
#include "workers/meter/options.h"

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

int meter_option_i64(const struct board_meter *config, const char *key,
                     int64_t low, int64_t high, int64_t *value, struct err *err)
{
    struct json at = { 0 };

    if (config->options.doc)
        at = json_get(&config->options, key);
    return json_opt_i64(&at, low, high, value, err);
}
