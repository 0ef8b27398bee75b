/* launch.c - mpirun as a child: signals passed on, deaths noticed */
#include "orchestrator/cmd/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/fs.h"
#include "core/log.h"
#include "orchestrator/signals.h"

#define POLL_NS  MS_TO_NS(20)
#define LOOK_NS  MS_TO_NS(200)   /* at the coordinator's files */
#define GRACE_NS (10 * NS_PER_S) /* from its exit code to mpirun's end */
#define TERM_NS  (4 * NS_PER_S)  /* from SIGTERM to SIGKILL */

static int make_file(char *path, size_t size, const char *what, struct err *err)
{
    int fd;

    snprintf(path, size, "/tmp/labsweep-%s-XXXXXX", what);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot create '%s'", path);
    return fd;
}

int launch_open(struct launch *launch, struct err *err)
{
    int fd =
        make_file(launch->exit_file, sizeof(launch->exit_file), "exit", err);

    if (fd < 0)
        return ERR_IO;
    close(fd);
    launch->alive_fd =
        make_file(launch->alive_file, sizeof(launch->alive_file), "alive", err);
    if (launch->alive_fd < 0) {
        unlink(launch->exit_file);
        return ERR_IO;
    }
    setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
    setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 1);
    setenv("LABSWEEP_EXIT_FILE", launch->exit_file, 1);
    setenv("LABSWEEP_ALIVE_FILE", launch->alive_file, 1);
    if (isatty(STDERR_FILENO))
        setenv("LABSWEEP_TERMINAL", "1", 1);
    return 0;
}

void launch_close(struct launch *launch)
{
    close(launch->alive_fd);
    unlink(launch->alive_file);
    unlink(launch->exit_file);
}

/* In the child: a process group of its own, so that ^C comes to us alone, and
 * an end in order should we be killed.  Returns if there is no mpirun. */
static void become_mpirun(char *const *words, pid_t parent)
{
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    if (null >= 0)
        dup2(null, STDIN_FILENO);
    execvp(words[0], words);
}

/* Start mpirun; what hinders it comes back through a pipe that a started
 * program closes. */
static int spawn(char *const *words, pid_t *ret_child, struct err *err)
{
    pid_t parent = getpid(), child;
    int pipes[2], why = 0;

    if (pipe2(pipes, O_CLOEXEC))
        return err_set_errno(err, ERR_IO, "cannot start mpirun");
    child = fork();
    if (!child) {
        become_mpirun(words, parent);
        why = errno;
        _exit(write(pipes[1], &why, sizeof(why)) != sizeof(why));
    }
    close(pipes[1]);
    if (child < 0)
        why = errno;
    else if (read(pipes[0], &why, sizeof(why)) == sizeof(why))
        waitpid(child, NULL, 0);
    close(pipes[0]);
    *ret_child = child;
    errno = why;
    return why ? err_set_errno(err, ERR_IO, "cannot start mpirun") : 0;
}

static int read_exit(const struct launch *launch, int *ret_code)
{
    struct buf text = { 0 };
    int rc = fs_read_file(launch->exit_file, 16, &text, NULL);

    if (!rc && text.len)
        *ret_code = atoi(buf_text(&text));
    else if (!rc)
        rc = ERR_NOT_FOUND;
    buf_free(&text);
    return rc;
}

struct watch {
    pid_t child;
    enum signals_wish passed;
    int signals;
    bool lived;        /* the coordinator was seen alive */
    bool died;         /* and left no exit code */
    int64_t looked_ns; /* at the files */
    int64_t ended_ns;  /* an end was seen; 0: not yet */
    int64_t term_ns;   /* mpirun was told to end; 0: not yet */
};

/* The user's signals go on to mpirun. */
static void pass_signals(struct watch *watch)
{
    if (signals_wish() > watch->passed) {
        watch->passed = signals_wish();
        watch->signals = signals_count();
        kill(watch->child, SIGUSR1);
    } else if (signals_count() > watch->signals) {
        watch->signals = signals_count();
        kill(watch->child, SIGTERM);
    }
}

/* True if nobody holds the lock of a living coordinator. */
static bool lock_free(const struct launch *launch)
{
    if (flock(launch->alive_fd, LOCK_EX | LOCK_NB))
        return false;
    flock(launch->alive_fd, LOCK_UN);
    return true;
}

/* Look whether the coordinator is over while mpirun goes on: with an exit
 * code it gets a while, else it has died and none. */
static void look(const struct launch *launch, struct watch *watch, int64_t now)
{
    bool unlocked = lock_free(launch);
    int code;

    watch->looked_ns = now;
    watch->lived |= !unlocked;
    if (!watch->lived || !unlocked)
        return;
    if (!watch->ended_ns)
        watch->ended_ns = now;
    if (read_exit(launch, &code)) {
        if (!watch->died)
            log_line(LOG_WARN, "launch", "the coordinator has died");
        watch->died = true;
    } else if (now - watch->ended_ns < GRACE_NS) {
        return;
    }
    if (!watch->term_ns) {
        watch->term_ns = now;
        kill(watch->child, SIGTERM);
    } else if (now - watch->term_ns > TERM_NS) {
        kill(watch->child, SIGKILL);
    }
}

/* Wait for mpirun; returns its status, or ERR_IO. */
static int supervise(const struct launch *launch, pid_t child, struct err *err)
{
    const struct timespec nap = { .tv_nsec = POLL_NS };
    struct watch watch = { .child = child };
    int status = 0;

    for (;;) {
        pid_t got = waitpid(child, &status, WNOHANG);
        int64_t now = clock_mono_ns();

        if (got == child)
            return status;
        if (got < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, "lost mpirun");
        pass_signals(&watch);
        if (now - watch.looked_ns >= LOOK_NS)
            look(launch, &watch, now);
        nanosleep(&nap, NULL);
    }
}

int launch_run(struct launch *launch, char *const *words, struct err *err)
{
    pid_t child = 0;
    int status, code;

    unlink(launch->exit_file);
    if (spawn(words, &child, err))
        return ERR_IO;
    status = supervise(launch, child, err);
    if (status < 0)
        return status;
    if (!read_exit(launch, &code))
        return code;
    if (WIFSIGNALED(status))
        return err_set(err, ERR_IO, "mpirun was ended by signal %d",
                       WTERMSIG(status));
    return err_set(err, ERR_IO,
                   "the sweep ended without a word, mpirun with exit code %d",
                   WEXITSTATUS(status));
}
