/* child.h - a forked child and the answer it writes */
#ifndef RUNNER_CHILD_H
#define RUNNER_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/fail.h"

#define CHILD_ANSWER_MAX ((size_t)4 << 20) /* bytes kept of an answer */

struct child {
    pid_t pid;
    int fd; /* reads what the child writes */
};

struct child_end {
    char *answer; /* what it wrote, zero-terminated; yours to free */
    size_t len;
    int status; /* as waitpid() gives it */
};

/* Fork.  In the child 'body' runs with the writing end of a pipe and its
 * result becomes the exit code; it is killed when its parent dies.
 * Returns 0, or -1: FAIL_CHILD. */
int child_start(int (*body)(int fd, void *arg), void *arg,
                struct child *ret_child, struct fail *fail);

/* Wait for the child's end, collecting its answer; kill it if 'watch' hangs
 * up first (then status says so).  Returns 0, or -1: FAIL_NOMEM,
 * FAIL_CHILD (it wrote too much); the child has ended in any case. */
int child_wait(struct child *child, int watch, struct child_end *ret_end,
               struct fail *fail);

/* Describe an unhappy end: "was killed by signal 9 (Killed)", ... */
void child_describe(int status, char *text, size_t size);

#endif
