/* lane_serve.c - the adapter's long-lived process: a line out, a line back */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "workers/lane_guard.h"
#include "workers/lane_lease.h"
#include "workers/lane_run.h"

static void stop(struct lane_board *b)
{
    proc_release(b->serve.proc); /* kills its group */
    buf_free(&b->serve.out);
    b->serve = (struct lane_serve){ 0 };
}

static int start(struct lane_board *b, const char *command, struct err *err)
{
    int rc;

    if (b->serve.proc && !b->serve.ended) {
        buf_clear(&b->serve.out); /* whatever it said unasked */
        return 0;
    }
    stop(b);
    rc = transport_start(b->transport, command,
                         (void *)(uintptr_t)&lane_serve_tag, &b->serve.proc,
                         err);
    if (rc && rc != ERR_NOMEM)
        b->link_lost = true;
    return rc;
}

static int64_t after(int64_t from_ns, double seconds)
{
    return seconds > 0 && seconds < 1e9 ? from_ns + S_TO_NS(seconds)
                                        : INT64_MAX;
}

/* Write the line, waiting for room as needed. */
static int send_line(struct lane_board *b, const char *line, int64_t deadline,
                     struct err *err)
{
    size_t len = strlen(line), put = 0;
    struct proc_event ev;
    int rc = 0;

    while (!rc && len && !b->serve.ended) {
        rc = proc_write(b->serve.proc, line, len, &put, err);
        if (rc)
            b->link_lost = true;
        line += put;
        len -= put;
        if (!rc && len)
            rc = lane_pump(b, deadline, &ev, err);
    }
    return rc;
}

static bool has_line(const struct lane_serve *serve)
{
    return serve->out.len && memchr(serve->out.data, '\n', serve->out.len);
}

static int wait_line(struct lane_board *b, int64_t deadline, struct err *err)
{
    struct proc_event ev;
    int rc = 0;

    while (!rc && !has_line(&b->serve) && !b->serve.ended &&
           b->serve.out.len < LANE_STREAM_MAX)
        rc = lane_pump(b, deadline, &ev, err);
    return rc;
}

/* {"ok": false, "text": ...} is a failure; of a "result" only it is kept. */
static int unwrap(const char *name, struct lane_run *run, struct err *err)
{
    struct json_doc *doc = NULL;
    struct json root, ok, text, result;
    const char *words = "it does not say why";
    struct buf inner = { 0 };
    bool good = true;
    int rc = 0;

    if (json_doc_parse(run->text[0].data, run->text[0].len, "answer", &doc,
                       NULL))
        return 0; /* not our form: the adapter's patterns see it as it is */
    root = json_root(doc);
    ok = json_get(&root, "ok");
    text = json_get(&root, "text");
    result = json_get(&root, "result");
    if (!json_bool(&ok, &good, NULL) && !good) {
        json_string(&text, &words, NULL);
        rc = err_set(err, ERR_IO, "job '%s' failed: %.300s", name, words);
    } else if (good && json_kind(&result) == JSON_OBJECT) {
        rc = json_print_at(&result, &inner, err);
        if (!rc) {
            buf_free(&run->text[0]);
            run->text[0] = inner;
            inner = (struct buf){ 0 };
        }
    }
    buf_free(&inner);
    json_doc_destroy(doc);
    return rc;
}

static int take_answer(struct lane_board *b, const char *name,
                       struct lane_run *run, struct err *err)
{
    const uint8_t *end;
    size_t len;

    if (!has_line(&b->serve) && b->serve.ended) {
        run->exit_status = b->serve.exit_status;
        return err_set(err, ERR_IO,
                       "the served process ended with status %d during job "
                       "'%s': %s",
                       b->serve.exit_status, name, b->serve.words);
    }
    if (!has_line(&b->serve)) {
        run->end = LANE_RUN_FLOOD;
        stop(b);
        return err_set(err, ERR_IO, "job '%s' answered more than %zu MiB", name,
                       LANE_STREAM_MAX >> 20);
    }
    end = memchr(b->serve.out.data, '\n', b->serve.out.len);
    len = (size_t)(end - b->serve.out.data);
    buf_put(&run->text[0], b->serve.out.data, len);
    run->bytes[0] = len;
    buf_consume(&b->serve.out, len + 1);
    run->exit_status = 0;
    return unwrap(name, run, err);
}

static int failed(struct lane_board *b, const char *name,
                  const struct lane_run_limits *limits, int rc,
                  struct lane_run *run, struct err *err)
{
    int64_t group;

    if (b->link_lost) {
        run->end = LANE_RUN_LINK_LOST;
        b->left_group = b->serve.proc ? proc_group(b->serve.proc) : 0;
        return err_prefix(err, "the link to the board was lost during job '%s'",
                          name);
    }
    group = proc_group(b->serve.proc);
    stop(b); /* its next answer would belong to nobody */
    lane_run_verify_gone(b, group, run);
    run->end = rc == ERR_TIMEOUT ? LANE_RUN_TOTAL : LANE_RUN_CANCELLED;
    if (rc == ERR_TIMEOUT)
        err_set(err, rc, "job '%s' took longer than its limit of %g s", name,
                limits->total_s);
    lane_run_say_left(run, err);
    return rc;
}

int lane_run_request(struct lane_board *b, const char *name,
                     const char *command, const char *request,
                     const struct lane_run_limits *limits,
                     struct lane_run *ret_run, struct err *err)
{
    int64_t deadline = after(clock_mono_ns(), limits->total_s);
    struct buf line = { 0 };
    int rc;

    *ret_run = (struct lane_run){ .end = LANE_RUN_EXITED,
                                  .start_unix_ns = clock_unix_ns() };
    ret_run->exit_status = -1;
    buf_printf(&line, "%s\n", request);
    lane_lease_expect(b, limits->total_s);
    rc = start(b, command, err);
    b->running = rc ? NULL : b->serve.proc;
    b->running_ns = clock_mono_ns();
    if (!rc)
        lane_guard_expect(b, b->serve.proc, limits->total_s);
    if (!rc)
        rc = send_line(b, buf_text(&line), deadline, err);
    if (!rc)
        rc = wait_line(b, deadline, err);
    b->running = NULL;
    lane_guard_over(b);
    ret_run->end_unix_ns = clock_unix_ns();
    rc = rc ? failed(b, name, limits, rc, ret_run, err)
            : take_answer(b, name, ret_run, err);
    buf_free(&line);
    return rc;
}
