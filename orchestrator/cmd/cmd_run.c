/* cmd_run.c - sweep an experiment over an inventory, as a new campaign */
#include "core/fs.h"
#include "orchestrator/cmd/command.h"
#include "orchestrator/cmd/project.h"
#include "orchestrator/cmd/session.h"

static int run_exec(const struct invocation *inv, struct err *err)
{
    struct session session = { .inv = inv };
    const char *inventory = options_text(inv->options, "inventory", NULL);
    char folder[FS_PATH_MAX];
    int rc;

    if (!inventory)
        return err_set(err, ERR_USAGE, "name the lab with -i INVENTORY");
    project_results_dir(options_arg(inv->options, 0), folder, sizeof(folder));
    rc = session_new(&session, options_arg(inv->options, 0), inventory,
                     options_text(inv->options, "output", folder), err);
    if (!rc)
        rc = session_run(&session, err);
    session_close(&session);
    return rc;
}

static const struct option_row options[] = {
    { "inventory", 'i', "FILE", "the lab's boards and platforms" },
    { "output", 'o', "DIR", "campaign folder, results/EXPERIMENT if not said" },
    SESSION_OPTIONS,
    { 0 },
};

const struct command cmd_run = {
    .name = "run",
    .args = "EXPERIMENT",
    .help = "sweep an experiment over a lab, as a new campaign",
    .doc = "Under mpirun rank 0 coordinates and the others drive boards; "
           "without it one\nprocess does both.  ^C ends it within a second; "
           "SIGUSR1 or `labsweep stop` lets\nrunning cells finish.  Nothing "
           "acknowledged is lost: `labsweep resume` goes on.",
    .args_min = 1,
    .args_max = 1,
    .needs_mpi = true,
    .options = options,
    .exec = run_exec,
};
