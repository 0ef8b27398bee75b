/* power.c - the power sampler */
#include "runner/power.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runner/jout.h"
#include "runner/now.h"

/* Set by SIGTERM and SIGINT; a handler can reach nothing else. */
static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int set_scale(const char *value, struct power_source *s,
                     struct fail *fail)
{
    char *end;

    s->scale = strtod(value, &end);
    if (end == value || *end || !isfinite(s->scale) || s->scale == 0)
        return fail_set(fail, FAIL_USAGE,
                        "source scale '%.40s' is not a number", value);
    return 0;
}

static int set_part(char *part, const char **path, struct power_source *s,
                    struct fail *fail)
{
    char *value = strchr(part, '=');

    if (!value)
        return fail_set(fail, FAIL_USAGE,
                        "source part '%.60s' is not KEY=VALUE", part);
    *value++ = 0;
    if (!strcmp(part, "label") && *value && strlen(value) < sizeof s->label) {
        memcpy(s->label, value, strlen(value) + 1);
        return 0;
    }
    if (!strcmp(part, "path") && *value) {
        *path = value;
        return 0;
    }
    if (!strcmp(part, "scale"))
        return set_scale(value, s, fail);
    if (!strcmp(part, "unit") && value[0] && strchr("WJVA", value[0]) &&
        !value[1]) {
        s->unit = value[0];
        return 0;
    }
    return fail_set(fail, FAIL_USAGE,
                    "source part '%.20s=%.60s' is not label (up to 63 "
                    "bytes), path, scale, or unit W, J, V or A",
                    part, value);
}

int power_source_parse(const char *text, const char *sys,
                       struct power_source *ret_source, struct fail *fail)
{
    struct power_source s = { .scale = 1 };
    const char *path = NULL;
    char *words = strdup(text), *save = NULL;
    int rc = 0;

    if (!words)
        return fail_set(fail, FAIL_NOMEM, "no memory for a source");
    for (char *part = strtok_r(words, ",", &save); part && !rc;
         part = strtok_r(NULL, ",", &save))
        rc = set_part(part, &path, &s, fail);
    if (!rc && (!s.label[0] || !path || !s.unit))
        rc = fail_set(fail, FAIL_USAGE,
                      "source '%.80s' needs label, path and unit", text);
    if (!rc)
        rc = sensors_resolve(sys, path, s.path, fail);
    free(words);
    if (!rc)
        *ret_source = s;
    return rc;
}

static void put_le(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void put_f64(uint8_t *to, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_le(to, bits, 8);
}

size_t power_record_bytes(size_t count)
{
    return 24 + 8 * count;
}

void power_sample(const struct power_source *sources, size_t count, bool late,
                  uint8_t *ret_record)
{
    int64_t mono = now_mono_ns(), unix_ns = now_unix_ns();
    uint32_t valid = 0;

    for (size_t i = 0; i < count; i++) {
        double value = NAN;

        if (!sensors_read(sources[i].path, &value)) {
            value *= sources[i].scale;
            valid |= 1u << i;
        }
        put_f64(ret_record + 24 + 8 * i, value);
    }
    /* the middle of the reading, so that slow buses are not early */
    mono += (now_mono_ns() - mono) / 2;
    unix_ns += (now_unix_ns() - unix_ns) / 2;
    put_le(ret_record, (uint64_t)mono, 8);
    put_le(ret_record + 8, (uint64_t)unix_ns, 8);
    put_le(ret_record + 16, late ? POWER_LATE : 0, 4);
    put_le(ret_record + 20, valid, 4);
}

/* Sleep until the deadline or until 'in' ends.  Returns true at its end. */
static bool sleep_until(int64_t deadline_ns, int in, const sigset_t *open_mask)
{
    struct pollfd fd = { in, POLLIN, 0 };
    char rest[256];

    while (!stopped) {
        int64_t left = deadline_ns - now_mono_ns();
        struct timespec span = { .tv_sec = (time_t)(left / 1000000000),
                                 .tv_nsec = (long)(left % 1000000000) };

        if (left <= 0)
            span = (struct timespec){ 0, 0 };
        if (ppoll(&fd, 1, &span, open_mask) > 0) {
            if (read(in, rest, sizeof rest) <= 0 && errno != EAGAIN)
                return true;
        } else if (left <= 0) {
            return false;
        }
    }
    return true;
}

static void take_signals(sigset_t *ret_open_mask)
{
    struct sigaction act = { .sa_handler = stop };
    sigset_t closed;

    stopped = 0;
    sigemptyset(&closed);
    sigaddset(&closed, SIGTERM);
    sigaddset(&closed, SIGINT);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigprocmask(SIG_BLOCK, &closed, ret_open_mask);
    sigdelset(ret_open_mask, SIGTERM);
    sigdelset(ret_open_mask, SIGINT);
}

int power_stream(const struct power_source *sources, size_t count,
                 int64_t period_ns, int in, int out, struct fail *fail)
{
    uint8_t head[POWER_HEAD_BYTES] = "LSPW";
    uint8_t record[24 + 8 * POWER_SOURCES_MAX];
    int64_t deadline = now_mono_ns();
    sigset_t open_mask;
    int rc;

    put_le(head + 4, 1, 4);
    put_le(head + 8, count, 4);
    take_signals(&open_mask);
    (void)prctl(PR_SET_TIMERSLACK, 1000ul, 0, 0, 0);
    rc = jout_write_all(out, head, sizeof head, fail);
    while (!rc && !sleep_until(deadline, in, &open_mask)) {
        int64_t behind = now_mono_ns() - deadline;

        power_sample(sources, count, behind > period_ns / 2, record);
        rc = jout_write_all(out, record, power_record_bytes(count), fail);
        deadline += period_ns;
        if (deadline < now_mono_ns()) /* missed ones are not made up for */
            deadline += (now_mono_ns() - deadline) / period_ns * period_ns;
    }
    return rc;
}
