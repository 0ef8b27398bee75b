/* cmd_launch.c - mpirun with the right settings, supervised
 *
 * What the settings are for (measured with Open MPI 4.1.4): more ranks than
 * cores and root are refused by default; --bind-to none, or all ranks of a
 * sweep share one core; --enable-recovery, so that a worker's death does not
 * end the sweep; the exit code travels in a file, for mpirun was seen to
 * turn 3 into 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/log.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/project.h"
#include "orchestrator/signals.h"

#define WORDS_MAX 256

extern char **environ;

struct words {
    char *at[WORDS_MAX];
    size_t len;
};

static void add(struct words *words, const char *word)
{
    if (words->len < WORDS_MAX - 1)
        words->at[words->len++] = (char *)word;
    words->at[words->len] = NULL;
}

static void mpirun_words(const struct invocation *inv, const char *ranks,
                         const char *program, struct words *words)
{
    const char *hosts = options_text(inv->options, "hostfile", NULL);

    add(words, "mpirun");
    add(words, "-n");
    add(words, ranks);
    add(words, "--oversubscribe");
    add(words, "--bind-to");
    add(words, "none");
    if (hosts) {
        add(words, "--hostfile");
        add(words, hosts);
    } else { /* one host: survivors finish cleanly, and no network is used */
        add(words, "--enable-recovery");
        add(words, "--mca");
        add(words, "btl");
        add(words, "self,vader");
    }
    add(words, program);
}

/* What to run: the words given or, after a crash, resume of the same
 * campaign. */
static void sweep_words(const struct invocation *inv, bool again,
                        const char *dir, struct words *words)
{
    if (again && strcmp(options_arg(inv->options, 0), "run") == 0) {
        add(words, "resume");
        add(words, dir);
        return;
    }
    for (size_t i = 0; options_arg(inv->options, i); i++)
        add(words, options_arg(inv->options, i));
}

static void set_environment(const char *exit_file)
{
    setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
    setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 1);
    setenv("LABSWEEP_EXIT_FILE", exit_file, 1);
    if (isatty(STDERR_FILENO))
        setenv("LABSWEEP_TERMINAL", "1", 1);
}

/* mpirun in a process group of its own, so that ^C comes to us alone. */
static int spawn(const struct words *words, pid_t *ret_child, struct err *err)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    int rc;

    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    rc = posix_spawnp(ret_child, words->at[0], &files, &attr,
                      (char *const *)words->at, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    errno = rc;
    return rc ? err_set_errno(err, ERR_IO, "cannot start mpirun") : 0;
}

/* Wait for mpirun; the first ^C or TERM asks the sweep to finish, the second
 * ends it. */
static int supervise(pid_t child, struct err *err)
{
    enum signals_wish passed = SIGNALS_NONE;
    int status = 0, seen = 0;

    for (;;) {
        pid_t got = waitpid(child, &status, WNOHANG);
        struct timespec nap = { .tv_nsec = 20000000 };

        if (got == child)
            return status;
        if (got < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, "lost mpirun");
        if (signals_wish() > passed) {
            passed = signals_wish();
            seen = signals_count();
            kill(child, SIGUSR1);
        } else if (signals_count() > seen) {
            seen = signals_count();
            kill(child, SIGTERM);
        }
        nanosleep(&nap, NULL);
    }
}

static int read_exit(const char *path, int *ret_code)
{
    struct buf text = { 0 };
    int rc = fs_read_file(path, 16, &text, NULL);

    if (!rc)
        *ret_code = atoi(buf_text(&text));
    buf_free(&text);
    return rc;
}

/* The folder that `run EXPERIMENT -o DIR` makes. */
static void campaign_dir(const struct invocation *inv, char *dir, size_t size)
{
    const char *experiment = options_arg(inv->options, 1);

    for (size_t i = 1; options_arg(inv->options, i); i++) {
        const char *word = options_arg(inv->options, i);
        const char *next = options_arg(inv->options, i + 1);

        if (next && (!strcmp(word, "-o") || !strcmp(word, "--output"))) {
            snprintf(dir, size, "%s", next);
            return;
        }
        if (!strncmp(word, "--output=", 9)) {
            snprintf(dir, size, "%s", word + 9);
            return;
        }
    }
    project_results_dir(experiment ? experiment : "", dir, size);
}

/* One mpirun.  Returns the sweep's exit code, or ERR_IO if it ended without
 * one: a crash. */
static int launch_once(const struct invocation *inv, const char *ranks,
                       bool again, const char *exit_file, struct err *err)
{
    char program[FS_PATH_MAX], dir[FS_PATH_MAX];
    struct words words = { 0 };
    pid_t child;
    int status, code;

    unlink(exit_file);
    fs_join(program, sizeof(program), inv->bin_dir, "labsweep");
    campaign_dir(inv, dir, sizeof(dir));
    mpirun_words(inv, ranks, program, &words);
    sweep_words(inv, again, dir, &words);
    set_environment(exit_file);
    if (spawn(&words, &child, err))
        return ERR_IO;
    status = supervise(child, err);
    if (status < 0)
        return status;
    if (!read_exit(exit_file, &code))
        return code;
    if (WIFSIGNALED(status))
        return err_set(err, ERR_IO, "mpirun was ended by signal %d",
                       WTERMSIG(status));
    return err_set(err, ERR_IO,
                   "the sweep ended without a word, mpirun with "
                   "exit code %d",
                   WEXITSTATUS(status));
}

static int launch_exec(const struct invocation *inv, struct err *err)
{
    char exit_file[] = "/tmp/labsweep-exit-XXXXXX";
    int64_t ranks, restarts, tries = 0;
    char count[24];
    int fd, rc;

    if (options_i64(inv->options, "ranks", 2, 4096, 3, &ranks, err) ||
        options_i64(inv->options, "restarts", 0, 1000, 0, &restarts, err))
        return ERR_USAGE;
    if (strcmp(options_arg(inv->options, 0), "run") != 0 &&
        strcmp(options_arg(inv->options, 0), "resume") != 0)
        return err_set(err, ERR_USAGE,
                       "launch runs 'run' or 'resume', not "
                       "'%s'",
                       options_arg(inv->options, 0));
    fd = mkostemp(exit_file, O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot create '%s'", exit_file);
    close(fd);
    snprintf(count, sizeof(count), "%lld", (long long)ranks);
    signals_catch();
    for (;;) {
        rc = launch_once(inv, count, tries > 0, exit_file, err);
        if (rc >= 0 || tries++ >= restarts || signals_wish() != SIGNALS_NONE)
            break;
        log_line(LOG_WARN, "launch", "%s; restart %lld of %lld", err->text,
                 (long long)tries, (long long)restarts);
    }
    unlink(exit_file);
    return rc;
}

static const struct option_row options[] = {
    { "ranks", 'n', "N",
      "ranks: one coordinator and N - 1 workers, 3 if not "
      "said" },
    { "restarts", 'r', "N", "resume this often after a crash, 0 if not said" },
    { "hostfile", 'f', "FILE", "spread the ranks over hosts, as mpirun's" },
    { 0 },
};

const struct command cmd_launch = {
    .name = "launch",
    .args = "-- run|resume ...",
    .help = "start mpirun with the right settings and supervise it",
    .doc = "Returns the sweep's own exit code.  The first ^C lets running "
           "cells finish and\npublishes; the second ends the sweep at once.",
    .args_min = 1,
    .args_max = WORDS_MAX / 2,
    .options = options,
    .exec = launch_exec,
};
