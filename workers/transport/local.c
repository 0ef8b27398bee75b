/* local.c - the local driver: /bin/sh on this machine, by pipes
 *
 * Each process leads a session and group of its own.  Its zombie is kept
 * until release, so that the group's number cannot pass to a stranger.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/vec.h"
#include "workers/transport/driver.h"

#define LOCAL_CHUNK 65536

/* Where the kernel has no pidfd, the exit is looked for this often. */
#define LOCAL_LOOK_NS MS_TO_NS(20)

extern char **environ;

struct local_proc {
    struct proc base;
    pid_t pid;
    int pidfd;   /* -1: look from time to time */
    int fd[3];   /* our ends of its stdin, stdout, stderr; -1: closed */
    bool ended;  /* status and signal are known */
    int status;  /* -1 if a signal ended it */
    int signal;  /* 0 if none */
    bool wanted; /* PROC_WRITABLE is owed */
    int64_t quiet_since_ns;
};

struct local {
    struct transport base;
    VEC(struct pollfd) polls;
    uint8_t chunk[LOCAL_CHUNK];
};

static struct local_proc *local_proc(struct proc *proc)
{
    return (struct local_proc *)proc;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int local_open(const struct transport_target *target,
                      struct transport **ret_transport, struct err *err)
{
    struct local *local = calloc(1, sizeof(*local));

    (void)target;
    if (!local)
        return err_set(err, ERR_NOMEM, "no memory for a transport");
    *ret_transport = &local->base;
    return 0;
}

static void local_close(struct transport *transport)
{
    struct local *local = (struct local *)transport;

    VEC_FREE(&local->polls);
    free(local);
}

/* posix_spawn /bin/sh -c 'command' with theirs[] as its descriptors 0 to 2.
 * Returns 0 or an errno. */
static int spawn_shell(const char *command, const int theirs[3], pid_t *pid)
{
    char *argv[] = { "/bin/sh", "-c", (char *)command, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, normal;

    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return rc;
    rc = posix_spawnattr_init(&attr);
    if (rc) {
        posix_spawn_file_actions_destroy(&actions);
        return rc;
    }
    sigemptyset(&none);
    sigemptyset(&normal);
    for (int sig = 1; sig < SIGSYS; sig++)
        if (sig != SIGKILL && sig != SIGSTOP)
            sigaddset(&normal, sig);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &normal);
    posix_spawnattr_setflags(&attr, (short)(POSIX_SPAWN_SETSID |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF));
    for (int i = 0; !rc && i < 3; i++)
        rc = posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
    if (!rc)
        rc = posix_spawn(pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int local_start(struct transport *transport, const char *command,
                       struct proc **ret_proc, struct err *err)
{
    struct local_proc *proc = calloc(1, sizeof(*proc));
    int theirs[3] = { -1, -1, -1 }, rc = 0;

    (void)transport;
    if (!proc)
        return err_set(err, ERR_NOMEM, "no memory for a process");
    proc->pidfd = proc->fd[0] = proc->fd[1] = proc->fd[2] = -1;
    for (int i = 0; !rc && i < 3; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC)) {
            rc = err_set_errno(err, ERR_IO, "cannot make a pipe");
            break;
        }
        proc->fd[i] = ends[i == 0];
        theirs[i] = ends[i != 0];
        fcntl(proc->fd[i], F_SETFL, O_NONBLOCK);
    }
    if (!rc) {
        int failed = spawn_shell(command, theirs, &proc->pid);
        errno = failed;
        if (failed)
            rc = err_set_errno(err, ERR_IO, "cannot start /bin/sh");
    }
    for (int i = 0; i < 3; i++)
        close_fd(&theirs[i]);
    if (rc) {
        for (int i = 0; i < 3; i++)
            close_fd(&proc->fd[i]);
        free(proc);
        return rc;
    }
    proc->pidfd = pidfd_open(proc->pid, 0);
    proc->base.group = proc->pid;
    *ret_proc = &proc->base;
    return 0;
}

/* Learn the status if the process has ended; the zombie stays. */
static void look_for_end(struct local_proc *proc)
{
    siginfo_t info = { 0 };

    if (proc->ended ||
        waitid(P_PID, (id_t)proc->pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
        !info.si_pid)
        return;
    proc->ended = true;
    proc->status = info.si_code == CLD_EXITED ? info.si_status : -1;
    proc->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    proc->quiet_since_ns = clock_mono_ns();
}

static bool exit_is_due(const struct local_proc *proc)
{
    if (!proc->ended || proc->base.over)
        return false;
    return (proc->fd[1] < 0 && proc->fd[2] < 0) ||
           clock_mono_ns() >= proc->quiet_since_ns + TRANSPORT_EXIT_GRACE_NS;
}

/* Read what stream 1 or 2 has; closes it at its end. */
static bool read_stream(struct local *local, struct local_proc *proc, int i,
                        struct proc_event *ret_event)
{
    if (proc->fd[i] < 0)
        return false;
    ssize_t got = read(proc->fd[i], local->chunk, sizeof(local->chunk));
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        close_fd(&proc->fd[i]);
        return false;
    }
    proc->quiet_since_ns = clock_mono_ns();
    *ret_event =
        (struct proc_event){ .kind = i == 1 ? PROC_STDOUT : PROC_STDERR,
                             .proc = &proc->base,
                             .data = local->chunk,
                             .len = (size_t)got };
    return true;
}

static bool stdin_has_room(struct local_proc *proc)
{
    struct pollfd fd = { .fd = proc->fd[0], .events = POLLOUT };

    return proc->fd[0] < 0 || poll(&fd, 1, 0) > 0;
}

static bool proc_event(struct local *local, struct local_proc *proc,
                       struct proc_event *ret_event)
{
    if (proc->base.over)
        return false;
    look_for_end(proc);
    if (read_stream(local, proc, 1, ret_event) ||
        read_stream(local, proc, 2, ret_event))
        return true;
    if (proc->wanted && stdin_has_room(proc)) {
        proc->wanted = false;
        *ret_event =
            (struct proc_event){ .kind = PROC_WRITABLE, .proc = &proc->base };
        return true;
    }
    if (!exit_is_due(proc))
        return false;
    *ret_event = (struct proc_event){ .kind = PROC_EXIT,
                                      .proc = &proc->base,
                                      .exit_status = proc->status,
                                      .signal = proc->signal };
    return true;
}

/* Add the descriptors of 'proc' to the polls, and bring 'until_ns' forward
 * to when it must be looked at anyway. */
static bool add_polls(struct local *local, const struct local_proc *proc,
                      int64_t *until_ns)
{
    struct pollfd fds[4] = {
        { .fd = proc->wanted ? proc->fd[0] : -1, .events = POLLOUT },
        { .fd = proc->fd[1], .events = POLLIN },
        { .fd = proc->fd[2], .events = POLLIN },
        { .fd = proc->ended ? -1 : proc->pidfd, .events = POLLIN },
    };
    int64_t look_ns = INT64_MAX;

    if (proc->base.over)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        if (fds[i].fd >= 0 && !VEC_PUSH(&local->polls, fds[i]))
            return false;
    if (proc->ended)
        look_ns = proc->quiet_since_ns + TRANSPORT_EXIT_GRACE_NS;
    else if (proc->pidfd < 0)
        look_ns = clock_mono_ns() + LOCAL_LOOK_NS;
    if (look_ns < *until_ns)
        *until_ns = look_ns;
    return true;
}

/* Sleep until something may have happened, or 'deadline_ns'. */
static int sleep_on(struct local *local, struct proc *only,
                    struct pollfd *extra, size_t n_extra, int64_t deadline_ns,
                    struct err *err)
{
    int64_t until_ns = deadline_ns;
    bool fits = VEC_RESERVE(&local->polls, n_extra + 1);

    local->polls.len = 0;
    for (size_t i = 0; fits && i < n_extra; i++)
        fits = VEC_PUSH(&local->polls, extra[i]);
    for (struct proc *p = only ? only : local->base.procs; fits && p;
         p = only ? NULL : p->next)
        fits = add_polls(local, local_proc(p), &until_ns);
    if (!fits)
        return err_set(err, ERR_NOMEM, "no memory to wait");
    poll(local->polls.at, local->polls.len, transport_poll_ms(until_ns));
    for (size_t i = 0; i < n_extra; i++)
        extra[i].revents = local->polls.at[i].revents;
    return 0;
}

static int local_wait(struct transport *transport, struct proc *only,
                      struct pollfd *extra, size_t n_extra, int64_t deadline_ns,
                      struct proc_event *ret_event, struct err *err)
{
    struct local *local = (struct local *)transport;
    bool fd_first = !transport->fd_was_last;
    bool last_look = false;

    for (size_t i = 0; i < n_extra; i++)
        extra[i].revents = 0;
    if (n_extra)
        poll(extra, n_extra, 0);
    for (;;) {
        if (fd_first && transport_extra_event(extra, n_extra, ret_event))
            return 0;
        for (struct proc *p = only ? only : transport->procs; p;
             p = only ? NULL : p->next)
            if (proc_event(local, local_proc(p), ret_event))
                return 0;
        if (transport_extra_event(extra, n_extra, ret_event))
            return 0;
        if (last_look)
            return err_set(err, ERR_TIMEOUT, "nothing happened in time");
        int rc = sleep_on(local, only, extra, n_extra, deadline_ns, err);
        if (rc)
            return rc;
        last_look = clock_mono_ns() >= deadline_ns;
    }
}

/* write() to a pipe without dying of SIGPIPE. */
static ssize_t write_quietly(int fd, const void *data, size_t len)
{
    const struct timespec at_once = { 0 };
    sigset_t pipe_set, before;

    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_set, &before);
    ssize_t put = write(fd, data, len);
    int failed = errno;
    if (put < 0 && failed == EPIPE && !sigismember(&before, SIGPIPE))
        sigtimedwait(&pipe_set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failed;
    return put;
}

static int local_write(struct proc *base, const void *data, size_t len,
                       size_t *ret_written, struct err *err)
{
    struct local_proc *proc = local_proc(base);
    size_t done = 0;

    (void)err;
    while (proc->fd[0] >= 0 && done < len) {
        ssize_t put = write_quietly(proc->fd[0], (const uint8_t *)data + done,
                                    len - done);
        if (put >= 0)
            done += (size_t)put;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            close_fd(&proc->fd[0]); /* nobody reads it any more */
    }
    if (proc->fd[0] < 0)
        done = len;
    proc->wanted = done < len;
    *ret_written = done;
    return 0;
}

static int local_close_stdin(struct proc *base, struct err *err)
{
    struct local_proc *proc = local_proc(base);

    (void)err;
    close_fd(&proc->fd[0]);
    proc->wanted = false;
    return 0;
}

static int local_kill_group(struct proc *proc, int signal, struct err *err)
{
    if (!kill(-local_proc(proc)->pid, signal))
        return 0;
    return err_set_errno(err, errno == ESRCH ? ERR_NOT_FOUND : ERR_IO,
                         "cannot signal process group %d",
                         (int)local_proc(proc)->pid);
}

static void local_release(struct proc *base)
{
    struct local_proc *proc = local_proc(base);

    for (int i = 0; i < 3; i++)
        close_fd(&proc->fd[i]);
    while (waitpid(proc->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close_fd(&proc->pidfd);
    free(proc);
}

const struct transport_driver transport_local = {
    .name = "local",
    .help = "processes on this very machine",
    .open = local_open,
    .close = local_close,
    .start = local_start,
    .wait = local_wait,
    .write = local_write,
    .close_stdin = local_close_stdin,
    .kill_group = local_kill_group,
    .release = local_release,
};
