/* cmd_launch.c - mpirun with the right settings, supervised
 *
 * What the settings are for (measured with Open MPI 4.1.4): more ranks than
 * cores and root are refused by default; --bind-to none, or all ranks of a
 * sweep share one core; --enable-recovery, so that a worker's death does not
 * end the sweep; the exit code travels in a file, for mpirun was seen to
 * turn 3 into 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/log.h"
#include "core/vec.h"
#include "orchestrator/archive/journal.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/launch.h"
#include "orchestrator/cmd/project.h"
#include "orchestrator/signals.h"

#define WORDS_MAX 256

extern const struct command cmd_run;

struct words {
    char *at[WORDS_MAX];
    size_t len;
};

/* What is launched: the words after `--`, and what they mean. */
struct sweep {
    struct words given;
    struct options *options; /* of `run`; NULL for `resume` */
    char dir[FS_PATH_MAX];   /* campaign of `run` */
};

static void add(struct words *words, const char *word)
{
    if (words->len < WORDS_MAX - 1)
        words->at[words->len++] = (char *)word;
    words->at[words->len] = NULL;
}

/* mpirun takes none of ours to other hosts by itself: where the exit code goes,
 * and what the user has set. */
static void add_environment(struct words *words)
{
    static const char *const passed[] = {
        "LABSWEEP_EXIT_FILE",  "LABSWEEP_ALIVE_FILE", "LABSWEEP_TERMINAL",
        "LABSWEEP_WORKER_LOG", "LABSWEEP_PROJECT",    "LABSWEEP_LEASE_DIR",
    };

    for (size_t i = 0; i < ARRAY_LEN(passed); i++)
        if (getenv(passed[i])) {
            add(words, "-x");
            add(words, passed[i]);
        }
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
        add_environment(words);
    } else { /* one host: survivors finish cleanly, and no network is used */
        add(words, "--enable-recovery");
        add(words, "--mca");
        add(words, "btl");
        add(words, "self,vader");
    }
    add(words, program);
}

/* True if 'value' is the word or stands in it, as in --output=value. */
static bool holds(const char *word, const char *value)
{
    return value && value >= word && value <= word + strlen(word);
}

/* After a crash: `resume DIR` with the options of `run` but its files. */
static void resume_words(const struct sweep *sweep, struct words *words)
{
    const char *experiment = options_arg(sweep->options, 0);
    const char *inventory = options_text(sweep->options, "inventory", NULL);
    const char *output = options_text(sweep->options, "output", NULL);

    add(words, "resume");
    for (size_t i = 1; i < sweep->given.len; i++) {
        const char *word = sweep->given.at[i], *next = sweep->given.at[i + 1];

        if (holds(word, experiment))
            add(words, sweep->dir);
        else if (!holds(word, inventory) && !holds(word, output) &&
                 !(next && (next == inventory || next == output)))
            add(words, word);
    }
}

/* True if the campaign was begun, so that it can be gone on with. */
static bool begun(const struct sweep *sweep)
{
    char journal[FS_PATH_MAX];

    return sweep->options &&
           fs_join(journal, sizeof(journal), sweep->dir, JOURNAL_NAME) &&
           fs_exists(journal);
}

static int sweep_read(const struct invocation *inv, struct sweep *sweep,
                      struct err *err)
{
    const char *word = options_arg(inv->options, 0);
    char folder[FS_PATH_MAX];
    int rc;

    for (size_t i = 0; options_arg(inv->options, i); i++)
        add(&sweep->given, options_arg(inv->options, i));
    if (!strcmp(word, "resume"))
        return 0;
    if (strcmp(word, "run") != 0)
        return err_set(err, ERR_USAGE,
                       "launch runs 'run' or 'resume', not '%s'", word);
    rc = options_parse(cmd_run.options, sweep->given.len - 1,
                       sweep->given.at + 1, &sweep->options, err);
    if (!rc && options_count(sweep->options) != 1)
        rc = err_set(err, ERR_USAGE, "run: expected one experiment");
    if (rc)
        return rc;
    project_results_dir(options_arg(sweep->options, 0), folder, sizeof(folder));
    snprintf(sweep->dir, sizeof(sweep->dir), "%s",
             options_text(sweep->options, "output", folder));
    return 0;
}

/* One mpirun.  As launch_run(). */
static int launch_once(const struct invocation *inv, const struct sweep *sweep,
                       const char *ranks, struct launch *launch, bool again,
                       struct err *err)
{
    char program[FS_PATH_MAX];
    struct words words = { .len = 0 };

    fs_join(program, sizeof(program), inv->bin_dir, "labsweep");
    mpirun_words(inv, ranks, program, &words);
    if (again && begun(sweep))
        resume_words(sweep, &words);
    else
        for (size_t i = 0; i < sweep->given.len; i++)
            add(&words, sweep->given.at[i]);
    return launch_run(launch, words.at, err);
}

static int supervise(const struct invocation *inv, const struct sweep *sweep,
                     int64_t ranks, int64_t restarts, struct err *err)
{
    struct launch launch;
    int64_t tries = 0;
    char count[24];
    int rc = launch_open(&launch, err);

    if (rc)
        return rc;
    snprintf(count, sizeof(count), "%lld", (long long)ranks);
    signals_catch();
    for (;;) {
        rc = launch_once(inv, sweep, count, &launch, tries > 0, err);
        if (rc >= 0 || tries++ >= restarts || signals_wish() != SIGNALS_NONE)
            break;
        log_line(LOG_WARN, "launch", "%s; restart %lld of %lld", err->text,
                 (long long)tries, (long long)restarts);
    }
    launch_close(&launch);
    return rc;
}

static int launch_exec(const struct invocation *inv, struct err *err)
{
    struct sweep sweep = { .options = NULL };
    int64_t ranks, restarts;
    int rc;

    if (options_i64(inv->options, "ranks", 2, 4096, 3, &ranks, err) ||
        options_i64(inv->options, "restarts", 0, 1000, 0, &restarts, err))
        return ERR_USAGE;
    rc = sweep_read(inv, &sweep, err);
    if (!rc)
        rc = supervise(inv, &sweep, ranks, restarts, err);
    options_destroy(sweep.options);
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
           "cells finish and\npublishes; the second ends the sweep at once.  A "
           "worker that dies loses its boards\nto the others; if the "
           "coordinator or mpirun dies, --restarts resumes.",
    .args_min = 1,
    .args_max = WORDS_MAX / 2,
    .options = options,
    .exec = launch_exec,
};
