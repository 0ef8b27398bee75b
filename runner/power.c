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
#include "runner/ticker.h"

/* Set by SIGTERM and SIGINT; a handler can reach nothing else. */
static volatile sig_atomic_t stopped;
static sigset_t open_mask; /* of waits, during which signals may come */

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
    if ((!strcmp(part, "path") || !strcmp(part, "pattern")) && *value) {
        *path = value;
        s->pattern = !strcmp(part, "pattern");
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
                    "bytes), path, pattern, scale, or unit W, J, V or A",
                    part, value);
}

/* The next KEY=VALUE; a pattern goes to the end of the text. */
static char *next_part(char **text)
{
    char *part = *text, *end;

    if (!part || !*part)
        return NULL;
    end = strncmp(part, "pattern=", 8) ? strchr(part, ',') : NULL;
    if (end)
        *end++ = 0;
    *text = end;
    return part;
}

/* Where a path leads; a pattern is kept as it is. */
static int find_source(const char *sys, const char *path,
                       struct power_source *s, struct fail *fail)
{
    if (!s->pattern && sensors_resolve(sys, path, s->path, fail))
        return -1;
    if (s->pattern && strlen(path) >= sizeof s->path)
        return fail_set(fail, FAIL_USAGE, "a pattern is longer than %zu bytes",
                        sizeof s->path - 1);
    if (s->pattern)
        memcpy(s->path, path, strlen(path) + 1);
    else if (s->unit == 'J')
        s->range = sensors_range(s->path);
    return 0;
}

int power_source_parse(const char *text, const char *sys,
                       struct power_source *ret_source, struct fail *fail)
{
    struct power_source s = { .fd = -1, .scale = 1, .last = NAN };
    const char *path = NULL;
    char *words = strdup(text), *rest = words, *part;
    int rc = 0;

    if (!words)
        return fail_set(fail, FAIL_NOMEM, "no memory for a source");
    while (!rc && (part = next_part(&rest)))
        rc = set_part(part, &path, &s, fail);
    if (!rc && (!s.label[0] || !path || !s.unit))
        rc = fail_set(fail, FAIL_USAGE,
                      "source '%.80s' needs label, path (or pattern) and unit",
                      text);
    if (!rc)
        rc = find_source(sys, path, &s, fail);
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

static void put_record(uint8_t *record, int64_t mono_ns, int64_t unix_ns,
                       const double *values, size_t count, bool late)
{
    uint32_t valid = 0;

    for (size_t i = 0; i < count; i++) {
        valid |= (uint32_t)!isnan(values[i]) << i;
        put_f64(record + 24 + 8 * i, values[i]);
    }
    put_le(record, (uint64_t)mono_ns, 8);
    put_le(record + 8, (uint64_t)unix_ns, 8);
    put_le(record + 16, late ? POWER_LATE : 0, 4);
    put_le(record + 20, valid, 4);
}

/* What a counter counted in all, whatever turns it made. */
static double unwrap(struct power_source *s, double value)
{
    if (isnan(s->last))
        s->all = value;
    else
        s->all += value - s->last + (value < s->last ? s->range : 0);
    s->last = value;
    return s->all;
}

void power_sample(struct power_source *sources, size_t count, bool late,
                  uint8_t *ret_record)
{
    int64_t mono = now_mono_ns(), unix_ns = now_unix_ns(), half;
    double values[POWER_SOURCES_MAX];

    for (size_t i = 0; i < count; i++) {
        values[i] = NAN;
        if (sensors_read_kept(&sources[i].fd, sources[i].path, &values[i]))
            continue;
        if (sources[i].range > 0)
            values[i] = unwrap(&sources[i], values[i]);
        values[i] *= sources[i].scale;
    }
    /* the middle of the reading, so that slow buses are not early */
    half = (now_mono_ns() - mono) / 2;
    put_record(ret_record, mono + half, unix_ns + half, values, count, late);
}

int power_put(int out, const double *values, size_t count, bool late,
              struct fail *fail)
{
    uint8_t record[24 + 8 * POWER_SOURCES_MAX];

    put_record(record, now_mono_ns(), now_unix_ns(), values, count, late);
    return jout_write_all(out, record, power_record_bytes(count), fail);
}

bool power_stopped(void)
{
    return stopped;
}

int power_poll(struct pollfd *fds, size_t count)
{
    return ppoll(fds, (nfds_t)count, NULL, &open_mask);
}

/* Wait for a tick or until 'in' ends, open to signals.  Returns true at its
 * end. */
static bool watch(struct ticker *ticker, int in)
{
    char rest[256];

    while (!stopped) {
        struct pollfd fds[] = { { in, POLLIN, 0 },
                                { ticker_fd(ticker), POLLIN, 0 } };

        if (power_poll(fds, 2) <= 0)
            continue;
        if (fds[0].revents && read(in, rest, sizeof rest) <= 0 &&
            errno != EAGAIN)
            return true;
        if (fds[1].revents && ticker_take(ticker))
            return false;
    }
    return true;
}

static void take_signals(void)
{
    struct sigaction act = { .sa_handler = stop };
    sigset_t closed;

    stopped = 0;
    sigemptyset(&closed);
    sigaddset(&closed, SIGTERM);
    sigaddset(&closed, SIGINT);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigprocmask(SIG_BLOCK, &closed, &open_mask);
    sigdelset(&open_mask, SIGTERM);
    sigdelset(&open_mask, SIGINT);
}

int power_begin(int out, size_t count, struct fail *fail)
{
    uint8_t head[POWER_HEAD_BYTES] = "LSPW";

    put_le(head + 4, 1, 4);
    put_le(head + 8, count, 4);
    take_signals();
    return jout_write_all(out, head, sizeof head, fail);
}

/* Samples on their way out. */
struct stream {
    struct power_source *sources;
    size_t count;
    int in, out;
    struct ticker ticker;
    int64_t looked_ns; /* when they were last sent, and the input looked at */
    uint8_t bytes[16384];
    size_t len;
};

static int flush(struct stream *s, struct fail *fail)
{
    int rc = s->len ? jout_write_all(s->out, s->bytes, s->len, fail) : 0;

    s->len = 0;
    return rc;
}

/* Send what is there, wait for a tick open to all that may happen, and follow
 * files that were replaced.  Returns 1 if the stream is to end, -1:
 * FAIL_OUTPUT. */
static int look(struct stream *s, struct fail *fail)
{
    if (flush(s, fail))
        return -1;
    if (watch(&s->ticker, s->in))
        return 1;
    s->looked_ns = s->ticker.last_ns;
    for (size_t i = 0; i < s->count; i++)
        sensors_follow(&s->sources[i].fd);
    return 0;
}

/* Wait for a sample's tick; returns as look(). */
static int await(struct stream *s, struct fail *fail)
{
    int64_t next_ns = s->ticker.last_ns + s->ticker.period_ns;

    if (next_ns - s->looked_ns >= POWER_FLUSH_NS ||
        s->len + power_record_bytes(s->count) > sizeof s->bytes)
        return look(s, fail);
    while (!ticker_take(&s->ticker)) /* signals are held back: one call */
        ;
    return 0;
}

static void sample(struct stream *s)
{
    bool late = now_mono_ns() - s->ticker.last_ns > s->ticker.period_ns / 2;

    power_sample(s->sources, s->count, late, s->bytes + s->len);
    s->len += power_record_bytes(s->count);
}

int power_stream(struct power_source *sources, size_t count, int64_t period_ns,
                 int in, int out, struct fail *fail)
{
    struct stream s = {
        .sources = sources, .count = count, .in = in, .out = out
    }; /* looked at never: the first sample looks at the input */
    int rc;

    if (power_begin(out, count, fail))
        return -1;
    (void)prctl(PR_SET_TIMERSLACK, 1000ul, 0, 0, 0);
    rc = ticker_start(&s.ticker, now_mono_ns(), period_ns, fail);
    while (!rc && !(rc = await(&s, fail)))
        sample(&s);
    if (rc >= 0)
        rc = flush(&s, fail);
    ticker_stop(&s.ticker);
    for (size_t i = 0; i < count; i++)
        sensors_let_go(&sources[i].fd);
    return rc;
}
