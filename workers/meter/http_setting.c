/* http_setting.c - profiles, and what an entry says beside them */
#include "workers/meter/http_setting.h"

#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "core/vec.h"
#include "workers/meter/options.h"

static const struct profile {
    const char *name, *get, *path, *unit, *on, *off;
    bool post;
} profiles[] = {
#define HTTP(name, get, path, unit, on, off, post)                             \
    { name, get, path, unit, on, off, post },
#include "workers/meter/http_profiles.def"
#undef HTTP
};

static const struct profile *find_profile(const char *name, struct err *err)
{
    const char *names[ARRAY_LEN(profiles) + 1] = { 0 };

    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        names[i] = profiles[i].name;
        if (!strcmp(name, profiles[i].name))
            return &profiles[i];
    }
    meter_unknown("profile", name, names, err);
    return NULL;
}

/* 'base' and 'form' with its marks replaced; NULL: no memory, or no form. */
static char *fill(const char *base, const char *form, int64_t channel,
                  const char *sensor)
{
    struct buf out = { 0 };
    char *text;

    if (!form)
        return NULL;
    buf_put(&out, base, strlen(base));
    for (const char *c = form; *c; c++) {
        if (!strncmp(c, "{c}", 3))
            buf_printf(&out, "%d", (int)channel);
        else if (!strncmp(c, "{s}", 3))
            buf_printf(&out, "%s", sensor);
        else
            buf_put(&out, c, 1);
        c += *c == '{' && c[1] && c[2] == '}' ? 2 : 0;
    }
    text = strdup(buf_text(&out));
    buf_free(&out);
    return text;
}

/* The entry's own sources, else the profile's path. */
static int set_paths(const struct board_meter *config,
                     const struct profile *profile, int64_t channel,
                     struct http_setting *s, struct err *err)
{
    if (config->sources_len > HTTP_SOURCES_MAX ||
        (!config->sources_len && !profile->path))
        return err_set(err, ERR_USAGE,
                       "has %zu sources, expected JSON paths, 1 to %d",
                       config->sources_len, HTTP_SOURCES_MAX);
    for (size_t i = 0; i < config->sources_len; i++) {
        if (strcmp(config->sources[i].quantity, "power") != 0)
            return err_set(err, ERR_USAGE,
                           "sources[%zu]: found quantity '%s', expected "
                           "'power'",
                           i, config->sources[i].quantity);
        s->path[i] = strdup(config->sources[i].path);
        s->factor[i] = config->sources[i].factor;
    }
    s->paths = config->sources_len;
    if (s->paths)
        return 0;
    s->paths = 1;
    s->path[0] = fill("", profile->path, channel, "");
    return units_factor(profile->unit, "W", &s->factor[0], err);
}

int http_setting_parse(const struct board_meter *config,
                       struct http_setting *ret_setting, struct err *err)
{
    static const char *const keys[] = { "url",    "profile", "channel",
                                        "sensor", "user",    "password_file",
                                        NULL };
    const char *url = "", *name = "json", *sensor = "";
    const struct profile *profile = NULL;
    struct http_setting *s = ret_setting;
    int64_t channel = 0;
    int rc = meter_option_keys(config, keys, err);

    *s = (struct http_setting){ 0 };
    if (!rc)
        rc = meter_option(config, "url", true, &url, err);
    if (!rc && strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
        rc = err_set(err, ERR_USAGE, "url '%s': expected http:// or https://",
                     url);
    if (!rc)
        rc = meter_option(config, "user", false, &s->user, err);
    if (!rc)
        rc = meter_option(config, "profile", false, &name, err);
    if (!rc && !(profile = find_profile(name, err)))
        rc = ERR_USAGE;
    if (!rc)
        rc = meter_option_i64(config, "channel", 0, 64, &channel, err);
    if (!rc)
        rc = meter_option(config, "sensor", strstr(profile->get, "{s}"),
                          &sensor, err);
    if (rc)
        return rc;
    s->post = profile->post;
    s->page[HTTP_READ] = fill(url, profile->get, channel, sensor);
    s->page[HTTP_ON] = fill(url, profile->on, channel, sensor);
    s->page[HTTP_OFF] = fill(url, profile->off, channel, sensor);
    rc = set_paths(config, profile, channel, s, err);
    for (size_t i = 0; !rc && i < s->paths; i++)
        if (!s->path[i] || !s->page[HTTP_READ])
            rc = err_set(err, ERR_NOMEM, "no memory for a meter");
    return rc;
}

void http_setting_free(struct http_setting *s)
{
    for (size_t i = 0; i < ARRAY_LEN(s->page); i++)
        free(s->page[i]);
    for (size_t i = 0; i < s->paths; i++)
        free(s->path[i]);
    *s = (struct http_setting){ 0 };
}
