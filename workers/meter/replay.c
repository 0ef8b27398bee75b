/* replay.c - meter "replay": recorded samples, as if they were read now
 *
 * "options": { "file": PATH } of "seconds,watts" lines; the recording starts
 * over at its end.  What it says was measured elsewhere, and rows say so.
 */
#include <stdlib.h>

#include "core/clock.h"
#include "core/fs.h"
#include "workers/meter/meter_driver.h"
#include "workers/meter/options.h"
#include "workers/meter/replay_line.h"

struct replay_state {
    struct replay_samples samples;
    size_t next;
    int64_t zero_ns; /* monotonic: where the recording's time is 0 */
};

static int check(const struct board_meter *config, struct err *err)
{
    static const char *const keys[] = { "file", NULL };
    const char *file;
    int rc = meter_option_keys(config, keys, err);

    return rc ? rc : meter_option(config, "file", true, &file, err);
}

static int replay_open(struct meter *m, struct err *err)
{
    m->state = calloc(1, sizeof(struct replay_state));
    return m->state ? 0 : err_set(err, ERR_NOMEM, "no memory for a meter");
}

static int read_samples(struct meter *m, struct err *err)
{
    struct replay_state *s = m->state;
    struct buf text = { 0 };
    char file[FS_PATH_MAX];
    int rc = meter_option_path(m->config, "file", file, err);

    if (!rc)
        rc = fs_read_file(file, 64u << 20, &text, err);
    if (!rc && replay_samples_parse((const char *)text.data, text.len,
                                    &s->samples, err))
        rc = err_prefix(err, "'%s'", file);
    buf_free(&text);
    return rc;
}

static int replay_start(struct meter *m, struct err *err)
{
    struct replay_state *s = m->state;

    s->next = 0;
    s->zero_ns = clock_mono_ns();
    return s->samples.at.len ? 0 : read_samples(m, err);
}

static int replay_stop(struct meter *m, struct err *err)
{
    (void)err;
    m->running = false;
    return 0;
}

static int64_t due_ns(const struct replay_state *s)
{
    return s->zero_ns + s->samples.at.at[s->next].t_ns;
}

static size_t replay_wants(struct meter *m, struct pollfd *fds,
                           int64_t *deadline)
{
    (void)fds;
    if (due_ns(m->state) < *deadline)
        *deadline = due_ns(m->state);
    return 0;
}

static void replay_on_time(struct meter *m, int64_t now_ns)
{
    struct replay_state *s = m->state;
    int64_t unix_ns = clock_unix_ns(), due;

    while (m->running && (due = due_ns(s)) <= now_ns) {
        struct power_reading reading = s->samples.at.at[s->next];

        reading.t_ns = unix_ns - (now_ns - due);
        meter_keep(m, &reading);
        if (++s->next < s->samples.at.len)
            continue;
        s->next = 0;
        s->zero_ns = due + S_TO_NS(m->config->period_s);
    }
}

static void replay_close(struct meter *m)
{
    struct replay_state *s = m->state;

    if (s)
        replay_samples_free(&s->samples);
    free(s);
}

const struct meter_driver meter_replay = {
    .name = "replay",
    .help = "recorded samples from a file, for tests and first steps",
    .invented = true,
    .period_s = 0.1,
    .check = check,
    .open = replay_open,
    .start = replay_start,
    .stop = replay_stop,
    .wants = replay_wants,
    .on_time = replay_on_time,
    .close = replay_close,
};
