/* child.c - forks, collects, reaps */
#include "runner/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int child_start(int (*body)(int fd, void *arg), void *arg,
                struct child *ret_child, struct fail *fail)
{
    pid_t parent = getpid(), pid;
    int ends[2];

    if (pipe(ends) < 0)
        return fail_set_errno(fail, FAIL_CHILD, "cannot make a pipe");
    pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return fail_set_errno(fail, FAIL_CHILD, "cannot start a process");
    }
    if (pid == 0) {
        close(ends[0]);
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(FAIL_CHILD);
        _exit(body(ends[1], arg));
    }
    setpgid(pid, pid);
    close(ends[1]);
    *ret_child = (struct child){ pid, ends[0] };
    return 0;
}

/* Read once into the growing answer.  Returns bytes, 0 at the end, -1. */
static ssize_t collect(struct child *child, struct child_end *end, size_t *room,
                       struct fail *fail)
{
    ssize_t got;

    if (end->len + 1 >= *room) {
        size_t more = *room ? *room * 2 : 4096;
        char *bigger =
            more <= CHILD_ANSWER_MAX ? realloc(end->answer, more) : NULL;

        if (!bigger)
            return fail_set(fail, FAIL_CHILD, "the answer is too long");
        end->answer = bigger;
        *room = more;
    }
    do {
        got = read(child->fd, end->answer + end->len, *room - end->len - 1);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail_set_errno(fail, FAIL_CHILD, "cannot read an answer");
    end->len += (size_t)got;
    end->answer[end->len] = 0;
    return got;
}

int child_wait(struct child *child, int watch, struct child_end *ret_end,
               struct fail *fail)
{
    struct pollfd fds[2] = { { child->fd, POLLIN, 0 }, { watch, 0, 0 } };
    struct child_end end = { 0 };
    size_t room = 0;
    ssize_t got = 1;

    while (got > 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            got = fail_set_errno(fail, FAIL_CHILD, "cannot wait");
        else if (fds[1].revents & (POLLHUP | POLLERR))
            break;
        else if (fds[0].revents)
            got = collect(child, &end, &room, fail);
    }
    if (got)
        kill(-child->pid, SIGKILL);
    close(child->fd);
    while (waitpid(child->pid, &end.status, 0) < 0 && errno == EINTR)
        ;
    if (got < 0) {
        free(end.answer);
        return -1;
    }
    *ret_end = end;
    return 0;
}

void child_describe(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(text, size, "was killed by signal %d (%s)%s", WTERMSIG(status),
                 strsignal(WTERMSIG(status)),
                 WTERMSIG(status) == SIGKILL ? ", perhaps out of memory" : "");
    else
        snprintf(text, size, "ended with exit code %d", WEXITSTATUS(status));
}
