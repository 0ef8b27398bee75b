/* h5_check.c - reading a foreign archive in a child, with a time limit */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <poll.h>
#include <unistd.h>

#include "core/clock.h"
#include "orchestrator/archive/h5_read.h"
#include "orchestrator/archive/h5_reader.h"

/* In the child: read, and hand the outcome up the pipe. */
static _Noreturn void child_read(const char *path, int fd)
{
    struct rlimit none = { 0, 0 };
    struct dataset *dataset = NULL;
    struct err err = { 0 };
    int quiet = open("/dev/null", O_WRONLY), rc;
    ssize_t put;

    if (quiet >= 0)
        dup2(quiet, STDERR_FILENO); /* libraries print when they crash */
    setrlimit(RLIMIT_CORE, &none);
    for (int i = 1; i < 32; i++) /* a crash is an outcome */
        signal(i, SIG_DFL);
    rc = h5_dataset_read(path, ARCHIVE_SAMPLES | ARCHIVE_LOOK, &dataset, &err);
    err.code = rc ? (enum err_code)rc : 0;
    put = write(fd, &err, sizeof(err));
    _exit(put == (ssize_t)sizeof(err) ? 0 : 1);
}

/* Wait for the outcome, at most until 'deadline_ns'.  Returns the bytes
 * read, 0 at the pipe's end, -1 when time is over. */
static ssize_t outcome_wait(int fd, struct err *outcome, int64_t deadline_ns)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    int64_t left;
    int ready = 0;

    while ((left = deadline_ns - clock_mono_ns()) > 0) {
        ready = poll(&poll_fd, 1, (int)(left / 1000000) + 1);
        if (ready > 0)
            return read(fd, outcome, sizeof(*outcome));
        if (ready < 0 && errno != EINTR)
            return 0;
    }
    return -1;
}

int archive_check(const char *path, double limit_s, struct err *err)
{
    int64_t deadline = clock_mono_ns() + S_TO_NS(limit_s);
    struct err outcome = { 0 };
    int fds[2], status = 0;
    ssize_t got;
    pid_t child;

    if (pipe2(fds, O_CLOEXEC))
        return err_set_errno(err, ERR_IO, "cannot make a pipe");
    child = fork();
    if (child == 0)
        child_read(path, fds[1]);
    close(fds[1]);
    if (child < 0) {
        close(fds[0]);
        return err_set_errno(err, ERR_IO, "cannot start a process");
    }
    got = outcome_wait(fds[0], &outcome, deadline);
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    close(fds[0]);
    if (got < 0)
        return err_set(err, ERR_TIMEOUT,
                       "'%s' was not read within %.1f s: it is damaged", path,
                       limit_s);
    if (got != (ssize_t)sizeof(outcome))
        return err_set(err, ERR_FORMAT,
                       "'%s' crashed its reader: it is damaged", path);
    outcome.text[sizeof(outcome.text) - 1] = 0;
    if (outcome.code)
        return err_set(err, outcome.code, "%s", outcome.text);
    return 0;
}
