/* proxy.c - a ProxyCommand of the user's ssh settings, as a socket */
#include "workers/transport/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* posix_spawn with 'theirs' as standard input and output.  Returns 0 or an
 * errno. */
static int spawn_proxy(const char *command, int theirs, pid_t *pid)
{
    char *argv[] = { "/bin/sh", "-c", (char *)command, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;

    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return rc;
    rc = posix_spawnattr_init(&attr);
    if (rc) {
        posix_spawn_file_actions_destroy(&actions);
        return rc;
    }
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(
        &attr, (short)(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK));
    for (int fd = 0; !rc && fd < 2; fd++)
        rc = posix_spawn_file_actions_adddup2(&actions, theirs, fd);
    if (!rc)
        rc = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
                                              O_WRONLY, 0);
    if (!rc)
        rc = posix_spawn(pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

int proxy_start(const char *command, int *ret_fd, pid_t *ret_pid,
                struct err *err)
{
    int ends[2];
    pid_t pid = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return err_set_errno(err, ERR_IO, "cannot make a socket pair");
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* ours alone */
    int failed = spawn_proxy(command, ends[1], &pid);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        errno = failed;
        return err_set_errno(err, ERR_IO, "cannot start the ProxyCommand");
    }
    *ret_fd = ends[0];
    *ret_pid = pid;
    return 0;
}

void proxy_end(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
