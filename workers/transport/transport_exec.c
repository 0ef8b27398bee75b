/* transport_exec.c - one command to its end, and a file onto the board */
#include "workers/transport/transport_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"

#define EXEC_TERM_GRACE_S 2.0 /* from SIGTERM to SIGKILL */
#define EXEC_KILL_GRACE_S 5.0 /* from SIGKILL to giving up */
#define EXEC_FEED_BYTES   65536
#define EXEC_WORDS_MAX    200 /* of a tool's last words in a sentence */

/* Where standard input comes from: memory, then a file. */
struct feed {
    const uint8_t *data;
    size_t len;
    int fd; /* -1: none */
    uint8_t *block;
};

struct exec {
    struct transport *transport;
    struct proc *proc;
    const struct exec_limits *limits;
    struct exec_result *result;
    struct feed *feed;
    struct pollfd cancel; /* fd -1: none */
    bool blocked;         /* input waits for PROC_WRITABLE */
    bool fed;             /* standard input is closed */
    bool killing, killed; /* SIGTERM, SIGKILL was sent */
    int64_t start_ns, active_ns, kill_ns;
};

static int64_t after(int64_t from_ns, double seconds)
{
    if (!(seconds > 0) || seconds > 1e9)
        return INT64_MAX;
    return from_ns + S_TO_NS(seconds);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Fetch the next block of the file once the memory is used up. */
static int refill(struct feed *feed, struct err *err)
{
    if (feed->len || feed->fd < 0)
        return 0;
    ssize_t got;
    do
        got = read(feed->fd, feed->block, EXEC_FEED_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set_errno(err, ERR_IO, "cannot read the input");
    feed->data = feed->block;
    feed->len = (size_t)got;
    if (!got)
        feed->fd = -1;
    return 0;
}

static int feed_input(struct exec *exec, struct err *err)
{
    struct feed *feed = exec->feed;

    while (!exec->blocked && !exec->fed) {
        size_t put = 0;
        int rc = refill(feed, err);
        if (rc)
            return rc;
        if (!feed->len) {
            exec->fed = true;
            return proc_close_stdin(exec->proc, err);
        }
        rc = proc_write(exec->proc, feed->data, feed->len, &put, err);
        if (rc)
            return rc;
        if (put)
            exec->active_ns = clock_mono_ns();
        feed->data += put;
        feed->len -= put;
        exec->blocked = feed->len > 0;
    }
    return 0;
}

static size_t cap_of(size_t asked)
{
    return asked ? asked : EXEC_MAX_OUTPUT;
}

static void keep(struct buf *buf, uint64_t *count, size_t cap,
                 const struct proc_event *event)
{
    size_t room = buf->len < cap ? cap - buf->len : 0;

    buf_put(buf, event->data, event->len < room ? event->len : room);
    *count += event->len;
}

/* Send the signal of this stage; a group that is gone is no failure. */
static void kill_stage(struct exec *exec, enum exec_end why)
{
    if (!exec->killing) {
        exec->result->end = why;
        proc_kill_group(exec->proc, SIGTERM, NULL);
        exec->killing = true;
    } else {
        proc_kill_group(exec->proc, SIGKILL, NULL);
        exec->killed = true;
    }
    exec->kill_ns = clock_mono_ns();
}

/* When the next of our own limits comes. */
static int64_t next_limit(const struct exec *exec)
{
    if (exec->killed)
        return after(exec->kill_ns, EXEC_KILL_GRACE_S);
    if (exec->killing)
        return after(exec->kill_ns, EXEC_TERM_GRACE_S);
    return earlier(after(exec->start_ns, exec->limits->total_s),
                   after(exec->active_ns, exec->limits->silence_s));
}

/* Act on a limit that has come.  True if nothing is left to wait for. */
static bool limit_reached(struct exec *exec)
{
    if (exec->killed)
        return true; /* not even SIGKILL: it hangs in its kernel */
    int64_t total_ns = after(exec->start_ns, exec->limits->total_s);
    kill_stage(exec,
               clock_mono_ns() >= total_ns ? EXEC_TOTAL_LIMIT : EXEC_SILENT);
    return false;
}

static void take_exit(struct exec *exec, const struct proc_event *event)
{
    struct exec_result *result = exec->result;

    if (exec->killing && !exec->killed) /* who ignored SIGTERM goes now */
        proc_kill_group(exec->proc, SIGKILL, NULL);
    if (!exec->killing)
        result->end = event->exit_status >= 0 ? EXEC_EXITED : EXEC_SIGNALLED;
    if (result->end == EXEC_EXITED)
        result->exit_status = event->exit_status;
    result->signal = event->signal;
}

/* Deal with one event.  Sets ret_over at the exit. */
static int take_event(struct exec *exec, const struct proc_event *event,
                      bool *ret_over, struct err *err)
{
    struct exec_result *result = exec->result;

    switch (event->kind) {
    case PROC_STDOUT:
        exec->active_ns = clock_mono_ns();
        keep(&result->out, &result->out_bytes, cap_of(exec->limits->max_stdout),
             event);
        return 0;
    case PROC_STDERR:
        exec->active_ns = clock_mono_ns();
        keep(&result->errout, &result->errout_bytes,
             cap_of(exec->limits->max_stderr), event);
        return 0;
    case PROC_WRITABLE:
        exec->blocked = false;
        return feed_input(exec, err);
    case PROC_FD:
        exec->cancel.fd = -1;
        if (!exec->killing)
            kill_stage(exec, EXEC_CANCELLED);
        return 0;
    case PROC_EXIT:
        take_exit(exec, event);
        *ret_over = true;
        return 0;
    }
    return 0;
}

static int exec_loop(struct exec *exec, struct err *err)
{
    bool over = false;
    int rc = feed_input(exec, err);

    while (!rc && !over) {
        struct proc_event event;
        size_t n_extra = exec->cancel.fd >= 0;
        rc = transport_wait_for(exec->transport, exec->proc, &exec->cancel,
                                n_extra, next_limit(exec), &event, err);
        if (rc == ERR_TIMEOUT) {
            rc = 0;
            over = limit_reached(exec);
        } else if (!rc) {
            rc = take_event(exec, &event, &over, err);
        }
    }
    return rc;
}

static int exec_verdict(const struct exec *exec, struct err *err)
{
    char took[32];

    clock_format_duration(exec->result->wall_s, took);
    switch (exec->result->end) {
    case EXEC_TOTAL_LIMIT:
        return err_set(err, ERR_TIMEOUT, "killed after %s, its time limit",
                       took);
    case EXEC_SILENT:
        return err_set(err, ERR_TIMEOUT,
                       "killed after %s, having said nothing for %g s", took,
                       exec->limits->silence_s);
    case EXEC_CANCELLED:
        return err_set(err, ERR_TIMEOUT, "cancelled after %s", took);
    case EXEC_NOT_STARTED:
    case EXEC_EXITED:
    case EXEC_SIGNALLED:
    case EXEC_LINK_LOST:
        return 0;
    }
    return 0;
}

static int exec_fed(struct transport *transport, const char *command,
                    struct feed *feed, const struct exec_limits *limits,
                    int cancel_fd, struct exec_result *ret_result,
                    struct err *err)
{
    struct exec exec = { .transport = transport,
                         .limits = limits,
                         .result = ret_result,
                         .feed = feed,
                         .cancel = { .fd = cancel_fd, .events = POLLIN } };

    *ret_result = (struct exec_result){ .exit_status = -1 };
    exec.start_ns = exec.active_ns = clock_mono_ns();
    int rc = transport_start(transport, command, NULL, &exec.proc, err);
    if (rc)
        return rc;
    rc = exec_loop(&exec, err);
    ret_result->wall_s = NS_TO_S(clock_mono_ns() - exec.start_ns);
    if (rc && ret_result->end == EXEC_NOT_STARTED)
        ret_result->end = EXEC_LINK_LOST;
    if (!rc)
        rc = exec_verdict(&exec, err);
    if (!rc &&
        (buf_failed(&ret_result->out) || buf_failed(&ret_result->errout)))
        rc = err_set(err, ERR_NOMEM, "no memory for the output");
    proc_release(exec.proc);
    return rc;
}

int transport_exec(struct transport *transport, const char *command,
                   const void *input, size_t input_len,
                   const struct exec_limits *limits, int cancel_fd,
                   struct exec_result *ret_result, struct err *err)
{
    const struct exec_limits none = { 0 };
    struct feed feed = { .data = input,
                         .len = input ? input_len : 0,
                         .fd = -1 };

    return exec_fed(transport, command, &feed, limits ? limits : &none,
                    cancel_fd, ret_result, err);
}

void exec_result_free(struct exec_result *result)
{
    if (!result)
        return;
    buf_free(&result->out);
    buf_free(&result->errout);
}

/* The last line with something in it, cleaned and cut. */
static void last_words(const struct buf *from, struct buf *words)
{
    size_t end = from->len;

    while (end && strchr(" \t\r\n", from->data[end - 1]))
        end--;
    size_t start = end;
    while (start && from->data[start - 1] != '\n' &&
           end - start < EXEC_WORDS_MAX)
        start--;
    if (end)
        text_clean_utf8(words, from->data + start, end - start);
}

int exec_result_check(const struct exec_result *result, const char *what,
                      struct err *err)
{
    struct buf words = { 0 };

    if (result->end == EXEC_EXITED && !result->exit_status)
        return 0;
    last_words(&result->errout, &words);
    if (!words.len)
        last_words(&result->out, &words);
    const char *text = words.len ? buf_text(&words) : "it said nothing";
    int rc;
    if (result->end == EXEC_EXITED)
        rc = err_set(err, ERR_IO, "%s: exit status %d: %s", what,
                     result->exit_status, text);
    else if (result->signal)
        rc = err_set(err, ERR_IO, "%s: ended by signal %d: %s", what,
                     result->signal, text);
    else
        rc = err_set(err, ERR_IO, "%s: did not end by itself: %s", what, text);
    buf_free(&words);
    return rc;
}

/* cat to a name of its own beside 'remote', then chmod and rename. */
static void upload_command(const char *remote, unsigned mode, struct buf *out)
{
    struct buf quoted = { 0 };

    text_quote_shell(&quoted, remote);
    const char *name = buf_text(&quoted);
    buf_printf(
        out,
        "umask 077; p=%s.part.$$; { cat >\"$p\" && chmod %o -- \"$p\" && "
        "mv -f -- \"$p\" %s; } || { s=$?; rm -f -- \"$p\"; exit $s; }",
        name, mode & 07777, name);
    if (buf_failed(&quoted))
        out->failed = true;
    buf_free(&quoted);
}

int transport_upload(struct transport *transport, const char *local,
                     const char *remote, unsigned mode, double silence_s,
                     struct err *err)
{
    uint8_t block[EXEC_FEED_BYTES];
    struct exec_limits limits = { .silence_s = silence_s };
    struct exec_result result = { 0 };
    struct buf command = { 0 };
    int fd = open(local, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                             "cannot read '%s'", local);
    struct feed feed = { .fd = fd, .block = block };
    upload_command(remote, mode, &command);
    if (buf_failed(&command)) {
        rc = err_set(err, ERR_NOMEM, "no memory to upload '%s'", local);
        goto out;
    }
    rc = exec_fed(transport, buf_text(&command), &feed, &limits, -1, &result,
                  err);
    if (rc)
        err_prefix(err, "upload of '%s'", local);
    else /* the board's words come before the paths: sentences are cut */
        rc = exec_result_check(&result, "upload", err);
out:
    exec_result_free(&result);
    buf_free(&command);
    close(fd);
    return rc;
}
