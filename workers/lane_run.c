/* lane_run.c - a command watched by its limits */
#include "workers/lane_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "workers/collect/clean.h"
#include "workers/collect/pattern.h"
#include "workers/lane_guard.h"
#include "workers/lane_lease.h"

#define TERM_GRACE_S 2.0 /* from SIGTERM to SIGKILL */
#define KILL_GRACE_S 5.0 /* from SIGKILL to giving up */
#define LINE_MAX_    8192

static const struct lane_tag job_tag = { .kind = LANE_TAG_JOB };

struct marker {
    struct pattern *start, *end;
    struct buf line;
};

struct watch {
    struct lane_board *board;
    struct proc *proc;
    struct lane_run *run;
    const struct lane_run_limits *limits;
    struct marker marker;
    const char *input; /* what is still to be written, NULL: all is */
    bool blocked;
    int64_t start_ns, heard_ns, kill_ns;
    int kills; /* signals sent */
};

static int64_t after(int64_t from_ns, double seconds)
{
    return seconds > 0 && seconds < 1e9 ? from_ns + S_TO_NS(seconds)
                                        : INT64_MAX;
}

/* ---- markers */

static int compile_markers(struct marker *m, const char *const *texts,
                           struct err *err)
{
    int rc = 0;

    if (texts && texts[0])
        rc = pattern_compile(texts[0], &m->start, err);
    if (!rc && texts && texts[1])
        rc = pattern_compile(texts[1], &m->end, err);
    return rc;
}

static void try_line(struct watch *w, int64_t now_unix_ns)
{
    struct marker *m = &w->marker;
    struct buf clean = { 0 };
    struct pattern_match match;
    const char *text;

    collect_clean(&clean, m->line.data, m->line.len);
    text = buf_text(&clean);
    if (m->start && !w->run->marker_unix_ns[0] &&
        !pattern_next(m->start, text, clean.len, 0, &match, NULL))
        w->run->marker_unix_ns[0] = now_unix_ns;
    else if (m->end && (!m->start || w->run->marker_unix_ns[0]) &&
             !pattern_next(m->end, text, clean.len, 0, &match, NULL))
        w->run->marker_unix_ns[1] = now_unix_ns; /* the last one counts */
    buf_free(&clean);
    buf_clear(&m->line);
}

static void feed_markers(struct watch *w, const uint8_t *data, size_t len)
{
    struct marker *m = &w->marker;
    int64_t now;

    if (!m->start && !m->end)
        return;
    now = clock_unix_ns();
    while (len) {
        const uint8_t *end = memchr(data, '\n', len);
        size_t n = end ? (size_t)(end - data) + 1 : len;

        buf_put(&m->line, data, m->line.len < LINE_MAX_ ? n : 0);
        if (end)
            try_line(w, now);
        data += n;
        len -= n;
    }
}

/* ---- ending */

/* SIGTERM, then SIGKILL; whatever comes of it, PROC_EXIT or time tells. */
static void end_group(struct watch *w, enum lane_run_end why)
{
    int signal = w->kills ? SIGKILL : SIGTERM;

    if (!w->kills)
        w->run->end = why;
    w->kills++;
    w->board->deaf = true;
    if (w->proc)
        proc_kill_group(w->proc, signal, NULL);
    w->kill_ns =
        after(clock_mono_ns(), w->kills > 1 ? KILL_GRACE_S : TERM_GRACE_S);
}

static int64_t next_deadline(const struct watch *w)
{
    int64_t total = after(w->start_ns, w->limits->total_s);
    int64_t silent = after(w->heard_ns, w->limits->silence_s);

    if (w->kills)
        return w->kill_ns;
    return total < silent ? total : silent;
}

/* Zombies that nobody buries are gone too. */
void lane_run_verify_gone(struct lane_board *b, int64_t group,
                          struct lane_run *run)
{
    char command[400];
    int n = snprintf(
        command, sizeof(command),
        "for i in 1 2 3 4 5; do kill -KILL -%lld 2>/dev/null || exit 0; "
        "cat /proc/[0-9]*/stat 2>/dev/null | sed -n "
        "'s/.*) \\([A-Z]\\) [0-9]* %lld .*/\\1/p' | grep -q '[^ZX]' || exit 0; "
        "sleep 1; done; exit 1",
        (long long)group, (long long)group);

    if (group <= 1 || b->link_lost || n < 0 || (size_t)n >= sizeof(command) ||
        !strcmp(b->setup->board->transport, "script"))
        return; /* nothing known to look for, or nobody to ask */
    b->deaf = true;
    int rc = lane_command(b, "ending a job", command, LANE_SHORT_S, NULL, NULL);
    b->deaf = false;
    if (rc && !b->link_lost)
        run->left_group = group;
}

/* A limit was reached.  True if nothing more is to be waited for. */
static bool on_limit(struct watch *w)
{
    int64_t now = clock_mono_ns();

    if (w->kills > 1)
        return true;
    if (w->kills)
        end_group(w, w->run->end);
    else if (now >= after(w->start_ns, w->limits->total_s))
        end_group(w, LANE_RUN_TOTAL);
    else
        end_group(w, LANE_RUN_SILENT);
    return false;
}

static void keep(struct watch *w, int stream, const uint8_t *data, size_t len)
{
    struct buf *text = &w->run->text[stream];
    size_t room = LANE_STREAM_MAX - text->len;

    w->heard_ns = clock_mono_ns();
    w->run->bytes[stream] += len;
    buf_put(text, data, len < room ? len : room);
    if (len > room && !w->kills)
        end_group(w, LANE_RUN_FLOOD);
    if (stream == ADAPTER_STDOUT)
        feed_markers(w, data, len);
}

static int feed(struct watch *w, struct err *err)
{
    int rc = 0;

    while (w->input && !w->blocked && !rc) {
        size_t len = strlen(w->input), put = 0;

        if (len)
            rc = proc_write(w->proc, w->input, len, &put, err);
        w->input += put;
        w->blocked = put < len;
        if (!rc && !*w->input) {
            w->input = NULL;
            rc = proc_close_stdin(w->proc, err);
        }
    }
    return rc;
}

/* One event.  Returns true at the end of the job. */
static bool on_event(struct watch *w, const struct proc_event *ev,
                     struct err *err)
{
    if (ev->proc != w->proc)
        return false;
    switch (ev->kind) {
    case PROC_STDOUT:
        keep(w, ADAPTER_STDOUT, ev->data, ev->len);
        return false;
    case PROC_STDERR:
        keep(w, ADAPTER_STDERR, ev->data, ev->len);
        return false;
    case PROC_WRITABLE:
        w->blocked = false;
        feed(w, err);
        return false;
    case PROC_EXIT:
        w->run->exit_status = ev->exit_status;
        w->run->signal = ev->signal;
        if (!w->kills)
            w->run->end = ev->signal ? LANE_RUN_SIGNALLED : LANE_RUN_EXITED;
        return true;
    case PROC_FD:
        break;
    }
    return false;
}

static int watch_to_end(struct watch *w, struct err *err)
{
    struct lane_board *b = w->board;
    struct proc_event ev;
    bool over = false;
    int rc = feed(w, err);

    if (rc)
        b->link_lost = true;
    while (!over && !b->link_lost) {
        rc = lane_pump(b, next_deadline(w), &ev, err);
        if (rc == ERR_TIMEOUT)
            over = on_limit(w);
        else if (rc == ERR_REFUSED)
            end_group(w, LANE_RUN_CANCELLED);
        else if (!rc)
            over = on_event(w, &ev, err);
    }
    if (b->link_lost) {
        w->run->end = LANE_RUN_LINK_LOST;
        b->left_group = proc_group(w->proc);
    }
    b->deaf = false;
    if (w->kills)
        lane_run_verify_gone(b, proc_group(w->proc), w->run);
    return b->link_lost ? ERR_IO : 0;
}

/* ---- the sentence */

static int describe_end(const char *name, const struct lane_run *run,
                        const struct lane_run_limits *limits, struct err *err)
{
    char words[200], link[ERR_TEXT_MAX];
    const char *sep;

    collect_last_words(run->text[1].data, run->text[1].len, words,
                       sizeof(words));
    if (!words[0])
        collect_last_words(run->text[0].data, run->text[0].len, words,
                           sizeof(words));
    sep = words[0] ? ": " : "";
    switch (run->end) {
    case LANE_RUN_EXITED:
        if (!run->exit_status)
            return 0;
        if (run->exit_status < 0)
            return err_set(err, ERR_IO, "job '%s' ended, nobody knows how%s%s",
                           name, sep, words);
        return err_set(err, ERR_IO, "job '%s' exited with status %d%s%s", name,
                       run->exit_status, sep, words);
    case LANE_RUN_SIGNALLED:
        return err_set(err, ERR_IO, "job '%s' was ended by signal %d (%s)%s%s",
                       name, run->signal, strsignal(run->signal), sep, words);
    case LANE_RUN_TOTAL:
        return err_set(err, ERR_TIMEOUT,
                       "job '%s' took longer than its limit of %g s%s%s", name,
                       limits->total_s, sep, words);
    case LANE_RUN_SILENT:
        return err_set(err, ERR_TIMEOUT, "job '%s' said nothing for %g s%s%s",
                       name, limits->silence_s, sep, words);
    case LANE_RUN_FLOOD:
        return err_set(err, ERR_IO,
                       "job '%s' printed more than %zu MiB and was ended", name,
                       LANE_STREAM_MAX >> 20);
    case LANE_RUN_CANCELLED:
        return err_set(err, ERR_REFUSED, "cancelled");
    case LANE_RUN_LINK_LOST:
        break;
    }
    memcpy(link, err ? err->text : "", err ? sizeof(link) : 1);
    return err_set(err, ERR_IO,
                   "the link to the board was lost during job "
                   "'%s': %s",
                   name, link);
}

void lane_run_say_left(const struct lane_run *run, struct err *err)
{
    if (run->left_group)
        err_prefix(err, "process group %lld cannot be ended on the board",
                   (long long)run->left_group);
}

static int describe(const char *name, const struct lane_run *run,
                    const struct lane_run_limits *limits, struct err *err)
{
    int rc = describe_end(name, run, limits, err);

    if (rc)
        lane_run_say_left(run, err);
    return rc;
}

int lane_run_command(struct lane_board *b, const char *name,
                     const char *command, const char *input,
                     const struct lane_run_limits *limits,
                     const char *const *markers, struct lane_run *ret_run,
                     struct err *err)
{
    struct watch w = { .board = b,
                       .run = ret_run,
                       .limits = limits,
                       .input = input ? input : "" };
    struct buf guarded = { 0 };
    struct err inner = { 0 };
    int rc;

    *ret_run = (struct lane_run){ .end = LANE_RUN_LINK_LOST,
                                  .start_unix_ns = clock_unix_ns() };
    ret_run->exit_status = -1;
    rc = compile_markers(&w.marker, markers, err);
    if (rc)
        goto out;
    lane_lease_expect(b, limits->total_s);
    w.start_ns = w.heard_ns = clock_mono_ns();
    lane_guard_put(b, limits->total_s, &guarded);
    buf_printf(&guarded, "%s", command);
    rc = buf_failed(&guarded)
             ? err_set(&inner, ERR_NOMEM, "no memory")
             : transport_start(b->transport, buf_text(&guarded),
                               (void *)(uintptr_t)&job_tag, &w.proc, &inner);
    b->running = rc ? NULL : w.proc;
    b->running_ns = w.start_ns;
    if (rc == ERR_NOMEM || rc == ERR_REFUSED) {
        rc = err_set(err, rc == ERR_REFUSED ? ERR_IO : rc, "job '%s': %s", name,
                     inner.text);
        b->link_lost = rc == ERR_IO;
        goto out;
    }
    if (rc)
        b->link_lost = true;
    else
        watch_to_end(&w, &inner);
    b->running = NULL;
    ret_run->end_unix_ns = clock_unix_ns();
    rc = describe(name, ret_run, limits, &inner);
    if (rc && err)
        *err = inner;
    proc_release(w.proc);
out:
    buf_free(&guarded);
    pattern_destroy(w.marker.start);
    pattern_destroy(w.marker.end);
    buf_free(&w.marker.line);
    return rc;
}

void lane_run_free(struct lane_run *run)
{
    buf_free(&run->text[0]);
    buf_free(&run->text[1]);
}
