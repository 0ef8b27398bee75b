/* publisher.c - spawning and reaping the publishing child */
#include "orchestrator/publisher.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fs.h"
#include "orchestrator/child.h"

#define GROWTH_MIN (1u << 20)

extern char **environ;

int publisher_start(struct publisher *publisher, uint64_t journal_size,
                    struct err *err)
{
    char program[FS_PATH_MAX], archive[] = "archive", publish[] = "publish";
    char quiet[] = "--quiet";
    char *argv[] = { program, archive, publish, quiet, (char *)publisher->dir,
                     NULL };
    int rc;

    if (publisher->child)
        return 0;
    if (!fs_join(program, sizeof(program), publisher->bin_dir, "labsweep"))
        return err_set(err, ERR_IO, "path of the program is too long");
    rc = child_start(argv, environ, &publisher->child);
    if (rc) {
        publisher->child = 0;
        errno = rc;
        return err_set_errno(err, ERR_IO, "cannot start '%s'", program);
    }
    publisher->published_size = journal_size;
    publisher->began_ns = clock_mono_ns();
    return 0;
}

bool publisher_due(const struct publisher *publisher, uint64_t journal_size)
{
    int64_t took_ns = publisher->ended_ns - publisher->began_ns;

    return !publisher->child &&
           journal_size > publisher->published_size / 2 * 3 + GROWTH_MIN &&
           clock_mono_ns() - publisher->began_ns >= 10 * took_ns;
}

int publisher_reap(struct publisher *publisher, bool wait, struct err *err)
{
    int status = 0;
    pid_t got;

    if (!publisher->child)
        return 0;
    do
        got = waitpid(publisher->child, &status, wait ? 0 : WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return 0;
    publisher->child = 0;
    publisher->ended_ns = clock_mono_ns();
    if (got < 0)
        return err_set_errno(err, ERR_IO, "lost the publishing process");
    if (WIFSIGNALED(status))
        return err_set(err, ERR_IO, "publishing ended by signal %d (%s)",
                       WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status))
        return err_set(err, ERR_IO, "publishing ended with exit code %d",
                       WEXITSTATUS(status));
    return 0;
}
