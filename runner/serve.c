/* serve.c - the request loop of `labrunner serve` */
#include "runner/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/child.h"
#include "runner/jin.h"
#include "runner/jout.h"
#include "runner/now.h"
#include "runner/run.h"

struct serve {
    int in, out;
    struct run_loaded loaded;
    char *line; /* JIN_LINE_MAX bytes, 'len' of them filled */
    size_t len;
};

/* One request: its line parsed, its answer in the making. */
struct request {
    struct serve *serve;
    struct jin jin;
    struct jout answer;
    struct run_options options; /* of a run */
};

/* Open the answer: {"ok":..., "cmd":..., "id":... */
static void answer_open(struct request *q, bool ok)
{
    const struct jin_pair *cmd = jin_find(&q->jin, "cmd");
    const struct jin_pair *id = jin_find(&q->jin, "id");

    jout_clear(&q->answer);
    jout_object(&q->answer, NULL);
    jout_bool(&q->answer, "ok", ok);
    if (cmd && cmd->kind == JIN_STRING)
        jout_str(&q->answer, "cmd", cmd->text);
    if (id && (id->kind == JIN_STRING || id->kind == JIN_NUMBER))
        jout_str(&q->answer, "id", id->text);
}

static void answer_failure(struct request *q, const struct fail *fail)
{
    answer_open(q, false);
    jout_str(&q->answer, "error", fail_word(fail->code));
    jout_i64(&q->answer, "exit_code", (int64_t)fail->code);
    jout_str(&q->answer, "text", fail->text);
    jout_end(&q->answer, '}');
}

/* The keys of a run as the words of a command line.  'words' and 'names'
 * hold what argv points to. */
static int to_words(struct request *q, char **argv, char (*names)[40],
                    int *ret_argc, struct fail *fail)
{
    int argc = 0;

    for (size_t i = 0; i < q->jin.pairs; i++) {
        const struct jin_pair *p = &q->jin.pair[i];

        if (!strcmp(p->key, "cmd") || !strcmp(p->key, "id") ||
            p->kind == JIN_FALSE || p->kind == JIN_NULL)
            continue;
        if (p->kind == JIN_ARRAY)
            return fail_set(fail, FAIL_USAGE, "key '%.30s' is a list", p->key);
        snprintf(names[i], sizeof names[i], "--%s", p->key);
        for (char *c = names[i]; *c; c++)
            if (*c == '_')
                *c = '-';
        argv[argc++] = names[i];
        if (p->kind != JIN_TRUE)
            argv[argc++] = (char *)(uintptr_t)p->text;
    }
    *ret_argc = argc;
    return 0;
}

/* In the child: measure and write the fields, or the failure. */
static int run_body(int fd, void *arg)
{
    struct request *q = arg;
    struct fail fail = { .code = FAIL_INTERNAL, .text = "unknown failure" };
    struct jout j = { 0 };
    int rc = run_measure(&q->options, &q->serve->loaded, &j, &fail);

    if (!rc)
        rc = jout_flush(&j, fd, &fail);
    if (!rc)
        return 0;
    (void)jout_write_all(fd, fail.text, strlen(fail.text), NULL);
    return (int)fail.code;
}

/* The child's end as the answer: its line inside ours, or why there is
 * none. */
static void answer_run(struct request *q, const struct child_end *end)
{
    struct fail fail = { .code = FAIL_CHILD };
    size_t len = end->len;
    char how[160];

    if (WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0 && len > 2) {
        answer_open(q, true);
        jout_raw(&q->answer, "result", end->answer, len - 1);
        jout_end(&q->answer, '}');
        return;
    }
    if (WIFEXITED(end->status) && WEXITSTATUS(end->status) && len) {
        fail.code = (enum fail_code)WEXITSTATUS(end->status);
        fail_set(&fail, fail.code, "%s", end->answer);
    } else {
        child_describe(end->status, how, sizeof how);
        fail_set(&fail, FAIL_CHILD, "the run %s", how);
    }
    answer_failure(q, &fail);
}

static int serve_run(struct request *q, struct fail *fail)
{
    char *argv[2 * JIN_PAIRS_MAX], names[JIN_PAIRS_MAX][40];
    struct child_end end;
    struct child child;
    int argc = 0;

    if (to_words(q, argv, names, &argc, fail) ||
        run_options_parse(argc, argv, &q->options, fail))
        return -1;
    if (q->options.help)
        return fail_set(fail, FAIL_USAGE, "help is for the command line");
    if (run_load(&q->options, &q->serve->loaded, fail) ||
        child_start(run_body, q, &child, fail) ||
        child_wait(&child, q->serve->out, &end, fail))
        return -1;
    answer_run(q, &end);
    free(end.answer);
    return 0;
}

/* Load what a run of these options would load, and wait. */
static int serve_load(struct request *q, struct fail *fail)
{
    char *argv[2 * JIN_PAIRS_MAX], names[JIN_PAIRS_MAX][40];
    int argc = 0;

    if (to_words(q, argv, names, &argc, fail) ||
        run_options_parse(argc, argv, &q->options, fail) ||
        run_load(&q->options, &q->serve->loaded, fail))
        return -1;
    answer_open(q, true);
    jout_object(&q->answer, "result");
    jout_bool(&q->answer, "loaded", true);
    jout_end(&q->answer, '}');
    jout_end(&q->answer, '}');
    return 0;
}

/* In the child: become the program; its output goes nowhere. */
static int exec_body(int fd, void *arg)
{
    struct request *q = arg;
    int null = open("/dev/null", O_RDWR);

    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_DFL);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    execvp(q->jin.at[0], q->jin.at);
    dprintf(fd, "%s", strerror(errno));
    return 127;
}

static int serve_exec(struct request *q, struct fail *fail)
{
    const struct jin_pair *argv = jin_find(&q->jin, "argv");
    int64_t start = now_mono_ns();
    struct child_end end;
    struct child child;
    char how[160];

    if (!argv || argv->kind != JIN_ARRAY || argv->items == 0 ||
        argv->first != 0 || argv->items >= JIN_ITEMS_MAX)
        return fail_set(fail, FAIL_USAGE,
                        "exec needs argv, a list of 1 to %d strings",
                        JIN_ITEMS_MAX - 1);
    q->jin.at[argv->items] = NULL;
    if (child_start(exec_body, q, &child, fail) ||
        child_wait(&child, q->serve->out, &end, fail))
        return -1;
    child_describe(end.status, how, sizeof how);
    if (end.len)
        fail_set(fail, FAIL_CHILD, "cannot run %.80s: %.200s", q->jin.at[0],
                 end.answer);
    else if (!WIFEXITED(end.status))
        fail_set(fail, FAIL_CHILD, "%.80s %s", q->jin.at[0], how);
    free(end.answer);
    if (end.len || !WIFEXITED(end.status))
        return -1;
    answer_open(q, true);
    jout_i64(&q->answer, "exit_code", WEXITSTATUS(end.status));
    jout_f64(&q->answer, "elapsed_s", (double)(now_mono_ns() - start) * 1e-9);
    jout_end(&q->answer, '}');
    return 0;
}

static int serve_ping(struct request *q, struct fail *fail)
{
    (void)fail;
    answer_open(q, true);
    jout_str(&q->answer, "runner", LABSWEEP_VERSION);
    jout_i64(&q->answer, "pid", getpid());
    jout_end(&q->answer, '}');
    return 0;
}

static int serve_clock(struct request *q, struct fail *fail)
{
    (void)fail;
    answer_open(q, true);
    jout_i64(&q->answer, "t_mono_ns", now_mono_ns());
    jout_i64(&q->answer, "t_unix_ns", now_unix_ns());
    jout_end(&q->answer, '}');
    return 0;
}

static const struct {
    const char *name;
    int (*answer)(struct request *q, struct fail *fail);
} requests[] = {
    { "run", serve_run },   { "load", serve_load },   { "exec", serve_exec },
    { "ping", serve_ping }, { "clock", serve_clock }, { "quit", serve_ping },
};

/* Answer one line; *ret_quit if it was the last one. */
static int answer_line(struct serve *serve, char *line, bool *ret_quit,
                       struct fail *fail)
{
    struct request q = { .serve = serve };
    struct fail own = { .code = FAIL_INTERNAL, .text = "unknown failure" };
    const struct jin_pair *cmd = NULL;
    int rc = jin_parse(line, &q.jin, &own);
    size_t i = 0, count = sizeof requests / sizeof *requests;

    if (!rc) {
        cmd = jin_find(&q.jin, "cmd");
        while (i < count && (!cmd || cmd->kind != JIN_STRING ||
                             strcmp(requests[i].name, cmd->text)))
            i++;
        if (i == count)
            rc = fail_set(&own, FAIL_USAGE,
                          "cmd must be run, load, exec, ping, clock or quit");
    }
    if (!rc)
        rc = requests[i].answer(&q, &own);
    if (rc)
        answer_failure(&q, &own);
    *ret_quit = !rc && !strcmp(requests[i].name, "quit");
    rc = jout_flush(&q.answer, serve->out, fail);
    return rc;
}

/* Read until a whole line is there.  Returns its length, 0 at the end, -1.
 */
static ssize_t read_line(struct serve *serve, struct fail *fail)
{
    for (;;) {
        char *end = memchr(serve->line, '\n', serve->len);
        ssize_t got;

        if (end)
            return end - serve->line + 1;
        if (serve->len == JIN_LINE_MAX)
            return fail_set(fail, FAIL_USAGE,
                            "a request is longer than %d bytes", JIN_LINE_MAX);
        got = read(serve->in, serve->line + serve->len,
                   JIN_LINE_MAX - serve->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_set_errno(fail, FAIL_IO, "cannot read a request");
        if (got == 0)
            return 0;
        serve->len += (size_t)got;
    }
}

int serve_loop(int in, int out, struct fail *fail)
{
    struct serve serve = { .in = in, .out = out };
    bool quit = false;
    ssize_t len = 0;
    int rc = 0;

    serve.line = malloc(JIN_LINE_MAX);
    if (!serve.line)
        return fail_set(fail, FAIL_NOMEM, "no memory for requests");
    while (!rc && !quit && (len = read_line(&serve, fail)) > 0) {
        char *line = strndup(serve.line, (size_t)len - 1);

        if (!line) {
            rc = fail_set(fail, FAIL_NOMEM, "no memory for a request");
            break;
        }
        serve.len -= (size_t)len;
        memmove(serve.line, serve.line + len, serve.len);
        rc = answer_line(&serve, line, &quit, fail);
        free(line);
    }
    run_unload(&serve.loaded);
    free(serve.line);
    return len < 0 ? -1 : rc;
}
