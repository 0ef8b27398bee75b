/* lines.c - a long-lived command, its lines and their numbers */
#include "runner/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/child.h"
#include "runner/jout.h"

int lines_compile(const struct power_source *sources, size_t count,
                  struct lines *ret_lines, struct fail *fail)
{
    char words[128];
    int rc;

    *ret_lines = (struct lines){ .sources = sources, .count = count };
    for (size_t i = 0; i < count; i++) {
        ret_lines->values[i] = NAN;
        rc = regcomp(&ret_lines->regex[i], sources[i].path, REG_EXTENDED);
        if (rc) {
            regerror(rc, &ret_lines->regex[i], words, sizeof words);
            return fail_set(fail, FAIL_USAGE, "pattern '%.120s': %s",
                            sources[i].path, words);
        }
        ret_lines->compiled++;
    }
    return 0;
}

void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->compiled; i++)
        regfree(&lines->regex[i]);
    lines->compiled = 0;
}

/* The number in the last group that took part; NaN if there is none. */
static double number_in(const regex_t *regex, const char *line)
{
    regmatch_t match[8];
    size_t group = 0;
    char *end;
    double value;

    if (regexec(regex, line, 8, match, 0))
        return NAN;
    for (size_t i = 0; i < 8 && i <= regex->re_nsub; i++)
        if (match[i].rm_so >= 0 &&
            strspn(line + match[i].rm_so, "+-.0123456789"))
            group = i;
    value = strtod(line + match[group].rm_so, &end);
    return end == line + match[group].rm_so || !isfinite(value) ? (double)NAN
                                                                : value;
}

static int close_record(struct lines *lines,
                        int (*each)(void *ctx, const double *values), void *ctx)
{
    int rc = each(ctx, lines->values);

    for (size_t i = 0; i < lines->count; i++)
        lines->values[i] = NAN;
    return rc;
}

int lines_take(struct lines *lines, const char *line,
               int (*each)(void *ctx, const double *values), void *ctx)
{
    bool whole = true, found = false;
    int rc = 0;

    for (size_t i = 0; !rc && i < lines->count; i++) {
        double value = number_in(&lines->regex[i], line);

        if (isnan(value))
            continue;
        if (!isnan(lines->values[i]))
            rc = close_record(lines, each, ctx);
        lines->values[i] = value * lines->sources[i].scale;
        found = true;
    }
    for (size_t i = 0; i < lines->count; i++)
        whole = whole && !isnan(lines->values[i]);
    return !rc && found && whole ? close_record(lines, each, ctx) : rc;
}

/* ---- the command */

struct reader {
    struct lines *lines;
    int out;
    struct fail *fail;
    char line[LINES_LINE_MAX];
    size_t len;
};

static int put(void *ctx, const double *values)
{
    struct reader *r = ctx;

    return power_put(r->out, values, r->lines->count, false, r->fail);
}

/* Bytes become lines; carriage returns end lines too. */
static int take_bytes(struct reader *r, const char *data, size_t len)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < len; i++) {
        if (data[i] != '\n' && data[i] != '\r') {
            if (r->len + 1 < sizeof r->line)
                r->line[r->len++] = data[i];
            continue;
        }
        r->line[r->len] = 0;
        if (r->len)
            rc = lines_take(r->lines, r->line, put, r);
        r->len = 0;
    }
    return rc;
}

static int shell_body(int fd, void *arg)
{
    char *argv[] = { "sh", "-c", arg, NULL };
    int null = open("/dev/null", O_RDONLY);
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(null, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    execvp("sh", argv);
    return 127;
}

/* Read until our input ends, a signal comes, or the command ends. */
static int read_all(struct reader *r, int in, const struct child *child,
                    bool *ret_ended)
{
    struct pollfd fds[2] = { { in, POLLIN, 0 }, { child->fd, POLLIN, 0 } };
    char data[4096];
    ssize_t got;
    int rc = 0;

    while (!rc && !power_stopped()) {
        if (power_poll(fds, 2) < 0)
            continue;
        if (fds[0].revents && read(in, data, sizeof data) <= 0)
            return 0;
        if (!fds[1].revents)
            continue;
        got = read(child->fd, data, sizeof data);
        *ret_ended = got <= 0;
        if (got <= 0)
            return 0;
        rc = take_bytes(r, data, (size_t)got);
    }
    return rc;
}

int lines_stream(struct lines *lines, const char *command, int in, int out,
                 struct fail *fail)
{
    struct reader r = { .lines = lines, .out = out, .fail = fail };
    struct child child;
    bool ended = false;
    char how[160];
    int status = 0;
    int rc = power_begin(out, lines->count, fail);

    if (rc || child_start(shell_body, (void *)(uintptr_t)command, &child, fail))
        return -1;
    rc = read_all(&r, in, &child, &ended);
    if (!ended)
        (void)kill(-child.pid, SIGKILL);
    close(child.fd);
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (rc || !ended)
        return rc;
    child_describe(status, how, sizeof how);
    return fail_set(fail, FAIL_CHILD, "the command '%.80s' %s", command, how);
}
