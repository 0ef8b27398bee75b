/* scpi.c - meter "scpi": bench supplies and power meters
 *
 * "options": { "address": "HOST[:PORT]" or "/dev/usbtmc0", "profile": a row
 * of scpi_profiles.def, "channel": 1, "query": "...", "index": 0 }.  A query
 * of one's own goes with the profile "generic".  Yokogawa's ethernet is
 * VXI-11: use its USB.
 */
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "workers/meter/dialog.h"
#include "workers/meter/options.h"
#include "workers/meter/scpi_reply.h"

struct profile {
    const char *name, *idn;
    int port; /* 0: none over TCP */
    const char *first, *second;
    size_t index;
    int step, base;
};

static const struct profile profiles[] = {
#define SCPI(name, idn, port, first, second, index, step, base)                \
    { name, idn, port, first, second, index, step, base },
#include "workers/meter/scpi_profiles.def"
#undef SCPI
};

struct scpi_state {
    struct dialog dialog;
    struct profile profile; /* with the entry's own query and index */
    const char *address;
    int64_t channel;
    double values[2];
};

static int find_profile(const struct board_meter *config,
                        struct profile *profile, struct err *err)
{
    const char *name = "generic", *names[ARRAY_LEN(profiles) + 1] = { 0 };
    int rc = meter_option(config, "profile", false, &name, err);

    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        names[i] = profiles[i].name;
        if (!rc && !strcmp(name, profiles[i].name)) {
            *profile = profiles[i];
            return 0;
        }
    }
    return rc ? rc : meter_unknown("profile", name, names, err);
}

static int settings(const struct board_meter *config, struct scpi_state *s,
                    struct err *err)
{
    static const char *const keys[] = { "address", "profile", "channel",
                                        "query",   "index",   NULL };
    int64_t index = -1;
    int rc = meter_option_keys(config, keys, err);

    s->channel = 1;
    if (!rc)
        rc = meter_option(config, "address", true, &s->address, err);
    if (!rc)
        rc = find_profile(config, &s->profile, err);
    if (!rc)
        rc = meter_option_i64(config, "channel", 1, 64, &s->channel, err);
    if (!rc)
        rc = meter_option(config, "query", false, &s->profile.first, err);
    if (!rc)
        rc = meter_option_i64(config, "index", 0, 64, &index, err);
    if (index >= 0)
        s->profile.index = (size_t)index;
    if (!rc && s->address[0] != '/' && !s->profile.port)
        rc = err_set(err, ERR_USAGE,
                     "profile '%s' does not speak over a raw socket (its "
                     "ethernet is VXI-11), name its /dev/usbtmc",
                     s->profile.name);
    return rc;
}

static int check(const struct board_meter *config, struct err *err)
{
    struct scpi_state state = { 0 };

    return settings(config, &state, err);
}

static bool ask(struct meter *m, size_t step, struct buf *question)
{
    const struct scpi_state *s = m->state;
    const char *query = step == 0   ? s->profile.first
                        : step == 1 ? s->profile.second
                                    : NULL;
    const char *mark = query ? strstr(query, "{c}") : NULL;

    if (mark)
        buf_printf(question, "%.*s%d%s\n", (int)(mark - query), query,
                   (int)s->channel * s->profile.step + s->profile.base,
                   mark + 3);
    else if (query)
        buf_printf(question, "%s\n", query);
    return query;
}

static int take(struct meter *m, size_t step, const uint8_t *data, size_t len,
                struct err *err)
{
    struct scpi_state *s = m->state;

    return scpi_reply_number(data, len, s->profile.index, &s->values[step],
                             err);
}

static double power(struct meter *m, bool *ret_new)
{
    const struct scpi_state *s = m->state;

    *ret_new = true;
    return s->profile.second ? s->values[0] * s->values[1] : s->values[0];
}

static const struct dialog_form form = { ask, dialog_line, take, power, 2 };

/* Whether the instrument calls itself what the profile is for. */
static int check_identity(const struct scpi_state *s, int fd, struct err *err)
{
    char answer[200];
    regex_t regex;
    bool fits;
    int rc = dialog_once(fd, "*IDN?\n", 2, answer, sizeof(answer), err);

    if (rc || regcomp(&regex, s->profile.idn, REG_EXTENDED | REG_ICASE))
        return rc;
    fits = !s->profile.idn[0] || !regexec(&regex, answer, 0, NULL, 0);
    regfree(&regex);
    return fits ? 0
                : err_set(err, ERR_IO,
                          "the instrument is '%.80s', which is not of "
                          "profile '%s'",
                          answer, s->profile.name);
}

static int scpi_open(struct meter *m, struct err *err)
{
    int rc = dialog_state(m, sizeof(struct scpi_state), err);

    return rc ? rc : settings(m->config, m->state, err);
}

static int scpi_start(struct meter *m, struct err *err)
{
    struct scpi_state *s = m->state;
    int fd, rc = dialog_open(s->address, s->profile.port, &fd, err);

    if (rc)
        return rc;
    rc = check_identity(s, fd, err);
    if (rc)
        close(fd);
    else
        dialog_begin(m, &form, fd);
    return rc;
}

const struct meter_driver meter_scpi = {
    .name = "scpi",
    .help = "bench supplies and power meters, by SCPI over TCP or USBTMC",
    .period_s = 0.1,
    .check = check,
    .open = scpi_open,
    .start = scpi_start,
    .stop = dialog_stop,
    .wants = dialog_wants,
    .on_fd = dialog_on_fd,
    .on_time = dialog_on_time,
    .close = dialog_close,
};
