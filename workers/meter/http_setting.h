/* http_setting.h - what an entry of meter "http" asks for
 *
 * "options": { "url": "http://10.0.0.9", "profile": a row of
 * http_profiles.def, "channel": 0, "sensor": "name", "user": "admin",
 * "password_file": PATH }.  Profile "json" reads "url" itself, by the JSON
 * paths of the sources.
 */
#ifndef WORKERS_METER_HTTP_SETTING_H
#define WORKERS_METER_HTTP_SETTING_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"
#include "inventory/board.h"

#define HTTP_SOURCES_MAX 8

enum http_page {
    HTTP_READ,
    HTTP_ON,
    HTTP_OFF,
};

struct http_setting {
    char *page[3];                /* URLs, by enum; NULL: none; owned */
    char *path[HTTP_SOURCES_MAX]; /* JSON paths, summed; owned */
    double factor[HTTP_SOURCES_MAX];
    size_t paths;
    const char *user; /* borrowed of the entry; NULL: nobody */
    bool post;        /* to switch */
};

/* Read the options; free with http_setting_free() in any case.  Returns 0,
 * ERR_USAGE, ERR_FORMAT, ERR_NOMEM. */
int http_setting_parse(const struct board_meter *config,
                       struct http_setting *ret_setting, struct err *err);
void http_setting_free(struct http_setting *setting);

#endif
